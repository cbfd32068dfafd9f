# SPDX-License-Identifier: Apache-2.0
"""PLACE: `cell:` and a geohash for coordinates, `addr:` and folded parts for an address."""

from collections.abc import Mapping
from typing import Final

from federation.errors import NormalisationError
from federation.indicators.address import Address, fold_address, parse_address
from federation.indicators.coordinates import Point, point_of, read_point
from federation.indicators.country import country, single_country
from federation.indicators.geohash import cell_of, is_cell
from federation.indicators.kinds import Kind
from federation.indicators.reasons import Reason
from federation.indicators.text import MAX_RAW_BYTES, clean, fields

_LATITUDES: Final = ("lat", "latitude")
_LONGITUDES: Final = ("lon", "longitude")
_POSTAL: Final = ("street", "number", "postcode", "city", "country")
_FIELDS: Final = frozenset((*_LATITUDES, *_LONGITUDES, *_POSTAL))
_CELL: Final = "cell:"


def normalise_place(raw: str | Mapping[str, str], region: str | None) -> str:
    """Return the cell of a point, or the address in folded parts.

    An address in one line is refused: its parts stand in another order in each country, and a
    wrong guess would make two places of one, or one of two.

    Args:
        raw: Coordinates, a `geo:` URI or a map link with a pin; or a mapping with `lat` and
            `lon` (or `latitude`, `longitude`), or with `street` (and `number`), `city` or
            `postcode` or both, and `country`.
        region: Two-letter code of the country of an address that comes without one.

    Returns:
        `cell:` and eight characters, or `addr:COUNTRY:POSTCODE:town:street number`.

    Raises:
        NormalisationError: It is neither, or the coordinates mean more than one building.
    """
    if isinstance(raw, Mapping):
        return _from_fields(fields(Kind.PLACE, raw, _FIELDS), region)
    text = clean(Kind.PLACE, "value", raw)
    if is_cell(text.removeprefix(_CELL)) and text.startswith(_CELL):
        return text
    address = parse_address(text)
    if address is not None:
        where = country(Kind.PLACE, "country", address.country)
        folded = fold_address(where, address.postcode, address.city, address.street, "")
        return _postal("value", folded)
    return _cell("value", read_point(text))


def _from_fields(given: dict[str, str], region: str | None) -> str:
    latitudes = [field for field in _LATITUDES if field in given]
    longitudes = [field for field in _LONGITUDES if field in given]
    if not latitudes and not longitudes:
        if "street" not in given or not ("city" in given or "postcode" in given):
            raise NormalisationError(Kind.PLACE, "street", Reason.ADDRESS_NEEDED)
        where = single_country(Kind.PLACE, given.get("country"), region)
        street, number = given["street"], given.get("number", "")
        city, postcode = given.get("city", ""), given.get("postcode", "")
        return _postal("street", fold_address(where, postcode, city, street, number))
    if len(latitudes) != 1 or len(longitudes) != 1:
        reason = Reason.CONFLICTING_FIELDS if latitudes and longitudes else Reason.MISSING_FIELD
        raise NormalisationError(Kind.PLACE, "lat" if not latitudes else "lon", reason)
    if any(field in given for field in _POSTAL if field != "country"):
        # Two facts: whoever has both observes both, or one would hide the other.
        raise NormalisationError(Kind.PLACE, latitudes[0], Reason.CONFLICTING_FIELDS)
    return _cell(latitudes[0], point_of(given[latitudes[0]], given[longitudes[0]]))


def _cell(field: str, point: Point | None) -> str:
    if point is None:
        raise NormalisationError(Kind.PLACE, field, Reason.NOT_A_PLACE)
    if not point.is_precise:
        raise NormalisationError(Kind.PLACE, field, Reason.TOO_COARSE)
    return _CELL + cell_of(point.latitude, point.longitude)


def _postal(field: str, address: Address) -> str:
    if not address.street or not (address.city or address.postcode):
        raise NormalisationError(Kind.PLACE, field, Reason.ADDRESS_NEEDED)
    if len(str(address)) > MAX_RAW_BYTES:
        raise NormalisationError(Kind.PLACE, field, Reason.TOO_LONG)
    return str(address)
