# SPDX-License-Identifier: Apache-2.0
"""An organisation's own screening list, a TOML file that its people edit.

    region = "MX"                  # where national spellings belong; may be left out

    [refuse]                       # never a token
    phone = ["55 8765 4321"]
    place = [{ street = "Reforma 12", city = "Puebla", country = "MX" }]

    [flag]                         # not until a person has looked
    company = ["Transportes del Sol"]

Values are normalised like those of a case, so any spelling will do. The file holds the
organisation's own numbers and a shelter's address: it is as sensitive as the keystore.
"""

import re
import tomllib
from collections.abc import Iterator, Mapping, Sequence
from typing import Final

from federation.errors import InputError, NormalisationError
from federation.indicators.country import find_country
from federation.indicators.kinds import Kind
from federation.indicators.normalise import Indicator, normalise
from federation.indicators.screening import Screen

MAX_BYTES: Final = 1 << 20
"""Largest file, in bytes."""

_TABLES: Final = ("refuse", "flag")
_WHERE: Final = re.compile(r"\(at (?:line [0-9]+, column [0-9]+|end of document)\)$")


def load_screen(raw: bytes) -> Screen:
    """Read an organisation's own screening list.

    Args:
        raw: The file's content, TOML in UTF-8: tables `refuse` and `flag`, in them a list of
            values for each kind, and `region` (ISO 3166) for national spellings.

    Returns:
        The built-in lists together with these values.

    Raises:
        InputError: The file is too large, not TOML, or holds something that cannot be used;
            says in which line, table and kind, never the value.
    """
    if len(raw) > MAX_BYTES:
        raise InputError(f"the screening list is larger than {MAX_BYTES} bytes")
    try:
        text = raw.decode("utf-8-sig")
        content = tomllib.loads(text)
    except UnicodeDecodeError:
        raise InputError("the screening list is not UTF-8 text") from None
    except tomllib.TOMLDecodeError as error:
        where = _WHERE.search(str(error))
        place = f" {where[0]}" if where else ""
        # The parser's message can quote the file.
        raise InputError(f"the screening list is not TOML{place}") from None
    if not {"region", *_TABLES}.issuperset(content):
        raise InputError("the screening list knows only region, [refuse] and [flag]")
    region = content.get("region")
    if region is not None and not (isinstance(region, str) and find_country(region)):
        raise InputError("region in the screening list is not a country code (ISO 3166)")
    refused, flagged = (list(_values(text, content, table, region)) for table in _TABLES)
    return Screen.with_values(refused, flagged=flagged)


def _values(
    text: str, content: Mapping[str, object], table: str, region: str | None
) -> Iterator[Indicator]:
    kinds = content.get(table, {})
    if not isinstance(kinds, dict):
        raise InputError(f"[{table}] in the screening list is not a table")
    for name, values in kinds.items():
        if name not in set(Kind):
            known = ", ".join(Kind)
            raise InputError(f"[{table}] in the screening list has an unknown kind (of: {known})")
        if not isinstance(values, list):
            raise InputError(f"[{table}] {name} in the screening list is not a list of values")
        for position, value in enumerate(values, start=1):
            try:
                yield _value(Kind(name), value, region)
            except InputError as error:
                line = _line(text, table, name, position)
                where = f"line {line} of the screening list ([{table}] {name}, value {position})"
                # Not as the cause: what it says is enough, and nothing hides in it.
                raise InputError(f"{where}: {error}") from None


def _value(kind: Kind, value: object, region: str | None) -> Indicator:
    if not isinstance(value, str | dict):
        raise InputError("it is neither text nor fields")
    try:
        return normalise(kind, value, region=region)
    except NormalisationError as error:
        raise InputError(f"{error.field} {error.reason}") from None


def _line(text: str, table: str, name: str, position: int) -> int:
    """Return the line that holds a value: the first with which so many values are there.

    The parser keeps no places, so the text is cut behind a line, with the list closed if it is
    open there, and parsed again; by halves, as the number of values only grows.
    """
    lines = text.splitlines(keepends=True)
    low, high = 0, len(lines)
    while low + 1 < high:
        middle = (low + high) // 2
        # Where the cut is in the middle of something, the next place that is not counts.
        cut = next(at for at in range(middle, high + 1) if _count(lines[:at], table, name) >= 0)
        if _count(lines[:cut], table, name) >= position:
            high = middle
        else:
            low = max(middle, cut) if cut < high else middle
    return high


def _count(lines: Sequence[str], table: str, name: str) -> int:
    """Return how many values of a kind are in these lines; -1 if they cannot be parsed."""
    for end in ("", "]"):
        try:
            kinds = tomllib.loads("".join(lines) + end).get(table, {})
        except tomllib.TOMLDecodeError:
            continue
        return len(kinds.get(name, ()))
    return -1
