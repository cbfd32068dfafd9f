# SPDX-License-Identifier: Apache-2.0
"""Rows a second and peak memory of importing a large sheet.

Run it with ``python benchmarks/import_rows.py [rows] [csv|xlsx]``. The sheet holds invented
cases, each with a phone and an e-mail address of its own; the workbook keeps every text once
in its table of texts, as spreadsheet programs write it, which is the case that costs most
memory. The import runs in a process of its own, so that its peak is its own.
"""

import os
import resource
import subprocess
import sys
import tempfile
import time
import zipfile
from collections.abc import Iterator
from pathlib import Path

from federation.charter import Identity
from federation.member import Member
from federation.storage import AtRest, Store
from federation_node.context import now
from federation_node.intake import guess, open_rows, read_cases

HEADERS = ("Case ID", "Country", "Recruiter phone", "Recruiter e-mail", "Notes")
AIM_MIB = 500
_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def cases(count: int) -> Iterator[tuple[str, ...]]:
    yield HEADERS
    for number in range(count):
        phone = f"+52 55 {number // 10_000 % 10_000:04} {number % 10_000:04}"
        note = f"Called about work, took down what they were told, line {number}"
        yield (f"H-{number}", "MX", phone, f"offer{number}@jobs.example", note)


def write_csv(path: Path, count: int) -> None:
    with path.open("w", encoding="utf-8") as file:
        for row in cases(count):
            file.write(",".join(f'"{cell}"' for cell in row) + "\n")


def write_xlsx(path: Path, count: int) -> None:
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
        width = len(HEADERS)
        with archive.open("xl/worksheets/sheet1.xml", "w", force_zip64=True) as file:
            file.write(f'<worksheet xmlns="{_MAIN}"><sheetData>'.encode())
            for row in range(count + 1):
                cells = "".join(
                    f'<c r="{"ABCDE"[at]}{row + 1}" t="s"><v>{row * width + at}</v></c>'
                    for at in range(width)
                )
                file.write(f'<row r="{row + 1}">{cells}</row>'.encode())
            file.write(b"</sheetData></worksheet>")
        with archive.open("xl/sharedStrings.xml", "w", force_zip64=True) as file:
            file.write(f'<sst xmlns="{_MAIN}">'.encode())
            for row_of_text in cases(count):
                file.write("".join(f"<si><t>{text}</t></si>" for text in row_of_text).encode())
            file.write(b"</sst>")


def run_import(path: Path, database: Path) -> None:
    """Import a sheet into a new database; this is the process that is measured."""
    started = time.perf_counter()
    with Store.create(f"sqlite:///{database}", AtRest(os.urandom(32))) as store:
        member = Member(
            Identity.generate("bench"), store, clock=now, connect=lambda _: _unreachable()
        )
        with store.write() as tx:
            number = tx.imports.begin("bench", b"", now(), keep=True).number
        opened = open_rows(path)
        items = read_cases(opened, guess(opened.headers, opened.sample()))
        result = member.put_cases(items, source="bench", run=str(number), keep=True)  # type: ignore[arg-type]
    seconds = time.perf_counter() - started
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1024
    did = f"{result.new:9,} cases  {result.observations_added:9,} observations"
    print(f"{path.suffix[1:]:5} {did}  {result.new / seconds:8,.0f} rows/s  "
          f"peak {peak:5.0f} MiB (aim {AIM_MIB})")  # fmt: skip


def _unreachable() -> None:
    raise RuntimeError("an import asks nobody")


def main(count: int, formats: list[str]) -> None:
    with tempfile.TemporaryDirectory() as folder:
        for form in formats:
            path = Path(folder) / f"cases.{form}"
            (write_csv if form == "csv" else write_xlsx)(path, count)
            again = [sys.executable, __file__, "--import", str(path), f"{folder}/{form}.db"]
            subprocess.run(again, check=True)


if __name__ == "__main__":
    if sys.argv[1:2] == ["--import"]:
        run_import(Path(sys.argv[2]), Path(sys.argv[3]))
    else:
        main(int(sys.argv[1]) if len(sys.argv) > 1 else 20_000, sys.argv[2:] or ["csv", "xlsx"])
