# SPDX-License-Identifier: Apache-2.0
"""The languages of the pages: messages from gettext catalogues, dates and numbers by locale."""

import gettext
import io
from collections.abc import Mapping
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from babel import Locale
from babel.dates import format_date, format_time
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.numbers import format_decimal

__all__ = ["LANGUAGES", "Language", "choose"]

_CATALOGUES: Final = files("federation_node.console").joinpath("catalogues")

LANGUAGES: Final[Mapping[str, str]] = MappingProxyType(
    {"en": "English", "es": "Español", "de": "Deutsch", "ar": "العربية"}
)
"""By code, each called as its readers call it."""


class Language:
    """One language."""

    def __init__(self, code: str) -> None:
        """Load its catalogue.

        Args:
            code: of `LANGUAGES`.
        """
        self.code = code
        self._locale = Locale.parse(code)
        self.direction = self._locale.text_direction
        self._catalogue = _catalogue(code)

    def say(self, message: str, **values: object) -> str:
        """Return a message of the program in this language.

        Args:
            message: in English.
            values: stand in its places, such as ``%(count)s``.
        """
        # Of the empty message gettext returns the head of the catalogue.
        said = self._catalogue.gettext(message) if message else ""
        return said % values if values else said

    def date(self, at: datetime) -> str:
        """Write a day.

        Args:
            at: the time.
        """
        return format_date(at.astimezone(UTC), "medium", self._locale)

    def last_day(self, end: datetime) -> str:
        """Write the last day before a time from which on something does not hold any more.

        Args:
            end: the time.
        """
        return self.date(end - timedelta(microseconds=1))

    def time(self, at: datetime) -> str:
        """Write a day and a time, in UTC as the record has it.

        Args:
            at: the time.
        """
        utc = at.astimezone(UTC)
        return f"{self.date(at)}, {format_time(utc, 'short', UTC, self._locale)} UTC"

    def count(self, number: int) -> str:
        """Write a number.

        Args:
            number: whole.
        """
        return format_decimal(number, locale=self._locale)


@cache
def language(code: str) -> Language:
    """Return a language, loaded once.

    Args:
        code: of `LANGUAGES`.
    """
    return Language(code)


def choose(chosen: str | None, accepted: str) -> Language:
    """Choose the language of a page.

    Args:
        chosen: what the person has chosen before, if anything.
        accepted: the browser's ``Accept-Language``; the first that is here counts.
    """
    if chosen in LANGUAGES:
        return language(chosen)
    for wanted in accepted[:200].split(","):
        code = wanted.partition(";")[0].strip().partition("-")[0].lower()
        if code in LANGUAGES:
            return language(code)
    return language("en")


def _catalogue(code: str) -> gettext.NullTranslations:
    if code == "en":
        return gettext.NullTranslations()
    with _CATALOGUES.joinpath(f"{code}.po").open("rb") as file:
        catalogue = read_po(file, locale=code)
    compiled = io.BytesIO()
    write_mo(compiled, catalogue)
    compiled.seek(0)
    return gettext.GNUTranslations(compiled)
