# SPDX-License-Identifier: Apache-2.0
"""``casethread referral``."""

from collections.abc import Callable
from typing import IO, Any, TextIO, TypeVar

import click

from federation.agreements import Detail
from federation.disclosure import (
    DeclineReason,
    Referral,
    ReferralChoice,
    SafetyFlag,
    Service,
    Urgency,
)
from federation.errors import InputError
from federation.indicators import Kind
from federation.member import ReferralPreview, ReferralStatus
from federation_node.actions import referrals
from federation_node.cli.case import id_file, read_id, source_option
from federation_node.cli.choosing import flags_option, given_texts, show_flags, text_option
from federation_node.cli.output import emit, json_option, show_table, words
from federation_node.cli.session import open_node
from federation_node.home import Home

__all__ = ["command"]

F = TypeVar("F", bound=Callable[..., object])

_SHOWN = 12
_URGENCY = {
    Urgency.NOW: "now",
    Urgency.DAY: "within a day",
    Urgency.WEEK: "within a week",
}


@click.group("referral")
def command() -> None:
    """Put a survivor into another organisation's hands, with their consent.

    The survivor's consent must name referral and the other organisation's role. If it is
    withdrawn, the referral is taken back and deleted there.
    """


def _choosing(function: F) -> F:
    options = (
        id_file,
        source_option,
        click.option("--to", "member", required=True, help="Member id of the other organisation."),
        click.option(
            "--service",
            "services",
            multiple=True,
            required=True,
            type=click.Choice([one.value for one in Service]),
            help="What the survivor needs; may be given again.",
        ),
        click.option(
            "--urgency",
            required=True,
            type=click.Choice([one.value for one in Urgency]),
            help="How soon somebody must get in touch.",
        ),
        click.option(
            "--kind",
            "kinds",
            multiple=True,
            type=click.Choice(sorted(one.value for one in Kind)),
            help="Which of the survivor's own details leave; may be given again.",
        ),
        text_option(Detail.CONTACT, "File with whom to call here.", required=True),
        text_option(Detail.SAFETY, "File with how the survivor can be reached without danger."),
        text_option(Detail.NOTE, "File with what the other side must know, a few lines."),
        flags_option,
    )
    for option in reversed(options):
        function = option(function)
    return function


@command.command("preview")
@_choosing
@json_option
@click.pass_obj
def preview(
    home: Home, /, *, id_file: IO[str], source: str | None, member: str, as_json: bool, **given: Any
) -> None:
    """Show exactly what a referral would let go; nothing is sent. The case's id is in ID_FILE."""
    case_id = read_id(id_file)
    with open_node(home) as context:
        seen = referrals.preview(context, case_id, member, _choice(given), source)
    if as_json:
        emit(
            referrals.letter_document(seen.letter)
            | {"seen": seen.seen.hex(), "approvers": seen.approvers}
        )
        return
    _show_preview(seen)


@command.command("send")
@_choosing
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def send(
    home: Home, /, *, id_file: IO[str], source: str | None, member: str, yes: bool, **given: Any
) -> None:
    """Refer the survivor of a case. The case's id is read from ID_FILE, or standard input."""
    case_id, choice = read_id(id_file), _choice(given)
    with open_node(home) as context:
        seen = referrals.preview(context, case_id, member, choice, source)
        _show_preview(seen)
        if not yes:
            click.confirm("Let exactly this go?", abort=True)
        name, status = referrals.send(context, case_id, member, choice, seen.seen, source)
    if status is ReferralStatus.ONCE:
        click.echo(
            f"referral {name[:_SHOWN]}: approved by you; another person must approve the same: "
            f"casethread referral approve {name[:_SHOWN]}"
        )
        return
    click.echo(f"referral {name[:_SHOWN]}; the next synchronisation delivers it")


@command.command("approve")
@click.argument("referral_id")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def approve(home: Home, *, referral_id: str, yes: bool) -> None:
    """Approve, as the second person, what a colleague wants to refer."""
    with open_node(home) as context:
        seen = referrals.preview_waiting(context, referral_id)
        _show_preview(seen)
        if not yes:
            click.confirm("Let exactly this go?", abort=True)
        referrals.approve(context, referral_id, seen.seen)
    click.echo("approved; the next synchronisation delivers it")


@command.command("recall")
@click.argument("referral_id")
@click.pass_obj
def recall(home: Home, *, referral_id: str) -> None:
    """Take a referral back; the other side deletes what it holds of it."""
    with open_node(home) as context:
        referrals.recall(context, referral_id)
    click.echo("taken back; the next synchronisation tells the other side")


@command.command("list")
@json_option
@click.pass_obj
def list_(home: Home, *, as_json: bool) -> None:
    """List the referrals, own and received, newest first."""
    with open_node(home) as context:
        found = referrals.listed(context)
    if as_json:
        emit([referrals.document(one) for one in found])
        return
    show_table(
        ("referral", "", "member", "needs", "urgency", "until", "status", "case"),
        [
            (
                one.id[:_SHOWN],
                one.side.value,
                one.member,
                words(one.services),
                "" if one.urgency is None else _URGENCY[one.urgency],
                one.due.date().isoformat(),
                one.status.value if one.reason is None else f"{one.status.value}: {one.reason}",
                one.case or "",
            )
            for one in found
        ],
        empty="no referrals",
    )


@command.command("read")
@click.argument("referral_id")
@json_option
@click.pass_obj
def read(home: Home, *, referral_id: str, as_json: bool) -> None:
    """Read what a referral says; that you did goes into the record."""
    with open_node(home) as context:
        told = referrals.read(context, referral_id)
    if as_json:
        emit(referrals.letter_document(told.letter) | referrals.document(told.view))
        return
    _show_letter(told.letter)
    click.echo(f"status: {told.view.status.value}")
    if told.view.contact is not None:
        click.echo(f"they write: {told.view.contact}")
    if told.view.keep_until is not None:
        click.echo(f"this node deletes it on {told.view.keep_until.date().isoformat()}")


_answer_contact = click.option(
    "--contact",
    "contact_file",
    type=click.File(encoding="utf-8"),
    help="File with whom to call: here, or somewhere else.",
)


@command.command("accept")
@click.argument("referral_id")
@_answer_contact
@click.pass_obj
def accept(home: Home, *, referral_id: str, contact_file: TextIO | None) -> None:
    """Take on a survivor whom a partner refers."""
    contact = None if contact_file is None else contact_file.read().strip() or None
    with open_node(home) as context:
        referrals.accept(context, referral_id, contact)
    click.echo("accepted; the next synchronisation tells the other side")


@command.command("decline")
@click.argument("referral_id")
@click.option(
    "--reason",
    required=True,
    type=click.Choice([one.value for one in DeclineReason]),
    help="Why not.",
)
@_answer_contact
@click.pass_obj
def decline(home: Home, *, referral_id: str, reason: str, contact_file: TextIO | None) -> None:
    """Do not take one on; what was told of the survivor is deleted here."""
    contact = None if contact_file is None else contact_file.read().strip() or None
    with open_node(home) as context:
        referrals.decline(context, referral_id, DeclineReason(reason), contact)
    click.echo("declined; what was told is deleted here, and the other side is told")


def _choice(given: dict[str, Any]) -> ReferralChoice:
    texts = given_texts(given)
    if not texts[Detail.CONTACT]:
        raise InputError("a referral says whom to call here")
    return ReferralChoice(
        services=tuple(sorted({Service(one) for one in given["services"]})),
        urgency=Urgency(given["urgency"]),
        kinds=tuple(sorted({Kind(one) for one in given["kinds"]})),
        flags=tuple(sorted({SafetyFlag(one) for one in given["flags"]})),
        contact=texts[Detail.CONTACT],
        safety=texts.get(Detail.SAFETY),
        note=texts.get(Detail.NOTE),
    )


def _show_preview(seen: ReferralPreview) -> None:
    _show_letter(seen.letter)
    if seen.minor and SafetyFlag.MINOR not in seen.letter.flags:
        click.echo("the case involves a minor; '--flag minor' says so")
    people = "one person" if seen.approvers < 2 else "two different people"
    click.echo(f"{people} must approve it")


def _show_letter(letter: Referral) -> None:
    show_flags(letter.flags)
    if letter.safety is not None:
        click.echo(f"safety: {letter.safety}")
    click.echo(f"needs {words(letter.services)}, {_URGENCY[letter.urgency]}")
    click.echo(f"{letter.handling.value}: {letter.handling.meaning}")
    click.echo(f"contact: {letter.contact}")
    if letter.note is not None:
        click.echo(f"note: {letter.note}")
    show_table(
        ("kind", "value"),
        [(one.kind.value, one.value) for one in letter.values],
        empty="no details of the survivor",
    )
    click.echo(f"consent {letter.consent_basis}, until {letter.consent_until.date().isoformat()}")
