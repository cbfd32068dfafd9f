# SPDX-License-Identifier: Apache-2.0
"""Where the secret that opens the keystore comes from.

Exactly one of these, in this order of look-up:

* ``CASETHREAD_KEY``: 32 random bytes in hex, for a secret manager or hardware module;
* ``CASETHREAD_PASSPHRASE_FILE``: a file whose first line is the passphrase;
* ``CASETHREAD_PASSPHRASE``: the passphrase itself;
* a prompt, where there is a terminal.

Never an argument: other accounts can read a process's arguments.
"""

import re
import unicodedata
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from federation.errors import ConfigurationError
from federation_node.files import read_limited

__all__ = [
    "KEY_VARIABLE",
    "MINIMUM_PASSPHRASE",
    "PASSPHRASE_FILE_VARIABLE",
    "PASSPHRASE_VARIABLE",
    "Unlock",
    "find_unlock",
    "first_line",
]

KEY_VARIABLE = "CASETHREAD_KEY"
PASSPHRASE_FILE_VARIABLE = "CASETHREAD_PASSPHRASE_FILE"  # noqa: S105 - a name
PASSPHRASE_VARIABLE = "CASETHREAD_PASSPHRASE"  # noqa: S105 - a name

MINIMUM_PASSPHRASE = 12
"""Characters that a new keystore's passphrase must have."""

_FILE_LIMIT = 4096
_HOW = (
    f"set {PASSPHRASE_VARIABLE} or {PASSPHRASE_FILE_VARIABLE}, "
    f"or {KEY_VARIABLE} (64 hex digits), or run it in a terminal"
)


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Unlock:
    """What opens a keystore."""

    secret: bytes
    """The passphrase in UTF-8, or the 32-byte key."""
    is_key: bool
    """True if `secret` is a key and needs no stretching."""


def find_unlock(
    environ: Mapping[str, str], prompt: Callable[[], str] | None, *, new: bool = False
) -> Unlock:
    """Find the secret that opens the keystore.

    Args:
        environ: environment variables.
        prompt: asks the person, or None where nobody can be asked.
        new: the secret is for a new keystore, so that its strength matters.

    Returns:
        The secret.

    Raises:
        ConfigurationError: if none or several are given, or a new one is too weak.
    """
    names = (KEY_VARIABLE, PASSPHRASE_FILE_VARIABLE, PASSPHRASE_VARIABLE)
    given = [name for name in names if environ.get(name)]
    if len(given) > 1:
        raise ConfigurationError(
            f"{' and '.join(given)} are both set", next_step="keep one and unset the other"
        )
    if not given:
        if prompt is None:
            raise ConfigurationError("no passphrase was given", next_step=_HOW)
        return _passphrase(prompt(), new=new)
    (name,) = given
    if name == KEY_VARIABLE:
        return _key(environ[name])
    if name == PASSPHRASE_FILE_VARIABLE:
        return _passphrase(first_line(Path(environ[name])), new=new)
    return _passphrase(environ[name], new=new)


def first_line(path: Path) -> str:
    """Read a secret from a file.

    Args:
        path: UTF-8 text; only the first line counts.

    Returns:
        The line, without its end.

    Raises:
        ConfigurationError: it cannot be read, or is no UTF-8 text.
    """
    raw = read_limited(path, _FILE_LIMIT)
    try:
        text = raw.decode()
    except UnicodeDecodeError as error:
        raise ConfigurationError(
            "the passphrase file is not UTF-8 text", next_step="write it again as UTF-8"
        ) from error
    return text.splitlines()[0] if text else ""


def _key(text: str) -> Unlock:
    """Read a hex key."""
    if re.fullmatch(r"[0-9a-fA-F]{64}", text) is None:
        raise ConfigurationError(
            f"{KEY_VARIABLE} is not 64 hex digits",
            next_step="make one with: openssl rand -hex 32",
        )
    return Unlock(bytes.fromhex(text), is_key=True)


def _passphrase(text: str, *, new: bool) -> Unlock:
    """Check a passphrase."""
    if not text:
        raise ConfigurationError("the passphrase is empty", next_step=_HOW)
    if new and len(text) < MINIMUM_PASSPHRASE:
        raise ConfigurationError(
            f"the passphrase has fewer than {MINIMUM_PASSPHRASE} characters",
            next_step="use four or more random words",
        )
    # The same passphrase typed on another keyboard may arrive decomposed.
    return Unlock(unicodedata.normalize("NFC", text).encode(), is_key=False)
