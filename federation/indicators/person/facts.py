# SPDX-License-Identifier: Apache-2.0
"""What is known of a person, checked, folded and taken apart."""

from dataclasses import dataclass
from typing import Final

from federation.errors import NormalisationError
from federation.indicators.country import country
from federation.indicators.fold import fold
from federation.indicators.person.birth import Birth, read_birth
from federation.indicators.person.elements import (
    address_letters,
    address_words,
    letter_elements,
    sound_elements,
)
from federation.indicators.person.person import KIND, MAX_ALIASES, Person
from federation.indicators.person.words import essential, name_words, place_words
from federation.indicators.reasons import Reason
from federation.indicators.text import MAX_RAW_BYTES, clean

_SEXES: Final = frozenset({"female", "male", "other"})
MAX_WORDS: Final = 12
"""Words of a name that are read; more is a sentence."""


@dataclass(frozen=True, slots=True)
class Facts:
    """A person, ready to be compared. Empty is not known."""

    words: tuple[str, ...]
    """Folded words of all names, in order."""
    letters: tuple[str, ...]
    sounds: tuple[str, ...]
    birth: Birth
    sex: str
    nationality: str
    town: tuple[str, ...]
    """How the words of the birthplace may sound."""
    address: tuple[str, ...]
    """Words and codes of the address."""
    address_letters: tuple[str, ...]


def read_facts(person: Person) -> Facts:
    """Check a person and take it apart.

    Args:
        person: As it was heard and typed.

    Returns:
        What is known.

    Raises:
        NormalisationError: A field cannot be used, or there is no name.
    """
    texts = _cleaned(person)
    words = _words(texts, person)
    town = place_words(texts["birthplace"])
    streets = (texts["street"], texts["city"], texts["region"])
    codes = ("".join(fold(texts[field])) for field in ("number", "postcode"))
    is_address = texts["street"] or texts["postcode"]
    address = address_words(streets, filter(None, codes)) if is_address else ()
    if texts["sex"] and texts["sex"] not in _SEXES:
        raise NormalisationError(KIND, "sex", Reason.UNKNOWN_SEX)
    for field in ("nationality", "country"):
        texts[field] = country(KIND, field, texts[field]) if texts[field] else ""
    return Facts(
        words,
        letter_elements(words),
        sound_elements(words),
        read_birth(KIND, texts["birth_date"], person.age, person.seen),
        texts["sex"],
        texts["nationality"],
        sound_elements(town),
        address,
        address_letters(address),
    )


def _cleaned(person: Person) -> dict[str, str]:
    """Return the fields that are text, cleaned; blank ones are empty."""
    texts = {}
    size = 0
    for field in _TEXTS:
        text = getattr(person, field)
        texts[field] = _clean(field, text)
        size += len(texts[field].encode())
    if size > MAX_RAW_BYTES:
        raise NormalisationError(KIND, "value", Reason.TOO_LONG)
    return texts


_TEXTS: Final = (
    "given", "family", "full", "birth_date", "sex", "nationality", "birthplace", "street",
    "number", "postcode", "city", "region", "country",
)  # fmt: skip


def _clean(field: str, text: object) -> str:
    try:
        return clean(KIND, field, text)
    except NormalisationError as error:
        if error.reason == Reason.EMPTY:
            return ""
        raise


def _words(texts: dict[str, str], person: Person) -> tuple[str, ...]:
    """Return the words of all names, each word once for each name that has it."""
    words = (*name_words(texts["given"]), *name_words(texts["family"]))
    whole = name_words(texts["full"], is_whole=True)
    words = (*words, *(word for word in whole if word not in words))
    for alias in person.aliases[:MAX_ALIASES]:
        further = name_words(_clean("aliases", alias), is_whole=True)
        words = (*words, *(word for word in further if word not in words))
    if not words:
        raise NormalisationError(KIND, "names", Reason.NO_NAME)
    if len(words) > MAX_WORDS:
        raise NormalisationError(KIND, "names", Reason.TOO_LONG)
    return essential(words)
