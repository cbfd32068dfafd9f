# SPDX-License-Identifier: Apache-2.0
"""What a person's names and places are taken apart into; MinHash compares these sets."""

from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import pairwise
from typing import Final

from federation.indicators.address import street_kinds
from federation.indicators.person.nicknames import formal_names
from federation.indicators.person.sound import sounds
from federation.indicators.person.words import article_dropped, place_words

_STREET_KINDS: Final = street_kinds()
_JOINED: Final = 5
"""Words up to this length are also read together with a neighbour: Mei Ling is Meiling."""


def letter_elements(words: Iterable[str]) -> tuple[str, ...]:
    """Return the pairs of letters in some words, ends included, a repeated one numbered.

    Args:
        words: Folded words.

    Returns:
        Sorted; independent of the order of the words.
    """
    return _numbered(pair for word in words for pair in _grams(word, 2))


def sound_elements(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return how each word, and each pair of short neighbours, may sound.

    Args:
        words: Folded words, in order.

    Returns:
        Sorted, each once: codes of `sounds` for the words, for the names that they are short
        for, and for the words without an article at the front.
    """
    found: set[str] = set()
    for word in words:
        for spelled in (word, *formal_names(word), *article_dropped(word)):
            found.update(sounds(spelled))
    for first, second in pairwise(words):
        if max(len(first), len(second)) <= _JOINED:
            found.update(sounds(first + second))
    return tuple(sorted(found))


def address_words(texts: Iterable[str], codes: Iterable[str]) -> tuple[str, ...]:
    """Return the words of an address that are no kind of street, and its codes.

    Args:
        texts: Street, town and region, as written.
        codes: House number and postcode, folded.

    Returns:
        Sorted, a repeated one numbered.
    """
    words = (word for text in texts for word in place_words(text) if word not in _STREET_KINDS)
    return _numbered((*words, *codes))


def address_letters(words: Iterable[str]) -> tuple[str, ...]:
    """Return the runs of three letters in the words of an address, ends included.

    Args:
        words: As `address_words` returns them; what has a digit in it stays whole.

    Returns:
        Sorted, a repeated one numbered.
    """
    return _numbered(
        gram for word in words for gram in (_grams(word, 3) if word.isalpha() else (word,))
    )


def _grams(word: str, size: int) -> Iterator[str]:
    edge = "_" * (size - 1)
    padded = f"{edge}{word}{edge}"
    for start in range(len(padded) - size + 1):
        yield padded[start : start + size]


def _numbered(elements: Iterable[str]) -> tuple[str, ...]:
    """Tell a repeated element from its first, so that a set keeps how often it is there."""
    seen: Counter[str] = Counter()
    numbered = []
    for element in elements:
        seen[element] += 1
        count = seen[element]
        numbered.append(element if count == 1 else f"{element}{count}")
    return tuple(sorted(numbered))
