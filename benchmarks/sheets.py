# SPDX-License-Identifier: Apache-2.0
"""Large invented sheets, written as spreadsheet programs write them."""

import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

__all__ = ["WRITERS", "Rows", "calls", "write_csv", "write_xlsx"]

Rows = Callable[[], Iterator[Sequence[str]]]
"""Gives the rows of a sheet from the top, headers first, as often as it is called."""

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def calls(count: int) -> Rows:
    """Make calls about a recruiter with a phone and an e-mail address of its own each."""

    def rows() -> Iterator[tuple[str, ...]]:
        yield ("Case ID", "Country", "Recruiter phone", "Recruiter e-mail", "Notes")
        for number in range(count):
            phone = f"+52 55 {number // 10_000 % 10_000:04} {number % 10_000:04}"
            note = f"Called about work, took down what they were told, line {number}"
            yield (f"H-{number}", "MX", phone, f"offer{number}@jobs.example", note)

    return rows


def write_csv(path: Path, rows: Rows) -> None:
    """Write a CSV file."""
    with path.open("w", encoding="utf-8") as file:
        for row in rows():
            file.write(",".join(f'"{cell}"' for cell in row) + "\n")


def write_xlsx(path: Path, rows: Rows) -> None:
    """Write a workbook that keeps the text of every cell in its table of texts.

    Spreadsheet programs do so with each different text. It is the case that costs a reader
    most memory.
    """
    links = {
        "_rels/.rels": [("rId1", "officeDocument", "xl/workbook.xml")],
        "xl/_rels/workbook.xml.rels": [
            ("rId1", "worksheet", "worksheets/sheet1.xml"),
            ("rId2", "sharedStrings", "sharedStrings.xml"),
        ],
    }
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED, compresslevel=1) as archive:
        for name, targets in links.items():
            inside = "".join(
                f'<Relationship Id="{key}" Type="{_LINKS}/{kind}" Target="{target}"/>'
                for key, kind, target in targets
            )
            archive.writestr(name, f'<Relationships xmlns="{_PACKAGE}">{inside}</Relationships>')
        archive.writestr(
            "xl/workbook.xml",
            f'<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}"><sheets>'
            '<sheet name="Cases" sheetId="1" r:id="rId1"/></sheets></workbook>',
        )
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as file:
            file.write(f'<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
            for number, row in enumerate(rows()):
                cells = "".join(
                    f'<c r="{"ABCDE"[at]}{number + 1}" t="s"><v>{number * len(row) + at}</v></c>'
                    for at in range(len(row))
                )
                file.write(f'<row r="{number + 1}">{cells}</row>'.encode())
            file.write(b"</sheetData></worksheet>")
        with archive.open("xl/sharedStrings.xml", "w", force_zip64=True) as file:
            file.write(f'<sst xmlns="{_MAIN}">'.encode())
            for row in rows():
                file.write("".join(f"<si><t>{text}</t></si>" for text in row).encode())
            file.write(b"</sst>")


WRITERS: dict[str, Callable[[Path, Rows], None]] = {"csv": write_csv, "xlsx": write_xlsx}
"""By the ending of the file."""
