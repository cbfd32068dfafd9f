# SPDX-License-Identifier: Apache-2.0
"""Reading workbooks as people and programs write them."""

import io
from datetime import date, datetime, time

import openpyxl
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openpyxl import Workbook

from federation.errors import InputError
from federation_node.intake import Limits, Row, RowError, XlsxRows
from federation_node.intake.xlsx_cells import (
    DATE_FAULT,
    DIGITS_FAULT,
    ERROR_FAULT,
    FORMULA_FAULT,
)
from federation_node.intake.xlsx_merges import MERGED_FAULT
from tests.intake.workbooks import cell, raw_workbook, workbook

HEADERS = ("Case ID", "Phone", "Note")


def read(source: bytes, **options) -> list[tuple[str, ...] | RowError]:
    """Read a workbook and return the cells of good rows, and the errors."""
    return [
        tuple(item.cells.values()) if isinstance(item, Row) else item
        for item in XlsxRows(source, **options)
    ]


def faults(source: bytes) -> list[dict[str, str]]:
    """Read a workbook and return what is wrong with the cells of each row."""
    return [dict(row.faults) for row in XlsxRows(source) if isinstance(row, Row)]


def test_rows_are_text():
    """Text stays as it is, whole numbers have no decimals, blank rows and cells are blank."""
    source = workbook([HEADERS, ("H-1", "+52 55", "=1+1 as text"), (), (2, 5512345678.0, 1.5)])

    assert XlsxRows(source).headers == HEADERS
    assert [(row.number, *row.cells.values()) for row in XlsxRows(source)] == [
        (2, "H-1", "+52 55", ""),
        (4, "2", "5512345678", "1.5"),
    ]


def test_it_can_be_read_again(tmp_path):
    """A workbook on disk is a row source that starts from the top each time."""
    path = tmp_path / "cases.xlsx"
    path.write_bytes(workbook([HEADERS, ("1", "2", "3")]))
    rows = XlsxRows(path)

    assert [row.number for row in rows.sample()] == [row.number for row in rows] == [2]


def test_dates_are_marked():
    """A date is shown as a date, and marked: it is never what a matched column should hold."""
    row = ("1", date(2026, 1, 31), datetime(2026, 1, 31, 12, 30))
    source = workbook([HEADERS, row, ("2", time(9, 30), "")])

    assert read(source)[0] == ("1", "2026-01-31", "2026-01-31 12:30:00")
    assert faults(source) == [{"Phone": DATE_FAULT, "Note": DATE_FAULT}, {"Phone": DATE_FAULT}]


def test_dates_since_1904():
    """Old Macintosh files count days from 1904."""

    def change(book: Workbook) -> None:
        book.epoch = openpyxl.utils.datetime.CALENDAR_MAC_1904

    assert read(workbook([HEADERS, ("1", date(2026, 1, 31), "")], change)) == [
        ("1", "2026-01-31", "")
    ]


@pytest.mark.parametrize("number", [10**15, 5212345678901234567, 1e300])
def test_long_numbers_are_marked(number):
    """A number of more than 15 digits has lost its end in the spreadsheet program."""
    assert faults(workbook([HEADERS, ("1", number, "")])) == [{"Phone": DIGITS_FAULT}]


def test_formulas_are_never_calculated():
    """A formula counts with the result that its program left, and without one not at all."""
    result = '<c r="B2"><f>1+1</f><v>2</v></c>'
    empty = '<c r="B3" t="str"><f>""</f><v></v></c>'
    missing = '<c r="B4"><f>HYPERLINK("http://x.example/"&amp;A4)</f></c>'
    source = raw_workbook(
        f'<row r="1">{cell("A1", "ID")}{cell("B1", "Phone")}</row>'
        f'<row r="2">{cell("A2", "a")}{result}</row>'
        f'<row r="3">{cell("A3", "b")}{empty}</row>'
        f'<row r="4">{cell("A4", "c")}{missing}</row>'
    )

    assert read(source) == [("a", "2"), ("b", ""), ("c", "")]
    assert faults(source) == [{}, {}, {"Phone": FORMULA_FAULT}]


def test_errors_and_truths():
    """Errors such as #REF! are marked, and truths are words."""
    source = raw_workbook(
        f'<row r="1">{cell("A1", "ID")}{cell("B1", "Phone")}</row>'
        '<row r="2"><c r="A2" t="e"><v>#REF!</v></c><c r="B2" t="b"><v>1</v></c></row>'
    )

    assert read(source) == [("", "TRUE")]
    assert faults(source) == [{"ID": ERROR_FAULT}]


def test_merged_cells_are_marked():
    """All but the first of merged cells are marked: what they show is not in them."""

    def change(book: Workbook) -> None:
        book.active.merge_cells("B2:B3")
        book.active.merge_cells("A4:C4")

    rows = [HEADERS, ("1", "+52 55", "x"), ("2", None, "y"), ("January", None, None)]

    assert faults(workbook(rows, change)) == [
        {},
        {"Phone": MERGED_FAULT},
        {"Phone": MERGED_FAULT, "Note": MERGED_FAULT},
    ]


def test_readings_and_escapes():
    """Rich text is joined, readings are left out, escaped characters are themselves."""
    texts = (
        "<si><t>ID</t></si><si><t>Phone</t></si><si><r><t>+52</t></r><r><t> 55</t></r></si>"
        "<si><t>東京</t><rPh><t>トウキョウ</t></rPh></si><si><t>a_x000A_b_xD83D_</t></si>"
    )
    cells = "".join(f'<c r="A{r}" t="s"><v>{r}</v></c>' for r in (2, 3, 4))
    rows = "".join(f'<row r="{r}"><c r="A{r}" t="s"><v>{r}</v></c></row>' for r in (2, 3, 4))
    head = '<row r="1"><c r="A1" t="s"><v>0</v></c><c r="B1" t="s"><v>1</v></c></row>'

    assert cells.count("<c") == 3
    assert [row[0] for row in read(raw_workbook(head + rows, texts=texts))] == [
        "+52 55",
        "東京",
        "a\nb_xD83D_",
    ]


def test_title_rows_are_skipped_and_told():
    """A title above the headers is skipped."""
    rows = XlsxRows(workbook([("Cases 2026",), (), HEADERS, ("1", "2", "3")]))

    assert rows.headers == HEADERS
    assert [row.number for row in rows] == [4]
    assert rows.remarks == ("1 rows above the headers were skipped",)


def test_sheet_is_chosen():
    """The first sheet with data that is not hidden, or the one that is named."""

    def change(book: Workbook) -> None:
        book.create_sheet("Empty", 0)
        hidden = book.create_sheet("Old", 0)
        hidden.append(("x", "y"))
        hidden.sheet_state = "hidden"
        book.create_sheet("Contacts").append(("Name", "Mail"))

    source = workbook([HEADERS, ("1", "2", "3")], change)
    rows = XlsxRows(source)

    assert (rows.sheet, rows.headers) == ("Sheet", HEADERS)
    assert rows.remarks == ("only the sheet Sheet was read, not Contacts",)
    assert XlsxRows(source, sheet="Old").headers == ("x", "y")
    with pytest.raises(InputError) as caught:
        XlsxRows(source, sheet="Missing")
    assert "Contacts" in str(caught.value.next_step)


def test_hidden_rows_are_read_and_told():
    """A filter that was left on loses nobody's case."""

    def change(book: Workbook) -> None:
        book.active.row_dimensions[2].hidden = True

    rows = XlsxRows(workbook([HEADERS, ("1", "2", "3"), ("4", "5", "6")], change))

    assert [row.number for row in rows] == [2, 3]
    assert rows.remarks == ("1 hidden rows were read like the others",)


def test_wide_rows_are_errors():
    """Text beyond the headers costs its row."""
    assert read(workbook([("A", "B"), (1, 2, 3), (4, 5)])) == [
        RowError(2, "", "more cells than columns"),
        ("4", "5"),
    ]


_CELL = st.one_of(
    st.none(),
    st.integers(-(10**14), 10**14),
    st.floats(-1e9, 1e9).map(lambda number: round(number, 3)),
    st.booleans(),
    st.text(st.characters(codec="utf-8", exclude_categories=["Cc", "Cs", "Cn", "Co"]), max_size=8)
    .filter(lambda text: not text.startswith("=") and "_x" not in text)
)  # fmt: skip


@settings(max_examples=40, deadline=None)
@given(rows=st.lists(st.tuples(_CELL, _CELL, _CELL), max_size=5))
def test_it_reads_what_openpyxl_reads(rows):
    """An independent reader finds the same cells in the same rows."""
    source = workbook([HEADERS, *rows])
    book = openpyxl.load_workbook(io.BytesIO(source))
    wanted = [tuple(_text(value) for value in row) for row in book.active.iter_rows(
        min_row=2, values_only=True)]  # fmt: skip

    assert [row for row in wanted if any(text.strip() for text in row)] == read(source)


def _text(value: object) -> str:
    """Spell a value as the import does."""
    if isinstance(value, bool):
        return str(value).upper()
    if isinstance(value, float) and value.is_integer():
        return str(int(value))
    text = "" if value is None else str(value)
    return text if text.strip() else ""


def test_limits():
    """Too many rows and too long cells are refused, the latter by row."""
    source = workbook([("A", "B"), ("1", "x" * 60), ("2", "y")])

    assert "longer than 50" in next(
        row.faults["B"] for row in XlsxRows(source, limits=Limits(max_cell=50))
        if isinstance(row, Row)
    )  # fmt: skip
    with pytest.raises(InputError, match="more than 1 rows"):
        list(XlsxRows(source, limits=Limits(max_rows=1)))
