# SPDX-License-Identifier: Apache-2.0
"""``casethread match``."""

from collections.abc import Callable
from typing import TypeVar

import click

from federation.member import GROUNDS, Ground, MatchStatus, Verdict
from federation_node.actions import matches, retractions
from federation_node.cli.output import emit, json_option, show_table
from federation_node.cli.session import open_node
from federation_node.cli.told import show_told
from federation_node.home import Home

__all__ = ["command"]

F = TypeVar("F", bound=Callable[..., object])

_SHOWN = 12
_ALL = "all"


@click.group("match")
def command() -> None:
    """See which cases share something with another member.

    A match is a question, not an answer: talk to the other organisation before
    anybody acts on it.
    """


@command.command("list")
@click.option(
    "--status",
    type=click.Choice([*(status.value for status in MatchStatus), _ALL]),
    default=MatchStatus.PROVEN.value,
    show_default=True,
    help="How far the match has come.",
)
@click.option("--rejected", is_flag=True, help="Also those that somebody here rejected.")
@json_option
@click.pass_obj
def list_(home: Home, *, status: str, rejected: bool, as_json: bool) -> None:
    """List the own cases that match, and with whom."""
    wanted = None if status == _ALL else MatchStatus(status)
    with open_node(home) as context:
        found = matches.listed(context, wanted, rejected=rejected)
    if as_json:
        emit([matches.document(match) for match in found])
        return
    show_table(
        ("match", "own case", "field", "kind", "held also by", "status", "decision"),
        [
            (
                match.id[:_SHOWN],
                match.case,
                match.field,
                match.kind.value,
                match.member,
                match.status.value,
                match.verdict or "",
            )
            for match in found
        ],
        empty="no matches; 'casethread sync' looks for new ones",
    )


@command.command("retractions")
@json_option
@click.pass_obj
def retractions_(home: Home, *, as_json: bool) -> None:
    """List who was told that matches ended, and who has acknowledged it.

    What was withdrawn, corrected or forgotten here is taken back at every partner that may
    know of it. A partner that cannot be reached is told when it returns.
    """
    with open_node(home) as context:
        found = retractions.listed(context)
    if as_json:
        emit([retractions.document(one) for one in found])
        return
    show_told(found, empty="no match has ended that a partner may know of")


@command.command("show")
@click.argument("match_id")
@json_option
@click.pass_obj
def show(home: Home, *, match_id: str, as_json: bool) -> None:
    """Show one match: the own cases in it, and whom to call."""
    with open_node(home) as context:
        found = matches.find(context, match_id)
        name = context.member.require_charter().member(found[0].member).name
    if as_json:
        emit([matches.document(match) for match in found])
        return
    first = found[0]
    click.echo(f"{name} ({first.member}) holds the same {first.kind.value} ({first.status.value})")
    if first.status is MatchStatus.WITHDRAWN:
        click.echo("they took it back; nothing can be done with it any more")
    elif first.reason:
        click.echo(f"held because: {first.reason}")
    show_table(
        ("own case", "mark", "source", "field", "about", "decision"),
        [
            (
                match.case,
                match.mark[:_SHOWN],
                match.source,
                match.field,
                match.subject.value,
                "" if match.verdict is None else f"{match.verdict} ({match.ground})",
            )
            for match in found
        ],
        empty="the own case was forgotten",
    )


def _ground(verdict: Verdict) -> Callable[[F], F]:
    return click.option(
        "--because",
        type=click.Choice(sorted(ground.value for ground in GROUNDS[verdict])),
        required=True,
        help="Why.",
    )


_case = click.option(
    "--case", default="", metavar="MARK", help="Only for the own case with this mark."
)


@command.command("confirm")
@click.argument("match_id")
@_ground(Verdict.CONFIRMED)
@_case
@click.pass_obj
def confirm(home: Home, *, match_id: str, because: str, case: str) -> None:
    """Say that a match is right: it is the same recruiter, thing or place."""
    with open_node(home) as context:
        matches.confirm(context, match_id, Ground(because), case=case)
    click.echo("confirmed; the other organisation is not told")


@command.command("reject")
@click.argument("match_id")
@_ground(Verdict.REJECTED)
@_case
@click.pass_obj
def reject(home: Home, *, match_id: str, because: str, case: str) -> None:
    """Say that a match is none; it stays so when it is found again."""
    with open_node(home) as context:
        matches.reject(context, match_id, Ground(because), case=case)
    click.echo("rejected; the other organisation is not told")


@command.command("unsure")
@click.argument("match_id")
@_ground(Verdict.UNSURE)
@_case
@click.pass_obj
def unsure(home: Home, *, match_id: str, because: str, case: str) -> None:
    """Say that you looked at a match and cannot say."""
    with open_node(home) as context:
        matches.unsure(context, match_id, Ground(because), case=case)
    click.echo("noted as not clear")


@command.command("undo")
@click.argument("match_id")
@_case
@click.pass_obj
def undo(home: Home, *, match_id: str, case: str) -> None:
    """Take back what was decided about a match."""
    with open_node(home) as context:
        matches.undo(context, match_id, case=case)
    click.echo("taken back; the match is undecided again")


@command.command("release")
@click.argument("match_id")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def release(home: Home, *, match_id: str, yes: bool) -> None:
    """Tell the partner about a match that was held until a person looked at it."""
    with open_node(home) as context:
        first = matches.find(context, match_id)[0]
        if not yes:
            click.confirm(
                f"Let {first.member} know that you hold the same {first.kind.value}?", abort=True
            )
        matches.release(context, match_id)
    click.echo("released; the next synchronisation tells the partner")
