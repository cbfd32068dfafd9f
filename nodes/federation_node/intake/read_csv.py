# SPDX-License-Identifier: Apache-2.0
"""Reads CSV files as they come out of spreadsheet programs: a row source.

Nothing in a cell is interpreted: "=1+1" is text, here and wherever it is written again.
Only the apostrophe that careful programs put before such a cell, to keep others from running
it, is taken off.
"""

import csv
import io
from collections.abc import Callable, Iterator
from itertools import islice
from pathlib import Path
from typing import BinaryIO, TextIO

from federation.errors import InputError
from federation.indicators import Case
from federation_node.intake.cases import read_cases
from federation_node.intake.encoding import check_encoding, find_encoding, has_mark
from federation_node.intake.mapping import Mapping
from federation_node.intake.rows import Limits, Row, RowError, fault_of, first_rows
from federation_node.intake.top import read_top, unprotected

DELIMITERS = (",", ";", "\t", "|")
"""Delimiters that are tried where the mapping names none."""

_SNIFFED_ROWS = 20


class CsvRows:
    """A CSV file as a row source; it is streamed, and can be read again from the top."""

    encoding: str | None
    delimiter: str | None
    sheet: str | None = None

    def __init__(
        self,
        source: Path | bytes,
        *,
        encoding: str | None = None,
        delimiter: str | None = None,
        limits: Limits | None = None,
    ) -> None:
        """Find out how the file is written, and read its headers.

        Args:
            source: the file, or its bytes.
            encoding: Python codec name; None to find out.
            delimiter: between cells; None to find out.
            limits: what the import accepts.

        Raises:
            InputError: the file cannot be read, is too large, is no text or has no headers.
        """
        self._limits = limits or Limits()
        self._open: Callable[[], BinaryIO] = (
            (lambda: io.BytesIO(source)) if isinstance(source, bytes) else (lambda: _opened(source))
        )
        with self._open() as file:
            size = file.seek(0, io.SEEK_END)
        if size > self._limits.max_bytes:
            raise InputError(
                f"the file has {size} bytes, more than {self._limits.max_bytes}",
                next_step="import it in parts",
            )
        if encoding is None or has_mark(self._open):
            # A byte order mark knows better than a mapping: another program saved the file.
            self.encoding = find_encoding(self._open)
        else:
            check_encoding(self._open, encoding)
            self.encoding = encoding
        self.delimiter = delimiter or self._find_delimiter()
        with self._text() as text:
            records = self._records(text, self.delimiter or DELIMITERS[0])
            first, second = next(records, None), next(records, None)
        if first is None or isinstance(first, csv.Error):
            raise InputError("the first row of the file cannot be read")
        top = read_top(first, None if isinstance(second, csv.Error) else second, self._limits)
        self._top = top
        self.headers = top.headers

    def __iter__(self) -> Iterator[Row | RowError]:
        """Yield the rows below the headers; blank rows are left out.

        Raises:
            InputError: the file has too many rows, or a cell so long that the rest of the
                file cannot be told apart.
        """
        with self._text() as text:
            records = enumerate(self._records(text, self.delimiter or DELIMITERS[0]), start=1)
            for number, record in islice(records, self._top.height, None):
                if number - 1 > self._limits.max_rows:
                    raise InputError(
                        f"the file has more than {self._limits.max_rows} rows",
                        next_step="import it in parts",
                    )
                if isinstance(record, csv.Error):
                    yield RowError(number, "", _csv_reason(record, number))
                elif self._top.holds_data(record):
                    yield self._row(number, record)

    @property
    def remarks(self) -> tuple[str, ...]:
        """What a person should know about the sheet."""
        return self._top.remarks

    def sample(self, count: int = 50) -> list[Row]:
        """Return the first good rows, for guessing what the columns mean.

        Args:
            count: most rows to return.
        """
        return first_rows(self, count)

    def _row(self, number: int, record: list[str]) -> Row | RowError:
        width = len(self.headers)
        cells = [unprotected(cell) for cell in record]
        held = dict(zip(self.headers, cells, strict=False))
        if len(cells) < width:
            return RowError(number, "", "fewer cells than columns", held)
        if any(cell.strip() for cell in cells[width:]):
            return RowError(number, "", "more cells than columns", held)
        found = ((header, fault_of(text, self._limits)) for header, text in held.items())
        return Row(number, held, {header: why for header, why in found if why is not None})

    def _text(self) -> TextIO:
        # newline="" leaves line ends inside quotes to the csv module.
        return io.TextIOWrapper(self._open(), encoding=self.encoding, newline="")

    def _records(self, text: TextIO, delimiter: str) -> Iterator[list[str] | csv.Error]:
        """Yield records, and an error in the place of each record that has broken quotes."""
        reader = csv.reader(text, delimiter=delimiter, strict=True)
        while True:
            try:
                yield next(reader)
            except StopIteration:
                return
            except csv.Error as error:
                yield error

    def _find_delimiter(self) -> str:
        """Return the delimiter that cuts the first rows into the same, largest number of cells."""
        best = (0, 0.0, DELIMITERS[0])
        for order, delimiter in enumerate(DELIMITERS):
            with self._text() as text:
                records = self._records(text, delimiter)
                widths = [
                    len(record)
                    for _, record in zip(range(_SNIFFED_ROWS), records, strict=False)
                    if not isinstance(record, csv.Error) and record
                ]
            if widths and widths[0] > 1:
                alike = sum(width == widths[0] for width in widths) / len(widths)
                best = max(best, (round(alike * 100), widths[0] - order / 10, delimiter))
        return best[2]


def read_csv(
    source: Path | bytes,
    mapping: Mapping,
    *,
    limits: Limits | None = None,
) -> Iterator[Case | RowError]:
    """Read a CSV file with a mapping: one case or one error for each row that is not blank.

    Args:
        source: the file, or its bytes.
        mapping: what the columns mean; its encoding and delimiter are used where it has them.
        limits: what the import accepts.

    Yields:
        Cases, whose id is the source's row id, and errors that name row and column.

    Raises:
        InputError: the file cannot be read, or lacks a column that the mapping names.
    """
    rows = CsvRows(source, encoding=mapping.encoding, delimiter=mapping.delimiter, limits=limits)
    yield from read_cases(rows, mapping)


def _opened(path: Path) -> BinaryIO:
    try:
        return path.open("rb")
    except OSError as error:
        # The path may name a case; the reason of the operating system is enough.
        raise InputError(f"the file cannot be opened: {error.strerror}") from None


def _csv_reason(error: csv.Error, number: int) -> str:
    """Turn what the csv module says into a reason, or stop where no row boundary is known."""
    text = str(error)
    if "field larger" in text:
        raise InputError(
            f"row {number}: a cell is so long that the rest of the file cannot be told apart",
            next_step="look for a quotation mark that is never closed",
        ) from None
    if "unexpected end" in text:
        return "a quotation mark is never closed: this row and those after it were not read"
    return "broken quotation marks"
