# SPDX-License-Identifier: Apache-2.0
"""``casethread disclosure``."""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO, TypeVar

import click

from federation.agreements import Detail, Purpose
from federation.disclosure import Choice, DisclosureAnswer, Item, SafetyFlag, items_of
from federation.indicators import Kind
from federation.member import DisclosureStatus, DisclosureView
from federation_node.actions import disclosures
from federation_node.cli.choosing import flags_option, given_texts, show_flags, text_option
from federation_node.cli.output import emit, json_option, show_table, words
from federation_node.cli.session import open_node
from federation_node.files import write_new
from federation_node.home import Home

__all__ = ["command"]

F = TypeVar("F", bound=Callable[..., object])

_SHOWN = 12
_ITEMS = sorted(one.value for one in (*Kind, *Detail))


@click.group("disclosure")
def command() -> None:
    """Ask a partner what it holds on a match, decide what yours lets go, read answers.

    Who asks names what it needs and for what. On the other side one or two people
    see exactly what would leave, and approve all of it, some, or nothing.
    """


def _choosing(function: F) -> F:
    options = (
        text_option(Detail.CONTACT, "File with whom to call here; '-' reads it from stdin."),
        text_option(Detail.NOTE, "File with what happened, a few lines."),
        text_option(Detail.SAFETY, "File with how the person can be reached without danger."),
        flags_option,
        click.option("--grade", help="How good it is: source A to E, information 1 to 5."),
    )
    for option in reversed(options):
        function = option(function)
    return function


@command.command("ask")
@click.argument("match_ids", nargs=-1, required=True)
@click.option(
    "--item",
    "names",
    multiple=True,
    required=True,
    type=click.Choice(_ITEMS),
    help="What is asked for; may be given several times.",
)
@click.option(
    "--purpose",
    required=True,
    type=click.Choice([one.value for one in Purpose]),
    help="For what.",
)
@click.option(
    "--note",
    "note_file",
    type=click.File(encoding="utf-8"),
    help="File that says why, one line; '-' reads it from stdin.",
)
@json_option
@click.pass_obj
def ask(
    home: Home,
    *,
    match_ids: tuple[str, ...],
    names: tuple[str, ...],
    purpose: str,
    note_file: TextIO | None,
    as_json: bool,
) -> None:
    """Ask the partner of MATCH_IDS what else it holds."""
    note = None if note_file is None else note_file.read().strip()
    with open_node(home) as context:
        request = disclosures.ask(context, match_ids, items_of(names), Purpose(purpose), note)
    if as_json:
        emit({"request": request})
        return
    click.echo(f"asked: request {request[:_SHOWN]}; the next synchronisation brings it over")


@command.command("list")
@json_option
@click.pass_obj
def list_(home: Home, *, as_json: bool) -> None:
    """List the requests, own and received, newest first."""
    with open_node(home) as context:
        found = disclosures.listed(context)
    if as_json:
        emit([disclosures.document(one) for one in found])
        return
    show_table(
        ("request", "", "member", "items", "purpose", "until", "status"),
        [
            (
                one.id[:_SHOWN],
                one.direction.value,
                one.member,
                words([*one.kinds, *one.details]),
                one.purpose.value,
                one.due.date().isoformat(),
                one.status.value,
            )
            for one in found
        ],
        empty="no requests",
    )


@command.command("show")
@click.argument("request_id")
@json_option
@click.pass_obj
def show(home: Home, *, request_id: str, as_json: bool) -> None:
    """Show one request."""
    with open_node(home) as context:
        found = disclosures.show(context, request_id)
    if as_json:
        emit(disclosures.document(found))
        return
    _show_request(found)


@command.command("preview")
@click.argument("request_id")
@click.option("--only", multiple=True, type=click.Choice(_ITEMS), help="Only this; all without it.")
@_choosing
@json_option
@click.pass_obj
def preview(
    home: Home, /, *, request_id: str, only: tuple[str, ...], as_json: bool, **given: Any
) -> None:
    """Show exactly what an answer would let go; nothing is sent."""
    with open_node(home) as context:
        chosen = _choice(context, request_id, items_of(only) or None, given)
        seen = disclosures.preview(context, request_id, chosen)
    if as_json:
        emit(
            disclosures.answer_document(seen.answer)
            | {"seen": seen.seen.hex(), "approvers": seen.approvers, "withheld": seen.withheld}
        )
        return
    _show_preview(seen)


@command.command("approve")
@click.argument("request_id")
@_choosing
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def approve(home: Home, /, *, request_id: str, yes: bool, **given: Any) -> None:
    """Let go all that was asked; as the second of two people, what the first chose."""
    with open_node(home) as context:
        chosen = _choice(context, request_id, None, given)
        seen = disclosures.preview(context, request_id, chosen)
        _confirm(seen, yes=yes)
        status = disclosures.approve(context, request_id, chosen, seen.seen)
    _say(status)


@command.command("narrow")
@click.argument("request_id")
@click.option(
    "--only",
    multiple=True,
    required=True,
    type=click.Choice(_ITEMS),
    help="What is let go; may be given several times.",
)
@_choosing
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def narrow(
    home: Home, /, *, request_id: str, only: tuple[str, ...], yes: bool, **given: Any
) -> None:
    """Let go less than was asked."""
    with open_node(home) as context:
        chosen = _choice(context, request_id, items_of(only), given)
        seen = disclosures.preview(context, request_id, chosen)
        _confirm(seen, yes=yes)
        status = disclosures.narrow(context, request_id, chosen, seen.seen)
    _say(status)


@command.command("deny")
@click.argument("request_id")
@click.pass_obj
def deny(home: Home, *, request_id: str) -> None:
    """Let nothing go; the asker is not told why."""
    with open_node(home) as context:
        disclosures.deny(context, request_id)
    click.echo("denied; the asker is told that nothing is given, and not why")


@command.command("read")
@click.argument("request_id")
@json_option
@click.pass_obj
def read(home: Home, *, request_id: str, as_json: bool) -> None:
    """Read what a partner let go; that you did goes into the record."""
    with open_node(home) as context:
        told = disclosures.read(context, request_id)
    if as_json:
        kept = {"keep_until": disclosures.document(told.view)["keep_until"]}
        emit(disclosures.answer_document(told.answer) | kept)
        return
    click.echo(f"{told.view.member} answered: {told.answer.outcome.value}")
    _show_answer(told.answer)
    if told.view.keep_until is not None:
        click.echo(f"this node deletes it on {told.view.keep_until.date().isoformat()}")


@command.command("export")
@click.argument("request_id")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="File to write."
)
@click.option(
    "--with-permission",
    is_flag=True,
    help="The giver has permitted to use it in court; the record says so.",
)
@click.pass_obj
def export(home: Home, *, request_id: str, out: Path, with_permission: bool) -> None:
    """Write what a partner let go into a file, with its handling codes first."""
    with open_node(home) as context:
        told = disclosures.export(context, request_id, permitted=with_permission)
    document = disclosures.exported_document(told, permitted=with_permission)
    write_new(out, json.dumps(document, ensure_ascii=False, indent=2).encode())
    click.echo(f"written to {out}; the record says that it was")


def _choice(
    context: Any, request_id: str, only: frozenset[Item] | None, given: dict[str, Any]
) -> Choice:
    return disclosures.choice(
        context,
        request_id,
        only,
        texts=given_texts(given),
        flags=[SafetyFlag(one) for one in given["flags"]],
        grade=given["grade"],
    )


def _confirm(seen: Any, *, yes: bool) -> None:
    _show_preview(seen)
    if not yes:
        click.confirm("Let exactly this go?", abort=True)


def _say(status: DisclosureStatus) -> None:
    if status is DisclosureStatus.ONCE:
        click.echo("approved by you; another person must approve the same before it leaves")
        return
    click.echo(f"{status.value}; the next synchronisation delivers it")


def _show_request(view: DisclosureView) -> None:
    who = "asks" if view.direction == "received" else "is asked"
    click.echo(f"{view.member} {who} for {words([*view.kinds, *view.details])}")
    click.echo(f"purpose: {view.purpose.value}; status: {view.status.value}")
    click.echo(f"until {view.due.date().isoformat()}, under agreement {view.agreement.hex()[:12]}")
    if view.note is not None:
        click.echo(f"they write: {view.note}" if who == "asks" else f"note: {view.note}")
    matches = words(one[:_SHOWN] for one in view.matches)
    click.echo(f"matches: {matches or 'none that is known here'}")


def _show_preview(seen: Any) -> None:
    _show_answer(seen.answer)
    if seen.minor:
        click.echo("a case in this involves a minor; '--flag minor' says so")
    if seen.withheld:
        click.echo(f"kept back by: {words(seen.withheld)}")
    people = "one person" if seen.approvers < 2 else "two different people"
    click.echo(f"{people} must approve it")


def _show_answer(answer: DisclosureAnswer) -> None:
    show_flags(answer.flags)
    if answer.handling is not None:
        click.echo(f"{answer.handling.value}: {answer.handling.meaning}")
    for code in answer.europol:
        click.echo(f"{code.value}: {code.meaning}")
    if answer.grade is not None:
        click.echo(f"graded {answer.grade}")
    for name, text in (
        ("contact", answer.contact),
        ("safety", answer.safety),
        ("note", answer.note),
    ):
        if text is not None:
            click.echo(f"{name}: {text}")
    show_table(
        ("case", "kind", "about", "value"),
        [
            (number, one.kind.value, one.subject.value, one.value)
            for number, case in enumerate(answer.cases, 1)
            for one in case.values
        ],
        empty="no values",
    )
