# SPDX-License-Identifier: Apache-2.0
"""Spreadsheets that a browser handed over, until they are imported.

They lie in the home's `run` directory, readable by its owner alone, under a random name that
says whose they are. Each goes when it is imported, when its owner drops it, or after a day.
"""

import csv
import os
import re
import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import IO, Final

from pydantic import ValidationError

from federation.errors import InputError
from federation.indicators import Kind, Subject
from federation.member import StaffAction
from federation_node.actions.intake import Imported, import_sheet, open_sheet
from federation_node.actions.roles import action
from federation_node.context import NodeContext, now
from federation_node.intake import Column
from federation_node.intake import Mapping as Meaning
from federation_node.intake.mapping import ERROR_HEADERS, PARTS

__all__ = [
    "KINDS",
    "LARGEST",
    "BadRow",
    "Sheet",
    "SheetColumn",
    "bad_rows",
    "choose",
    "drop",
    "errors_file",
    "keep",
    "run",
    "show",
]

LARGEST: Final = 64 * 1024 * 1024
"""Octets; larger ones are imported at the command line."""
KINDS: Final = tuple(sorted(PARTS))
"""What a column may hold."""
_CHUNK: Final = 1 << 20
_DAY: Final = 24 * 3600
_MOST: Final = 8
"""Sheets of one person."""
_SAMPLES: Final = 3
_SHOWN: Final = 100
_NAME: Final = re.compile("[0-9a-f]{32}")
_SOURCE: Final = re.compile(r"[\w.-][\w .-]{0,63}")


@dataclass(frozen=True, slots=True)
class SheetColumn:
    """One column of a sheet, and what it is taken for."""

    header: str
    samples: tuple[str, ...] = field(repr=False)
    kind: Kind | None
    """None: the column is not read as an indicator."""
    subject: Subject | None
    belongs_to: str
    """Header of the column that this one completes; empty for none."""
    why_not: str
    """Why it is not read, if that is known."""


@dataclass(frozen=True, slots=True)
class Sheet:
    """A sheet that waits to be imported."""

    name: str
    headers: tuple[str, ...]
    columns: tuple[SheetColumn, ...]
    meaning: Meaning
    remarks: tuple[str, ...]
    source: str


@dataclass(frozen=True, slots=True)
class BadRow:
    """A row that could not be read: where and why, never what stood there."""

    number: str
    column: str
    reason: str


@action(StaffAction.CASE_IMPORT)
def keep(context: NodeContext, content: IO[bytes], source: str) -> str:
    """Take a sheet in.

    Args:
        context: the node in the hands of a person.
        content: the file.
        source: name of the system that it comes from.

    Returns:
        What names it.

    Raises:
        InputError: it is too large, no sheet, or the person has too many already.
    """
    if _SOURCE.fullmatch(source) is None:
        raise InputError(
            "the name of the source cannot be used",
            next_step="use up to 64 letters, digits, spaces, dots and dashes, such as: csv",
        )
    _sweep(context)
    if len(list(context.home.run.glob(f"{_prefix(context)}*.sheet"))) >= _MOST:
        raise InputError(
            f"{_MOST} of your sheets wait already", next_step="import or drop one of them first"
        )
    name = secrets.token_hex(16)
    path = _path(context, name)
    try:
        _copy(content, path)
        _, meaning = open_sheet(path, None, context.config.organisation.region)
        _write(path.with_suffix(".toml"), meaning.to_toml())
        _write(path.with_suffix(".source"), source)
    except BaseException:
        _remove(path)
        raise
    return name


@action(StaffAction.CASE_IMPORT)
def show(context: NodeContext, name: str) -> Sheet:
    """Show the columns of a sheet with sample values, and what they are taken for.

    Args:
        context: the node in the hands of the person who handed it over.
        name: from `keep`.

    Returns:
        The sheet.

    Raises:
        InputError: there is none of this person.
    """
    path = _path(context, name, there=True)
    rows, meaning = open_sheet(path, path.with_suffix(".toml"), None)
    sample = rows.sample()
    known = {column.column: column for column in meaning.columns}
    completes = {
        header: column.column for column in meaning.columns for header in column.parts.values()
    }
    return Sheet(
        name,
        rows.headers,
        tuple(
            SheetColumn(
                header,
                tuple(islice((text for row in sample if (text := row.cells[header])), _SAMPLES)),
                known[header].kind if header in known else None,
                known[header].subject if header in known else None,
                completes.get(header, ""),
                meaning.ignored.get(header, ""),
            )
            for header in rows.headers
        ),
        meaning,
        rows.remarks,
        path.with_suffix(".source").read_text(encoding="utf-8"),
    )


@action(StaffAction.CASE_IMPORT)
def choose(
    context: NodeContext,
    name: str,
    case_id: str,
    country: str,
    region: str,
    columns: Mapping[int, tuple[str, str]],
) -> None:
    """Say what the columns of a sheet mean.

    Args:
        context: the node in the hands of the person who handed it over.
        name: of the sheet.
        case_id: header of the column with the case's id.
        country: header of the column with the case's country; empty for none.
        region: country of cases that name none; empty for none.
        columns: kind and subject by position; a column without both is not read.

    Raises:
        InputError: it cannot be so.
    """
    sheet = show(context, name)
    before = {column.column: column for column in sheet.meaning.columns}
    chosen: list[Column] = []
    try:
        for at, header in enumerate(sheet.headers):
            kind, subject = columns.get(at, ("", ""))
            if not kind or not subject or header in {case_id, country}:
                continue
            known = before.get(header)
            # What completes an indicator stays with it, as far as the new kind has such parts.
            parts = {} if known is None else known.parts
            fits = {part: one for part, one in parts.items() if part in PARTS[Kind(kind)]}
            chosen.append(Column(column=header, kind=Kind(kind), subject=Subject(subject), **fits))
        read = {case_id, country, *(column.column for column in chosen)}
        meaning = Meaning.model_validate(
            sheet.meaning.model_dump()
            | {
                "case_id": case_id,
                "country": country or None,
                "region": region.strip().upper() or None,
                "columns": [column.model_dump(by_alias=True) for column in chosen],
                "notes": [one for one in sheet.meaning.notes if one not in read],
                "ignored": {
                    one: why for one, why in sheet.meaning.ignored.items() if one not in read
                },
            }
        )
    except (KeyError, ValueError, ValidationError) as error:
        raise InputError(
            "the columns cannot mean this",
            next_step="go back; choose for each column of the lists, and a country by two letters",
        ) from error
    meaning.check(sheet.headers)
    _write(_path(context, name).with_suffix(".toml"), meaning.to_toml())


@action(StaffAction.CASE_IMPORT)
def run(
    context: NodeContext, name: str, *, dry_run: bool, progress: Callable[[int], None]
) -> Imported:
    """Import a sheet, or try it. Once it is imported it is gone; its rows in error stay a day.

    Args:
        context: the node in the hands of the person who handed it over.
        name: of the sheet.
        dry_run: read and count, store nothing.
        progress: told how many rows are read.

    Returns:
        What was done.

    Raises:
        InputError: there is none of this person, or it cannot be read.
    """
    path = _path(context, name, there=True)
    bad = path.with_suffix(".errors")
    bad.unlink(missing_ok=True)
    done = import_sheet(
        context,
        path,
        mapping=path.with_suffix(".toml"),
        source=path.with_suffix(".source").read_text(encoding="utf-8"),
        errors_file=bad,
        dry_run=dry_run,
        progress=progress,
    )
    if not dry_run:
        path.unlink()
    return done


@action(StaffAction.CASE_IMPORT)
def bad_rows(context: NodeContext, name: str) -> list[BadRow]:
    """List where rows could not be read and why, the first hundred.

    Args:
        context: the node in the hands of the person who handed the sheet over.
        name: of the sheet.
    """
    path = _path(context, name).with_suffix(".errors")
    if not path.exists():
        return []
    delimiter = Meaning.load(path.with_suffix(".toml")).delimiter or ","
    with path.open(encoding="utf-8-sig", newline="") as file:
        rows = csv.DictReader(file, delimiter=delimiter)
        return [
            BadRow(*(row[header].lstrip("'") for header in ERROR_HEADERS))
            for row in islice(rows, _SHOWN)
        ]


@action(StaffAction.CASE_IMPORT)
def errors_file(context: NodeContext, name: str) -> bytes:
    """Return the rows that could not be read, as a CSV file to be corrected.

    No cell of it begins like a formula.

    Args:
        context: the node in the hands of the person who handed the sheet over.
        name: of the sheet.

    Raises:
        InputError: there are none.
    """
    path = _path(context, name).with_suffix(".errors")
    if not path.exists():
        raise InputError("there are no rows in error", next_step="go back to the imports")
    return path.read_bytes()


@action(StaffAction.CASE_IMPORT)
def drop(context: NodeContext, name: str) -> None:
    """Remove a sheet and everything about it.

    Args:
        context: the node in the hands of the person who handed it over.
        name: of the sheet.
    """
    _remove(_path(context, name))


def _prefix(context: NodeContext) -> str:
    return f"sheet-{context.by.id.removeprefix('staff:')}-"


def _path(context: NodeContext, name: str, *, there: bool = False) -> Path:
    """Return where a sheet of the person lies."""
    path = context.home.run / f"{_prefix(context)}{name}.sheet"
    if _NAME.fullmatch(name) is None or (there and not path.exists()):
        raise InputError(
            "there is no such sheet of yours", next_step="hand it over again, under Import"
        )
    return path


def _copy(content: IO[bytes], path: Path) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    left = LARGEST
    with os.fdopen(descriptor, "wb") as file:
        while chunk := content.read(_CHUNK):
            left -= len(chunk)
            if left < 0:
                raise InputError(
                    "the sheet is too large for the browser",
                    next_step="ask your technician to import it at the command line",
                )
            file.write(chunk)


def _write(path: Path, text: str) -> None:
    descriptor = os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(descriptor, "w", encoding="utf-8") as file:
        file.write(text)


def _remove(path: Path) -> None:
    for suffix in (".sheet", ".toml", ".source", ".errors"):
        path.with_suffix(suffix).unlink(missing_ok=True)


def _sweep(context: NodeContext) -> None:
    """Remove what nobody came back for."""
    context.home.run.mkdir(mode=0o700, exist_ok=True)
    for path in context.home.run.glob("sheet-*"):
        if now().timestamp() - path.stat().st_mtime > _DAY:
            path.unlink(missing_ok=True)
