# SPDX-License-Identifier: Apache-2.0
"""Folding of names: what people spell differently and mean alike becomes one spelling."""

import re
import unicodedata
from typing import Final

from federation.indicators.transliteration import to_latin

# Dropped, so that what they join stays one word: O'Brien, Xi'an, L'Aquila.
_JOINING: Final = re.compile("['`\u00b4\u2018\u2019\u201b\u02bb\u02bc\u02b9\u2032]")
_NOT_WORD: Final = re.compile(r"[^0-9a-z]+")
# ä, ö, ü and ø, å written out by whoever has no such key: Müller, Mueller, Muller.
_WRITTEN_OUT: Final = re.compile(r"([aou])e+")


def fold(text: str) -> tuple[str, ...]:
    """Return the words of a name in the order given, folded.

    NFKC, apostrophes dropped, transliterated to Latin, case folded, everything but
    letters and digits taken as a space between words; pictures and signs dropped.

    Args:
        text: A name in any script, already cleaned.

    Returns:
        Words of the letters a-z and digits; none if nothing of that kind is left.
    """
    joined = _JOINING.sub("", unicodedata.normalize("NFKC", text))
    # Pictures and signs have names of their own, which nobody else would write.
    words = "".join(" " if unicodedata.category(c)[0] == "S" else c for c in joined)
    return tuple(word for word in _NOT_WORD.split(to_latin(words).casefold()) if word)


def fold_umlauts(word: str) -> str:
    """Return a folded word with `ae`, `oe` and `ue` as `a`, `o` and `u`.

    Args:
        word: A word as `fold` makes it.

    Returns:
        The word; it folds to itself.
    """
    return _WRITTEN_OUT.sub(r"\1", word)
