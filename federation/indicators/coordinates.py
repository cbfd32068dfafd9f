# SPDX-License-Identifier: Apache-2.0
"""Coordinates as people write, copy and share them, as exact degrees."""

import re
from dataclasses import dataclass
from fractions import Fraction
from typing import Final
from urllib.parse import parse_qs, unquote


@dataclass(frozen=True, slots=True)
class Point:
    """A point on the earth (WGS 84)."""

    latitude: Fraction
    """Degrees north, from -90 to 90."""
    longitude: Fraction
    """Degrees east, from -180 to 180."""
    is_precise: bool
    """Whether it is written finely enough to mean one building."""


@dataclass(frozen=True, slots=True)
class _Degrees:
    value: Fraction
    decimals: int
    """Digits after the decimal point, as if it had been written in degrees."""
    axis: str | None
    """`N` for a latitude, `E` for a longitude, None if it is not said."""


_DECIMAL: Final = r"[+-]?[0-9]{1,3}(?:[.,][0-9]{1,20})?"
# NFKC makes an o of the ordinal sign that many type for degrees; alone it may be a side.
_DEGREE: Final = r"(?:\s?(?:°|deg)|o(?=\s?[0-9NSEW]))\s?"
# \u2032 is the prime; NFKC has made two of a double one.
_MINUTE: Final = r"\s?(?:['`\u2032\u2018\u2019]|m(?:in)?)(?!['\u2032])\s?"
_SECOND: Final = r"\s?(?:\"|''|\u2032\u2032|[\u201c\u201d]|\u2019\u2019|s(?:ec)?)\s?"
_SIDE: Final = r"[NSEW]"
_ONE: Final = re.compile(
    rf"(?P<before>{_SIDE})?\s?(?P<degrees>{_DECIMAL})(?:{_DEGREE})?"
    rf"(?:(?<=[^0-9])(?P<minutes>[0-9]{{1,2}}(?:[.,][0-9]{{1,10}})?){_MINUTE}"
    rf"(?:(?P<seconds>[0-9]{{1,2}}(?:[.,][0-9]{{1,10}})?){_SECOND})?)?\s?(?P<after>{_SIDE})?",
    re.IGNORECASE,
)
# An O is west in Spanish, French and Portuguese, and east in German: it is not read.
_AXES: Final = {"N": "N", "S": "N", "E": "E", "W": "E"}
_LABELS: Final = re.compile(
    r"\b(?:gps|coord(?:enada|inate|onn[ée]e)?s?|lat(?:itude|itud)?|lon(?:gitude|gitud)?|lng"
    r"|ubicaci[oó]n|location)\b\s?[:=]?\s?",
    re.IGNORECASE,
)
_GEO_URI: Final = re.compile(
    rf"geo:(?P<latitude>{_DECIMAL}),(?P<longitude>{_DECIMAL})(?:,{_DECIMAL})?"
    r"(?P<parameters>;[^?]*)?(?:\?.*)?",
    re.IGNORECASE,
)
_UNCERTAINTY: Final = re.compile(r";u=(?P<metres>[0-9]+)", re.IGNORECASE)
_LARGEST_UNCERTAINTY: Final = 20
"""Metres from which a phone's own estimate of its error is too coarse for one building."""
_LINK: Final = re.compile(
    r"(?:https?://)?[a-z0-9.-]+\.[a-z]{2,}/[^?#]*(?:\?(?P<query>[^#]*))?(?:#.*)?", re.IGNORECASE
)
_PIN: Final = re.compile(rf"!3d(?P<latitude>{_DECIMAL})!4d(?P<longitude>{_DECIMAL})")
_QUERY_NAMES: Final = ("q", "query", "ll", "destination", "daddr", "sll")

_FINE_DECIMALS: Final = 4
"""Decimals of a degree that mean one building: 11 m."""
_COARSEST_DECIMALS: Final = 3
"""Fewest decimals of the other one, for sheets drop a zero at the end."""
_PER_MINUTE: Final = 2
"""Decimals that whole minutes, and again whole seconds, are worth."""


def read_point(text: str) -> Point | None:
    """Return the point that a text holds.

    Args:
        text: Two coordinates, a `geo:` URI (RFC 5870), or a map link with a pin; cleaned.

    Returns:
        The point, or None if it is none.
    """
    uri = _GEO_URI.fullmatch(text)
    if uri:
        point = point_of(uri["latitude"], uri["longitude"])
        said = _UNCERTAINTY.search(uri["parameters"] or "")
        coarse = said is not None and int(said["metres"]) > _LARGEST_UNCERTAINTY
        if point is not None and coarse:
            return Point(point.latitude, point.longitude, is_precise=False)
        return point
    link = _LINK.fullmatch(text)
    if link:
        return _from_link(text, link["query"] or "")
    bare = _LABELS.sub(" ", text).strip(" ()[]")
    for separator in (r"\s?;\s?", r",\s", r",", r"\s?[/|]\s?", r"\s"):
        for gap in re.finditer(separator, bare):
            point = point_of(bare[: gap.start()], bare[gap.end() :].strip())
            if point is not None:
                return point
    return None


def point_of(latitude: str, longitude: str) -> Point | None:
    """Return the point of two coordinates that came apart.

    Args:
        latitude: Degrees, or degrees, minutes and seconds, with sign or side.
        longitude: The same.

    Returns:
        The point, or None if one of them is none.
    """
    first, second = _degrees(latitude), _degrees(longitude)
    if first is None or second is None:
        return None
    if first.axis == "E" and second.axis == "N":
        first, second = second, first
    if first.axis == "E" or second.axis == "N":
        return None
    if abs(first.value) > 90 or abs(second.value) > 180:
        return None
    decimals = sorted((first.decimals, second.decimals))
    precise = decimals[0] >= _COARSEST_DECIMALS and decimals[1] >= _FINE_DECIMALS
    return Point(first.value, second.value, is_precise=precise)


def _from_link(text: str, query: str) -> Point | None:
    """Read the pin of a map link; where the map was looked at from is not the place."""
    pin = _PIN.search(text)
    if pin:
        return point_of(pin["latitude"], pin["longitude"])
    parameters = parse_qs(query)
    if {"mlat", "mlon"} <= parameters.keys():
        return point_of(parameters["mlat"][0], parameters["mlon"][0])
    for name in _QUERY_NAMES:
        for value in parameters.get(name, []):
            latitude, comma, longitude = unquote(value).removeprefix("loc:").partition(",")
            point = point_of(latitude.strip(), longitude.strip()) if comma else None
            if point is not None:
                return point
    return None


def _degrees(text: str) -> _Degrees | None:
    found = _ONE.fullmatch(text.strip())
    if found is None or (found["before"] and found["after"]):
        return None
    parts = [found[name] for name in ("degrees", "minutes", "seconds")]
    written = [part.replace(",", ".") for part in parts if part is not None]
    # Only the last part may have decimals, and none but the first may reach 60.
    if any("." in part for part in written[:-1]) or any(float(p) >= 60 for p in written[1:]):
        return None
    side = (found["before"] or found["after"] or "").upper()
    negative = written[0].startswith("-")
    if side and written[0][0] in "+-":
        return None
    value = sum((Fraction(p.lstrip("+-")) / 60**at for at, p in enumerate(written)), Fraction(0))
    decimals = len(written[-1].partition(".")[2]) + _PER_MINUTE * (len(written) - 1)
    if negative or side in {"S", "W"}:
        value = -value
    return _Degrees(value, decimals, _AXES.get(side))
