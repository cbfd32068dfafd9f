# SPDX-License-Identifier: Apache-2.0
"""``casethread status``."""

from typing import Any

import click

from federation_node.actions.overview import overview
from federation_node.cli.output import emit, json_option, words
from federation_node.cli.session import open_node
from federation_node.home import Home

__all__ = ["command"]

_SHOWN = 12
_TODO = {
    "charters": "casethread federation sign",
    "agreements": "casethread agreement sign",
    "ceremonies": "casethread custodian ceremony accept",
}


@click.command("status")
@json_option
@click.pass_obj
def command(home: Home, *, as_json: bool) -> None:
    """Show the node, its federation, and what waits for a person."""
    with open_node(home) as context:
        state = overview(context)
    if as_json:
        emit(state)
    else:
        _show(state)


def _show(state: dict[str, Any]) -> None:
    click.echo(f"node of {state['member']}, reached at {state['endpoint']}")
    federation = state["federation"]
    if federation is None:
        click.echo("in no federation yet")
    else:
        click.echo(
            f"in '{federation['name']}' with {words(federation['members'])}: "
            f"charter version {federation['version']}, {federation['keys']} keys, "
            f"valid until {federation['expires'][:10]}"
        )
        if not federation["usable"]:
            click.echo("the charter is over, and everything is refused; see 'casethread doctor'")
        for conflict in federation["conflicts"]:
            click.echo(
                f"{conflict['member']} goes by another charter version {conflict['version']}; "
                "see 'casethread doctor'"
            )
    click.echo(f"{state['cases']} cases; observations: {_counts(state['observations'])}")
    click.echo(f"matches: {_counts(state['matches'])}")
    click.echo(f"agreements: {_counts(state['agreements'])}")
    if state["unsent"]:
        click.echo(f"{state['unsent']} bundles wait for partners")
    for member, count in state["retractions_owed"].items():
        click.echo(f"{member} has not acknowledged yet that {count} matches ended")
    click.echo(f"record: {state['record']['entries']} entries")
    for member in state["record"]["evidence"]:
        click.echo(f"look: the record of {member} does not fit; see 'casethread doctor'")
    _show_waiting(state["waiting_for_you"])


def _show_waiting(waiting: dict[str, list[str]]) -> None:
    for what, remedy in _TODO.items():
        for one in waiting[what]:
            click.echo(f"waits for you: {remedy} {one[:_SHOWN]}")
    if values := waiting["values"]:
        click.echo(f"waits for you: {len(values)} values; see 'casethread screen list'")
    if asked := waiting["disclosures"]:
        click.echo(f"waits for you: {len(asked)} requests; see 'casethread disclosure list'")


def _counts(counts: dict[str, int]) -> str:
    return words(f"{count} {name}" for name, count in counts.items() if count) or "none"
