# SPDX-License-Identifier: Apache-2.0
"""The top of a sheet: its headers, and what is odd about them."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from federation_node.intake.htcds import read_names
from federation_node.intake.rows import Limits, clean_headers

_FORMULA = ("=", "+", "-", "@", "\t", "\r")
"""With these a cell begins that a spreadsheet program would run."""


@dataclass(frozen=True, slots=True)
class Top:
    """The rows above the data."""

    headers: tuple[str, ...]
    height: int
    """How many rows they take."""
    remarks: tuple[str, ...]
    unnamed: frozenset[int] = field(default_factory=frozenset)
    """Columns that a form numbers beforehand: alone they make no row."""

    def holds_data(self, cells: Sequence[str]) -> bool:
        """Whether a row below is more than blank.

        Args:
            cells: its cells by position.
        """
        return any(cell.strip() for at, cell in enumerate(cells) if at not in self.unnamed)


def read_top(first: Sequence[str], second: Sequence[str] | None, limits: Limits) -> Top:
    """Read the headers of a sheet.

    Args:
        first: its first row.
        second: the row below, which is a second row of headers in some standards.
        limits: what the import accepts.

    Returns:
        Headers, all different.

    Raises:
        InputError: the first row cannot be headers.
    """
    # A row that is too wide is refused before anything else looks at it.
    standard = read_names(first, second) if len(first) <= limits.max_columns else None
    if standard is None:
        return Top(clean_headers([unprotected(cell) for cell in first], limits), 1, ())
    headers = clean_headers(standard.headers, limits)
    unnamed = frozenset(at for at, cell in enumerate(standard.headers) if not cell.strip())
    remarks = standard.remarks
    if 0 in unnamed:
        remarks += (
            "rows are told apart by the number in the first column: never give a row another one",
        )
    return Top(headers, 2 if standard.labelled else 1, remarks, unnamed)


def protected(text: str) -> str:
    """Put an apostrophe before what a spreadsheet program would run as a formula.

    Args:
        text: a cell.
    """
    return f"'{text}" if text.startswith(_FORMULA) else text


def unprotected(text: str) -> str:
    """Take off the apostrophe that `protected` and careful programs put there.

    Args:
        text: a cell.
    """
    return text[1:] if text[:1] == "'" and text[1:2] in _FORMULA else text
