# SPDX-License-Identifier: Apache-2.0
"""Postal addresses: country, postcode, town and street, each folded, always in this order."""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from federation.indicators.fold import fold, fold_umlauts

# What a kind of street is called, and its one spelling; a change is a new version. They
# are kept, not dropped: 5th Avenue and 5th Street are two.
_STREETS: Final[Mapping[str, str]] = {
    fold_umlauts(word): one
    for one, words in {
        "av": "ave avenue avenida aven avda avd",
        "st": "street saint san santo",
        "rd": "road",
        "dr": "drive doctor",
        "ln": "lane",
        "ct": "court",
        "blvd": "boulevard bulevar boul bd bld bulevardul bvd",
        "hwy": "highway",
        "pl": "place platz plac plaza",
        "sq": "square",
        "calle": "c cl",
        "carr": "carretera ctra",
        "calz": "calzada",
        "priv": "privada",
        "cda": "cerrada",
        "rua": "r rue",
        "str": "strasse strase strada straat",
        "ul": "ulica ulitsa vulitsia vul",
        "prosp": "prospekt prospect",
        "north": "n norte nord",
        "south": "s sur sud",
        "east": "e este",
        "west": "w",
        "ote": "oriente",
        "pte": "poniente",
    }.items()
    for word in words.split()
}
_DROPPED: Final = frozenset({"no", "nr", "num", "numero", "number"})
_JOINED_STREET: Final = re.compile(r"(?P<name>.{2,})stra(?:s|ss)e")
# Countries whose postcodes have five digits, of which sheets eat the zeros in front.
_FIVE: Final = "MX US DE ES FR IT UA TR PE TH ID MY EE LT FI HR RS KR"
_FIVE_DIGITS: Final = frozenset(_FIVE.split())
_NOT_CHARACTERS: Final = re.compile(r"[^A-Z0-9]+")
_ONLY_DIGITS: Final = re.compile(r"[0-9]+")
_NORMAL_FORM: Final = re.compile(
    r"addr:(?P<country>[A-Z]{2}):(?P<postcode>[A-Z0-9]*):(?P<city>[a-z0-9 ]*)"
    r":(?P<street>[a-z0-9 ]+)"
)


@dataclass(frozen=True, slots=True)
class Address:
    """A folded address."""

    country: str
    """Two letters."""
    postcode: str
    """Letters and digits in upper case, or empty."""
    city: str
    """Folded, or empty."""
    street: str
    """Folded, house number last."""

    def __str__(self) -> str:
        return f"addr:{self.country}:{self.postcode}:{self.city}:{self.street}"


def parse_address(text: str) -> Address | None:
    """Return the parts of a normal form.

    Args:
        text: A normal form as `str(Address)` makes it.

    Returns:
        The parts, or None if it is none.
    """
    found = _NORMAL_FORM.fullmatch(text)
    if found is None:
        return None
    return Address(found["country"], found["postcode"], found["city"], found["street"])


def fold_address(country: str, postcode: str, city: str, street: str, number: str) -> Address:
    """Return an address in its folded form.

    Args:
        country: Two letters.
        postcode: As written, or empty.
        city: As written, or empty.
        street: The street as written, with or without the house number.
        number: The house number where it came apart, or empty.

    Returns:
        The address; its street or town is empty where nothing is left of it.
    """
    return Address(country, _postcode(postcode, country), _city(city), _street(street, number))


def street_kinds() -> frozenset[str]:
    """Return every word for a kind of street, folded: they tell no two streets apart."""
    return frozenset(_STREETS) | frozenset(_STREETS.values()) | _DROPPED


def _postcode(text: str, country: str) -> str:
    code = _NOT_CHARACTERS.sub("", "".join(fold(text)).upper())
    if country == "US" and code.isdigit() and len(code) == 9:
        code = code[:5]  # the last four are a carrier's route
    if country in _FIVE_DIGITS and code.isdigit():
        code = code.zfill(5)
    return code


def _city(text: str) -> str:
    words = [_STREETS.get(word, word) for word in map(fold_umlauts, fold(text))]
    return " ".join(words)


def _street(text: str, number: str) -> str:
    words = tuple(w for w in map(fold_umlauts, fold(text)) if w not in _DROPPED)
    given = tuple(w for w in map(fold_umlauts, fold(number)) if w not in _DROPPED)
    words = words if words[len(words) - len(given) :] == given else words + given
    # Each step can make room for another; the street is what none of them changes.
    while (once := _number_last(_spelled(_unit_joined(words)))) != words:
        words = once
    return " ".join(words)


def _spelled(words: tuple[str, ...]) -> tuple[str, ...]:
    """Write each kind of street in one way, and `Haupt Straße` as `Hauptstraße`."""
    spelled: list[str] = []
    for word in words:
        joined = _JOINED_STREET.fullmatch(word)
        short = joined["name"] + "str" if joined else _STREETS.get(word, word)
        if short == "str" and spelled and spelled[-1].isalpha():
            spelled[-1] += "str"
        else:
            spelled.append(short)
    return tuple(fold_umlauts(word) for word in spelled)


def _unit_joined(words: tuple[str, ...]) -> tuple[str, ...]:
    """Join a house number and its letter at the end: `12 B` is `12B`; in front it may be `N`."""
    if len(words) > 1 and _ONLY_DIGITS.fullmatch(words[-2]) and re.fullmatch("[a-z]", words[-1]):
        return (*words[:-2], words[-2] + words[-1])
    return words


def _number_last(words: tuple[str, ...]) -> tuple[str, ...]:
    """Move a house number from the front to the end, where most countries write it."""
    if len(words) > 1 and words[0][0].isdigit() and not words[-1][0].isdigit():
        return (*words[1:], words[0])
    return words
