# SPDX-License-Identifier: Apache-2.0
"""DOCUMENT: `issuer:type:number`, spelled as a machine-readable zone spells it (ICAO 9303)."""

import re
from collections.abc import Mapping
from typing import Final

from federation.errors import NormalisationError
from federation.indicators.document_types import find_type, type_of_code
from federation.indicators.icao import Mrz, find_issuer, read_zone, transliterate
from federation.indicators.kinds import Kind
from federation.indicators.reasons import Reason
from federation.indicators.text import clean, fields

_FIELDS: Final = frozenset({"issuer", "country", "type", "number", "mrz"})

_ISSUER_FIRST: Final = re.compile(
    r"(?P<issuer>[A-Za-z]{1,3})\s?:\s?(?P<type>[^:]+?)\s?:\s?(?P<number>[^:]+)"
)
_ISSUER_LAST: Final = re.compile(r"(?P<rest>[^()]+?)\s?\((?P<issuer>[A-Za-z]{1,3})\)")
_BETWEEN: Final = re.compile(
    r"(?:[:#\s]|\b(?:no|nr|num(?:ber|mer|[ée]ro)|número)\b\.?)+", re.IGNORECASE
)
_ZONE: Final = re.compile(r"[A-Z0-9<]{60,}")
_HIDDEN: Final = re.compile(r"[?*…_]|\.\.\.")
_SHORTEST: Final = 4
_LONGEST: Final = 30


def normalise_document(raw: str | Mapping[str, str], region: str | None) -> str:  # noqa: ARG001
    """Return the document's number with its issuer and type.

    Where somebody was seen says little about who issued the papers, so the region does not
    stand in for the issuer.

    Args:
        raw: A machine-readable zone, "MX:passport:G12345678" or "passport G12345678 (MX)"; or
            a mapping with `mrz`, or with `number`, `type` and `issuer` (or `country`).
        region: Not used.

    Returns:
        `ISSUER:TYPE:NUMBER`.

    Raises:
        NormalisationError: Issuer, type or number is missing or unknown, or a check digit of
            the zone does not hold.
    """
    if isinstance(raw, Mapping):
        return _from_fields(fields(Kind.DOCUMENT, raw, _FIELDS))
    text = clean(Kind.DOCUMENT, "value", raw)
    zone = _zone(text)
    if _ZONE.fullmatch(zone) and "<" in zone:
        return _from_zone("value", zone)
    first = _ISSUER_FIRST.fullmatch(text)
    if first:
        return _normal_form("value", first["issuer"], first["type"], first["number"])
    last = _ISSUER_LAST.fullmatch(text)
    if last:
        return _normal_form("value", last["issuer"], *_split(last["rest"]))
    raise NormalisationError(Kind.DOCUMENT, "value", Reason.NOT_A_DOCUMENT)


def _split(text: str) -> tuple[str, str]:
    """Return type and number of "passport no. G12345678": the longest type that is known."""
    spaces = [gap.span() for gap in _BETWEEN.finditer(text)]
    for start, end in reversed(spaces):
        if find_type(text[:start]):
            return text[:start], text[end:]
    raise NormalisationError(Kind.DOCUMENT, "value", Reason.UNKNOWN_DOCUMENT)


def _from_fields(given: dict[str, str]) -> str:
    if "mrz" in given:
        if "number" in given and _number("number", given["number"]) not in _zone(given["mrz"]):
            raise NormalisationError(Kind.DOCUMENT, "number", Reason.CONFLICTING_FIELDS)
        return _from_zone("mrz", _zone(given["mrz"]))
    issuers = [field for field in ("issuer", "country") if field in given]
    if len(issuers) > 1:
        raise NormalisationError(Kind.DOCUMENT, "country", Reason.CONFLICTING_FIELDS)
    for field in ("number", "type"):
        if field not in given:
            raise NormalisationError(Kind.DOCUMENT, field, Reason.MISSING_FIELD)
    if not issuers:
        raise NormalisationError(Kind.DOCUMENT, "issuer", Reason.COUNTRY_NEEDED)
    return _normal_form(None, given[issuers[0]], given["type"], given["number"])


def _zone(text: str) -> str:
    """Return a zone's lines joined; recognition reads two fillers as a quotation mark."""
    return text.replace("\u00ab", "<<").replace("\u2039", "<").replace(" ", "").upper()


def _from_zone(field: str, text: str) -> str:
    if not _ZONE.fullmatch(text):
        raise NormalisationError(Kind.DOCUMENT, field, Reason.NOT_AN_MRZ)
    zone = read_zone(text)
    if zone is Mrz.CHECK_DIGIT:
        raise NormalisationError(Kind.DOCUMENT, field, Reason.CHECK_DIGIT)
    if isinstance(zone, Mrz):
        raise NormalisationError(Kind.DOCUMENT, field, Reason.NOT_AN_MRZ)
    type_ = type_of_code(zone.code)
    if type_ is None:
        raise NormalisationError(Kind.DOCUMENT, field, Reason.UNKNOWN_DOCUMENT)
    return _normal_form(field, zone.issuer, type_, zone.number)


def _normal_form(field: str | None, issuer: str, type_: str, number: str) -> str:
    """Return the normal form of three parts, which came in a text or in fields of their own."""
    issued_by = find_issuer(issuer)
    if issued_by is None:
        raise NormalisationError(Kind.DOCUMENT, field or "issuer", Reason.UNKNOWN_ISSUER)
    known = find_type(type_)
    if known is None:
        raise NormalisationError(Kind.DOCUMENT, field or "type", Reason.UNKNOWN_DOCUMENT)
    return f"{issued_by}:{known}:{_number(field or 'number', number)}"


def _number(field: str, text: str) -> str:
    if _HIDDEN.search(text):
        raise NormalisationError(Kind.DOCUMENT, field, Reason.PARTIAL)
    number = transliterate(text)
    if (
        number is None
        or not _SHORTEST <= len(number) <= _LONGEST
        or not any(c.isdigit() for c in number)
    ):
        raise NormalisationError(Kind.DOCUMENT, field, Reason.NOT_A_DOCUMENT)
    return number
