# SPDX-License-Identifier: Apache-2.0
"""Writes a person down as one organisation's caseworkers heard them."""

import random
import unicodedata
from dataclasses import dataclass
from datetime import date

from federation_node.demo.persons.further import TITLES
from federation_node.demo.persons.people import Name, Person
from federation_node.demo.persons.slips import mishear, mistype

FAMILY_FIRST = frozenset({"vietnamese", "chinese"})
"""Where the family name is said first."""
_UNSPACED = frozenset({"chinese", "burmese"})
_UNDECOMPOSED = str.maketrans({"ł": "l", "đ": "d", "Đ": "D", "ß": "ss"})


@dataclass(frozen=True, slots=True)
class Habits:
    """How an organisation writes; every figure is a chance from 0 to 1."""

    listener: str = "english"
    """Whose ear it is: english, spanish or german."""
    home_script: float = 0.3
    """Name in its own script, as on papers."""
    usual: float = 0.6
    """Among Latin spellings the usual one, and not any."""
    heard: float = 0.3
    """One sound of one name replaced."""
    typed: float = 0.12
    """One character of one name mistyped."""
    short: float = 0.12
    """What friends say, instead of the given name."""
    whole: float = 0.4
    """One field for the whole name, and not given and family apart."""
    swapped: float = 0.06
    """Given and family name in each other's place."""
    partial: float = 0.2
    """Second names and second family names left out."""
    title: float = 0.05
    """A title in front."""
    no_birth: float = 0.15
    """No birth date at all."""
    year_only: float = 0.08
    """Only the year."""
    age_only: float = 0.12
    """Only an age, as guessed."""
    slip_of_date: float = 0.06
    """Day and month exchanged, or one digit wrong."""
    no_town: float = 0.3
    """Not known where from."""


@dataclass(frozen=True, slots=True)
class Written:
    """A person as a row says; empty is not known."""

    given: str = ""
    family: str = ""
    full: str = ""
    alias: str = ""
    birth_date: str = ""
    """`YYYY-MM-DD`, or `YYYY`."""
    age: str = ""
    seen: str = ""
    """When the age was guessed, `YYYY-MM-DD`."""
    sex: str = ""
    nationality: str = ""
    birthplace: str = ""


class Writer:
    """Writes persons down for one organisation."""

    def __init__(self, rng: random.Random, habits: Habits | None = None) -> None:
        self._rng = rng
        self._habits = habits or Habits()

    def write(self, person: Person, *, seen: date) -> Written:
        """Write a person down.

        Args:
            person: who it is.
            seen: when it was written.

        Returns:
            The row's fields.
        """
        at_home = self._chance(self._habits.home_script)
        given = self._given(person, at_home=at_home)
        family = self._family(person, at_home=at_home)
        if not at_home:
            given, family = self._slip(given, family)
        names = self._arranged(person, given, family, at_home=at_home)
        birth = self._birth(person, seen)
        return Written(
            **names,
            **birth,
            sex="" if self._chance(0.15) else "female" if person.female else "male",
            nationality=person.nationality if self._chance(0.6) else "",
            birthplace="" if self._chance(self._habits.no_town) else self._town(person),
        )

    def _chance(self, chance: float) -> bool:
        return self._rng.random() < chance

    def _spelled(self, name: Name, *, at_home: bool) -> str:
        if at_home:
            return name.home.replace("-", " ")
        if self._chance(self._habits.usual):
            spelled = name.abroad[0]
        else:
            spelled = self._rng.choice((name.home, *name.abroad))
        if _is_foreign(spelled):
            spelled = name.abroad[0]
        spelled = spelled.replace("-", self._rng.choice((" ", "-", "")))
        return _plain(spelled) if self._chance(0.5) else spelled

    def _given(self, person: Person, *, at_home: bool) -> list[str]:
        first = person.given[0]
        latin = [short for short in first.short if not _is_foreign(short)]
        shorts = first.short if at_home else latin
        if shorts and self._chance(self._habits.short):
            return [self._rng.choice(shorts)]
        names = [self._spelled(name, at_home=at_home) for name in person.given]
        keep = 1 if len(names) > 1 and self._chance(self._habits.partial) else len(names)
        names = names[:keep]
        if not self._chance(self._habits.partial * 2):
            names += [self._spelled(name, at_home=at_home) for name in person.middle]
        return names

    def _family(self, person: Person, *, at_home: bool) -> list[str]:
        names = [self._spelled(name, at_home=at_home) for name in person.family]
        return names[:1] if len(names) > 1 and self._chance(self._habits.partial * 1.5) else names

    def _slip(self, given: list[str], family: list[str]) -> tuple[list[str], list[str]]:
        for names in (given, family):
            if self._chance(self._habits.heard):
                at = self._rng.randrange(len(names))
                names[at] = mishear(self._rng, names[at], self._habits.listener)
            if self._chance(self._habits.typed):
                at = self._rng.randrange(len(names))
                names[at] = mistype(self._rng, names[at])
        return given, family

    def _arranged(
        self, person: Person, given: list[str], family: list[str], *, at_home: bool
    ) -> dict[str, str]:
        """Put the names into the row's fields."""
        gap = "" if at_home and person.culture in _UNSPACED else " "
        first, last = gap.join(given), gap.join(family)
        if self._chance(self._habits.title):
            sex = "female" if person.female else "male"
            title = self._rng.choice(TITLES[person.culture][sex].split())
            first = f"{title} {first}"
        if self._chance(self._habits.whole):
            ordered = (last, first) if person.culture in FAMILY_FIRST else (first, last)
            if self._chance(self._habits.swapped):
                ordered = ordered[::-1]
            return {"full": self._cased(gap.join(ordered))}
        if self._chance(self._habits.swapped):
            first, last = last, first
        return {"given": self._cased(first), "family": self._cased(last)}

    def _cased(self, name: str) -> str:
        return self._rng.choice((name, name, name, name.upper(), name.lower()))

    def _birth(self, person: Person, seen: date) -> dict[str, str]:
        habits, born = self._habits, person.born
        draw = self._rng.random()
        if draw < habits.no_birth:
            return {}
        draw -= habits.no_birth
        if draw < habits.year_only:
            return {"birth_date": str(born.year)}
        draw -= habits.year_only
        if draw < habits.age_only:
            age = (seen - born).days // 365 + self._rng.choice((-2, -1, 0, 0, 0, 1, 2))
            return {"age": str(max(age, 1)), "seen": seen.isoformat()}
        if not self._chance(habits.slip_of_date):
            return {"birth_date": born.isoformat()}
        return {"birth_date": self._wrong(born, seen)}

    def _wrong(self, born: date, seen: date) -> str:
        """Write a date wrongly; it exists, and has passed."""
        if born.day <= 12 and born.day != born.month and self._chance(0.5):
            return date(born.year, born.day, born.month).isoformat()
        text = list(born.isoformat())
        while True:
            at = self._rng.choice((2, 3, 5, 6, 8, 9))
            wrong = "".join((*text[:at], self._rng.choice("0123456789"), *text[at + 1 :]))
            try:
                if born != date.fromisoformat(wrong) < seen:
                    return wrong
            except ValueError:
                continue

    def _town(self, person: Person) -> str:
        at_home = self._chance(self._habits.home_script)
        return self._spelled(person.town, at_home=at_home)


def _is_foreign(text: str) -> bool:
    """Whether a text has letters that are not Latin."""
    return any(c.isalpha() and "LATIN" not in unicodedata.name(c, "") for c in text)


def _plain(text: str) -> str:
    """Leave out the accents, as people do on a keyboard that has none."""
    decomposed = unicodedata.normalize("NFD", text.translate(_UNDECOMPOSED))
    return "".join(c for c in decomposed if not unicodedata.combining(c))
