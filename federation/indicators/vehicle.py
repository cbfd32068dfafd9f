# SPDX-License-Identifier: Apache-2.0
"""VEHICLE: `COUNTRY:PLATE` without separators, or `VIN:` and the number (ISO 3779)."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final

from federation.errors import NormalisationError
from federation.indicators.country import find_country, single_country
from federation.indicators.kinds import Kind
from federation.indicators.reasons import Reason
from federation.indicators.text import clean, fields

_FIELDS: Final = frozenset({"country", "plate", "vin"})

_WITH_COLON: Final = re.compile(r"(?P<country>[A-Za-z]{2,3})\s?:\s?(?P<plate>.+)")
_WITH_SPACE: Final = re.compile(r"(?P<country>[A-Za-z]{2})\s(?P<plate>.+)")
_IN_BRACKETS: Final = re.compile(r"(?P<plate>[^()]+?)\s?\((?P<country>[A-Za-z]{2,3})\)")
_LABEL: Final = re.compile(
    r"(?:number ?plate|license plate|licence plate|plates?|placas?|matr[ií]cula|kennzeichen"
    r"|reg(?:istration)?)\s?(?:no\.?|nr\.?|n[úu]mero)?\s?[:#]\s?",
    re.IGNORECASE,
)
_VIN_LABEL: Final = re.compile(r"(?:vin|fin|niv)\s?[:#]?\s?(?P<vin>.+)", re.IGNORECASE)
_VIN_LENGTH: Final = 17
_VIN: Final = re.compile(r"[A-HJ-NPR-Z0-9]{17}")
_HIDDEN: Final = re.compile(r"[?*…]|\.\.\.|_")

# Own district codes that look like the country's: Dessau, Svidník.
_DISTRICT_LIKE_COUNTRY: Final = frozenset({"DE", "SK"})
_PLATE_LENGTHS: Final = range(2, 11)
_MIN_AFTER_COUNTRY: Final = 4

# Plates of these scripts use only letters that have a Latin twin (Vienna Convention on Road
# Traffic, annex 2), and abroad they are read and typed as the twin.
_TWINS: Final = str.maketrans(
    "АВЕКМНОРСТУХІЇЈ" + "ΑΒΕΖΗΙΚΜΝΟΡΤΥΧ",  # noqa: RUF001
    "ABEKMHOPCTYXIIJ" + "ABEZHIKMNOPTYX",
)

# Never used in a VIN, so what is written is a misreading (ISO 3779).
_MISREAD: Final = str.maketrans("IOQ", "100")
_VIN_VALUES: Final = dict(
    zip(
        "0123456789ABCDEFGHJKLMNPRSTUVWXYZ",
        (*range(10), *range(1, 9), 1, 2, 3, 4, 5, 7, 9, *range(2, 10)),
        strict=True,
    )
)
_VIN_WEIGHTS: Final = (8, 7, 6, 5, 4, 3, 2, 10, 0, 9, 8, 7, 6, 5, 4, 3, 2)
# Where the law asks for a check digit (49 CFR 565 in North America, GB 16735 in China);
# elsewhere the ninth character is the maker's.
_CHECKED_MAKERS: Final = frozenset("12345L")


def normalise_vehicle(raw: str | Mapping[str, str], region: str | None) -> str:
    """Return the vehicle's number plate with its country, or its VIN.

    Args:
        raw: A mapping with `plate` (and `country`) or with `vin`; or a text: a plate seen in
            the region, "MX: ABC-12-34", "ABC-12-34 (MX)", or a VIN.
        region: Two-letter code of the country that a plate without one belongs to.

    Returns:
        `COUNTRY:PLATE` or `VIN:NUMBER`, letters in upper case.

    Raises:
        NormalisationError: There is no plate and no VIN, only a part of one, or no country.
    """
    if isinstance(raw, Mapping):
        given = fields(Kind.VEHICLE, raw, _FIELDS)
        if "vin" in given and "plate" in given:
            # Two facts: whoever has both observes both, or one would hide the other.
            raise NormalisationError(Kind.VEHICLE, "vin", Reason.CONFLICTING_FIELDS)
        if "vin" in given:
            return _vin("vin", given["vin"])
        if "plate" not in given:
            raise NormalisationError(Kind.VEHICLE, "plate", Reason.MISSING_FIELD)
        return _plate("plate", given["plate"], given.get("country"), region)
    text = _LABEL.sub("", clean(Kind.VEHICLE, "value", raw), count=1)
    labelled = _VIN_LABEL.fullmatch(text)
    # "FIN: ABC-123" is a Finnish plate.
    if labelled and (text.startswith("VIN:") or len(_characters(labelled["vin"])) == _VIN_LENGTH):
        return _vin("value", labelled["vin"])
    if _VIN.fullmatch(_characters(text).translate(_MISREAD)):
        return _vin("value", text)
    return _plate("value", *_split(text, region), region)


def _split(text: str, region: str | None) -> tuple[str, str | None]:
    """Return plate and country of a text; the country is None where only the region says it."""
    for pattern in (_WITH_COLON, _IN_BRACKETS):
        found = pattern.fullmatch(text)
        if found:
            return found["plate"], found["country"]
    found = _WITH_SPACE.fullmatch(text)
    country = find_country(found["country"]) if found else None
    if found is None or country is None:
        return text, None
    if region is None:
        return found["plate"], country
    if len(_characters(found["plate"])) < _MIN_AFTER_COUNTRY:
        return text, None
    if region == country:
        return (text, None) if country in _DISTRICT_LIKE_COUNTRY else (found["plate"], country)
    # Two letters may be a district ("MA AB 123" in Germany); a plate this long has none to spare.
    if len(_characters(text)) > 8 and region != "IN":
        raise NormalisationError(Kind.VEHICLE, "value", Reason.AMBIGUOUS)
    return text, None


def _plate(field: str, text: str, country: str | None, region: str | None) -> str:
    if _HIDDEN.search(text):
        raise NormalisationError(Kind.VEHICLE, field, Reason.PARTIAL)
    plate = _characters(text)
    if len(plate) not in _PLATE_LENGTHS:
        raise NormalisationError(Kind.VEHICLE, field, Reason.NOT_A_PLATE)
    return f"{single_country(Kind.VEHICLE, country, region)}:{plate}"


def _vin(field: str, text: str) -> str:
    if _HIDDEN.search(text):
        raise NormalisationError(Kind.VEHICLE, field, Reason.PARTIAL)
    vin = _characters(text).translate(_MISREAD)
    if not _VIN.fullmatch(vin):
        raise NormalisationError(Kind.VEHICLE, field, Reason.NOT_A_VIN)
    if vin[0] in _CHECKED_MAKERS:
        total = sum(_VIN_VALUES[c] * w for c, w in zip(vin, _VIN_WEIGHTS, strict=True))
        if vin[8] != "0123456789X"[total % 11]:
            raise NormalisationError(Kind.VEHICLE, field, Reason.CHECK_DIGIT)
    return f"VIN:{vin}"


def _characters(text: str) -> str:
    """Return letters and digits in upper case, without accents, as Latin where they have a twin."""
    upper = unicodedata.normalize("NFKC", text).upper()
    bare = []
    for character in upper:
        if unicodedata.category(character)[0] == "M":
            continue  # what did not compose before must not compose with a bare letter
        parts = unicodedata.normalize("NFKD", character)
        is_european = (
            "LATIN" in unicodedata.name(parts[0], "") or parts[0].translate(_TWINS).isascii()
        )
        bare.append(parts[0] if is_european else character)
    folded = unicodedata.normalize("NFKC", "".join(bare)).translate(_TWINS)
    return "".join(c for c in folded if unicodedata.category(c)[0] in "LN")
