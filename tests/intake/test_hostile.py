# SPDX-License-Identifier: Apache-2.0
"""Hostile files: refused with a clear message, or imported without what is hostile in them."""

import io
import zipfile
from pathlib import Path

import pytest

from federation.errors import InputError
from federation.indicators import Case
from federation_node.intake import Limits, Mapping, RowError, XlsxRows, open_rows, read_cases
from tests.intake.workbooks import archive, cell, raw_workbook, workbook

OLE = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
ROW = f'<row r="1">{cell("A1", "ID")}{cell("B1", "Phone")}</row>'


def refused(source: bytes, match: str, **options) -> None:
    """Check that a workbook is refused, with something to do about it."""
    with pytest.raises(InputError, match=match) as caught:
        list(XlsxRows(source, **options))
    assert caught.value.next_step is not None


def test_packed_bomb_is_refused_before_it_is_unpacked():
    """A small file that unpacks to a huge sheet is refused by its declared sizes."""
    refused(raw_workbook(b" " * (17 * 1024 * 1024)), "packed like a bomb")


def test_large_workbook_is_refused():
    """The size of everything unpacked has a limit."""
    refused(raw_workbook(ROW), "too much", limits=Limits(max_unpacked=100))


def test_size_that_is_lied_about_is_damage():
    """A part that is larger than the archive says is not unpacked beyond that."""
    honest = raw_workbook(ROW + "<!--" + "x" * 100_000 + "-->")
    sizes = [
        (info.file_size, info.filename) for info in zipfile.ZipFile(io.BytesIO(honest)).filelist
    ]
    size = max(sizes)[0].to_bytes(4, "little")

    refused(honest.replace(size, (50).to_bytes(4, "little")), "damaged")


def test_hundred_thousand_columns_are_refused():
    """Neither many headers nor cells far to the right cost more than a message."""
    wide = "".join(cell(f"{_letters(n)}1", "x") for n in range(1, 100_001))
    refused(raw_workbook(f'<row r="1">{wide}</row>'), "100000 columns")
    far = f'<row r="1">{cell("A1", "ID")}{cell("ZZZZZZZ1", "x")}</row>'
    refused(raw_workbook(far), "columns, more than 256")


def test_hundred_thousand_columns_of_text_are_refused(tmp_path: Path):
    """The same in a CSV file."""
    path = tmp_path / "wide.csv"
    path.write_text(",".join(f"c{n}" for n in range(100_000)))
    with pytest.raises(InputError, match="100000 columns"):
        open_rows(path)


@pytest.mark.parametrize(
    "sheet",
    [
        '<!DOCTYPE a [<!ENTITY b "bbb"><!ENTITY c "&b;&b;">]><worksheet>&c;</worksheet>',
        '<!DOCTYPE a SYSTEM "file:///etc/passwd"><worksheet/>',
    ],
    ids=["entities", "external"],
)
def test_document_types_are_refused(sheet: str):
    """No entity is ever expanded or fetched."""
    refused(raw_workbook(sheet), "document type")


@pytest.mark.parametrize(
    "sheet",
    [
        "<worksheet><sheetData><row>",
        "<worksheet></sheet>",
        "<worksheet a='" + "x" * 3_000_000 + "'/>",
        b"\x00\x01\x02",
    ],
    ids=["cut", "crossed", "long-tag", "no-xml"],
)
def test_broken_xml_is_refused(sheet: str | bytes):
    """What is no XML, or has a tag of megabytes, is damage."""
    refused(raw_workbook(sheet), "damaged")


def test_rows_out_of_order_are_refused():
    """A row number that goes back would count rows twice."""
    refused(raw_workbook(ROW + '<row r="9"/><row r="3"/>'), "out of order")


def test_row_numbers_far_apart_cost_nothing():
    """A gap of a billion rows is a gap, not a billion rows."""
    last = f'<row r="999999999">{cell("A999999999", "1")}</row>'

    assert [item.number for item in XlsxRows(raw_workbook(ROW + last))] == [999_999_999]


def test_deep_nesting_is_harmless():
    """A hundred thousand elements inside each other are passed over."""
    deep = "<x>" * 100_000 + "</x>" * 100_000

    assert list(XlsxRows(raw_workbook(ROW + deep))) == []


def test_references_to_nothing_cost_their_row():
    """Texts and styles that do not exist, and numbers that are none, are marked."""
    broken = '<c r="A2" t="s"><v>7</v></c><c r="B2" s="99"><v>1e999</v></c>'
    (row,) = XlsxRows(raw_workbook(f'{ROW}<row r="2">{broken}</row>'))

    assert not isinstance(row, RowError)
    assert dict(row.faults) == {"ID": "not readable", "Phone": "not readable"}


def test_macros_are_not_run():
    """A workbook with macros is read like another, and that is told."""
    rows = XlsxRows(raw_workbook(ROW, extra={"xl/vbaProject.bin": b"Sub AutoOpen()"}))

    assert rows.remarks == ("the workbook has macros; they were not run",)


@pytest.mark.parametrize(
    ("content", "match"),
    [
        (OLE + bytes(500), "before 2007"),
        (OLE + "EncryptedPackage".encode("utf-16-le"), "password"),
        (archive({"mimetype": "application/vnd.oasis.opendocument.spreadsheet"}), "damaged"),
        (archive({"word/document.xml": "<w/>"}), "damaged"),
        (b"PK\x03\x04 and no more", "damaged"),
        (b"%PDF-1.7", "neither"),
        (b"\x1f\x8b\x08\x00", "neither"),
    ],
    ids=["xls", "encrypted", "ods-packed", "other-zip", "cut", "pdf", "gzip"],
)
def test_files_that_are_something_else_are_refused(tmp_path: Path, content: bytes, match: str):
    """What a file is, its content says; a wrong name changes nothing."""
    path = tmp_path / "cases.xlsx"
    path.write_bytes(content)
    with pytest.raises(InputError, match=match) as caught:
        open_rows(path)
    assert caught.value.next_step is not None


def test_open_document_is_named():
    """An OpenDocument sheet is told apart, as it begins with its type."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w") as file:
        file.writestr("mimetype", "application/vnd.oasis.opendocument.spreadsheet")
    refused(out.getvalue(), "OpenDocument")


def test_wrong_names_are_no_matter(tmp_path: Path):
    """A workbook that is called .csv and a CSV file that is called .xlsx are both read."""
    named_csv, named_xlsx = tmp_path / "a.csv", tmp_path / "a.xlsx"
    named_csv.write_bytes(workbook([("Case ID", "Phone"), ("1", "2")]))
    named_xlsx.write_text("Case ID,Phone\n1,2\n")

    assert open_rows(named_csv).headers == open_rows(named_xlsx).headers == ("Case ID", "Phone")
    with pytest.raises(InputError, match="no workbook"):
        open_rows(named_xlsx, sheet="Sheet1")


@pytest.mark.parametrize("text", ["=cmd|'/c calc'!A1", "@SUM(1)", "+1", "-1", "\t=1"])
def test_formula_injection_is_text(text: str):
    """Text that another program would run is text in a case."""
    rows = XlsxRows(raw_workbook(
        f'<row r="1">{cell("A1", "Case ID")}{cell("B1", "Note")}</row>'
        f'<row r="2">{cell("A2", text)}{cell("B2", "x")}</row>'
    ))  # fmt: skip
    (case,) = read_cases(rows, Mapping(case_id="Case ID"))

    assert isinstance(case, Case)
    assert case.id == text.strip()


def test_right_to_left_override_costs_its_row():
    """An id that is shown as another is refused; marks of direction in headers are dropped."""
    rows = XlsxRows(workbook([("\u200fCase ID", "Phone"), ("\u202e1-H", "2"), ("H-2", "3")]))
    first, second = read_cases(rows, Mapping(case_id="Case ID"))

    assert isinstance(first, RowError)
    assert "right-to-left" in first.reason
    assert isinstance(second, Case)


def _letters(number: int) -> str:
    letters = ""
    while number:
        number, rest = divmod(number - 1, 26)
        letters = chr(65 + rest) + letters
    return letters
