# SPDX-License-Identifier: Apache-2.0
"""Writes the rows that could not be imported, to be corrected and imported again.

The file holds the rows themselves, with where and why in three further columns that an
import passes over. It is the organisation's own data on its own disk: readable by its owner
only (mode 0600), and to be deleted once it is corrected.
"""

import csv
import os
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from federation.errors import InputError
from federation_node.intake.mapping import ERROR_HEADERS
from federation_node.intake.rows import RowError
from federation_node.intake.top import protected

_MARK = ".casethread-errors"


def free_name(sheet: Path) -> Path:
    """Return a name beside a sheet that no file has, so that no corrections are overwritten.

    Args:
        sheet: the sheet.
    """
    stem = sheet.stem.partition(_MARK)[0] + _MARK
    path = sheet.with_name(f"{stem}.csv")
    number = 2
    while path.exists():
        path = sheet.with_name(f"{stem}-{number}.csv")
        number += 1
    return path


class ErrorsFile:
    """A CSV file of rows in error, made at the first of them."""

    def __init__(self, path: Path, headers: Sequence[str], delimiter: str | None) -> None:
        """Prepare it.

        Args:
            path: where to write; an earlier file is replaced at the first error.
            headers: those of the sheet.
            delimiter: between cells, so that a saved mapping reads it too.
        """
        self.path = path
        self.count = 0
        self._headers = [header for header in headers if header not in ERROR_HEADERS]
        self._delimiter = delimiter or ","
        self._file: TextIO | None = None

    def add(self, error: RowError) -> None:
        """Write one row.

        Args:
            error: what is wrong with it.

        Raises:
            InputError: the file cannot be written.
        """
        if self._file is None:
            self._file = self._open()
            self._write([*self._headers, *ERROR_HEADERS])
        cells = error.cells or {}
        where = [str(error.number), error.field, error.reason]
        self._write([*(cells.get(header, "") for header in self._headers), *where])
        self.count += 1

    def _write(self, row: list[str]) -> None:
        assert self._file is not None
        writer = csv.writer(self._file, delimiter=self._delimiter)
        try:
            writer.writerow([protected(cell) for cell in row])
        except OSError as error:
            raise _unwritable(self.path, error) from None

    def _open(self) -> TextIO:
        try:
            descriptor = os.open(self.path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
            # Of an earlier file the mode would stay.
            self.path.chmod(0o600)
        except OSError as error:
            raise _unwritable(self.path, error) from None
        # Without the byte order mark a spreadsheet program reads accents wrongly.
        return os.fdopen(descriptor, "w", encoding="utf-8-sig", errors="replace", newline="")

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        if self._file is not None:
            self._file.close()


def _unwritable(path: Path, error: OSError) -> InputError:
    return InputError(
        f"{path} cannot be written: {error.strerror}", next_step="name another file with --errors"
    )
