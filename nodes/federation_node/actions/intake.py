# SPDX-License-Identifier: Apache-2.0
"""Importing a spreadsheet of cases, and taking an import back."""

import hashlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from federation.errors import InputError
from federation.indicators import Case
from federation.member import ImportedConsent, ImportResult, StaffAction
from federation.storage import (
    UNDO_DAYS,
    ImportCounts,
    ImportStatus,
    ObservationStatus,
    StoredImport,
    UndoStep,
)
from federation_node.actions.roles import action
from federation_node.context import NodeContext, now
from federation_node.intake import (
    ErrorsFile,
    Mapping,
    RowError,
    RowSource,
    free_name,
    guess,
    open_rows,
    read_cases,
)

__all__ = [
    "Imported",
    "Run",
    "forget_until",
    "import_sheet",
    "list_imports",
    "open_sheet",
    "undo_import",
]

_PROGRESS_ROWS = 500
_CHUNK = 1 << 20


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did."""

    run: str
    """Number of this import; cases remember the last one that changed them. Empty for a dry
    run."""
    resumed: bool
    """An earlier run of the same file was cut off, and this one went on with it."""
    new: int
    """Cases that were not there before."""
    changed: int
    unchanged: int
    removed: int
    """Cases that the file does not have any more."""
    replace_skipped: bool
    """Removing was asked for, and not done because there are rows in error."""
    observations: int
    """Observations in all cases of the file."""
    left_out: dict[tuple[ObservationStatus, str], int]
    """How many observations take no part in matching, by status and reason; empty for a dry
    run."""
    consents_recorded: int
    """Consents that the file told of and that were not known."""
    consents_ended: int
    """Consents that it says are there no more."""
    errors: int
    """Rows that could not be read."""
    errors_file: Path | None
    """Where the rows in error are, to be corrected and imported."""
    ignored: dict[str, str]
    """Columns that were not read, with the reason."""
    remarks: tuple[str, ...]
    """What a person should know about the sheet."""
    dry_run: bool
    """Nothing was stored."""

    def document(self) -> dict[str, Any]:
        """Put it into one object for programs."""
        return {
            "run": self.run,
            "resumed": self.resumed,
            "new": self.new,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "removed": self.removed,
            "replace_skipped": self.replace_skipped,
            "observations": self.observations,
            "left_out": [
                {"status": status.value, "reason": reason, "count": count}
                for (status, reason), count in self.left_out.items()
            ],
            "consents_recorded": self.consents_recorded,
            "consents_ended": self.consents_ended,
            "errors": self.errors,
            "errors_file": None if self.errors_file is None else str(self.errors_file),
            "ignored": self.ignored,
            "remarks": list(self.remarks),
            "dry_run": self.dry_run,
        }


def open_sheet(
    path: Path, saved: Path | None, region: str | None, sheet: str | None = None
) -> tuple[RowSource, Mapping]:
    """Open a sheet, and load what its columns mean or guess it from headers and values.

    Args:
        path: the CSV file or workbook.
        saved: a mapping file, or None.
        region: country of local phone numbers if the mapping names none.
        sheet: name of the sheet of a workbook.

    Returns:
        The rows, and what the columns mean.

    Raises:
        InputError: the sheet or the mapping cannot be used.
    """
    if saved is None:
        rows = open_rows(path, sheet=sheet)
        meaning = guess(
            rows.headers,
            rows.sample(),
            region=region,
            encoding=rows.encoding,
            delimiter=rows.delimiter,
            sheet=rows.sheet,
        )
        return rows, meaning
    mapping = Mapping.load(saved)
    if mapping.region is None:
        mapping = mapping.model_copy(update={"region": region})
    return open_rows(path, mapping, sheet=sheet), mapping


@action(StaffAction.CASE_IMPORT)
def import_sheet(
    context: NodeContext,
    path: Path,
    *,
    mapping: Path | None = None,
    sheet: str | None = None,
    source: str = "csv",
    errors_file: Path | None = None,
    dry_run: bool = False,
    replace: bool = False,
    keep: bool = True,
    progress: Callable[[int], None] | None = None,
) -> Imported:
    """Import a CSV file or a workbook; the same file again changes nothing.

    Rows are kept by the source's own id. An import that is cut off, even by a power failure,
    is repeated: what is stored already stays as it is, and it counts as one import.

    Args:
        context: the node.
        path: the file.
        mapping: what its columns mean; None to guess.
        sheet: name of the sheet of a workbook.
        source: name of the system that the file comes from; case ids are unique within it.
        errors_file: where to write the rows in error; None for a new file beside the sheet.
        dry_run: read and count, store nothing.
        replace: remove the source's cases that are not in the file any more.
        keep: keep what is replaced for some weeks, so that the import can be taken back.
        progress: told how many rows are read so far.

    Returns:
        What was done.

    Raises:
        InputError: the file or the mapping cannot be used.
    """
    if errors_file is not None and errors_file.resolve() == path.resolve():
        raise InputError(
            "the list of errors would overwrite the sheet",
            next_step="name another file with --errors",
        )
    rows, meaning = open_sheet(path, mapping, context.config.organisation.region, sheet)
    if meaning.consent is not None:
        context.member.staff.admit(context.by, StaffAction.CONSENT_RECORD)
    told: list[ImportedConsent] = []
    recorded = ended = 0
    listed = errors_file or free_name(path)
    begun: StoredImport | None = None
    resumed = False
    removed = 0
    with ErrorsFile(listed, rows.headers, meaning.delimiter) as errors:
        seen = _Counted(read_cases(rows, meaning, told.append), errors, progress)
        if dry_run:
            result = ImportResult()
            for _ in seen:
                pass
        else:
            begun, resumed = _begin(context, path, meaning, source, keep=keep)
            run = str(begun.number)
            result = context.member.put_cases(
                seen, source=source, run=run, keep=keep, by=context.by
            )
            recorded, ended = context.member.consents.take(told, source=source, by=context.by)
    skipped = replace and errors.count > 0
    if begun is not None:
        # A row in error may be a case that is there: it must not count as gone.
        removed = context.member.remove_missing(begun, context.by) if replace and not skipped else 0
        counts = ImportCounts(result.new, result.changed, result.unchanged, removed, errors.count)
        with context.store.write() as tx:
            tx.imports.finish(begun.number, counts)
            tx.imports.prune(now())
    return Imported(
        run="" if begun is None else str(begun.number),
        resumed=resumed,
        new=result.new,
        changed=result.changed,
        unchanged=result.unchanged,
        removed=removed,
        replace_skipped=skipped,
        observations=seen.observations,
        left_out=dict(result.left_out.most_common()),
        errors=errors.count,
        consents_recorded=recorded,
        consents_ended=ended,
        errors_file=listed if errors.count else None,
        ignored=dict(meaning.ignored)
        | dict.fromkeys(meaning.unlisted(rows.headers), "not in the mapping"),
        remarks=rows.remarks,
        dry_run=dry_run,
    )


@dataclass(frozen=True, slots=True)
class Run:
    """An import as it is listed."""

    stored: StoredImport

    def document(self) -> dict[str, Any]:
        """Put it into one object for programs."""
        until = forget_until(self.stored)
        counts = self.stored.counts
        return {
            "run": str(self.stored.number),
            "source": self.stored.source,
            "started": self.stored.started.isoformat(),
            "status": self.stored.status.value,
            "new": counts.new,
            "changed": counts.changed,
            "unchanged": counts.unchanged,
            "removed": counts.removed,
            "errors": counts.errors,
            "undo_until": None if until is None else until.date().isoformat(),
        }


@action(StaffAction.CASE_IMPORTS)
def list_imports(context: NodeContext) -> list[Run]:
    """List the imports, the newest first.

    Args:
        context: the node.
    """
    with context.store.read() as tx:
        return [Run(one) for one in tx.imports.list()]


def forget_until(stored: StoredImport) -> datetime | None:
    """Return until when an import can be taken back, or None if it cannot.

    Args:
        stored: the import.
    """
    if not stored.kept or stored.status is ImportStatus.UNDONE:
        return None
    return stored.started + timedelta(days=UNDO_DAYS)


@action(StaffAction.CASE_IMPORT)
def undo_import(context: NodeContext, run: str) -> UndoStep:
    """Take an import back: what it brought goes, what it replaced returns.

    Cases that something else changed since stay as they are.

    Args:
        context: the node.
        run: number of the import.

    Returns:
        What was done.

    Raises:
        InputError: there is no such import, or it cannot be taken back (any more).
    """
    # A number too long for the database is no import either.
    number = int(run) if run.isascii() and run.isdigit() and len(run) < 19 else 0
    return context.member.undo_import(number, context.by)


def _begin(
    context: NodeContext, path: Path, meaning: Mapping, source: str, *, keep: bool
) -> tuple[StoredImport, bool]:
    """Begin the import of a file, or go on with one that was cut off."""
    content = hashlib.sha256(meaning.to_toml().encode())
    with path.open("rb") as file:
        while chunk := file.read(_CHUNK):
            content.update(chunk)
    with context.store.write() as tx:
        before = tx.imports.last(source)
        begun = tx.imports.begin(source, content.digest(), now(), keep=keep)
    return begun, begun.number == before


class _Counted:
    """Passes cases on, counts their observations and lists the rows in error."""

    def __init__(
        self,
        items: Iterator[Case | RowError],
        errors: ErrorsFile,
        progress: Callable[[int], None] | None,
    ) -> None:
        self._items = items
        self._errors = errors
        self._progress = progress
        self.observations = 0

    def __iter__(self) -> Iterator[Case]:
        for count, item in enumerate(self._items, start=1):
            if self._progress is not None and count % _PROGRESS_ROWS == 0:
                self._progress(count)
            if isinstance(item, RowError):
                self._errors.add(item)
            else:
                self.observations += len(item.observations)
                yield item
