# SPDX-License-Identifier: Apache-2.0
"""What every kind of spreadsheet becomes: headers and numbered rows of text."""

import dataclasses
import re
import unicodedata
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import islice
from typing import Protocol

from federation.errors import InputError

UNNAMED = "(column {})"
"""What a column without a header is called."""

_SCIENTIFIC = re.compile(r"\s*[+-]?\d([.,]\d+)?[eE]\+?\d{1,3}\s*")
"""How spreadsheet programs write a long number that nobody told them is text."""

_INVISIBLE = frozenset(
    "\ufeff\u200b\u200e\u200f\u061c\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
)
"""Marks that only change how text is shown, and that two equal headers may differ in."""


@dataclass(frozen=True, slots=True)
class Limits:
    """What an import accepts, so that a broken or hostile file cannot exhaust the machine."""

    max_bytes: int = 512 * 1024 * 1024
    """Largest file, in bytes."""
    max_columns: int = 256
    """Most columns of a sheet."""
    max_rows: int = 2_000_000
    """Most rows of a sheet."""
    max_cell: int = 32_767
    """Longest cell, in characters: what spreadsheet programs themselves can hold."""
    max_unpacked: int = 2 * 1024 * 1024 * 1024
    """Largest workbook once it is unpacked, in bytes."""
    max_packing: int = 200
    """How many times larger a large part of a workbook may become by unpacking; real sheets
    reach 40, bombs 1,000."""
    max_texts: int = 512 * 1024 * 1024
    """Most text in all different cells of a workbook, in bytes."""


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a sheet."""

    number: int
    """As the spreadsheet program counts: the headers are usually row 1."""
    cells: Mapping[str, str] = dataclasses.field(repr=False)
    """Header -> text, as it stood in the file."""
    faults: Mapping[str, str] = dataclasses.field(default_factory=dict)
    """Header -> why the text cannot be trusted. It matters in columns that are read only."""


@dataclass(frozen=True, slots=True)
class RowError:
    """Why a row was not imported. Says where and why, never what stood there."""

    number: int
    """Row of the sheet, as in `Row`."""
    field: str
    """Column, or "" where the whole row is meant."""
    reason: str
    cells: Mapping[str, str] | None = dataclasses.field(default=None, repr=False, compare=False)
    """The row itself, for the organisation's own list of errors; None if it is not known."""


class RowSource(Protocol):
    """A sheet that can be read from the top as often as needed."""

    headers: tuple[str, ...]
    encoding: str | None
    """What a mapping keeps to read the next such file alike; None where it has no meaning."""
    delimiter: str | None
    sheet: str | None

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a person should know about the sheet; complete once it was read to the end."""
        ...  # pragma: no cover

    def sample(self, count: int = 50) -> list[Row]:
        """Return the first good rows."""
        ...  # pragma: no cover

    def __iter__(self) -> Iterator[Row | RowError]:
        """Yield the rows below the headers."""
        ...  # pragma: no cover


def first_rows(rows: Iterable[Row | RowError], count: int) -> list[Row]:
    """Return the first good rows, for guessing what the columns mean.

    Args:
        rows: a sheet.
        count: most rows to return.
    """
    return list(islice((row for row in rows if isinstance(row, Row)), count))


def fault_of(text: str, limits: Limits) -> str | None:
    """Say why the text of a cell cannot be trusted, or None.

    Args:
        text: the cell.
        limits: what the import accepts.
    """
    if len(text) > limits.max_cell:
        return f"longer than {limits.max_cell} characters"
    if "\0" in text:
        return "holds a NUL character"
    if _SCIENTIFIC.fullmatch(text):
        return "a number in scientific notation, whose last digits are lost; enter it as text"
    return None


def clean_headers(cells: Sequence[str], limits: Limits) -> tuple[str, ...]:
    """Turn the first row of a sheet into headers.

    Columns without a header get one by their position, so that they can be listed.

    Args:
        cells: the first row.
        limits: what the import accepts.

    Returns:
        One header for each column, all different.

    Raises:
        InputError: there are none, too many, two alike, or the row looks like data. Its
            message counts columns and never quotes one, since it may be data.
    """
    if len(cells) > limits.max_columns:
        raise InputError(
            f"the file has {len(cells)} columns, more than {limits.max_columns}",
            next_step="remove the columns that are not needed",
        )
    headers: list[str] = []
    for position, cell in enumerate(cells, start=1):
        header = " ".join("".join(c for c in cell if c not in _INVISIBLE).split())
        if len(header) > 200 or any(unicodedata.category(c) == "Cc" for c in header):
            raise InputError(f"the header of column {position} is not a name")
        if _looks_like_data(header):
            raise InputError(
                "the first row looks like data",
                next_step="put the names of the columns into the first row",
            )
        headers.append(header or UNNAMED.format(position))
    for position, header in enumerate(headers, start=1):
        first = headers.index(header) + 1
        if first != position:
            raise InputError(
                f"columns {first} and {position} have the same header",
                next_step="give every column its own header",
            )
    if not any(cell.strip() for cell in cells):
        raise InputError("the file has no headers")
    return tuple(headers)


def _looks_like_data(header: str) -> bool:
    """Whether a header holds what only a record would: an address, or many digits."""
    return "@" in header or len(re.findall(r"\d", header)) >= 6
