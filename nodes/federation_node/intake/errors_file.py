# SPDX-License-Identifier: Apache-2.0
"""Writes what could not be imported to a file that can be opened beside the source."""

import csv
from collections.abc import Iterable
from pathlib import Path

from federation_node.intake.rows import RowError

HEADERS = ("row", "column", "reason")


def write_errors(path: Path, errors: Iterable[RowError]) -> int:
    """Write the rows in error as a CSV file: row number, column and reason, no values.

    The file begins with a byte order mark, without which a spreadsheet program reads accents
    in column names wrongly. Nothing is written where there are no errors.

    Args:
        path: file to write; an earlier one is replaced.
        errors: the errors.

    Returns:
        How many errors were written.
    """
    rows = [(str(error.number), _text(error.field), error.reason) for error in errors]
    if not rows:
        path.unlink(missing_ok=True)
        return 0
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(HEADERS)
        writer.writerows(rows)
    return len(rows)


def _text(header: str) -> str:
    """Keep a spreadsheet program from running a header as a formula."""
    return f"'{header}" if header.startswith(("=", "+", "-", "@", "\t")) else header
