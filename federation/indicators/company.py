# SPDX-License-Identifier: Apache-2.0
"""COMPANY: register or licence number, folded name, or both, with the country."""

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
from federation.indicators.text import MAX_RAW_BYTES, clean, fields

_FIELDS: Final = frozenset({"name", "country", "register", "licence", "license"})

_NORMAL_NAME: Final = re.compile(r"name:(?P<country>[A-Z]{2}):(?P<name>.+)")
_NORMAL_NUMBER: Final = re.compile(
    r"(?P<form>reg|lic):(?P<country>[A-Z]{2}):(?P<number>[^:]+)(?::(?P<name>.+))?"
)
_AND: Final = frozenset({"and", "y", "und", "et"})
_NOT_LETTERS_OR_DIGITS: Final = re.compile(r"[^A-Z0-9]+")
_MAX_FORM_WORDS: Final = 7


def normalise_company(raw: str | Mapping[str, str], region: str | None) -> str:
    """Return number and name of a business, as far as the value has them.

    Args:
        raw: A mapping with `register` (number in the country's company register) or `licence`
            (number of a licence to recruit, employ or operate) or `name`, and `country`; or
            the name as text.
        region: Two-letter code of the country of a business that comes without one.

    Returns:
        `reg:COUNTRY:NUMBER`, else `lic:COUNTRY:NUMBER`, either followed by `:folded name`
        where the name is known as well; else `name:COUNTRY:folded name`.

    Raises:
        NormalisationError: There is neither number nor name, or no country.
    """
    if isinstance(raw, Mapping):
        return _from_fields(fields(Kind.COMPANY, raw, _FIELDS), region)
    text = clean(Kind.COMPANY, "value", raw)
    named = _NORMAL_NAME.fullmatch(text)
    if named:
        country = single_country(Kind.COMPANY, named["country"], None)
        return f"name:{country}:{_name('value', named['name'], country)}"
    numbered = _NORMAL_NUMBER.fullmatch(text)
    if numbered:
        country = single_country(Kind.COMPANY, numbered["country"], None)
        number = f"{numbered['form']}:{country}:{_number('value', numbered['number'])}"
        return _with_name(number, "value", numbered["name"], country)
    country = single_country(Kind.COMPANY, None, region)
    return f"name:{country}:{_name('value', text, country)}"


def split_company(value: str) -> tuple[str | None, str | None]:
    """Return the two forms of a business that a normal form holds.

    Args:
        value: A normal form.

    Returns:
        `reg:` or `lic:` with country and number, and `name:` with country and folded name;
        None where it is not known.
    """
    form, country, rest = value.split(":", 2)
    if form == "name":
        return None, value
    number, _, name = rest.partition(":")
    return f"{form}:{country}:{number}", f"name:{country}:{name}" if name else None


def _from_fields(given: dict[str, str], region: str | None) -> str:
    licences = [field for field in ("licence", "license") if field in given]
    if len(licences) > 1:
        raise NormalisationError(Kind.COMPANY, "license", Reason.CONFLICTING_FIELDS)
    country = single_country(Kind.COMPANY, given.get("country"), region)
    for form, field in (("reg", "register"), *(("lic", field) for field in licences)):
        if field in given:
            number = f"{form}:{country}:{_number(field, given[field])}"
            return _with_name(number, "name", given.get("name"), country)
    if "name" not in given:
        raise NormalisationError(Kind.COMPANY, "name", Reason.MISSING_FIELD)
    return f"name:{country}:{_name('name', given['name'], country)}"


def _with_name(number: str, field: str, name: str | None, country: str) -> str:
    """Return a number with the name beside it, if there is one with letters in it."""
    if name is None:
        return number
    try:
        result = f"{number}:{_name(field, name, country)}"
    except NormalisationError:
        return number  # the number is enough; a dash or a picture is no name
    # Folding makes several letters of one; the strong form must not be lost for the weak one.
    return result if len(result) <= MAX_RAW_BYTES else number


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
