# SPDX-License-Identifier: Apache-2.0
"""Reading CSV as spreadsheet programs write it: encodings, delimiters, and broken files."""

import codecs
import csv
import io
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import InputError
from federation_node.intake import CsvRows, Limits, Row, RowError


def cells(source: bytes, **options) -> list[tuple[str, ...] | RowError]:
    """Read a file and return the cells of good rows, and the errors."""
    return [
        tuple(item.cells.values()) if isinstance(item, Row) else item
        for item in CsvRows(source, **options)
    ]


@pytest.mark.parametrize(
    ("encoding", "found"),
    [
        ("utf-8", "utf-8"),
        ("utf-8-sig", "utf-8-sig"),
        ("cp1252", "cp1252"),
        ("utf-16", "utf-16"),
    ],
)
def test_encoding_is_found_out(encoding, found):
    """The same table is read from UTF-8 with and without mark, Windows-1252 and UTF-16."""
    rows = CsvRows("Fall,Büro\n1,Müller\n".encode(encoding))

    assert rows.encoding == found
    assert rows.headers == ("Fall", "Büro")
    assert [dict(row.cells) for row in rows] == [{"Fall": "1", "Büro": "Müller"}]


def test_first_accent_may_come_late():
    """A file is Windows-1252 also where its first accent stands far down."""
    source = b"id,name\n" + b"1,a\n" * 400_000 + "2,Büro\n".encode("cp1252")

    assert CsvRows(source).encoding == "cp1252"


def test_neither_encoding_is_refused():
    """Bytes that are neither UTF-8 nor Windows-1252 are refused with a next step."""
    with pytest.raises(InputError, match="neither") as caught:
        CsvRows(b"id,name\n1,\x81\x8d\n")

    assert caught.value.next_step is not None


@pytest.mark.parametrize("encoding", ["nonsense", "rot13", "zip", "ascii"])
def test_wrong_named_encoding_is_refused(encoding):
    """An encoding that is unknown, is no encoding of text, or does not fit is refused."""
    with pytest.raises(InputError):
        CsvRows("id,name\n1,ü\n".encode(), encoding=encoding)


@pytest.mark.parametrize("delimiter", [",", ";", "\t", "|"])
def test_delimiter_is_found_out(delimiter):
    """The delimiter is the one that cuts all rows alike, whatever else stands in the cells."""
    table = [["id", "name", "note"], ["1", "A, B; C", "x"], ["2", "D", "y, z; w | v"]]
    text = io.StringIO()
    csv.writer(text, delimiter=delimiter).writerows(table)
    rows = CsvRows(text.getvalue().encode())

    assert rows.delimiter == delimiter
    assert [list(row.cells.values()) for row in rows] == table[1:]


def test_one_column_is_a_sheet():
    """A sheet of one column has no delimiter to find and is read."""
    assert cells(b"id\n1\n2\n") == [("1",), ("2",)]


def test_quoted_newlines_stay_in_the_cell():
    """A line end inside quotes belongs to the cell; rows are counted as rows."""
    rows = list(CsvRows(b'id,note\r\n1,"a\r\nb"\r\n2,c\r\n'))

    assert [(row.number, row.cells["note"]) for row in rows] == [(2, "a\r\nb"), (3, "c")]


def test_formula_is_text():
    """A cell that begins like a formula is text, unchanged."""
    assert cells(b'id,note\n1,=cmd|calc\n2,"=HYPERLINK(""x"")"\n', delimiter=",") == [
        ("1", "=cmd|calc"),
        ("2", '=HYPERLINK("x")'),
    ]


def test_blank_rows_are_left_out():
    """Rows without any text are left out and still counted."""
    rows = list(CsvRows(b"id,b\n\n1,x\n,\n2,y\n"))

    assert [row.number for row in rows] == [3, 5]


def test_ragged_rows_are_errors():
    """A row with fewer cells, or with text beyond the columns, is an error; blanks are not."""
    assert cells(b"id,b\n1\n2,x,secret\n3,x,,\n") == [
        RowError(2, "", "fewer cells than columns"),
        RowError(3, "", "more cells than columns"),
        ("3", "x"),
    ]


def test_cells_that_cannot_be_trusted_are_marked():
    """A NUL character, an over-long cell and a number cut short are marked with the reason."""
    source = b"id,b\n1,a\0b\n2," + b"x" * 60 + b"\n3,5.21551E+11\n4,1e5x\n"
    rows = list(CsvRows(source, limits=Limits(max_cell=50)))

    assert [row.faults.get("b", "")[:20] for row in rows if isinstance(row, Row)] == [
        "holds a NUL characte",
        "longer than 50 chara",
        "a number in scientif",
        "",
    ]


def test_protecting_apostrophe_is_taken_off():
    """What careful programs write before a cell that others would run is no part of it."""
    assert cells(b"id,b\n1,'+52 55\n2,'=x\n3,'s-Gravenhage\n4,'\n") == [
        ("1", "+52 55"),
        ("2", "=x"),
        ("3", "'s-Gravenhage"),
        ("4", "'"),
    ]


def test_byte_order_mark_overrules_the_mapping():
    """A file that was saved again by another program says itself how it is encoded."""
    rows = CsvRows(codecs.BOM_UTF8 + "id,País\n1,ü\n".encode(), encoding="cp1252")

    assert rows.headers == ("id", "País")


def test_broken_quotes_cost_one_row():
    """A cell with broken quotes is an error of its row; the next row is read."""
    assert cells(b'id,b\n1,"a"b\n2,c\n') == [RowError(2, "", "broken quotation marks"), ("2", "c")]


def test_unclosed_quote_is_told():
    """A quote that is never closed is an error that says that the rest was not read."""
    (good, error) = cells(b'id,b\n1,a\n2,"b\n3,c\n4,d\n')

    assert good == ("1", "a")
    assert error.number == 3
    assert "were not read" in error.reason


def test_cell_without_end_stops_the_import():
    """A cell so long that row boundaries are lost stops the import instead of guessing."""
    source = b'id,b\n1,"' + b"x\n" * (csv.field_size_limit() // 2 + 10)

    with pytest.raises(InputError, match="row 2"):
        cells(source)


@pytest.mark.parametrize(
    ("source", "match"),
    [
        (b"", "cannot be read"),
        (b"\n1,2\n", "headers"),
        (b",,\n1,2,3\n", "headers"),
        (b"id,a,id\n1,2,3\n", "columns 1 and 3"),
        (b"H-1,+525512345678\nH-2,x\n", "looks like data"),
        (b"H-1,a@example.org\nH-2,x\n", "looks like data"),
        (b"id," + b"x" * 201 + b"\n", "column 2"),
        (b"id,a\x01\n", "column 2"),
    ],
)
def test_unusable_headers_are_refused(source, match):
    """A first row that cannot be headers is refused, without quoting what stands there."""
    with pytest.raises(InputError, match=match) as caught:
        CsvRows(source)

    assert "5512345678" not in str(caught.value)
    assert "example.org" not in str(caught.value)


def test_headers_are_cleaned():
    """Blanks and line ends in headers are made one blank; nameless columns get a number."""
    assert CsvRows(b'" Case\nID ",,b\n1,2,3\n').headers == ("Case ID", "(column 2)", "b")


@pytest.mark.parametrize(
    ("limits", "match"),
    [
        (Limits(max_bytes=10), "bytes"),
        (Limits(max_columns=1), "columns"),
        (Limits(max_rows=1), "rows"),
    ],
)
def test_limits_are_kept(limits, match):
    """A file with too many bytes, columns or rows is refused."""
    with pytest.raises(InputError, match=match):
        cells(b"id,b\n1,2\n3,4\n", limits=limits)


def test_file_is_read_from_its_path(tmp_path):
    """A path is read like bytes, twice from the top, and closed."""
    path = tmp_path / "sheet.csv"
    path.write_bytes(b"id,b\n1,2\n3,4\n")
    rows = CsvRows(path)

    assert len(list(rows)) == 2
    assert [row.number for row in rows.sample(1)] == [2]
    assert len(list(rows)) == 2


def test_missing_file_is_an_input_error(tmp_path):
    """A file that cannot be opened is an error of the input; its name is not repeated."""
    with pytest.raises(InputError) as caught:
        CsvRows(tmp_path / "Maria-Lopez.csv")

    assert "Maria" not in str(caught.value)


def test_rows_do_not_show_their_cells():
    """The repr of a row holds no cell."""
    (row,) = CsvRows(b"id,b\n1,canary\n")

    assert "canary" not in repr(row)


@given(source=st.binary(max_size=300))
def test_any_bytes_are_read_or_refused(source):
    """Whatever the bytes are, reading ends with rows, row errors or an input error."""
    try:
        items = cells(source)
    except InputError:
        return

    assert all(isinstance(item, tuple | RowError) for item in items)


_CELL = st.text(st.characters(exclude_categories=["Cs", "Cc"]), max_size=12)


@given(
    table=st.lists(st.lists(_CELL, min_size=3, max_size=3), min_size=1, max_size=8),
    delimiter=st.sampled_from([",", ";", "\t"]),
    mark=st.sampled_from([b"", codecs.BOM_UTF8]),
)
def test_what_was_written_is_read(table, delimiter, mark):
    """Every cell that a CSV writer wrote comes back unchanged, in its row."""
    text = io.StringIO()
    writer = csv.writer(text, delimiter=delimiter)
    writer.writerow(["id", "one", "two"])
    writer.writerows(table)
    rows = list(CsvRows(mark + text.getvalue().encode(), delimiter=delimiter))
    expected = [row for row in table if any(cell.strip() for cell in row)]

    assert [list(row.cells.values()) for row in rows] == expected
    assert all(earlier.number < later.number for earlier, later in pairwise(rows))
