# SPDX-License-Identifier: Apache-2.0
"""What every kind of spreadsheet becomes: headers and numbered rows of text."""

import re
import unicodedata
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from federation.errors import InputError


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


@dataclass(frozen=True, slots=True)
class Row:
    """One row of a sheet; the first row below the headers is row 2."""

    number: int
    cells: Mapping[str, str] = field(repr=False)
    """Header -> text, as it stood in the file."""


@dataclass(frozen=True, slots=True)
class RowError:
    """Why a row was not imported. Says where and why, never what stood there."""

    number: int
    """Row of the sheet; the headers are row 1."""
    field: str
    """Column, or "" where the whole row is meant."""
    reason: str


class RowSource(Protocol):
    """A sheet that can be read from the top as often as needed."""

    headers: tuple[str, ...]

    def __iter__(self) -> Iterator[Row | RowError]:
        """Yield the rows below the headers."""
        ...  # pragma: no cover


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
        header = " ".join(cell.replace("\ufeff", "").split())
        if len(header) > 200 or any(unicodedata.category(c) == "Cc" for c in header):
            raise InputError(f"the header of column {position} is not a name")
        if _looks_like_data(header):
            raise InputError(
                "the first row looks like data",
                next_step="put the names of the columns into the first row",
            )
        headers.append(header or f"(column {position})")
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
