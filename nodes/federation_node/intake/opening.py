# SPDX-License-Identifier: Apache-2.0
"""Opens a sheet by what is in the file; names of files lie."""

from pathlib import Path

from federation.errors import InputError
from federation_node.intake.mapping import Mapping
from federation_node.intake.read_csv import CsvRows
from federation_node.intake.read_xlsx import XlsxRows
from federation_node.intake.rows import Limits, RowSource
from federation_node.intake.xlsx_package import is_workbook


def open_rows(
    path: Path,
    mapping: Mapping | None = None,
    *,
    sheet: str | None = None,
    limits: Limits | None = None,
) -> RowSource:
    """Open a CSV file or a workbook as a row source.

    Args:
        path: the file.
        mapping: a saved mapping, whose encoding, delimiter and sheet are used.
        sheet: name of the sheet, before that of the mapping.
        limits: what the import accepts.

    Raises:
        InputError: the file cannot be opened, or is neither.
    """
    try:
        with path.open("rb") as file:
            start = file.read(8)
    except OSError as error:
        raise InputError(f"the file cannot be opened: {error.strerror}") from None
    if is_workbook(start):
        saved = None if mapping is None else mapping.sheet
        return XlsxRows(path, sheet=sheet or saved, limits=limits)
    if sheet is not None:
        raise InputError(
            "the file is no workbook, so it has no sheet of this name",
            next_step="leave out --sheet",
        )
    if start.startswith((b"%PDF", b"{\\rtf", b"\x1f\x8b", b"Rar!")):
        raise InputError(
            "the file is neither a CSV file nor a workbook",
            next_step="export the table as CSV or XLSX",
        )
    if mapping is None:
        return CsvRows(path, limits=limits)
    return CsvRows(path, encoding=mapping.encoding, delimiter=mapping.delimiter, limits=limits)
