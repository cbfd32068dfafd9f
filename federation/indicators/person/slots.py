# SPDX-License-Identifier: Apache-2.0
"""The slots of a person: the exact values under which alike persons meet.

The plan below is the specification (`proto/spec/person-keys.md`). How many slots of each
group there are, and how many picks make one, was chosen by the experiment in
`benchmarks/quality/`; a change is a new version.
"""

import dataclasses
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from federation.errors import NormalisationError
from federation.indicators.person.facts import Facts, read_facts
from federation.indicators.person.minhash import pick
from federation.indicators.person.person import KIND, Person
from federation.indicators.reasons import Reason

PERSON_VERSION: Final = 1
"""Version of everything that decides a slot's value; a part of each token's input."""
MAX_SLOTS: Final = 100
"""Evaluations that a person costs at most."""
_WINDOW: Final = 8
"""Years of a window. Two grids of them, half a window apart: who is up to four years apart
always shares one, who is eight or more apart never does."""


class Family(StrEnum):
    """What a slot is evidence of."""

    NAME = "name"
    DATE = "date"
    PLACE = "place"
    RULE = "rule"
    """A name together with a date or a place: evidence of both."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One value, and so one token, of a person. Slots meet only under the same name."""

    name: str
    """Group and number, such as `month/3`; a part of the OPRF's input."""
    family: Family
    """What it is evidence of."""
    value: str = dataclasses.field(repr=False)
    """What is evaluated; as sensitive as what it was made of."""
    weak: bool = False
    """Whether equality says "namesake", so that it counts only beside something else."""

    @property
    def group(self) -> str:
        """The part of the name before the number."""
        return self.name.partition("/")[0]


@dataclass(frozen=True, slots=True)
class Group:
    """How some slots are made: picks from sets, beside something that must be equal as well."""

    name: str
    family: Family
    count: int
    """Slots."""
    sets: tuple[tuple[Callable[[Facts], tuple[str, ...]], int], ...] = ()
    """What is picked from, and how many picks make one value."""
    beside: Callable[[Facts], str] | None = None
    """What stands behind the picks; a group whose text is empty is left out."""
    weak: bool = False
    words: int = 1
    """Words that a name must have."""


def slots(person: Person) -> tuple[Slot, ...]:
    """Return the slots of a person.

    Args:
        person: As it was heard and typed.

    Returns:
        At most `MAX_SLOTS` slots, each name once, the least specific first: what says only
        something about the name stands before what says something about the place, and that
        before what says something about the birth date.

    Raises:
        NormalisationError: A field cannot be used, or too little is known: a person needs a
            name and one of birth date, age, birthplace and address.
    """
    facts = read_facts(person)
    made = tuple(slot for group in PLAN for slot in _slots(group, facts))
    if all(slot.family is Family.NAME for slot in made):
        # Under two families of evidence nothing can ever match.
        raise NormalisationError(KIND, "value", Reason.TOO_LITTLE)
    return made


def _slots(group: Group, facts: Facts) -> Iterator[Slot]:
    beside = () if group.beside is None else (group.beside(facts),)
    if "" in beside or len(facts.words) < group.words:
        return
    picked = [
        pick(f"{group.name}/{number}", bag(facts), group.count, size)
        for number, (bag, size) in enumerate(group.sets)
    ]
    # A group that picks nothing has one value; one that finds too little to pick has none.
    for number, parts in enumerate(zip(*picked, strict=True) if picked else [()]):
        value = " ".join((*(element for part in parts for element in part), *beside))
        name = f"{group.name}/{number}" if group.count > 1 else group.name
        yield Slot(name, group.family, value, group.weak)


def _letters(facts: Facts) -> tuple[str, ...]:
    return facts.letters


def _sounds(facts: Facts) -> tuple[str, ...]:
    return facts.sounds


def _date(facts: Facts) -> str:
    birth = facts.birth
    if birth.year is None or birth.day is None:
        return ""
    return f"{birth.year}-{birth.month:02}-{birth.day:02}"


def _month(facts: Facts) -> str:
    birth = facts.birth
    return f"{birth.year}-{birth.month:02}" if birth.year and birth.month else ""


def _year_day(facts: Facts) -> str:
    birth = facts.birth
    return f"{birth.year}--{birth.day:02}" if birth.year and birth.day else ""


def _day(facts: Facts) -> str:
    birth = facts.birth
    return f"{birth.month:02}-{birth.day:02}" if birth.month and birth.day else ""


def _year(facts: Facts) -> str:
    return f"{facts.birth.year}" if facts.birth.year else ""


def _window(shift: int) -> Callable[[Facts], str]:
    def window(facts: Facts) -> str:
        about = facts.birth.about
        return "" if about is None else f"{(about + shift) // _WINDOW * _WINDOW - shift}+"

    return window


def _either_order(facts: Facts) -> str:
    """Day and month in either order, where both orders are dates."""
    birth = facts.birth
    if birth.year is None or birth.month is None or birth.day is None:
        return ""
    first, second = sorted((birth.month, birth.day))
    return f"{birth.year}:{first:02}:{second:02}"


def _with(date: Callable[[Facts], str], field: str) -> Callable[[Facts], str]:
    def both(facts: Facts) -> str:
        day, fact = date(facts), getattr(facts, field)
        return f"{day} {fact}" if day and fact else ""

    return both


PLAN: Final[tuple[Group, ...]] = (
    Group("letters", Family.NAME, 28, ((_letters, 3),), weak=True, words=2),
    Group("town", Family.RULE, 6, ((_sounds, 1), (lambda facts: facts.town, 1)), weak=True),
    Group("address", Family.PLACE, 28, ((lambda facts: facts.address, 3),)),
    Group("years", Family.RULE, 4, ((_sounds, 1),), _window(0), weak=True),
    Group("years-shifted", Family.RULE, 4, ((_sounds, 1),), _window(_WINDOW // 2), weak=True),
    Group("year", Family.RULE, 5, ((_sounds, 1),), _year, weak=True),
    Group("day", Family.RULE, 6, ((_sounds, 1),), _day),
    Group("year-day", Family.RULE, 6, ((_sounds, 1),), _year_day),
    Group("month", Family.RULE, 6, ((_sounds, 1),), _month),
    Group("birth", Family.DATE, 1, beside=_either_order),
    Group("birth-nationality", Family.DATE, 1, beside=_with(_date, "nationality")),
    Group("birth-sex", Family.DATE, 1, beside=_with(_date, "sex")),
)
"""Every group, the least specific first."""
