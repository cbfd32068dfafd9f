# SPDX-License-Identifier: Apache-2.0
"""``casethread sync``."""

import click
from rich.console import Console

from federation_node.actions.sync import sentence, synchronise
from federation_node.cli.output import emit, json_option
from federation_node.cli.session import open_node
from federation_node.home import Home

__all__ = ["command"]


@click.command("sync")
@json_option
@click.pass_obj
def command(home: Home, as_json: bool) -> None:
    """Compare with all partners now, instead of waiting for the next turn of 'serve'."""
    console = Console(stderr=True, quiet=as_json)
    with open_node(home) as context, console.status("comparing") as status:
        result = synchronise(
            context, progress=lambda made: status.update(f"{made} pseudonyms made")
        )
    if as_json:
        emit(result.document())
        return
    click.echo(sentence(result))
