# SPDX-License-Identifier: Apache-2.0
"""``casethread serve``."""

import sys

import click

from federation_node.cli.session import open_node
from federation_node.home import Home

__all__ = ["command"]


@click.command("serve")
@click.pass_obj
def command(home: Home) -> None:
    """Run the node until it is told to stop (Ctrl-C or SIGTERM)."""
    from federation_node.serve import run

    with open_node(home, log_stream=sys.stderr) as context:
        run(
            context,
            ready=lambda port: click.echo(f"listening on port {port}"),
            console=lambda address: click.echo(f"pages for caseworkers: {address}"),
        )
