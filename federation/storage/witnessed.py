# SPDX-License-Identifier: Apache-2.0
"""What this node saw of other members' logs, as their witness, and what was wrong with it."""

import builtins
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from federation.audit import Checkpoint, Note, Word
from federation.audit.checkpoint import LIMIT
from federation.storage.counters import WITNESS, take_numbers
from federation.storage.registry import insert_new, put_row, table_of
from federation.storage.tables_audit import WitnessedRow, WitnessEvidenceRow

__all__ = ["Evidence", "Witnessed", "WitnessedRepository"]

_SEEN: Final = table_of(WitnessedRow)
_EVIDENCE: Final = table_of(WitnessEvidenceRow)
_MOST_EVIDENCE: Final = 32
"""Kept of one member: more would prove nothing more, and fill the disk."""


@dataclass(frozen=True, slots=True)
class Witnessed:
    """The last checkpoint that was cosigned for a member."""

    member: str
    key: bytes
    """The member's signing key at that time."""
    note: Note = field(repr=False)
    time: datetime

    @property
    def checkpoint(self) -> Checkpoint:
        """What it says."""
        return Checkpoint.parse(self.note.text)


@dataclass(frozen=True, slots=True)
class Evidence:
    """Two notes of one member that do not fit together."""

    member: str
    """Whose log it is."""
    finding: Word
    held: bytes = field(repr=False)
    """The note that was known before; empty if there was none."""
    shown: bytes = field(repr=False)
    """The note that does not fit."""
    time: datetime


class WitnessedRepository:
    """The last checkpoint of each member, and the evidence against it."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def lock(self) -> None:
        """Wait until nobody else judges a checkpoint: of two that differ only one is next."""
        take_numbers(self._session, WITNESS, 0)

    def get(self, member: str) -> Witnessed | None:
        """What was seen of a member last, or None."""
        row = self._session.execute(select(_SEEN).where(_SEEN.c.member == member)).first()
        if row is None:
            return None
        return Witnessed(row.member, row.key, Note.decode(row.note, LIMIT), row.time)

    def list(self) -> builtins.list[Witnessed]:
        """What was seen last of every member, by member."""
        rows = self._session.execute(select(_SEEN).order_by(_SEEN.c.member))
        return [
            Witnessed(row.member, row.key, Note.decode(row.note, LIMIT), row.time) for row in rows
        ]

    def put(self, member: str, key: bytes, note: Note, at: datetime) -> None:
        """Keep a checkpoint that is cosigned; an old message that came late is forgiven.

        Args:
            member: Whose log it is.
            key: Its signing key.
            note: The checkpoint.
            at: Now.
        """
        put_row(
            self._session,
            _SEEN,
            {"member": member, "key": key, "note": note.encode(), "time": at},
        )
        late = (_EVIDENCE.c.member == member) & (_EVIDENCE.c.finding == Word.SHRUNK.value)
        self._session.execute(delete(_EVIDENCE).where(late))

    def add_evidence(
        self, member: str, finding: Word, held: bytes, shown: bytes, at: datetime
    ) -> bool:
        """Keep two notes that do not fit together.

        Args:
            member: Whose log it is; the own id for the own log.
            finding: What is wrong.
            held: The note that was known before.
            shown: The note that does not fit.
            at: Now.

        Returns:
            Whether it is new.
        """
        count = select(func.count()).select_from(_EVIDENCE).where(_EVIDENCE.c.member == member)
        if (self._session.scalar(count) or 0) >= _MOST_EVIDENCE:
            return False
        row = {
            "member": member,
            "finding": finding.value,
            "held": held,
            "shown": shown,
            "time": at,
        }
        return bool(insert_new(self._session, _EVIDENCE, [row]))

    def evidence(self, member: str | None = None) -> builtins.list[Evidence]:
        """The evidence, oldest first; of one member or of all."""
        query = select(_EVIDENCE).order_by(_EVIDENCE.c.number)
        if member is not None:
            query = query.where(_EVIDENCE.c.member == member)
        return [
            Evidence(row.member, Word(row.finding), row.held, row.shown, row.time)
            for row in self._session.execute(query)
        ]

    def drop_evidence(self, member: str) -> None:
        """Forget what is settled: for the own log, once a new one is begun."""
        self._session.execute(delete(_EVIDENCE).where(_EVIDENCE.c.member == member))
