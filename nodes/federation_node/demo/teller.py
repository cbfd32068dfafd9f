# SPDX-License-Identifier: Apache-2.0
"""Says what happens in the demonstration while it happens."""

from collections.abc import Iterator
from contextlib import contextmanager

from rich.console import Console

__all__ = ["Teller"]


class Teller:
    """Prints the story, act by act."""

    def __init__(self, console: Console) -> None:
        """Tell it on a console.

        Args:
            console: standard output, or standard error beside JSON.
        """
        self._console = console
        self._number = 0

    def open(self, text: str) -> None:
        """Say something before the first act.

        Args:
            text: a paragraph.
        """
        self._console.print(text, markup=False, highlight=False, soft_wrap=True)

    @contextmanager
    def act(self, title: str) -> Iterator[None]:
        """Announce an act, and show that it goes on.

        Args:
            title: one sentence.
        """
        self._number += 1
        self._console.print(
            f"\n[bold]{self._number}.[/bold] {title}", highlight=False, soft_wrap=True
        )
        with self._console.status("working"):
            yield

    def say(self, text: str) -> None:
        """Tell one thing that happened.

        Args:
            text: one sentence.
        """
        self._console.print(f"   {text}", markup=False, highlight=False, soft_wrap=True)
