# SPDX-License-Identifier: Apache-2.0
"""Asks people for passwords and codes: a file, the environment, or the terminal."""

import os
import sys
from pathlib import Path

import click

from federation.errors import ConfigurationError
from federation_node.unlock import first_line

__all__ = [
    "CODE_VARIABLE",
    "PASSWORD_FILE_VARIABLE",
    "PASSWORD_VARIABLE",
    "STAFF_VARIABLE",
    "ask_code",
    "ask_new_password",
    "ask_password",
    "new_password_option",
    "password_option",
]

STAFF_VARIABLE = "CASETHREAD_STAFF"
PASSWORD_VARIABLE = "CASETHREAD_STAFF_PASSWORD"  # noqa: S105 - a name
PASSWORD_FILE_VARIABLE = "CASETHREAD_STAFF_PASSWORD_FILE"  # noqa: S105 - a name
CODE_VARIABLE = "CASETHREAD_STAFF_CODE"

_secret_file = click.Path(exists=True, dir_okay=False, path_type=Path)

password_option = click.option(
    "--password-file", type=_secret_file, help="File whose first line is the password."
)
new_password_option = click.option(
    "--new-password-file", type=_secret_file, help="File whose first line is the new password."
)


def ask_password(file: Path | None) -> str:
    """Find the password of who signs in, or ask for it.

    Args:
        file: value of ``--password-file``, or None.

    Returns:
        The password as it was typed.

    Raises:
        ConfigurationError: there is none, and no terminal to ask at.
    """
    if file is not None:
        return first_line(file)
    if PASSWORD_FILE_VARIABLE in os.environ:
        return first_line(Path(os.environ[PASSWORD_FILE_VARIABLE]))
    if PASSWORD_VARIABLE in os.environ:
        return os.environ[PASSWORD_VARIABLE]
    return _prompt("Your password", "--password-file", hide=True)


def ask_new_password(file: Path | None) -> str:
    """Find a new password, or ask for it twice.

    Args:
        file: value of ``--new-password-file``, or None.

    Returns:
        The password as it was typed.

    Raises:
        ConfigurationError: there is none, and no terminal to ask at.
    """
    if file is not None:
        return first_line(file)
    return _prompt(
        "Your new password (12 characters or more)", "--new-password-file", hide=True, twice=True
    )


def ask_code(*, may: bool) -> str:
    """Find the code of an authenticator app, or ask for it.

    Args:
        may: the person may have none; then nothing is asked where there is no terminal.

    Returns:
        The code; empty for none.

    Raises:
        ConfigurationError: one is needed, and there is no terminal to ask at.
    """
    if CODE_VARIABLE in os.environ:
        return os.environ[CODE_VARIABLE]
    if may and not sys.stdin.isatty():
        return ""
    question = "Code of your app, if you have one" if may else "Code that your app shows"
    return _prompt(question, CODE_VARIABLE, hide=False, empty=may)


def _prompt(
    question: str, instead: str, *, hide: bool, twice: bool = False, empty: bool = False
) -> str:
    if not sys.stdin.isatty():
        raise ConfigurationError(
            "there is no terminal to ask at", next_step=f"give it with {instead}"
        )
    text: str = click.prompt(
        question,
        hide_input=hide,
        confirmation_prompt=twice,
        default="" if empty else None,
        show_default=False,
        err=True,
    )
    return text
