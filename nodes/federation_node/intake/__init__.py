# SPDX-License-Identifier: Apache-2.0
"""Intake: from a spreadsheet that an organisation already has to cases.

::

    rows = CsvRows(path)                                  # encoding and delimiter found out
    mapping = guess(rows.headers, rows.sample())          # or Mapping.load(saved file)
    for item in read_cases(rows, mapping):                # a Case, or a RowError without a value
        ...

A row source yields numbered rows of text; CSV is the first one. What a column means is in
the mapping, which a person can read, correct and keep. No column is dropped silently, and
no error holds what stood in a cell.
"""

from federation_node.intake.cases import read_cases
from federation_node.intake.errors_file import ErrorsFile, free_name
from federation_node.intake.guessing import guess
from federation_node.intake.mapping import Column, ConsentColumns, Mapping
from federation_node.intake.opening import open_rows
from federation_node.intake.read_csv import CsvRows, read_csv
from federation_node.intake.read_xlsx import XlsxRows
from federation_node.intake.rows import Limits, Row, RowError, RowSource

__all__ = [
    "Column",
    "ConsentColumns",
    "CsvRows",
    "ErrorsFile",
    "Limits",
    "Mapping",
    "Row",
    "RowError",
    "RowSource",
    "XlsxRows",
    "free_name",
    "guess",
    "open_rows",
    "read_cases",
    "read_csv",
]
