# SPDX-License-Identifier: Apache-2.0
"""Invented persons: names, birth and town, before anybody has written them down."""

import random
from dataclasses import dataclass
from datetime import date, timedelta

from federation_node.demo.persons.family import FAMILY
from federation_node.demo.persons.further import MIDDLE, NATIONALITY, TOWNS
from federation_node.demo.persons.given import FEMALE, MALE

CULTURES: tuple[str, ...] = tuple(FAMILY)
"""The naming customs that are known here."""

_BORN_FROM = date(1958, 1, 1)
_BORN_DAYS = 48 * 365


@dataclass(frozen=True, slots=True)
class Name:
    """One name in its spellings."""

    home: str
    """As it is written at home."""
    abroad: tuple[str, ...]
    """Latin spellings, the usual one first."""
    short: tuple[str, ...] = ()
    """What friends say."""


@dataclass(frozen=True, slots=True)
class Person:
    """Somebody who exists once in the invented world."""

    id: str
    culture: str
    female: bool
    given: tuple[Name, ...]
    middle: tuple[Name, ...]
    """Patronymic, father's name or middle name."""
    family: tuple[Name, ...]
    """Two in Spanish; in Burmese the rest of the name, which is no family's."""
    born: date
    town: Name
    nationality: str


def draw(rng: random.Random, culture: str, count: int) -> list[Person]:
    """Draw persons of one naming custom, all different in name or birth.

    Args:
        rng: where chance comes from.
        culture: one of `CULTURES`.
        count: how many.

    Returns:
        The persons, numbered within the culture.
    """
    taken: set[tuple[object, ...]] = set()
    people: list[Person] = []
    while len(people) < count:
        person = _draw(rng, culture, f"{culture}-{len(people):05d}")
        mark = (*(name.home for name in (*person.given, *person.family)), person.born)
        if mark not in taken:
            taken.add(mark)
            people.append(person)
    return people


def _draw(rng: random.Random, culture: str, identity: str) -> Person:
    female = rng.random() < 0.5
    given = _names((FEMALE if female else MALE)[culture])
    family = _names(FAMILY[culture])
    first: tuple[Name, ...] = (rng.choice(given),)
    middle: tuple[Name, ...] = ()
    last: tuple[Name, ...] = (rng.choice(family),)
    match culture:
        case "spanish":
            last = (*last, rng.choice(family))
            if rng.random() < 0.4:
                first = (*first, rng.choice(given))
        case "english":
            if rng.random() < 0.5:
                middle = (rng.choice(given),)
        case "arabic":
            middle = (rng.choice(_names(MALE[culture])),)
        case "russian":
            middle = (rng.choice(_names(MIDDLE[culture]["female" if female else "male"])),)
            last = tuple(_gendered(name, female=female) for name in last)
        case "vietnamese" | "nepali":
            if rng.random() < 0.8:
                middle = (rng.choice(_names(MIDDLE[culture]["female" if female else "male"])),)
        case _:
            pass
    born = _BORN_FROM + timedelta(days=rng.randrange(_BORN_DAYS))
    town = rng.choice(_names(TOWNS[culture]))
    return Person(identity, culture, female, first, middle, last, born, town, NATIONALITY[culture])


def _names(block: str) -> list[Name]:
    """Read a block of lines: at home, abroad, a bar, what friends say."""
    names = []
    for line in block.strip().splitlines():
        formal, _, short = line.partition("|")
        home, *abroad = formal.split()
        names.append(Name(home, tuple(abroad) or (home,), tuple(short.split())))
    return names


def _gendered(name: Name, *, female: bool) -> Name:
    """Put the ending of a woman (Cyrillic a) to a Russian family name in -v or -n."""
    if not female or name.home[-1] not in "\u0432\u043d":
        return name
    return Name(name.home + "\u0430", tuple(one + "a" for one in name.abroad))
