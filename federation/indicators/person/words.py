# SPDX-License-Identifier: Apache-2.0
"""From a name as it was written down to its folded words, in the order given.

Whatever is said in front of a name, or joins its parts, is dropped, as long as two words stay:
titles, particles, articles and patronymics come and go with whoever writes. The lists hold
facts of usage and were put together for this project; a change is a new version.
"""

import re
from collections.abc import Callable
from typing import Final

from federation.indicators.fold import fold, fold_umlauts
from federation.indicators.person.arabic import romanise_arabic
from federation.indicators.person.burmese import romanise_burmese
from federation.indicators.person.han import part_family_name

_TITLES_TEXT: Final = (
    "mr mrs ms miss dr prof sir madam mister missis mme mlle madame monsieur mademoiselle"
    " sr sra srta don dona senor senora senorita sres herr frau pan pani dl dna dra domnul"
    " doamna gospodin gospozha sheikh sheik shaikh hajj haji hajja sitt daw shri shree sri"
    " shrimati smt jr ii iii phd md lic ing"
)
_TITLES: Final = frozenset(_TITLES_TEXT.split())
_PARTICLES_TEXT: Final = (
    "de del la las los y e da das do dos di du des van von der den zu zum af al el bin ben bn ibn"
    " bint binti ap dit"
)
_PARTICLES: Final = frozenset(_PARTICLES_TEXT.split())
_PATRONYMIC: Final = re.compile(".{2,}(?:[oe]vich|[oe]vna|[oei]vych|ivna|inichna|lich|mich)")
# Abdul Rahman, Abdelrahman, Abderrahmane, Abdessalam: the article takes on the next letter.
_SERVANT: Final = re.compile(r"abd[aeou](?:l|([rsdntz])(?=\1))(?P<name>[a-z]{3,})")
# Alhashimi, Elmasry, Ennajar, Azzahrani: an article, if it is one.
_ARTICLE: Final = re.compile(r"[ae](?:l|([rsdntz])(?=\1))(?P<name>[a-z]{4,})")
_SERVANTS_TEXT: Final = "abd abdul abdel abdal abdu abdou"
_SERVANTS: Final = frozenset(_SERVANTS_TEXT.split())
_MIN_WORDS: Final = 2
"""What is dropped leaves at least this many words."""


def name_words(text: str, *, is_whole: bool = False) -> tuple[str, ...]:
    """Return the words of a name.

    Args:
        text: A name in any script, cleaned.
        is_whole: Whether it is a whole name, in which a Chinese or Korean family name is not
            set apart.

    Returns:
        Folded words of two letters or more, in order (single ones only where there is nothing
        else); none if no letters are left.
    """
    parted = part_family_name(text) if is_whole else text
    folded = fold(_romanised(parted))
    words = [part for word in folded for part in _parted(fold_umlauts(word)) if not part.isdigit()]
    words = _without(words, lambda word: word in _TITLES, 1)
    words = _without(words, lambda word: len(word) == 1, 1)
    return tuple(words)


def essential(words: tuple[str, ...]) -> tuple[str, ...]:
    """Return the words of all of a person's names without what comes and goes.

    Args:
        words: As `name_words` returns them, those of all fields together.

    Returns:
        The words without particles and patronymics, unless fewer than two would stay.
    """
    kept = _without(list(words), lambda word: word in _PARTICLES or word in _SERVANTS, _MIN_WORDS)
    kept = _without(kept, lambda word: _PATRONYMIC.fullmatch(word) is not None, _MIN_WORDS)
    return tuple(kept)


def place_words(text: str) -> tuple[str, ...]:
    """Return the folded words of a town or street in any script."""
    return tuple(fold_umlauts(word) for word in fold(_romanised(text)))


def article_dropped(word: str) -> tuple[str, ...]:
    """Return a word without the Arabic article that may be written at its front, if any."""
    found = _ARTICLE.fullmatch(word)
    return (found["name"],) if found else ()


def _romanised(text: str) -> str:
    return romanise_burmese(romanise_arabic(text))


def _parted(word: str) -> tuple[str, ...]:
    found = _SERVANT.fullmatch(word)
    return ("abd", found["name"]) if found else (word,)


def _without(words: list[str], drop: Callable[[str], bool], least: int) -> list[str]:
    """Drop all such words or, where too few would stay, none: the order must not matter."""
    kept = [word for word in words if not drop(word)]
    return kept if len(kept) >= least else words
