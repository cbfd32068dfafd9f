# SPDX-License-Identifier: Apache-2.0
"""What commands that let something go have in common: texts from files, and flags."""

from collections.abc import Callable, Mapping
from typing import Any, Final, TypeVar

import click

from federation.agreements import Detail
from federation.disclosure import SafetyFlag

__all__ = ["flags_option", "given_texts", "show_flags", "text_option"]

F = TypeVar("F", bound=Callable[..., object])

_FLAGS: Final = {
    SafetyFlag.DANGER: "SOMEBODY IS IN DANGER NOW",
    SafetyFlag.MINOR: "A MINOR IS CONCERNED",
    SafetyFlag.NO_CONTACT: "DO NOT GET IN TOUCH WITH THE PERSON CONCERNED",
}

flags_option = click.option(
    "--flag",
    "flags",
    multiple=True,
    type=click.Choice([one.value for one in SafetyFlag]),
    help="What to know before anything is done.",
)


def text_option(detail: Detail, what: str, *, required: bool = False) -> Callable[[F], F]:
    """Make the option for a text; it is read from a file, so that it stands in no history.

    Args:
        detail: what it is.
        what: help.
        required: it must be given.
    """
    return click.option(
        f"--{detail.value}",
        f"{detail.value}_file",
        type=click.File(encoding="utf-8"),
        required=required,
        help=what,
    )


def given_texts(given: Mapping[str, Any]) -> dict[Detail, str]:
    """Read the texts that were given.

    Args:
        given: the command's arguments.
    """
    files = {one: given.get(f"{one.value}_file") for one in Detail}
    return {one: file.read().strip() for one, file in files.items() if file is not None}


def show_flags(flags: tuple[SafetyFlag, ...]) -> None:
    """Show what to know before anything is done.

    Args:
        flags: what was said.
    """
    for flag in flags:
        click.echo(f"!! {_FLAGS[flag]}")
