# SPDX-License-Identifier: Apache-2.0
"""Opens an XLSX workbook without trusting it (ECMA-376 parts 1 and 2).

A workbook is a ZIP archive of XML files. Nothing is unpacked before its size is known, no
document type declaration is accepted (so no entity ever expands), and each file is read as
a stream of events: memory does not grow with the sheet. Formulas, links, macros and
everything else that a workbook may carry beside its cells are never looked at.
"""

import io
import re
import zipfile
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path, PurePosixPath
from typing import BinaryIO, Final
from xml.parsers import expat

from federation.errors import InputError
from federation_node.intake.rows import Limits

_CHUNK: Final = 1 << 16
_SMALL_PART: Final = 16 * 1024 * 1024
"""Largest part that is neither a sheet nor the table of texts, unpacked, in bytes."""
_MOST_PARTS: Final = 10_000
_LONGEST_TOKEN: Final = 1 << 20
"""Most bytes that one tag may take."""

_OLE: Final = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1"
_ENCRYPTED: Final = "EncryptedPackage".encode("utf-16-le")

Attributes = dict[str, str]
Start = Callable[[str, Attributes], None]


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet of a workbook."""

    name: str
    part: str
    hidden: bool


@dataclass(frozen=True, slots=True)
class Parts:
    """Where things are in a workbook."""

    sheets: tuple[Sheet, ...]
    texts: str | None
    """The table of texts that cells refer to."""
    date_styles: frozenset[int]
    """Styles that show a number as a date or a time."""
    from_1904: bool
    """Days are counted from 1904 (old Macintosh files)."""
    macros: bool


def is_workbook(start: bytes) -> bool:
    """Whether a file is a workbook of some kind and no text.

    Args:
        start: its first 8 bytes.
    """
    return start.startswith((b"PK\x03\x04", b"PK\x05\x06")) or start == _OLE


class Package:
    """An XLSX file whose sizes were checked."""

    def __init__(self, source: Path | bytes, limits: Limits) -> None:
        """Open it.

        Args:
            source: the file, or its bytes.
            limits: what the import accepts.

        Raises:
            InputError: it is no XLSX workbook, has a password, or unpacks to too much.
        """
        self._limits = limits
        with _opened(source) as file:
            _refuse_others(file)
        try:
            self._archive = zipfile.ZipFile(
                io.BytesIO(source) if isinstance(source, bytes) else source
            )
        except (zipfile.BadZipFile, OSError, ValueError, NotImplementedError):
            raise _damaged() from None
        self._check_sizes()
        self.parts = self._find_parts()

    def close(self) -> None:
        """Close the file."""
        self._archive.close()

    def chunks(self, part: str) -> Iterator[bytes]:
        """Unpack a part piece by piece.

        Args:
            part: its name in the archive.

        Raises:
            InputError: it is missing or damaged.
        """
        try:
            with self._archive.open(part) as file:
                while chunk := file.read(_CHUNK):
                    yield chunk
        except (
            KeyError,
            zipfile.BadZipFile,
            zlib.error,
            OSError,
            EOFError,
            RuntimeError,
            NotImplementedError,
        ):
            # RuntimeError: the part is encrypted.
            raise _damaged() from None

    def parse(
        self,
        part: str,
        start: Start,
        end: Callable[[str], None] | None = None,
        text: Callable[[str], None] | None = None,
    ) -> Iterator[None]:
        """Read a part as XML; yields after every piece, so that a caller can take what is there.

        Args:
            part: its name in the archive.
            start: called at each start tag with the name, without prefix, and the attributes.
            end: called at each end tag.
            text: called with pieces of text.

        Raises:
            InputError: it is no well-formed XML, or declares a document type.
        """
        parser = expat.ParserCreate()
        parser.buffer_text = True
        parser.StartDoctypeDeclHandler = _refuse_doctype
        parser.StartElementHandler = lambda tag, attributes: start(_local(tag), attributes)
        if end is not None:
            parser.EndElementHandler = lambda tag: end(_local(tag))
        if text is not None:
            parser.CharacterDataHandler = text
        fed = 0
        try:
            for chunk in self.chunks(part):
                parser.Parse(chunk, False)
                fed += len(chunk)
                if fed - parser.CurrentByteIndex > _LONGEST_TOKEN:
                    raise _damaged()
                yield
            parser.Parse(b"", True)
        except expat.ExpatError:
            raise _damaged() from None
        yield

    def _check_sizes(self) -> None:
        members = self._archive.infolist()
        unpacked = sum(member.file_size for member in members)
        if len(members) > _MOST_PARTS or unpacked > self._limits.max_unpacked:
            raise InputError(
                f"the workbook unpacks to {unpacked} bytes in {len(members)} parts: too much",
                next_step="save the sheet as CSV, or import it in parts",
            )
        for member in members:
            packing = member.file_size / max(member.compress_size, 1)
            if member.file_size > _SMALL_PART and packing > self._limits.max_packing:
                raise InputError(
                    "the workbook is packed like a bomb: a small file that unpacks to a huge one",
                    next_step="save the sheet as CSV if you trust where it comes from",
                )

    def _find_parts(self) -> Parts:
        names = {member.filename: member for member in self._archive.infolist()}
        book = self._related("", "").get("officeDocument", [None])[0]
        if book is None or book.endswith(".bin") or book not in names:
            raise InputError(
                "the file is no XLSX workbook",
                next_step="open it in a spreadsheet program and save it as .xlsx or as CSV",
            )
        found: list[tuple[str, str, str]] = []
        from_1904 = False

        def start(tag: str, attributes: Attributes) -> None:
            nonlocal from_1904
            if tag == "sheet":
                link = next((v for k, v in attributes.items() if _local(k) == "id"), "")
                found.append((attributes.get("name", ""), link, attributes.get("state", "visible")))
            elif tag == "workbookPr":
                from_1904 = attributes.get("date1904", "0") in {"1", "true"}

        self._parse_small(book, start)
        by_id = self._links(book)
        related = self._related(*book.rpartition("/")[::2])
        styles = related.get("styles", [])
        texts = related.get("sharedStrings", [])
        sheets = tuple(
            Sheet(name, by_id[link][1], state != "visible")
            for name, link, state in found
            if link in by_id and by_id[link][0] == "worksheet" and by_id[link][1] in names
        )
        if not sheets:
            raise InputError("the workbook has no sheet with cells")
        return Parts(
            sheets,
            texts[0] if texts and texts[0] in names else None,
            self._date_styles(styles[0]) if styles and styles[0] in names else frozenset(),
            from_1904,
            any(name.endswith("vbaProject.bin") for name in names),
        )

    def _links(self, part: str) -> dict[str, tuple[str, str]]:
        """Relationship id -> (type, target part) of a part."""
        folder, _, name = part.rpartition("/")
        path = f"{folder}/_rels/{name}.rels" if folder else f"_rels/{name}.rels"
        links: dict[str, tuple[str, str]] = {}

        def start(tag: str, attributes: Attributes) -> None:
            if tag == "Relationship" and attributes.get("TargetMode") != "External":
                target = _resolve(folder, attributes.get("Target", ""))
                kind = attributes.get("Type", "").rpartition("/")[2]
                links[attributes.get("Id", "")] = (kind, target)

        self._parse_small(path, start)
        return links

    def _related(self, folder: str, name: str) -> dict[str, list[str]]:
        """Relationship type -> target parts."""
        by_type: dict[str, list[str]] = {}
        for kind, target in self._links(f"{folder}/{name}" if folder else name).values():
            by_type.setdefault(kind, []).append(target)
        return by_type

    def _date_styles(self, part: str) -> frozenset[int]:
        formats: dict[int, str] = {}
        used: list[int] = []
        inside = False

        def start(tag: str, attributes: Attributes) -> None:
            nonlocal inside
            if tag == "numFmt":
                formats[_number(attributes.get("numFmtId"))] = attributes.get("formatCode", "")
            elif tag == "cellXfs":
                inside = True
            elif tag == "xf" and inside:
                used.append(_number(attributes.get("numFmtId")))

        def end(tag: str) -> None:
            nonlocal inside
            if tag == "cellXfs":
                inside = False

        self._parse_small(part, start, end)
        return frozenset(at for at, number in enumerate(used) if _shows_date(number, formats))

    def _parse_small(
        self, part: str, start: Start, end: Callable[[str], None] | None = None
    ) -> None:
        try:
            size = self._archive.getinfo(part).file_size
        except KeyError:
            raise _damaged() from None
        if size > _SMALL_PART:
            raise _damaged()
        for _ in self.parse(part, start, end):
            pass


def _opened(source: Path | bytes) -> BinaryIO:
    try:
        return io.BytesIO(source) if isinstance(source, bytes) else source.open("rb")
    except OSError as error:
        raise InputError(f"the file cannot be opened: {error.strerror}") from None


def _refuse_others(file: BinaryIO) -> None:
    """Refuse what begins like a workbook and is another format, in words that help."""
    start = file.read(_CHUNK)
    if start.startswith(_OLE):
        rest = start + file.read(1 << 22)
        what = "has a password" if _ENCRYPTED in rest else "is in the format of before 2007 (.xls)"
        raise InputError(
            f"the workbook {what}",
            next_step="open it in a spreadsheet program and save it as .xlsx without a password",
        )
    if b"mimetypeapplication/vnd.oasis.opendocument" in start[:200]:
        raise InputError(
            "the workbook is in the OpenDocument format (.ods)",
            next_step="open it in a spreadsheet program and save it as .xlsx or as CSV",
        )


def _refuse_doctype(*_: object) -> None:
    raise InputError(
        "the workbook declares a document type, which no spreadsheet program writes",
        next_step="do not trust it; ask who sent it",
    )


def _damaged() -> InputError:
    return InputError(
        "the workbook is damaged",
        next_step="open it in a spreadsheet program and save it again",
    )


def _local(tag: str) -> str:
    return tag.rpartition(":")[2] if ":" in tag else tag


def _resolve(folder: str, target: str) -> str:
    """Turn the target of a relationship into a name in the archive."""
    if target.startswith("/"):
        return target[1:]
    path = PurePosixPath(folder)
    for step in PurePosixPath(target).parts:
        path = path.parent if step == ".." else path / step
    return str(path)


def _number(text: str | None) -> int:
    return int(text) if text is not None and text.isascii() and text.isdigit() else -1


_BUILT_IN_DATES: Final = frozenset({*range(14, 23), *range(27, 37), *range(45, 48), *range(50, 59)})
"""Number formats 14 to 58 that are dates or times in some locale (ECMA-376-1, 18.8.30)."""


def _shows_date(number: int, formats: dict[int, str]) -> bool:
    code = formats.get(number)
    if code is None:
        return number in _BUILT_IN_DATES
    # Text in quotes, escaped characters and colours say nothing; [h] is a duration.
    bare = re.sub(r'"[^"]*"|\\.|_.|\*.|\[(?![hms]+\])[^\]]*\]', "", code.lower())
    return re.search(r"[ymdhs]", bare) is not None and "general" not in bare
