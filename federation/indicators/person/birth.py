# SPDX-License-Identifier: Apache-2.0
"""When somebody was born, as far as it is known: a date, a part of one, or an age."""

import re
from calendar import monthrange
from dataclasses import dataclass
from datetime import date
from typing import Final

from federation.errors import NormalisationError
from federation.indicators.reasons import Reason

EARLIEST: Final = 1880
LATEST: Final = 2199
"""Years between which people are born; no clock is read here."""
MAX_AGE: Final = 120
_ANY_YEAR: Final = 2000
"""A leap year: where only day and month are known, the 29th of February exists."""
_DATE: Final = re.compile(
    "(?P<year>[0-9]{4})(?:-(?P<month>[0-9]{2})(?:-(?P<day>[0-9]{2}))?)?"
    "|--(?P<of_month>[0-9]{2})-(?P<of_day>[0-9]{2})"
)


@dataclass(frozen=True, slots=True)
class Birth:
    """What is known of a birth date; None is not known."""

    year: int | None = None
    month: int | None = None
    day: int | None = None
    about: int | None = None
    """The year, where it is exact or only guessed from an age."""


def read_birth(kind: str, birth_date: str, age: int | None, seen: date | None) -> Birth:
    """Return what a date or an age says.

    Args:
        kind: The kind that is being normalised, for the error.
        birth_date: `YYYY-MM-DD`, `YYYY-MM`, `YYYY` or `--MM-DD` (ISO 8601), or empty.
        age: In years, known or guessed; used where no year is known.
        seen: When the age was said.

    Returns:
        What is known. The first of January is only a year: it is what is written down for
        people who know no more.

    Raises:
        NormalisationError: The date does not exist, or is written in another way; the age
            cannot be, or comes without the day on which it was said.
    """
    birth = _read_date(kind, birth_date) if birth_date else Birth()
    if age is None:
        return birth
    if not 0 <= age <= MAX_AGE:
        raise NormalisationError(kind, "age", Reason.NOT_AN_AGE)
    if seen is None:
        raise NormalisationError(kind, "seen", Reason.MISSING_FIELD)
    if birth.year is not None:
        return birth
    # Half of all people have had their birthday: the middle of the two years, rounded down in
    # the first half of a year.
    about = seen.year - age - (seen.month <= 6)
    if not EARLIEST <= about <= LATEST:
        raise NormalisationError(kind, "age", Reason.NOT_AN_AGE)
    return Birth(month=birth.month, day=birth.day, about=about)


def _read_date(kind: str, text: str) -> Birth:
    found = _DATE.fullmatch(text)
    if found is None:
        raise NormalisationError(kind, "birth_date", Reason.NOT_A_DATE)
    year = int(found["year"]) if found["year"] else None
    month = found["month"] or found["of_month"]
    day = found["day"] or found["of_day"]
    if year is not None and not EARLIEST <= year <= LATEST:
        raise NormalisationError(kind, "birth_date", Reason.NOT_A_DATE)
    if month is None:
        return Birth(year, about=year)
    if not 1 <= int(month) <= 12:
        raise NormalisationError(kind, "birth_date", Reason.NOT_A_DATE)
    if day is None:
        return Birth(year, int(month), about=year)
    if not 1 <= int(day) <= monthrange(year or _ANY_YEAR, int(month))[1]:
        raise NormalisationError(kind, "birth_date", Reason.NOT_A_DATE)
    if year is not None and int(month) == int(day) == 1:
        return Birth(year, about=year)
    return Birth(year, int(month), int(day), about=year)
