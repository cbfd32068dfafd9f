# SPDX-License-Identifier: Apache-2.0
"""``casethread console``."""

import sys

import click

from federation_node.cli.session import open_node
from federation_node.home import Home

__all__ = ["command"]


@click.command("console")
@click.pass_obj
def command(home: Home) -> None:
    """Show the pages for caseworkers in a browser, until Ctrl-C.

    They are on this machine alone unless [console] in casethread.toml names a certificate.
    People sign in with their own accounts: 'casethread staff add NAME'.
    """
    from federation_node.serve import run_console

    with open_node(home, log_stream=sys.stderr) as context:
        run_console(context, ready=lambda address: click.echo(f"open {address} in a browser"))
