# SPDX-License-Identifier: Apache-2.0
"""How a name sounds, in the little that listeners of different languages agree on.

In the family of Soundex (US patents 1,261,167 and 1,435,663, expired) and its successors with
several codes (L. Philips, The Double Metaphone Search Algorithm, C/C++ Users Journal, June 2000):
consonants in six classes, vowels dropped. The classes here are wider, because one name comes
through several spelling habits: Zhang, Chang and Jang; Xiao and Hsiao; Khaled and Haled.
A word with letters that are read in two ways (ch, j, kh, x, g, w) has a code for each reading.
"""

import re
from functools import lru_cache
from typing import Final

# In order. Capitals are the classes: P lips, T teeth, K back of the mouth, S hissing, N nose,
# L, R. What is left at the end and is not in _SINGLE is a vowel or silent.
_RULES: Final = tuple(
    (re.compile(pattern), code)
    for pattern, code in (
        ("schtsch|stsch|shch|sch|tsch|tch|dsch|dzh|dj|cz|ch|sh|zh|sz|ts|tz|dz|zs", "S"),
        ("hs(?=[aeiouy])", "S"),
        ("ght", "T"),
        ("kh|gh|ck|cq|qu", "K"),
        ("ph", "P"),
        ("ng|^kn|^gn", "N"),
        ("^wr", "R"),
        ("^x", "S"),
        ("x", "KS"),
        ("c(?=[eiy])|q", "S"),
    )
)
# Letters that are read in two ways, and how they are written for the second.
_OTHERWISE: Final = tuple(
    (re.compile(pattern), spelling)
    for pattern, spelling in (
        ("(?<!s)ch", "k"),  # Michael; else Charles
        ("kh|x|j|g(?=[eiy])", "h"),  # Haled, Himena, Hose, Hermann; else Khaled, Ximena, Jose
        ("w", "u"),  # Owyang, Kyaw; else Wladimir
    )
)
_SINGLE: Final = str.maketrans(
    {"b": "P", "p": "P", "f": "P", "v": "P", "w": "P", "d": "T", "t": "T", "k": "K", "q": "K",
     "g": "K", "c": "K", "s": "S", "z": "S", "j": "S", "m": "N", "n": "N", "l": "L", "r": "R"}
)  # fmt: skip
_VOWELS: Final = {"a": "a", "e": "i", "i": "i", "y": "i", "o": "u", "u": "u", "w": "u"}
_REPEATED: Final = re.compile(r"([A-Z])\1+")
_SHORT: Final = 1
"""Consonants up to which a vowel is kept: Li and Lu are two."""


@lru_cache(maxsize=16_384)
def sounds(word: str) -> tuple[str, ...]:
    """Return how a word may sound.

    Args:
        word: A folded word, a-z and digits.

    Returns:
        One to eight codes of capitals, the first reading first; one vowel stands behind a
        single consonant, and the word itself where it has no letters.
    """
    readings = [word]
    for pattern, spelling in _OTHERWISE:
        readings += [pattern.sub(spelling, one) for one in readings]
    return tuple(dict.fromkeys(_code(one) for one in dict.fromkeys(readings)))


def _code(word: str) -> str:
    classes = word
    for pattern, code in _RULES:
        classes = pattern.sub(code, classes)
    consonants = "".join(c for c in classes.translate(_SINGLE) if not c.islower())
    code = _REPEATED.sub(r"\1", consonants)
    return code if len(code) > _SHORT else (code + _vowel(word)) or word


def _vowel(word: str) -> str:
    """Return the class of the first vowel: front, back or open."""
    vowels = re.search("[aeiouyw]+", word[1:]) or re.search("[aeiouyw]+", word)
    if vowels is None:
        return ""
    if vowels[0] in {"ou", "oo", "ow"}:
        return "u"
    return "i" if vowels[0] in {"ee", "ay", "ai", "ei"} else _VOWELS[vowels[0][0]]
