# SPDX-License-Identifier: Apache-2.0
"""Rows in error go to a file that is corrected and imported again."""

import csv
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import InputError
from federation.indicators import Case
from federation_node.intake import (
    CsvRows,
    ErrorsFile,
    Mapping,
    RowError,
    free_name,
    guess,
    read_cases,
)
from federation_node.intake.top import protected, unprotected

HEADERS = ("Case ID", "País", "Recruiter phone")


def write(path: Path, *errors: RowError, delimiter: str | None = None) -> int:
    """Write errors to a file and return how many there were."""
    with ErrorsFile(path, HEADERS, delimiter) as file:
        for error in errors:
            file.add(error)
    return file.count


def row(number: int, *cells: str) -> RowError:
    """Return an error of a row with these cells."""
    return RowError(number, "País", "not a country", dict(zip(HEADERS, cells, strict=True)))


def test_the_row_is_there_to_be_corrected(tmp_path):
    """The sheet's own columns come first, then where and why."""
    path = tmp_path / "errors.csv"
    count = write(path, row(7, "H-1", "Narnia", "+52 55"), RowError(9, "", "broken"))

    with path.open(encoding="utf-8-sig", newline="") as file:
        assert list(csv.reader(file)) == [
            [*HEADERS, "casethread row", "casethread column", "casethread reason"],
            ["H-1", "Narnia", "'+52 55", "7", "País", "not a country"],
            ["", "", "", "9", "", "broken"],
        ]
    assert count == 2


def test_only_its_owner_reads_it(tmp_path):
    """The file holds case data: mode 0600, whatever mode an earlier one had."""
    path = tmp_path / "errors.csv"
    path.touch(mode=0o644)
    write(path, row(2, "a", "b", "c"))

    assert path.stat().st_mode & 0o777 == 0o600


def test_without_errors_there_is_no_file(tmp_path):
    """Nothing is written, and an earlier file is left alone: it may hold corrections."""
    path = tmp_path / "errors.csv"

    assert write(path) == 0
    assert not path.exists()


def test_a_name_is_taken_once(tmp_path):
    """A file that is being corrected is not overwritten by the next import."""
    sheet = tmp_path / "cases.xlsx"
    first = free_name(sheet)
    first.touch()

    assert first.name == "cases.casethread-errors.csv"
    assert free_name(sheet).name == "cases.casethread-errors-2.csv"
    assert free_name(first).name == "cases.casethread-errors-2.csv"


def test_it_is_imported_again_with_the_same_mapping(tmp_path):
    """What was corrected is a case; the three columns are passed over without a word."""
    sheet = "Case ID;País;Recruiter phone\nH-1;Narnia;+52 55 1234 5678\nH-2;MX;1\n"
    rows = CsvRows(sheet.encode("cp1252"))
    mapping = guess(rows.headers, rows.sample(), encoding="cp1252", delimiter=";")
    errors = [item for item in read_cases(rows, mapping) if isinstance(item, RowError)]
    path = tmp_path / "errors.csv"
    write(path, *errors, delimiter=mapping.delimiter)
    text = path.read_text("utf-8-sig").replace("Narnia", "México")
    path.write_text(text, "utf-8-sig")

    again = CsvRows(path, encoding=mapping.encoding, delimiter=mapping.delimiter)
    (case,) = read_cases(again, mapping)
    assert isinstance(case, Case)
    assert (case.id, case.region) == ("H-1", "MX")
    assert [seen.raw for seen in case.observations] == ["+52 55 1234 5678"]
    assert mapping.unlisted(again.headers) == ()
    assert guess(again.headers, again.sample()).columns == mapping.columns


def test_errors_of_an_errors_file_have_the_columns_once(tmp_path):
    """A row that is still wrong is listed like the first time."""
    path = tmp_path / "errors.csv"
    write(path, row(7, "H-1", "Narnia", "1"))
    rows = CsvRows(path)
    (error,) = read_cases(rows, Mapping(case_id="Case ID", country="País"))
    assert isinstance(error, RowError)
    with ErrorsFile(tmp_path / "again.csv", rows.headers, None) as file:
        file.add(error)

    assert CsvRows(tmp_path / "again.csv").headers == rows.headers


@given(st.text(st.characters(exclude_characters="'", codec="utf-8")))
def test_protection_is_undone(text):
    """What is written for a spreadsheet program is read back as it was."""
    shown = protected(text)

    assert not shown.startswith(("=", "+", "-", "@", "\t", "\r"))
    assert unprotected(shown) == text


def test_it_says_where_it_cannot_be_written(tmp_path):
    """A directory that is not there is named, with what to do."""
    with pytest.raises(InputError, match="cannot be written") as caught:
        write(tmp_path / "missing" / "errors.csv", row(2, "a", "b", "c"))
    assert caught.value.next_step is not None
