# SPDX-License-Identifier: Apache-2.0
"""Text from outside: safe to draw, of known width, in either direction."""

import unicodedata
from typing import Final
from xml.sax.saxutils import quoteattr

__all__ = ["EM", "attribute", "cut", "isolated", "printable", "width"]

EM: Final = 13.0
"""Size of the text, pixels."""

_NARROW: Final = 0.6
_WIDE: Final = 1.0
_JOINERS: Final = frozenset("\u200c\u200d")
"""Scripts need them, and they move nothing."""
_ISOLATE, _POP = "\u2068", "\u2069"


def printable(text: str) -> str:
    """Return a text without what an SVG file may not hold, or what moves other text.

    A mark that turns the direction makes "1-H" of "H-1": it is shown as a replacement character.

    Args:
        text: anything.
    """
    return "".join(map(_printable, text))


def _printable(char: str) -> str:
    category = unicodedata.category(char)
    if category in {"Zl", "Zp", "Zs"}:
        return " "
    unfit = category in {"Cc", "Cs", "Cn", "Co"} or (category == "Cf" and char not in _JOINERS)
    return "\ufffd" if unfit else char


def width(text: str) -> float:
    """Estimate how wide a text is, on the safe side.

    Args:
        text: printable.

    Returns:
        Pixels.
    """
    return sum(map(_width, text)) * EM


def _width(char: str) -> float:
    if unicodedata.combining(char) or char in _JOINERS:
        return 0.0
    return _WIDE if unicodedata.east_asian_width(char) in {"W", "F"} else _NARROW


def cut(text: str, most: float) -> str:
    """Shorten a text to a width.

    Args:
        text: printable.
        most: pixels.

    Returns:
        The text, or its beginning and an ellipsis.
    """
    if width(text) <= most:
        return text
    kept = text
    while kept and width(kept + "\u2026") > most:
        kept = kept[:-1]
    return kept + "\u2026"


def isolated(text: str) -> str:
    """Give a text its own direction, so that it does not turn what stands around it.

    Args:
        text: printable.
    """
    return f"{_ISOLATE}{text}{_POP}"


def attribute(text: str) -> str:
    """Quote a text as the value of an attribute.

    Args:
        text: printable.
    """
    return quoteattr(text)
