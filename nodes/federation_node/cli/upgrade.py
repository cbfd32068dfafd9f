# SPDX-License-Identifier: Apache-2.0
"""``casethread upgrade``."""

import click

from federation_node.actions.setup import upgrade
from federation_node.cli.session import ask_unlock
from federation_node.home import Home

__all__ = ["command"]


@click.command("upgrade")
@click.pass_obj
def command(home: Home) -> None:
    """Bring the node's database to this version of the program.

    Stop the node first. Either all of it is changed or nothing. There is no way back to the
    older version.
    """
    if upgrade(home, ask_unlock()):
        click.echo("the database is upgraded; start the node again")
    else:
        click.echo("the database is of this version already")
