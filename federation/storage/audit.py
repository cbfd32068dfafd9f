# SPDX-License-Identifier: Apache-2.0
"""The record in the database: append, read, and forget what a reference meant."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

from sqlalchemy import delete, func, select
from sqlalchemy.orm import Session

from federation.audit import Event, Record, Reference
from federation.crypto.commit import SALT_LENGTH, commitment, new_salt
from federation.storage.atrest import AtRest
from federation.storage.counters import AUDIT, take_numbers
from federation.storage.registry import table_of
from federation.storage.tables_audit import AuditLeafRow, AuditReferenceRow

__all__ = ["AuditRepository", "Entry", "Named"]

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
    """One entry of the log."""

    index: int
    leaf: bytes = field(repr=False)
    """The exact bytes that the tree hashes."""

    @property
    def record(self) -> Record:
        """The entry, read."""
        return Record.from_bytes(self.leaf)


class AuditRepository:
    """Appends to the record in the transaction of what it records."""

    def __init__(self, session: Session, at_rest: AtRest) -> None:
        self._session = session
        self._at_rest = at_rest

    def append(self, record: Record, named: Sequence[Named] = ()) -> int:
        """Append an entry.

        Args:
            record: Without references; they are made here.
            named: What it refers to, in order.

        Returns:
            Its index, from 0; indices grow by one, in the order of the commits.
        """
        salted = [(new_salt(), one) for one in named]
        references = tuple(
            Reference(name=one.name, commitment=commitment(salt, one.value)) for salt, one in salted
        )
        leaf = record.replace(references=references).to_bytes()
        index = take_numbers(self._session, AUDIT, 1) - 1
        row = {
            "place": index,
            "event": record.event.value,
            "leaf": self._at_rest.vault.seal("audit_leaves", "leaf", _row(index), leaf),
        }
        self._session.execute(_LEAVES.insert(), row)
        openings: list[dict[str, Any]] = [
            {
                "place": index,
                "position": position,
                "subject": self._subject(one),
                "opening": self._at_rest.vault.seal(
                    "audit_references", "opening", _row(index, position), salt + one.value
                ),
            }
            for position, (salt, one) in enumerate(salted)
        ]
        if openings:
            self._session.execute(_REFERENCES.insert(), openings)
        return index

    def size(self) -> int:
        """How many entries there are."""
        return self._session.scalar(select(func.count()).select_from(_LEAVES)) or 0

    def entries(
        self, start: int = 0, limit: int = 1000, events: Iterable[Event] = ()
    ) -> list[Entry]:
        """Return entries in order.

        Args:
            start: First index.
            limit: At most so many.
            events: Only these; all without.
        """
        query = select(_LEAVES.c.place, _LEAVES.c.leaf).where(_LEAVES.c.place >= start)
        wanted = [event.value for event in events]
        if wanted:
            query = query.where(_LEAVES.c.event.in_(wanted))
        rows = self._session.execute(query.order_by(_LEAVES.c.place).limit(limit))
        return [Entry(row.place, self._open_leaf(row.place, row.leaf)) for row in rows]

    def about(self, named: Named) -> list[int]:
        """The indices of the entries that refer to something, while that is not erased."""
        query = select(_REFERENCES.c.place).where(_REFERENCES.c.subject == self._subject(named))
        return sorted(set(self._session.scalars(query)))

    def openings(self, index: int) -> dict[int, tuple[bytes, bytes]]:
        """Salt and value of the references of an entry, by position; erased ones are missing."""
        query = select(_REFERENCES.c.position, _REFERENCES.c.opening)
        rows = self._session.execute(query.where(_REFERENCES.c.place == index))
        found = {}
        for row in rows:
            opened = self._at_rest.vault.open(
                "audit_references", "opening", _row(index, row.position), row.opening
            )
            found[row.position] = (opened[:SALT_LENGTH], opened[SALT_LENGTH:])
        return found

    def forget(self, named: Named) -> int:
        """Delete what opens the references to something; return how many there were.

        The entries stay as they are. `Store.scrub` afterwards cleans the log.
        """
        gone = delete(_REFERENCES).where(_REFERENCES.c.subject == self._subject(named))
        return len(self._session.scalars(gone.returning(_REFERENCES.c.place)).all())

    def _subject(self, named: Named) -> bytes:
        return self._at_rest.fingerprint(b"audit|" + named.name.encode() + b"|" + named.value)

    def _open_leaf(self, index: int, sealed: bytes) -> bytes:
        return self._at_rest.vault.open("audit_leaves", "leaf", _row(index), sealed)


def _row(index: int, position: int | None = None) -> bytes:
    place = index.to_bytes(8)
    return place if position is None else place + position.to_bytes(2)
