# SPDX-License-Identifier: Apache-2.0
"""The record in the database: append, count, read, and forget what a reference meant.

What a transaction appends is written at its end, in one go. So the log is locked only for
that moment, and always last: two transactions that append can wait for each other, and
never both at once. Entries stand in the order of the commits, without gaps.
"""

import secrets
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, Final

from sqlalchemy import delete, func, insert, select
from sqlalchemy.orm import Session

from federation.audit import Actor, Count, Event, Log, Record, Reference, begin
from federation.crypto.commit import SALT_LENGTH, commitment, new_salt
from federation.storage.atrest import AtRest
from federation.storage.audit_counts import AuditCounts
from federation.storage.audit_tree import LogSpan, SqlLogStore, leaf_row, open_leaf
from federation.storage.counters import AUDIT, take_numbers
from federation.storage.registry import table_of
from federation.storage.tables_audit import AuditLeafRow, AuditLogRow, AuditReferenceRow

__all__ = ["AuditRepository", "Entry", "Named"]

_LOGS: Final = table_of(AuditLogRow)
_LEAVES: Final = table_of(AuditLeafRow)
_REFERENCES: Final = table_of(AuditReferenceRow)


@dataclass(frozen=True, slots=True)
class Named:
    """Something that an entry refers to without holding it."""

    name: str
    """What kind of thing: ``case``, ``match``, ``letter``."""
    value: bytes = field(repr=False)
    """Which one."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One entry of the record."""

    index: int
    """Its place, from 0, counted through all logs of this node."""
    leaf: bytes = field(repr=False)
    """The exact bytes that the tree hashes."""

    @property
    def record(self) -> Record:
        """The entry, read."""
        return Record.from_bytes(self.leaf)


@dataclass(frozen=True, slots=True)
class _Pending:
    """An entry that waits for the end of the transaction."""

    record: Record
    named: tuple[tuple[bytes, Named], ...]
    """(salt, what it opens) for each reference."""


class AuditRepository:
    """Appends to the record in the transaction of what it records."""

    def __init__(self, session: Session, at_rest: AtRest) -> None:
        self._session = session
        self._at_rest = at_rest
        self._counts = AuditCounts(session)
        self._pending: list[_Pending] = []

    def append(self, record: Record, named: Sequence[Named] = ()) -> None:
        """Append an entry; it is written with the commit.

        Args:
            record: Without references; they are made here.
            named: What it refers to, in order.

        Raises:
            MalformedError: The entry is too long.
        """
        salted = tuple((new_salt(), one) for one in named)
        if salted:
            references = tuple(
                Reference(name=one.name, commitment=commitment(salt, one.value))
                for salt, one in salted
            )
            # Both are checked already, and nothing of a reference bears on another field.
            record = record.model_copy(update={"references": references})
        self._pending.append(_Pending(record, salted))

    def count(self, event: Event, at: datetime, amounts: Mapping[Count, int], **facts: Any) -> None:
        """Count something that gets one entry for its day, or for its run (`close_run`).

        Args:
            event: What happened.
            at: When.
            amounts: How much of what.
            facts: Other fields of `federation.audit.Record`; what is equal is counted together.
        """
        self._counts.add(event, at, amounts, **facts)

    def close_run(self, event: Event, at: datetime, **facts: Any) -> None:
        """Write the entry of what was counted of one thing so far."""
        self._write(self._counts.close(event, **facts), at)

    def close_days(self, at: datetime) -> None:
        """Write the entries of what was counted on days that are over."""
        self._write(self._counts.close_days(at), at)

    def settle(self) -> None:
        """Write what was appended; the store does it before each commit."""
        if not self._pending:
            return
        pending, self._pending = self._pending, []
        self.lock()
        span = self._span() or self._new_log(1, 0, pending[0].record.at)
        log = Log(SqlLogStore(self._session, self._at_rest, span))
        first = span.begin + log.append([one.record for one in pending])
        openings = [
            self._opening(first + number, position, salt, named)
            for number, one in enumerate(pending)
            for position, (salt, named) in enumerate(one.named)
        ]
        if openings:
            self._session.execute(insert(_REFERENCES), openings)

    def lock(self) -> None:
        """Wait until nobody else appends; until the commit, nobody else does."""
        take_numbers(self._session, AUDIT, 0)

    def begin_anew(self, at: datetime, generation: int, former: bytes, by: Actor) -> None:
        """Begin a new log after entries were lost.

        Args:
            at: Now.
            generation: Of the new log; above that of every log before.
            former: SHA-256 of the text of the last checkpoint of the log before.
            by: Who decides it.
        """
        self.settle()
        self.lock()
        span = self._span() or self._new_log(1, 0, at)
        if generation <= span.generation:
            raise ValueError("a generation is over")
        self._new_log(generation, span.end, at)
        self.append(begin(at, former, kept=span.size, by=by))

    def logs(self) -> list[LogSpan]:
        """The logs of the record, oldest first; all but the last are over."""
        self.settle()
        query = select(_LOGS).order_by(_LOGS.c.generation)
        return [
            LogSpan(row.generation, row.begin, row.size, row.begun)
            for row in self._session.execute(query)
        ]

    def store_of(self, span: LogSpan) -> SqlLogStore:
        """One log, for proofs about it and for checking it."""
        self.settle()
        return SqlLogStore(self._session, self._at_rest, span)

    def size(self) -> int:
        """How many entries there are."""
        self.settle()
        return self._session.scalar(select(func.count()).select_from(_LEAVES)) or 0

    def entries(
        self, start: int = 0, limit: int = 1000, events: Iterable[Event] = ()
    ) -> list[Entry]:
        """Return entries in order.

        Args:
            start: First index.
            limit: At most so many.
            events: Only these; all without.

        Raises:
            VerifyError: An entry was altered.
        """
        self.settle()
        query = select(_LEAVES.c.place, _LEAVES.c.leaf).where(_LEAVES.c.place >= start)
        wanted = [event.value for event in events]
        if wanted:
            query = query.where(_LEAVES.c.event.in_(wanted))
        rows = self._session.execute(query.order_by(_LEAVES.c.place).limit(limit))
        return [Entry(row.place, open_leaf(self._at_rest, row)) for row in rows]

    def about(self, named: Named) -> list[int]:
        """The indices of the entries that refer to something, while that is not erased."""
        self.settle()
        query = select(_REFERENCES.c.place).where(_REFERENCES.c.subject == self._subject(named))
        return sorted(set(self._session.scalars(query)))

    def openings(self, index: int) -> dict[int, tuple[bytes, bytes]]:
        """Salt and value of the references of an entry, by position; erased ones are missing."""
        self.settle()
        query = select(_REFERENCES.c.position, _REFERENCES.c.opening)
        rows = self._session.execute(query.where(_REFERENCES.c.place == index))
        found = {}
        for row in rows:
            opened = self._at_rest.vault.open(
                "audit_references", "opening", leaf_row(index, row.position), row.opening
            )
            found[row.position] = (opened[:SALT_LENGTH], opened[SALT_LENGTH:])
        return found

    def forget(self, named: Named) -> int:
        """Delete what opens the references to something; return how many there were.

        The entries stay as they are. `Store.scrub` afterwards cleans the log.
        """
        self.settle()
        gone = delete(_REFERENCES).where(_REFERENCES.c.subject == self._subject(named))
        return len(self._session.scalars(gone.returning(_REFERENCES.c.place)).all())

    def _write(self, counted: Iterable[Record], at: datetime) -> None:
        for record in counted:
            self.append(record.replace(at=at, nonce=secrets.token_bytes(32)))

    def _span(self) -> LogSpan | None:
        query = select(_LOGS).order_by(_LOGS.c.generation.desc()).limit(1)
        row = self._session.execute(query).first()
        return None if row is None else LogSpan(row.generation, row.begin, row.size, row.begun)

    def _new_log(self, generation: int, first: int, at: datetime) -> LogSpan:
        row = {"generation": generation, "begin": first, "size": 0, "tree": b"", "begun": at}
        self._session.execute(insert(_LOGS).values(**row))
        return LogSpan(generation, first, 0, at)

    def _opening(self, place: int, position: int, salt: bytes, named: Named) -> dict[str, Any]:
        row = leaf_row(place, position)
        return {
            "place": place,
            "position": position,
            "subject": self._subject(named),
            "opening": self._at_rest.vault.seal(
                "audit_references", "opening", row, salt + named.value
            ),
        }

    def _subject(self, named: Named) -> bytes:
        return self._at_rest.fingerprint(b"audit|" + named.name.encode() + b"|" + named.value)
