# SPDX-License-Identifier: Apache-2.0
"""COMPANY: register or licence number where there is one, else folded name and country."""

import re
from collections.abc import Mapping
from typing import Final

from federation.errors import NormalisationError
from federation.indicators.country import single_country
from federation.indicators.fold import fold, fold_umlauts
from federation.indicators.kinds import Kind
from federation.indicators.legal_forms import (
    LEADING,
    TRAILING,
    TRAILING_BY_COUNTRY,
    UNSPACED,
)
from federation.indicators.reasons import Reason
from federation.indicators.text import clean, fields

_FIELDS: Final = frozenset({"name", "country", "register", "licence", "license"})

_NORMAL_FORM: Final = re.compile(r"(?P<form>reg|lic|name):(?P<country>[A-Z]{2}):(?P<rest>.+)")
_AND: Final = frozenset({"and", "y", "und", "et"})
_NOT_LETTERS_OR_DIGITS: Final = re.compile(r"[^A-Z0-9]+")
_MAX_FORM_WORDS: Final = 7


def normalise_company(raw: str | Mapping[str, str], region: str | None) -> str:
    """Return the strongest form of a business that the value allows.

    Args:
        raw: A mapping with `register` (number in the country's company register) or `licence`
            (number of a licence to recruit, employ or operate) or `name`, and `country`; or
            the name as text.
        region: Two-letter code of the country of a business that comes without one.

    Returns:
        `reg:COUNTRY:NUMBER`, else `lic:COUNTRY:NUMBER`, else `name:COUNTRY:folded name`.

    Raises:
        NormalisationError: There is neither number nor name, or no country.
    """
    if isinstance(raw, Mapping):
        given = fields(Kind.COMPANY, raw, _FIELDS)
        licences = [field for field in ("licence", "license") if field in given]
        if len(licences) > 1:
            raise NormalisationError(Kind.COMPANY, "license", Reason.CONFLICTING_FIELDS)
        country = single_country(Kind.COMPANY, given.get("country"), region)
        if "register" in given:
            return f"reg:{country}:{_number('register', given['register'])}"
        if licences:
            return f"lic:{country}:{_number(licences[0], given[licences[0]])}"
        if "name" not in given:
            raise NormalisationError(Kind.COMPANY, "name", Reason.MISSING_FIELD)
        return f"name:{country}:{_name('name', given['name'], country)}"
    text = clean(Kind.COMPANY, "value", raw)
    normal = _NORMAL_FORM.fullmatch(text)
    if normal:
        country = single_country(Kind.COMPANY, normal["country"], None)
        form, rest = normal["form"], normal["rest"]
        value = _name("value", rest, country) if form == "name" else _number("value", rest)
        return f"{form}:{country}:{value}"
    country = single_country(Kind.COMPANY, None, region)
    return f"name:{country}:{_name('value', text, country)}"


def _number(field: str, text: str) -> str:
    number = _NOT_LETTERS_OR_DIGITS.sub("", "".join(fold(text)).upper())
    if not any(c.isdigit() for c in number):
        raise NormalisationError(Kind.COMPANY, field, Reason.NOT_A_REGISTER_NUMBER)
    return number


def _name(field: str, text: str, country: str) -> str:
    """Return the folded name without its legal form."""
    for form in UNSPACED:
        text = text.replace(form, " ")
    words = fold(text)
    # Each step can make room for another; the name is what none of them changes.
    while True:
        shorter = tuple(fold_umlauts(word) for word in words if word not in _AND)
        shorter = _without_leading(_without_trailing(shorter, country), country)
        shorter = _initials_joined(shorter)
        if shorter == words:
            break
        words = shorter
    if not words:
        raise NormalisationError(Kind.COMPANY, field, Reason.NO_NAME)
    return " ".join(words)


def _without_trailing(words: tuple[str, ...], country: str) -> tuple[str, ...]:
    """Drop a legal form at the end, however it is dotted or spaced; a name must remain."""
    known = TRAILING | TRAILING_BY_COUNTRY.get(country, frozenset())
    for count in range(min(_MAX_FORM_WORDS, len(words) - 1), 0, -1):
        if "".join(words[-count:]) in known:
            return words[:-count]
    return words


def _without_leading(words: tuple[str, ...], country: str) -> tuple[str, ...]:
    """Drop a legal form in front, where the country writes it there."""
    known = LEADING.get(country, frozenset())
    for count in range(min(_MAX_FORM_WORDS, len(words) - 1), 0, -1):
        if "".join(words[:count]) in known:
            return words[count:]
    return words


def _initials_joined(words: tuple[str, ...]) -> tuple[str, ...]:
    """Join neighbouring single characters: `A. B. Fairs` is `AB Fairs`."""
    joined: list[str] = []
    previous = 0
    for word in words:
        if previous == len(word) == 1:
            joined[-1] += word
        else:
            joined.append(word)
        previous = len(word)
    return tuple(joined)
