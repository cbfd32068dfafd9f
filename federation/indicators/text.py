# SPDX-License-Identifier: Apache-2.0
"""The first step of every normaliser: one spelling for text that looks the same."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from federation.errors import NormalisationError
from federation.indicators.reasons import Reason

MAX_RAW_BYTES: Final = 1024
"""Largest raw value, in UTF-8 bytes, all fields of a mapping together."""

# Not of category Cf, yet drawn as nothing (Unicode: Default_Ignorable_Code_Point), with the
# Braille blank, which is drawn as a space.
_INVISIBLE: Final = re.compile(
    "[\u034f\u115f\u1160\u17b4\u17b5\u180b-\u180f\u2800\u3164\ufe00-\ufe0f\uffa0\U000e0100-\U000e01ef]"
)
# Unassigned, private and half characters mean something else on another machine or tomorrow.
_UNUSABLE: Final = frozenset({"Cn", "Co", "Cs"})
_CONTROLS: Final = dict.fromkeys([*range(32), 127], " ")
"""The control characters of ASCII, for `str.translate`."""


def clean(kind: str, field: str, text: object) -> str:
    """Return the text in one spelling, or refuse it.

    NFKC; format characters (zero width, direction marks, soft hyphens) and other invisible
    ones dropped; every decimal digit of any script as ASCII; every dash as `-`; control
    characters and runs of white space as one space; no space at the ends.

    Args:
        kind: The kind that is being normalised, for the error.
        field: The field that is being read, for the error.
        text: What was given; anything but text is refused.

    Returns:
        Text that `clean` leaves unchanged.

    Raises:
        NormalisationError: It is not text, too long, empty, or holds a character that is
            unassigned, private or half of a pair.
    """
    if not isinstance(text, str):
        raise NormalisationError(kind, field, Reason.NOT_TEXT)
    if len(text) > MAX_RAW_BYTES:
        raise NormalisationError(kind, field, Reason.TOO_LONG)
    if text.isascii():
        # Most of what is written: nothing in it composes, is invisible or needs another digit.
        spelled = text.translate(_CONTROLS)
    else:
        # Twice: what stood between two characters no longer keeps them from composing.
        once = _drop_invisible(unicodedata.normalize("NFKC", text))
        composed = unicodedata.normalize("NFKC", once)
        spelled = "".join(_respell(kind, field, character) for character in composed)
    result = " ".join(spelled.split())
    if not result:
        raise NormalisationError(kind, field, Reason.EMPTY)
    # NFKC makes up to 18 characters of one; a normal form must itself be accepted again.
    if len(result.encode()) > MAX_RAW_BYTES:
        raise NormalisationError(kind, field, Reason.TOO_LONG)
    return result


def fields(kind: str, raw: Mapping[str, str], allowed: frozenset[str]) -> dict[str, str]:
    """Clean the fields of a mapping; blank ones count as absent.

    Args:
        kind: The kind that is being normalised, for the error.
        raw: Field names and values.
        allowed: The names that this kind knows.

    Returns:
        The fields that are there, cleaned.

    Raises:
        NormalisationError: A field is unknown (its name is not repeated: it may be a value
            in the wrong place) or its text cannot be used.
    """
    if not allowed.issuperset(raw):
        raise NormalisationError(kind, "value", Reason.UNKNOWN_FIELD)
    result = {}
    for field, text in raw.items():
        try:
            result[field] = clean(kind, field, text)
        except NormalisationError as error:
            if error.reason != Reason.EMPTY:
                raise
    return result


def _drop_invisible(text: str) -> str:
    visible = (c for c in text if unicodedata.category(c) != "Cf")
    return _INVISIBLE.sub("", "".join(visible))


def _respell(kind: str, field: str, character: str) -> str:
    category = unicodedata.category(character)
    if category in _UNUSABLE:
        raise NormalisationError(kind, field, Reason.UNUSABLE_CHARACTER)
    if category == "Nd":
        return str(unicodedata.decimal(character))
    if category == "Pd" or character == "\u2212":  # MINUS SIGN
        return "-"
    return " " if category == "Cc" else character
