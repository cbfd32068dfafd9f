# SPDX-License-Identifier: Apache-2.0
"""The own checkpoints, and what witnesses signed under them."""

import builtins
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import ColumnElement, Row, and_, func, insert, select
from sqlalchemy.orm import Session

from federation.audit import Checkpoint, Note, NoteSignature
from federation.audit.checkpoint import LIMIT
from federation.storage.registry import put_row, table_of
from federation.storage.tables_audit import AuditCheckpointRow, AuditCosignatureRow

__all__ = ["CheckpointsRepository", "StoredCheckpoint"]

_CHECKPOINTS: Final = table_of(AuditCheckpointRow)
_COSIGNATURES: Final = table_of(AuditCosignatureRow)


@dataclass(frozen=True, slots=True)
class StoredCheckpoint:
    """A checkpoint that was published."""

    generation: int
    size: int
    slot: datetime
    """The time of the fixed clock at which it was due."""
    note: Note = field(repr=False)
    """With the own signature."""

    @property
    def checkpoint(self) -> Checkpoint:
        """What it says."""
        return Checkpoint.parse(self.note.text)

    def cosigned(self, lines: Sequence[str]) -> Note:
        """Return the note with the witnesses' lines under the own signature."""
        added = tuple(NoteSignature.parse(line) for line in lines)
        return Note(self.note.text, (*self.note.signatures, *added))


class CheckpointsRepository:
    """Own checkpoints by generation and size; none is ever changed."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def put(self, generation: int, size: int, slot: datetime, note: Note) -> None:
        """Keep a checkpoint before it leaves.

        Args:
            generation: Of the log.
            size: Of the log.
            slot: When it was due.
            note: Signed.
        """
        row = {"generation": generation, "size": size, "slot": slot, "note": note.encode()}
        self._session.execute(insert(_CHECKPOINTS).values(**row))

    def latest(self) -> StoredCheckpoint | None:
        """The newest checkpoint, or None before the first."""
        newest = select(_CHECKPOINTS).order_by(
            _CHECKPOINTS.c.generation.desc(), _CHECKPOINTS.c.size.desc()
        )
        return self._first(newest.limit(1))

    def list(self, generation: int) -> builtins.list[StoredCheckpoint]:
        """The checkpoints of one log, the smallest first."""
        query = select(_CHECKPOINTS).where(_CHECKPOINTS.c.generation == generation)
        return [_stored(row) for row in self._session.execute(query.order_by(_CHECKPOINTS.c.size))]

    def put_cosignature(
        self, generation: int, size: int, witness: str, line: NoteSignature, time: datetime
    ) -> None:
        """Keep what a witness signed.

        Args:
            generation: Of the checkpoint.
            size: Of the checkpoint.
            witness: Member id.
            line: Verified.
            time: When it signed, by its own clock.
        """
        row = {
            "generation": generation,
            "size": size,
            "witness": witness,
            "line": str(line),
            "time": time,
        }
        put_row(self._session, _COSIGNATURES, row)

    def cosignatures(self, generation: int, size: int) -> dict[str, str]:
        """Signature lines by witness, under one checkpoint."""
        columns = (_COSIGNATURES.c.witness, _COSIGNATURES.c.line)
        query = select(*columns).where(_at(generation, size)).order_by(_COSIGNATURES.c.witness)
        return {witness: line for witness, line in self._session.execute(query)}  # noqa: C416

    def seen_by(self, generation: int) -> dict[str, tuple[int, datetime]]:
        """(largest size, time) that each witness cosigned in one log."""
        columns = (
            _COSIGNATURES.c.witness,
            func.max(_COSIGNATURES.c.size),
            func.max(_COSIGNATURES.c.time),
        )
        query = select(*columns).where(_COSIGNATURES.c.generation == generation)
        rows = self._session.execute(query.group_by(_COSIGNATURES.c.witness))
        return {witness: (size, time) for witness, size, time in rows}

    def _first(self, query: object) -> StoredCheckpoint | None:
        row = self._session.execute(query).first()  # type: ignore[call-overload]
        return None if row is None else _stored(row)


def _at(generation: int, size: int) -> ColumnElement[bool]:
    return and_(_COSIGNATURES.c.generation == generation, _COSIGNATURES.c.size == size)


def _stored(row: "Row[tuple[object, ...]]") -> StoredCheckpoint:
    return StoredCheckpoint(row.generation, row.size, row.slot, Note.decode(row.note, LIMIT))
