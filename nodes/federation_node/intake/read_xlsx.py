# SPDX-License-Identifier: Apache-2.0
"""Reads sheets of XLSX workbooks: a row source.

The sheet is streamed; what is kept in memory is the table of texts. Only what a cell shows
is read: formulas are never calculated, macros never run, links never followed.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Final

from federation.errors import InputError
from federation_node.intake.rows import Limits, Row, RowError, first_rows
from federation_node.intake.top import Top, read_top
from federation_node.intake.xlsx_cells import CellReader, Collector
from federation_node.intake.xlsx_merges import MERGED_FAULT, Merges, column_number
from federation_node.intake.xlsx_package import Attributes, Package, Sheet

_REFERENCE: Final = re.compile(r"([A-Z]{1,8})[0-9]{1,10}")
_TITLE_ROWS: Final = 10
"""Rows with a single cell, such as a title, may stand above the headers; at most so many."""


@dataclass(slots=True)
class _Raw:
    """One row as it stands in the file."""

    number: int
    hidden: bool
    cells: dict[int, tuple[str, str | None]] = field(default_factory=dict)
    """Column from 0 -> text and fault; blank cells are left out."""
    width: int = 0
    """The last column that is not blank, from 1; may be larger than what is kept."""


class XlsxRows:
    """A sheet of an XLSX workbook as a row source; it can be read again from the top."""

    encoding: str | None = None
    delimiter: str | None = None
    sheet: str | None

    def __init__(
        self, source: Path | bytes, *, sheet: str | None = None, limits: Limits | None = None
    ) -> None:
        """Open a workbook and read the headers of a sheet.

        Args:
            source: the file, or its bytes.
            sheet: name of the sheet; None for the first that has data and is not hidden.
            limits: what the import accepts.

        Raises:
            InputError: the file is no workbook that can be read, or has no such sheet.
        """
        self._limits = limits or Limits()
        size = len(source) if isinstance(source, bytes) else _size(source)
        if size > self._limits.max_bytes:
            raise InputError(
                f"the file has {size} bytes, more than {self._limits.max_bytes}",
                next_step="import it in parts",
            )
        self._package = Package(source, self._limits)
        self._cells = CellReader(self._package, self._limits)
        self._notes: list[str] = []
        self._hidden = 0
        self._sheet = self._choose(sheet)
        self.sheet = self._sheet.name
        self._top, self._last_header = self._read_top()
        self.headers = self._top.headers

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a person should know about the sheet; complete once it was read to the end."""
        hidden = f"{self._hidden} hidden rows were read like the others"
        return (*self._top.remarks, *self._notes, *([hidden] if self._hidden else []))

    def sample(self, count: int = 50) -> list[Row]:
        """Return the first good rows, for guessing what the columns mean.

        Args:
            count: most rows to return.
        """
        return first_rows(self, count)

    def __iter__(self) -> Iterator[Row | RowError]:
        """Yield the rows below the headers; blank rows are left out.

        Raises:
            InputError: the sheet has too many rows, or is damaged.
        """
        merges = Merges(self._package, self._sheet.part)
        self._hidden = 0
        for count, raw in enumerate(self._raw(self._sheet)):
            if count > self._limits.max_rows:
                raise InputError(
                    f"the sheet has more than {self._limits.max_rows} rows",
                    next_step="import it in parts",
                )
            if raw.number <= self._last_header or not self._holds_data(raw):
                continue
            covered = merges.covered(raw.number, len(self.headers))
            self._hidden += raw.hidden
            yield self._row(raw, covered)

    def _row(self, raw: _Raw, covered: set[int]) -> Row | RowError:
        cells: dict[str, str] = {}
        faults: dict[str, str] = {}
        for at, header in enumerate(self.headers):
            text, fault = raw.cells.get(at, ("", None))
            cells[header] = text
            if at in covered:
                fault = MERGED_FAULT
            if fault is not None:
                faults[header] = fault
        if raw.width > len(self.headers):
            return RowError(raw.number, "", "more cells than columns", cells)
        return Row(raw.number, cells, faults)

    def _holds_data(self, raw: _Raw) -> bool:
        return any(at not in self._top.unnamed for at in raw.cells)

    def _choose(self, name: str | None) -> Sheet:
        sheets = self._package.parts.sheets
        if self._package.parts.macros:
            self._notes.append("the workbook has macros; they were not run")
        if name is not None:
            for sheet in sheets:
                if sheet.name == name:
                    return sheet
            raise InputError(
                "the workbook has no sheet of this name",
                next_step="name one of: " + _listed(sheets),
            )
        filled = [one for one in sheets if not one.hidden and next(self._raw(one), None)]
        if not filled:
            raise InputError(
                "no sheet of the workbook has data that can be seen",
                next_step="name a sheet with --sheet",
            )
        if len(filled) > 1:
            others = ", ".join(sheet.name for sheet in filled[1:])
            self._notes.append(f"only the sheet {filled[0].name} was read, not {others}")
        return filled[0]

    def _read_top(self) -> tuple[Top, int]:
        """Find the headers: the first row that is more than a title."""
        rows = self._raw(self._sheet)
        first = next(rows, None)
        skipped = 0
        while first is not None and len(first.cells) == 1 and skipped < _TITLE_ROWS:
            after = next(rows, None)
            if after is None:
                break
            first = after
            skipped += 1
        if first is None:
            raise InputError("the sheet is empty")
        if skipped:
            self._notes.append(f"{skipped} rows above the headers were skipped")
        second = next(rows, None)
        if first.width > self._limits.max_columns:
            raise InputError(
                f"the sheet has {first.width} columns, more than {self._limits.max_columns}",
                next_step="remove the columns that are not needed",
            )
        top = read_top(_texts(first), None if second is None else _texts(second), self._limits)
        last = second.number if top.height > 1 and second is not None else first.number
        return top, last

    def _raw(self, sheet: Sheet) -> Iterator[_Raw]:
        """Yield the rows of a sheet that hold something."""
        reader = _SheetReader(self._cells, self._limits)
        for _ in self._package.parse(sheet.part, reader.start, reader.end, reader.text):
            yield from reader.rows
            reader.rows.clear()


class _SheetReader:
    """Takes the events of a sheet's XML and gathers rows."""

    def __init__(self, cells: CellReader, limits: Limits) -> None:
        self.rows: list[_Raw] = []
        self._cells = cells
        self._limits = limits
        self._collect = Collector(limits.max_cell)
        self.text = self._collect.text
        self._row: _Raw | None = None
        self._number = 0
        self._column = -1
        self._kind = "n"
        self._style = ""
        self._formula = False
        self._value = False
        self._columns: dict[str, int] = {}

    def start(self, tag: str, attributes: Attributes) -> None:
        """Note a start tag."""
        if tag == "c":
            self._place(attributes.get("r"))
            self._kind = attributes.get("t", "n")
            self._style = attributes.get("s", "")
            self._formula = self._value = False
        elif tag == "row":
            self._begin(attributes)
        elif tag == "f":
            self._formula = True
        elif tag == "v":
            self._value = True
        self._collect.start(tag, attributes)

    def end(self, tag: str) -> None:
        """Note an end tag."""
        self._collect.end(tag)
        if tag == "c":
            self._finish_cell()
        elif tag == "row" and self._row is not None:
            if self._row.cells or self._row.width:
                self.rows.append(self._row)
            self._row = None

    def _begin(self, attributes: Attributes) -> None:
        written = attributes.get("r", "")
        number = int(written) if written.isdigit() and len(written) < 10 else self._number + 1
        if number <= self._number:
            raise InputError(
                "the rows of the sheet are out of order",
                next_step="open it in a spreadsheet program and save it again",
            )
        self._number = number
        self._column = -1
        self._row = _Raw(number, attributes.get("hidden", "0") in {"1", "true"})

    def _place(self, reference: str | None) -> None:
        """Set the column of the cell that begins, from 0."""
        found = _REFERENCE.fullmatch(reference) if reference else None
        if found is None:
            self._column += 1
            return
        letters = found[1]
        column = self._columns.get(letters)
        if column is None:
            column = column_number(letters.encode()) - 1
            if len(self._columns) < self._limits.max_columns:
                self._columns[letters] = column
        self._column = column

    def _finish_cell(self) -> None:
        content = self._collect.take()
        row = self._row
        if row is None or not (content or self._formula):
            return
        text, fault = self._cells.read(
            self._kind, self._style, content, formula=self._formula, value=self._value
        )
        if fault is None and not text.strip():
            return
        row.width = max(row.width, self._column + 1)
        if self._column < self._limits.max_columns:
            row.cells[self._column] = (text, fault)


def _texts(raw: _Raw) -> list[str]:
    return [raw.cells.get(at, ("", None))[0] for at in range(raw.width)]


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError as error:
        raise InputError(f"the file cannot be opened: {error.strerror}") from None


def _listed(sheets: tuple[Sheet, ...]) -> str:
    return ", ".join(sheet.name for sheet in sheets)
