# SPDX-License-Identifier: Apache-2.0
"""What is accepted as a password, after NIST SP 800-63B.

Length is what counts; there are no rules about capitals, digits or signs, and no password has
to be changed because time has passed. Refused is what is tried first: the commonest passwords,
with digits or signs around them or not, runs and repetitions, and the names that belong to the
account.

``common_passwords.txt`` is the list of Openwall's John the Ripper, "assumed to be in the
public domain" by its author, in lower case and without repetitions.
"""

import secrets
import unicodedata
from collections.abc import Iterable
from functools import cache
from importlib import resources
from itertools import pairwise
from typing import Final

from federation.charter.words import WORDS
from federation.errors import InputError

__all__ = ["MINIMUM_PASSWORD", "check_password", "new_passphrase", "prepare_password"]

MINIMUM_PASSWORD: Final = 12
"""Characters. Revision 4 of SP 800-63B asks for 15 where a password stands alone; here it does
not: it opens nothing unless the node itself was opened with its own passphrase."""

_LONGEST: Final = 1024
_WORDS: Final = 8
_FEWEST: Final = 5
"""Different characters: fewer are a pattern."""
_SHORTEST_WORD: Final = 3
_LOOKALIKES: Final = str.maketrans("013457@$!", "oleastasi")
_NEXT_STEP: Final = "use four or more random words, or a password manager"


def prepare_password(password: str) -> bytes:
    """Return a typed password as the bytes that are hashed (RFC 8265 section 4.2.2).

    Args:
        password: Composed or not, as the keyboard gave it; every kind of space is one space.
            Capitals stay.

    Raises:
        InputError: It is empty, longer than 1024 characters, or holds control characters.
    """
    spaced = "".join(" " if unicodedata.category(char) == "Zs" else char for char in password)
    composed = unicodedata.normalize("NFC", spaced)
    if not composed or len(composed) > _LONGEST:
        raise InputError("a password has 1 to 1024 characters")
    if any(unicodedata.category(char) in {"Cc", "Cs"} for char in composed):
        raise InputError("a password holds no control characters")
    return composed.encode()


def check_password(password: str, own: Iterable[str] = ()) -> None:
    """Refuse a new password that is among the first that somebody would try.

    Args:
        password: As typed.
        own: Names that belong to the account: of the person, of the organisation.

    Raises:
        InputError: Says why, never the password.
    """
    text = prepare_password(password).decode()
    if len(text) < MINIMUM_PASSWORD:
        raise InputError(
            f"the password has fewer than {MINIMUM_PASSWORD} characters", next_step=_NEXT_STEP
        )
    lowered = text.casefold()
    if len(set(lowered)) < _FEWEST or _is_run(lowered) or _is_repeated(lowered):
        raise InputError("the password is a run or a repetition", next_step=_NEXT_STEP)
    names = {part for name in own for part in _parts(name)}
    core = _core(lowered)
    for tried in (lowered, core, core.translate(_LOOKALIKES)):
        if tried in _common():
            raise InputError("the password is one of the commonest", next_step=_NEXT_STEP)
        if "".join(filter(str.isalnum, tried)) in names:
            raise InputError(
                "the password is a name that belongs to the account", next_step=_NEXT_STEP
            )


def new_passphrase() -> str:
    """Draw eight of 256 plain words: 64 bits, easy to read out and to type."""
    return " ".join(secrets.choice(WORDS) for _ in range(_WORDS))


@cache
def _common() -> frozenset[str]:
    listed = resources.files(__package__).joinpath("common_passwords.txt")
    return frozenset(listed.read_text("utf-8").splitlines())


def _core(text: str) -> str:
    """Take off what people put around a word; without a word the text stays."""
    letters = [place for place, char in enumerate(text) if char.isalpha()]
    core = text[letters[0] : letters[-1] + 1] if letters else ""
    return core if len(core) >= _SHORTEST_WORD else text


def _parts(name: str) -> list[str]:
    """Return a name written as one, and its longer parts."""
    words = "".join(char if char.isalnum() else " " for char in name.casefold()).split()
    return [*(word for word in words if len(word) >= _SHORTEST_WORD), "".join(words)]


def _is_run(text: str) -> bool:
    """Tell whether the characters count up or down: 123456789012, abcdefghijkl."""
    steps = [ord(second) - ord(first) for first, second in pairwise(text)]
    # 9 is followed by 0.
    return all(step in {1, -9} for step in steps) or all(step in {-1, 9} for step in steps)


def _is_repeated(text: str) -> bool:
    """Tell whether the text is a shorter one again and again."""
    return text in (text + text)[1:-1]
