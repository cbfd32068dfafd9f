# SPDX-License-Identifier: Apache-2.0
"""A person as an organisation knows them, and how one is read from a row's fields."""

import dataclasses
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from typing import Final

from federation.errors import NormalisationError
from federation.indicators.reasons import Reason
from federation.indicators.text import fields

KIND: Final = "person"
"""The kind, in errors and in the input of the OPRF."""
MAX_ALIASES: Final = 4
"""Aliases that are read; more would only thin out the others."""
_FIELDS_TEXT: Final = (
    "given family full alias birth_date age seen sex nationality birthplace street number"
    " postcode city region country"
)
_FIELDS: Final = frozenset(_FIELDS_TEXT.split())
_ISO_DATE: Final = re.compile("[0-9]{4}-[0-9]{2}-[0-9]{2}")
_AGE: Final = re.compile("[0-9]{1,3}")
_ALIAS_ENDS: Final = re.compile("[;,/|]")


@dataclass(frozen=True, slots=True)
class Person:
    """Who somebody is, as it was heard and typed; everything may be missing.

    Nothing is normalised or checked here: `slots` does both.
    """

    given: str = dataclasses.field(default="", repr=False)
    """Given names, in any script."""
    family: str = dataclasses.field(default="", repr=False)
    """Family names."""
    full: str = dataclasses.field(default="", repr=False)
    """The whole name, where it came in one piece."""
    aliases: tuple[str, ...] = dataclasses.field(default=(), repr=False)
    """Nicknames and other names; the first four are read."""
    birth_date: str = dataclasses.field(default="", repr=False)
    """`YYYY-MM-DD`, `YYYY-MM`, `YYYY` or `--MM-DD`."""
    age: int | None = dataclasses.field(default=None, repr=False)
    """In years, known or guessed; read where no birth year is known."""
    seen: date | None = dataclasses.field(default=None, repr=False)
    """The day on which the age was said."""
    sex: str = dataclasses.field(default="", repr=False)
    """`female`, `male` or `other`."""
    nationality: str = dataclasses.field(default="", repr=False)
    """ISO 3166 code."""
    birthplace: str = dataclasses.field(default="", repr=False)
    """The town somebody comes from."""
    street: str = dataclasses.field(default="", repr=False)
    number: str = dataclasses.field(default="", repr=False)
    """House number, where it is apart."""
    postcode: str = dataclasses.field(default="", repr=False)
    city: str = dataclasses.field(default="", repr=False)
    """Town or suburb."""
    region: str = dataclasses.field(default="", repr=False)
    """State or province."""
    country: str = dataclasses.field(default="", repr=False)
    """ISO 3166 code of the address."""


def read_person(raw: Mapping[str, str]) -> Person:
    """Read a person from the fields of a row.

    Args:
        raw: The names of the fields of `Person` and their texts; `alias` holds aliases with
            `;`, `,`, `/` or `|` between them, `seen` a date `YYYY-MM-DD`.

    Returns:
        The person, cleaned but not yet normalised.

    Raises:
        NormalisationError: A field is not known, its text cannot be used, or an age or its
            date is not one.
    """
    given = fields(KIND, raw, _FIELDS)
    aliases = tuple(
        one for part in _ALIAS_ENDS.split(given.pop("alias", "")) if (one := part.strip())
    )
    age, seen = given.pop("age", None), given.pop("seen", None)
    return Person(aliases=aliases, age=_age(age), seen=_date(seen), **given)


def _age(text: str | None) -> int | None:
    if text is None:
        return None
    if not _AGE.fullmatch(text):
        raise NormalisationError(KIND, "age", Reason.NOT_AN_AGE)
    return int(text)


def _date(text: str | None) -> date | None:
    if text is None:
        return None
    try:
        if _ISO_DATE.fullmatch(text):
            return date.fromisoformat(text)
    except ValueError:
        pass  # no such day; without the cause, which holds the value
    raise NormalisationError(KIND, "seen", Reason.NOT_A_DATE)
