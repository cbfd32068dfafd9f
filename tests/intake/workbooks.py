# SPDX-License-Identifier: Apache-2.0
"""Workbooks for tests: honest ones through openpyxl, hostile ones byte by byte."""

import io
import zipfile
from collections.abc import Callable, Iterable, Sequence
from typing import Any

from openpyxl import Workbook

_MAIN = "http://schemas.openxmlformats.org/spreadsheetml/2006/main"
_LINKS = "http://schemas.openxmlformats.org/officeDocument/2006/relationships"
_PACKAGE = "http://schemas.openxmlformats.org/package/2006/relationships"


def workbook(
    rows: Iterable[Sequence[Any]], change: Callable[[Workbook], object] | None = None
) -> bytes:
    """Write rows as a workbook, the way a spreadsheet program does."""
    book = Workbook()
    for row in rows:
        book.active.append(list(row))
    if change is not None:
        change(book)
    out = io.BytesIO()
    book.save(out)
    return out.getvalue()


def raw_workbook(
    sheet: str | bytes, *, texts: str | None = None, extra: dict[str, bytes] | None = None
) -> bytes:
    """Write a workbook around the XML of one sheet (or, without a tag, of its rows)."""
    if isinstance(sheet, str) and "<worksheet" not in sheet:
        sheet = f'<worksheet xmlns="{_MAIN}"><sheetData>{sheet}</sheetData></worksheet>'
    links = [("rId1", "worksheet", "worksheets/sheet1.xml")]
    parts: dict[str, str | bytes] = {
        "_rels/.rels": _rels([("rId1", "officeDocument", "xl/workbook.xml")]),
        "xl/workbook.xml": f'<workbook xmlns="{_MAIN}" xmlns:r="{_LINKS}"><sheets>'
        '<sheet name="Sheet1" sheetId="1" r:id="rId1"/></sheets></workbook>',
        "xl/worksheets/sheet1.xml": sheet,
    }
    if texts is not None:
        links.append(("rId2", "sharedStrings", "sharedStrings.xml"))
        parts["xl/sharedStrings.xml"] = f'<sst xmlns="{_MAIN}">{texts}</sst>'
    parts["xl/_rels/workbook.xml.rels"] = _rels(links)
    return archive({**parts, **(extra or {})})


def archive(parts: dict[str, str | bytes]) -> bytes:
    """Pack parts into a ZIP archive."""
    out = io.BytesIO()
    with zipfile.ZipFile(out, "w", zipfile.ZIP_DEFLATED) as file:
        for name, content in parts.items():
            file.writestr(name, content)
    return out.getvalue()


def cell(reference: str, text: str) -> str:
    """Spell a cell with text in it."""
    return f'<c r="{reference}" t="inlineStr"><is><t>{text}</t></is></c>'


def _rels(links: Iterable[tuple[str, str, str]]) -> str:
    inside = "".join(
        f'<Relationship Id="{name}" Type="{_LINKS}/{kind}" Target="{target}"/>'
        for name, kind, target in links
    )
    return f'<Relationships xmlns="{_PACKAGE}">{inside}</Relationships>'
