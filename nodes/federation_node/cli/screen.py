# SPDX-License-Identifier: Apache-2.0
"""``casethread screen``."""

import getpass
import os
from collections.abc import Mapping

import click

from federation.member import HeldValue
from federation.member.screening import KNOWN_SURVIVOR
from federation.storage import ObservationStatus
from federation_node.actions import screening
from federation_node.cli.output import emit, json_option, show_table, words
from federation_node.cli.session import open_node
from federation_node.home import Home

__all__ = ["command"]

_SHOWN = 12
_CASES_SHOWN = 5

value_argument = click.argument("value_id")
"""The beginning of an id from the list: a fingerprint, never the value itself."""
by_option = click.option("--by", help="Who decides.  [default: this account]")
yes_option = click.option("--yes", is_flag=True, help="Do not ask.")


@click.group("screen")
def command() -> None:
    """Decide about values that screening has held back.

    A value waits here when very many cases mention it, when it says too little, when your own
    list flags it, or when it is known as a survivor's. It is not compared until somebody
    allows it; to keep it out, do nothing, or refuse it.
    """


@command.command("list")
@click.option("--decided", is_flag=True, help="List what was decided, by whom and when.")
@click.option("--show", is_flag=True, help="Also show the values and their cases.")
@json_option
@click.pass_obj
def list_(home: Home, *, decided: bool, show: bool, as_json: bool) -> None:
    """List the values that wait for a person, without the values themselves."""
    with open_node(home) as context:
        found = screening.listed(context, decided=decided)
    if as_json:
        emit([screening.document(held, show=show) for held in found])
        return
    columns = ["value", "kind", "because", "cases"]
    columns += ["decision", "by", "when"] if decided else []
    columns += ["as written", "in case"] if show else []
    show_table(
        columns,
        [_row(held, decided=decided, show=show) for held in found],
        empty="nothing was decided yet" if decided else "no value waits for a person",
    )


@command.command("allow")
@value_argument
@by_option
@yes_option
@click.pass_obj
def allow(home: Home, *, value_id: str, by: str | None, yes: bool) -> None:
    """Let a value be compared although screening held it back.

    It holds for this value in every case, now and later, against the reasons that were told.
    """
    _decide(home, value_id, by, allowed=True, yes=yes)


@command.command("refuse")
@value_argument
@by_option
@yes_option
@click.pass_obj
def refuse(home: Home, *, value_id: str, by: str | None, yes: bool) -> None:
    """Keep a value out of the comparison, in every case, now and later.

    Partners that may know of a match on it are told that it is over.
    """
    _decide(home, value_id, by, allowed=False, yes=yes)


def _decide(home: Home, value_id: str, by: str | None, *, allowed: bool, yes: bool) -> None:
    with open_node(home) as context:
        held = screening.find(context, value_id)
        if not yes:
            click.echo(_question(held), err=True)
            click.confirm("Let it be compared?" if allowed else "Keep it out?", abort=True)
        act = screening.allow if allowed else screening.refuse
        after = act(context, held, by=by or _account())
    statuses = {seen.status for seen in after.observations}
    if not allowed:
        click.echo("refused; it takes no part any more")
    elif ObservationStatus.WAITING_DECISION in statuses:
        click.echo(f"it still waits: {words(after.reasons)}")
        click.echo("next: decide about that too, with the same command")
    elif ObservationStatus.SCREENED in statuses:
        click.echo("remembered, but a list keeps it out; correct the list to have it compared")
    else:
        click.echo("allowed; the next synchronisation compares it")


def _account() -> str:
    """Name the account of this process, which in a container may have a number only."""
    try:
        return getpass.getuser()
    except (KeyError, OSError):
        return f"account {os.getuid()}"


def _question(held: HeldValue) -> str:
    """Say what is decided about, without the value."""
    number = len({seen.case_id for seen in held.observations})
    text = f"A {words(held.kinds)} in {number} cases, held back because: {words(held.reasons)}."
    if KNOWN_SURVIVOR in held.reasons:
        text += (
            "\nIt stands in a survivor's own column too. If it is compared, a partner that holds"
            "\nit learns that you do. Look at both cases before you allow it: it may be a mistake,"
            "\nor somebody's attempt to find that person."
        )
    return text


def _row(held: HeldValue, *, decided: bool, show: bool) -> list[object]:
    cases = list(dict.fromkeys(seen.case_id for seen in held.observations))
    row: list[object] = [held.id.hex()[:_SHOWN], words(held.kinds), words(held.reasons), len(cases)]
    if decided and held.decision is not None:
        decision = held.decision
        word = "allowed" if decision.allowed else "refused"
        row += [word, decision.by, f"{decision.at:%Y-%m-%d %H:%M}"]
    if show:
        more = len(cases) - _CASES_SHOWN
        row += [
            words(dict.fromkeys(_written(seen.raw) for seen in held.observations)),
            words(cases[:_CASES_SHOWN]) + (f" and {more} more" if more > 0 else ""),
        ]
    return row


def _written(raw: str | Mapping[str, str]) -> str:
    return (
        raw if isinstance(raw, str) else "; ".join(f"{part} {text}" for part, text in raw.items())
    )
