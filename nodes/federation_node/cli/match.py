# SPDX-License-Identifier: Apache-2.0
"""``casethread match``."""

import click

from federation.member import MatchStatus
from federation_node.actions import matches
from federation_node.cli.output import emit, json_option, show_table
from federation_node.cli.session import open_node
from federation_node.home import Home

__all__ = ["command"]

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
@json_option
@click.pass_obj
def list_(home: Home, *, status: str, as_json: bool) -> None:
    """List the own cases that match, and with whom."""
    with open_node(home) as context:
        found = matches.listed(context, None if status == _ALL else MatchStatus(status))
    if as_json:
        emit([matches.document(match) for match in found])
        return
    show_table(
        ("match", "own case", "field", "kind", "held also by", "status"),
        [
            (
                match.id[:_SHOWN],
                match.case,
                match.field,
                match.kind.value,
                match.member,
                match.status.value,
            )
            for match in found
        ],
        empty="no matches; 'casethread sync' looks for new ones",
    )


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
    if first.reason:
        click.echo(f"held because: {first.reason}")
    show_table(
        ("own case", "source", "field", "about"),
        [(match.case, match.source, match.field, match.subject.value) for match in found],
        empty="the own case was forgotten",
    )


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
