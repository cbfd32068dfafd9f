# SPDX-License-Identifier: Apache-2.0
"""Opens the node for a command, asking for the passphrase where there is a terminal."""

import os
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TextIO

import click

from federation_node.cli.acting import actor_of_command
from federation_node.context import NodeContext
from federation_node.home import Home
from federation_node.unlock import Unlock, find_unlock

__all__ = ["ask_unlock", "open_node"]


def ask_unlock(*, new: bool = False) -> Unlock:
    """Find what opens the keystore: the environment, else the person at the terminal.

    Args:
        new: the keystore is about to be made, so ask twice.

    Returns:
        The secret.
    """
    prompt: Callable[[], str] | None = None
    if sys.stdin.isatty():

        def prompt() -> str:
            text: str = click.prompt(
                "Passphrase", hide_input=True, confirmation_prompt=new, err=True
            )
            return text

    return find_unlock(os.environ, prompt, new=new)


@contextmanager
def open_node(home: Home, *, log_stream: TextIO | None = None) -> Iterator[NodeContext]:
    """Open keystore, database and member for the length of a command.

    Args:
        home: the node's directory.
        log_stream: where the log is written besides its file.

    Yields:
        The opened node, in the hands of who acts.

    Raises:
        AuthenticationError: it takes a person, and nobody is signed in.
    """
    home.check()
    with NodeContext.open(home, ask_unlock(), whole_process=True, log_stream=log_stream) as context:
        yield context.acting(actor_of_command(context))
