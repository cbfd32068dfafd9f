# SPDX-License-Identifier: Apache-2.0
"""``casethread custodian``."""

import click

from federation.member import CeremonyPlan
from federation_node.actions import custody
from federation_node.cli import grant
from federation_node.cli.output import emit, json_option, show_table, words
from federation_node.cli.session import open_node
from federation_node.home import Home

__all__ = ["command"]

_SHOWN = 12


@click.group("custodian")
def command() -> None:
    """Take part in generating the federation's keys, and in sharing them anew."""


command.add_command(grant.command)


@command.group("ceremony")
def ceremony() -> None:
    """Generate keys together with the other custodians, or share them anew.

    One custodian starts, each other one accepts; the 'serve' processes then do
    the rounds among themselves.
    """


@ceremony.command("start")
@click.option(
    "--threshold",
    type=click.IntRange(min=2),
    help="Custodians that must answer.  [default: a majority]",
)
@click.option(
    "--reshare",
    is_flag=True,
    help="Share the keys in force anew, among the custodians of now; every pseudonym stays.",
)
@click.option(
    "--without", multiple=True, metavar="MEMBER", help="Give no share to MEMBER.  [repeatable]"
)
@click.option(
    "--dealer",
    "dealers",
    multiple=True,
    metavar="MEMBER",
    help="With --reshare: who deals; as many as an evaluation takes.  [repeatable]",
)
@click.option(
    "--epoch", type=click.IntRange(min=1), help="With --reshare: only the keys of this epoch."
)
@json_option
@click.pass_obj
def start(
    home: Home,
    *,
    threshold: int | None,
    reshare: bool,
    without: tuple[str, ...],
    dealers: tuple[str, ...],
    epoch: int | None,
    as_json: bool,
) -> None:
    """Propose new keys, or a new sharing of those in force, to all custodians.

    A resharing renews every share, and moves the keys to other custodians or another
    threshold. When the charter lists it, older shares are refused and overwritten. A
    custodian that was removed for cause takes new keys instead, because enough old shares
    would still give the old ones.
    """
    if not reshare and (dealers or epoch is not None):
        raise click.UsageError("--dealer and --epoch belong to --reshare")
    plan = CeremonyPlan(
        threshold=threshold, reshare=reshare, without=without, dealers=dealers, epoch=epoch
    )
    with open_node(home) as context:
        name = custody.start(context, plan)
    if as_json:
        emit({"ceremony": name.hex()})
        return
    click.echo(f"started ceremony {name.hex()[:_SHOWN]}")
    click.echo(
        "next: each other participant runs "
        f"'casethread custodian ceremony accept {name.hex()[:_SHOWN]}'"
    )


@ceremony.command("accept")
@click.argument("ceremony_id")
@click.pass_obj
def accept(home: Home, *, ceremony_id: str) -> None:
    """Take part in the ceremony whose id begins with CEREMONY_ID."""
    with open_node(home) as context:
        view = custody.find(context, ceremony_id)
        what = "shares the keys in force anew" if view.reshares else "makes new keys"
        click.echo(
            f"{view.initiator} {what}: any {view.threshold} of {words(view.custodians)} will answer"
        )
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
        ("ceremony", "makes", "status", "phase", "shares", "waits for", "failure"),
        [
            (
                view.id.hex()[:_SHOWN],
                "new shares" if view.reshares else "new keys",
                view.status.value,
                view.phase,
                f"{view.threshold} of {len(view.custodians)}",
                words(sorted(view.waiting_for)),
                view.failure or "",
            )
            for view in views
        ],
        empty="no ceremonies yet; begin with 'casethread custodian ceremony start'",
    )
