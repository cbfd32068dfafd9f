# SPDX-License-Identifier: Apache-2.0
"""The plan: which groups of slots a person has, and what each is made of.

It is the specification (`proto/spec/person-keys.md`). How many slots of each group there are,
and how many picks make one, was chosen by the experiment in `benchmarks/quality/`; a change is
a new version.
"""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Final

from federation.indicators.person.facts import Facts

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
    """Whether equality says "namesake", so that it counts only beside something else."""
    words: int = 1
    """Words that a name must have."""
    tells_birth: bool = False
    """Whether equality gives a birth year or date away to whoever guesses it."""

    @property
    def names(self) -> tuple[str, ...]:
        """The names of its slots."""
        if self.count == 1:
            return (self.name,)
        return tuple(f"{self.name}/{number}" for number in range(self.count))


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
    Group("letters", Family.NAME, 26, ((_letters, 3),), weak=True, words=2),
    Group("town", Family.RULE, 6, ((_sounds, 1), (lambda facts: facts.town, 1)), weak=True),
    Group("home", Family.RULE, 10, ((_sounds, 1), (lambda facts: facts.address, 1))),
    Group("address", Family.PLACE, 10, ((lambda facts: facts.address, 2),)),
    Group("address-letters", Family.PLACE, 14, ((lambda facts: facts.address_letters, 3),)),
    Group("years", Family.RULE, 4, ((_sounds, 1),), _window(0), weak=True),
    Group("years-shifted", Family.RULE, 4, ((_sounds, 1),), _window(_WINDOW // 2), weak=True),
    Group("year", Family.RULE, 5, ((_sounds, 1),), _year, weak=True, tells_birth=True),
    Group("day", Family.RULE, 6, ((_sounds, 1),), _day, tells_birth=True),
    Group("year-day", Family.RULE, 6, ((_sounds, 1),), _year_day, tells_birth=True),
    Group("month", Family.RULE, 6, ((_sounds, 1),), _month, tells_birth=True),
    Group("birth", Family.DATE, 1, beside=_either_order, tells_birth=True),
    Group(
        "birth-nationality", Family.DATE, 1, beside=_with(_date, "nationality"), tells_birth=True
    ),
    Group("birth-sex", Family.DATE, 1, beside=_with(_date, "sex"), tells_birth=True),
)
"""Every group, the least specific first."""

GROUP_OF: Final[Mapping[str, Group]] = {name: group for group in PLAN for name in group.names}
"""The group of each slot that there is, by the slot's name, the least specific first."""
