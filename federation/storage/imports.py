# SPDX-License-Identifier: Apache-2.0
"""Imports: which there were, what they replaced, and how one is taken back."""

import builtins
import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Row, delete, func, select, update
from sqlalchemy.orm import Session

from federation.storage.atrest import AtRest
from federation.storage.case_batch import CaseBatch, source_mark
from federation.storage.case_changes import CaseWriter, remove_observations
from federation.storage.former import FormerCase, keep_cases
from federation.storage.registry import chunks, run, table_of
from federation.storage.tables_cases import CaseRow, ObservationRow
from federation.storage.tables_imports import ImportRow, ImportUndoRow

_CASES: Final = table_of(CaseRow)
_OBSERVATIONS: Final = table_of(ObservationRow)
_IMPORTS: Final = table_of(ImportRow)
_UNDO: Final = table_of(ImportUndoRow)

UNDO_DAYS: Final = 30
"""How long what an import replaced is kept."""


class ImportStatus(StrEnum):
    """How far an import is."""

    RUNNING = "running"
    """It has begun; without an end it was cut off."""
    DONE = "done"
    UNDONE = "undone"
    """It was taken back."""


@dataclass(frozen=True, slots=True)
class ImportCounts:
    """What an import did."""

    new: int = 0
    changed: int = 0
    unchanged: int = 0
    removed: int = 0
    errors: int = 0


@dataclass(frozen=True, slots=True)
class StoredImport:
    """An import."""

    number: int
    source: str
    status: ImportStatus
    kept: bool
    """What it replaced was kept, and still is."""
    started: datetime
    counts: ImportCounts


@dataclass(frozen=True, slots=True)
class UndoStep:
    """What taking back a part of an import did."""

    deleted: int
    """Cases that the import had brought."""
    restored: int
    """Cases that are again what they were before it."""
    left: int
    """Cases that something else has changed since; they stay as they are."""

    @property
    def done(self) -> bool:
        """Whether nothing is left to take back."""
        return not (self.deleted or self.restored or self.left)


class ImportsRepository:
    """Imports and, in the vault, what they replaced."""

    def __init__(self, session: Session, at_rest: AtRest) -> None:
        self._session = session
        self._at_rest = at_rest

    def begin(self, source: str, content: bytes, at: datetime, *, keep: bool) -> StoredImport:
        """Begin an import, or go on with the one of the same content that was cut off.

        Args:
            source: Where the cases come from.
            content: Digest of the file and of what its columns mean.
            at: Now.
            keep: Whether what it replaces is kept.
        """
        origin = source_mark(self._at_rest, source)
        digest = self._at_rest.fingerprint(b"import|" + content)
        last = self._last(origin)
        if last is not None and last.digest == digest:
            cut_off = self._opened(last)
            if cut_off.status is ImportStatus.RUNNING and cut_off.kept == keep:
                return cut_off
        row = {
            "origin": origin,
            "digest": digest,
            "status": ImportStatus.RUNNING.value,
            "kept": keep,
            "started": at,
            "content": b"",
        }
        insert = _IMPORTS.insert().values(row).returning(_IMPORTS.c.number)
        number = int(self._session.execute(insert).scalar_one())
        begun = StoredImport(number, source, ImportStatus.RUNNING, keep, at, ImportCounts())
        self._put(begun)
        return begun

    def finish(self, number: int, counts: ImportCounts) -> None:
        """Record that an import went through to the end."""
        begun = self.get(number)
        if begun is not None:
            self._put(begun, ImportStatus.DONE, counts)

    def get(self, number: int) -> StoredImport | None:
        """One import, or None."""
        row = self._session.execute(select(_IMPORTS).where(_IMPORTS.c.number == number)).first()
        return None if row is None else self._opened(row)

    def list(self) -> builtins.list[StoredImport]:
        """All imports, the newest first."""
        rows = self._session.execute(select(_IMPORTS).order_by(_IMPORTS.c.number.desc()))
        return [self._opened(row) for row in rows]

    def last(self, source: str) -> int | None:
        """Number of the newest import of a source that was not taken back, or None."""
        row = self._last(source_mark(self._at_rest, source))
        return None if row is None else int(row.number)

    def missing(self, source: str, number: int) -> int:
        """How many cases of a source an import did not bring."""
        query = select(func.count()).select_from(_CASES).where(*self._missing(source, number))
        return self._session.scalar(query) or 0

    def remove_missing(self, source: str, number: int, limit: int, *, keep: bool) -> int:
        """Remove cases of a source that an import did not bring.

        Args:
            source: Where the cases come from.
            number: The import; it has gone through to the end.
            limit: At most so many.
            keep: Whether they are kept for taking back the import.

        Returns:
            How many were removed; 0 when there are no more.
        """
        query = select(_CASES.c.uuid).where(*self._missing(source, number)).limit(limit)
        found = self._session.scalars(query).all()
        if keep:
            keep_cases(self._session, self._at_rest, found, str(number))
        self._delete(found)
        return len(found)

    def undo_some(self, number: int, at: datetime, limit: int) -> UndoStep:
        """Take back a part of an import; again and again until nothing is left.

        Args:
            number: The import.
            at: Now.
            limit: Most cases to touch.
        """
        restored, left = self._restore(number, at, limit)
        name = str(number)
        # What it brought and what nothing has touched since.
        query = select(_CASES.c.uuid).where(_CASES.c.born == name, _CASES.c.run == name)
        born = self._session.scalars(query.limit(limit - restored - left)).all()
        self._delete(born)
        return UndoStep(len(born), restored, left)

    def mark_undone(self, number: int) -> None:
        """Record that an import was taken back."""
        found = self.get(number)
        if found is not None:
            self._put(found, ImportStatus.UNDONE)

    def prune(self, at: datetime) -> None:
        """Delete what imports replaced some weeks ago."""
        over = select(_IMPORTS.c.number).where(
            _IMPORTS.c.started < at - timedelta(days=UNDO_DAYS), _IMPORTS.c.kept
        )
        numbers = self._session.scalars(over).all()
        for part in chunks(numbers):
            self._session.execute(delete(_UNDO).where(_UNDO.c.number.in_(part)))
            ended = update(_IMPORTS).where(_IMPORTS.c.number.in_(part))
            self._session.execute(ended.values(kept=False))

    def _restore(self, number: int, at: datetime, limit: int) -> tuple[int, int]:
        vault = self._at_rest.vault
        entries = self._session.execute(
            select(_UNDO).where(_UNDO.c.number == number).limit(limit)
        ).all()
        restored = left = 0
        for entry in entries:
            former = FormerCase.open(vault, entry.uuid, entry.content)
            now = self._session.scalar(select(_CASES.c.run).where(_CASES.c.handle == entry.handle))
            if now is not None and now != str(number):
                left += 1
                continue
            batch = CaseBatch.of(self._at_rest, former.source, [former.case])
            CaseWriter(self._session, self._at_rest, batch, at=at, run=former.run).write()
            back = update(_CASES).where(_CASES.c.handle == entry.handle)
            self._session.execute(back.values(born=former.born))
            restored += 1
        for part in chunks([entry.uuid for entry in entries]):
            self._session.execute(delete(_UNDO).where(_UNDO.c.uuid.in_(part)))
        return restored, left

    def _missing(self, source: str, number: int) -> tuple[Any, ...]:
        origin = source_mark(self._at_rest, source)
        return (_CASES.c.origin == origin, _CASES.c.seen != str(number))

    def _delete(self, cases: Sequence[bytes]) -> None:
        for part in chunks(cases):
            seen = select(_OBSERVATIONS.c.uuid).where(_OBSERVATIONS.c.case.in_(part))
            remove_observations(self._session, self._at_rest, self._session.scalars(seen).all())
            self._session.execute(delete(_CASES).where(_CASES.c.uuid.in_(part)))

    def _last(self, origin: bytes) -> Row[Any] | None:
        query = (
            select(_IMPORTS)
            .where(_IMPORTS.c.origin == origin, _IMPORTS.c.status != ImportStatus.UNDONE.value)
            .order_by(_IMPORTS.c.number.desc())
            .limit(1)
        )
        return self._session.execute(query).first()

    def _put(
        self,
        one: StoredImport,
        status: ImportStatus = ImportStatus.RUNNING,
        counts: ImportCounts | None = None,
    ) -> None:
        content = json.dumps([one.source, asdict(counts or one.counts)]).encode()
        sealed = self._at_rest.vault.seal("imports", "content", _place(one.number), content)
        change = update(_IMPORTS).where(_IMPORTS.c.number == one.number)
        run(self._session, change.values(status=status.value, content=sealed))

    def _opened(self, row: Row[Any]) -> StoredImport:
        vault = self._at_rest.vault
        content = vault.open("imports", "content", _place(row.number), row.content)
        source, counts = json.loads(content)
        status = ImportStatus(row.status)
        return StoredImport(
            row.number, source, status, row.kept, row.started, ImportCounts(**counts)
        )


def _place(number: int) -> bytes:
    return number.to_bytes(16, "big")
