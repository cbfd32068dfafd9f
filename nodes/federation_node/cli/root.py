# SPDX-License-Identifier: Apache-2.0
"""The root command: finds the home, loads commands on use, and shows errors."""

import importlib
import os
from pathlib import Path
from typing import Any

import click

from federation import __version__
from federation.errors import CasethreadError
from federation_node.cli.asking import STAFF_VARIABLE
from federation_node.cli.failure import Failure
from federation_node.home import HOME_VARIABLE, Home

__all__ = ["LazyGroup", "main"]

_OWNER_ONLY = 0o077

_COMMANDS = {
    "init": "Make this organisation's node.",
    "doctor": "Check the node and say what to do about each finding.",
    "status": "Show the node, the federation and what is waiting.",
    "upgrade": "Bring the node's database to this version.",
    "serve": "Run the node: answer other members and synchronise.",
    "console": "Show the pages for caseworkers in a browser.",
    "sync": "Compare with all partners now.",
    "demo": "Watch three organisations find what they share.",
    "federation": "Create, join and govern a federation.",
    "custodian": "Take part in generating the federation's keys.",
    "agreement": "Draft, sign, explain and revoke data-sharing agreements.",
    "case": "Import, list and forget cases.",
    "consent": "Record what survivors allow, and end it.",
    "screen": "Decide about values that screening has held back.",
    "match": "See which cases share something with another member.",
    "disclosure": "Ask a partner what it holds on a match, and answer.",
    "referral": "Put a survivor into another organisation's hands.",
    "staff": "Give people accounts and roles, and sign in.",
    "audit": "Read the record, check it, and take evidence out of it.",
    "thread": "See which own cases hang together, and who else is part of it.",
}


class LazyGroup(click.Group):
    """A group whose commands are imported when they are used."""

    def list_commands(self, ctx: click.Context) -> list[str]:
        """List the commands in the order of their use."""
        del ctx
        return list(_COMMANDS)

    def get_command(self, ctx: click.Context, cmd_name: str) -> click.Command | None:
        """Import one command."""
        del ctx
        if cmd_name not in _COMMANDS:
            return None
        module = importlib.import_module(f"federation_node.cli.{cmd_name}")
        command: click.Command = module.command
        return command

    def format_commands(self, ctx: click.Context, formatter: click.HelpFormatter) -> None:
        """Show the list without importing every command."""
        del ctx
        with formatter.section("Commands"):
            formatter.write_dl(list(_COMMANDS.items()))

    def invoke(self, ctx: click.Context) -> Any:
        """Turn every error into a message with a next step, exit code 1."""
        try:
            return super().invoke(ctx)
        except CasethreadError as error:
            raise Failure.of(error) from error
        except (click.ClickException, click.Abort, click.exceptions.Exit):
            raise
        except Exception as error:  # noqa: BLE001 - whatever it is, its words may be data
            # Without the cause: a traceback and foreign words may quote a value.
            raise Failure.unexpected(error) from None


@click.group(cls=LazyGroup, context_settings={"help_option_names": ["-h", "--help"]})
@click.option(
    "--home",
    type=click.Path(path_type=Path),
    envvar=HOME_VARIABLE,
    help="Directory of the node.  [env: CASETHREAD_HOME]",
)
@click.option(
    "--staff",
    metavar="NAME",
    envvar=STAFF_VARIABLE,
    help="Act as NAME, who is signed in.  [env: CASETHREAD_STAFF]",
)
@click.version_option(__version__, prog_name="casethread")
@click.pass_context
def main(ctx: click.Context, home: Path | None, staff: str | None) -> None:
    """Find that organisations against human trafficking hold the same recruiter.

    Each organisation runs a node of its own; case data stays there.
    """
    del staff  # read where a command is about to act
    # Whatever a command writes (database, logs, spreadsheets of errors) is its owner's alone.
    os.umask(_OWNER_ONLY)
    ctx.obj = Home.locate(home, os.environ)
