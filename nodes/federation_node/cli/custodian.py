# SPDX-License-Identifier: Apache-2.0
"""``casethread custodian``."""

import click

from federation_node.actions import custody
from federation_node.cli.output import emit, json_option, show_table, words
from federation_node.cli.session import open_node
from federation_node.home import Home

__all__ = ["command"]

_SHOWN = 12


@click.group("custodian")
def command() -> None:
    """Take part in generating the federation's keys."""


@command.group("ceremony")
def ceremony() -> None:
    """Generate keys together with the other custodians.

    One custodian starts, each other one accepts; the 'serve' processes then do
    the rounds among themselves.
    """


@ceremony.command("start")
@click.option(
    "--threshold",
    type=click.IntRange(min=2),
    help="Custodians that must answer.  [default: a majority]",
)
@json_option
@click.pass_obj
def start(home: Home, *, threshold: int | None, as_json: bool) -> None:
    """Propose new keys to all custodians."""
    with open_node(home) as context:
        name = custody.start(context, threshold)
    if as_json:
        emit({"ceremony": name.hex()})
        return
    click.echo(f"started ceremony {name.hex()[:_SHOWN]}")
    click.echo(
        "next: each other custodian runs "
        f"'casethread custodian ceremony accept {name.hex()[:_SHOWN]}'"
    )


@ceremony.command("accept")
@click.argument("ceremony_id")
@click.pass_obj
def accept(home: Home, *, ceremony_id: str) -> None:
    """Take part in the ceremony whose id begins with CEREMONY_ID."""
    with open_node(home) as context:
        view = custody.find(context, ceremony_id)
        custody.accept(context, view.id)
    click.echo("accepted; 'casethread serve' does the rest")


@ceremony.command("status")
@json_option
@click.pass_obj
def status(home: Home, *, as_json: bool) -> None:
    """Show where the ceremonies stand, and whom they wait for."""
    with open_node(home) as context:
        views = custody.ceremonies(context)
    if as_json:
        emit([custody.document(view) for view in views])
        return
    show_table(
        ("ceremony", "status", "phase", "shares", "waits for", "failure"),
        [
            (
                view.id.hex()[:_SHOWN],
                view.status.value,
                view.phase,
                f"{view.threshold} of {len(view.participants)}",
                words(sorted(view.waiting_for)),
                view.failure or "",
            )
            for view in views
        ],
        empty="no ceremonies yet; begin with 'casethread custodian ceremony start'",
    )
