# SPDX-License-Identifier: Apache-2.0
"""Key ceremonies: their messages and, while they run, their secrets."""

import builtins
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, func, select, update
from sqlalchemy.orm import Session

from federation.errors import StoreError
from federation.storage.atrest import AtRest
from federation.storage.registry import insert_new, put_row, run, table_of
from federation.storage.tables_membership import CeremonyMessageRow, CeremonyRow

_CEREMONIES: Final = table_of(CeremonyRow)
_MESSAGES: Final = table_of(CeremonyMessageRow)


@dataclass(frozen=True, slots=True)
class StoredCeremony:
    """A ceremony and how far it is."""

    id: bytes
    status: str


class CeremoniesRepository:
    """A ceremony is its messages, in order of arrival, and one wrapped secret."""

    def __init__(self, session: Session, at_rest: AtRest) -> None:
        self._session = session
        self._at_rest = at_rest

    def put(self, ceremony: bytes, status: str, at: datetime) -> None:
        """Record a ceremony, or its new status. Comes before its messages."""
        row = {"id": ceremony, "status": status, "changed": at}
        put_row(self._session, _CEREMONIES, row)

    def list(self) -> list[StoredCeremony]:
        """All ceremonies, the latest changed first."""
        query = select(_CEREMONIES.c.id, _CEREMONIES.c.status)
        ordered = query.order_by(_CEREMONIES.c.changed.desc(), _CEREMONIES.c.id)
        return [StoredCeremony(row.id, row.status) for row in self._session.execute(ordered)]

    def destroy(self, ceremony: bytes) -> None:
        """Forget a ceremony with its messages, among them shares sealed to this node.

        `Store.scrub` afterwards cleans the log.
        """
        self._session.execute(delete(_MESSAGES).where(_MESSAGES.c.ceremony == ceremony))
        self._session.execute(delete(_CEREMONIES).where(_CEREMONIES.c.id == ceremony))

    def add_message(self, ceremony: bytes, digest: bytes, envelope: bytes) -> bool:
        """Keep a message.

        Args:
            ceremony: Id of a ceremony that `put` recorded.
            digest: SHA-256 of the envelope.
            envelope: The signed message.

        Returns:
            False if it was here already.
        """
        of_this = _MESSAGES.c.ceremony == ceremony
        last = self._session.scalar(select(func.max(_MESSAGES.c.position)).where(of_this))
        row = {
            "ceremony": ceremony,
            "digest": digest,
            "position": (last or 0) + 1,
            "envelope": envelope,
        }
        return bool(insert_new(self._session, _MESSAGES, [row]))

    def messages(self, ceremony: bytes) -> builtins.list[bytes]:
        """The envelopes in order of arrival."""
        query = select(_MESSAGES.c.envelope).where(_MESSAGES.c.ceremony == ceremony)
        return [*self._session.scalars(query.order_by(_MESSAGES.c.position))]

    def put_secret(self, ceremony: bytes, secret: bytes) -> None:
        """Keep the secret part of the state, wrapped.

        Raises:
            StoreError: The ceremony is unknown.
        """
        wrapped = self._at_rest.wrap(_context(ceremony), secret)
        change = update(_CEREMONIES).where(_CEREMONIES.c.id == ceremony).values(secret=wrapped)
        if not run(self._session, change):
            raise StoreError("the ceremony is not in the database")

    def secret(self, ceremony: bytes) -> bytes | None:
        """The secret part of the state, or None."""
        query = select(_CEREMONIES.c.secret).where(_CEREMONIES.c.id == ceremony)
        wrapped = self._session.scalar(query)
        return None if wrapped is None else self._at_rest.unwrap(_context(ceremony), wrapped)

    def erase_secret(self, ceremony: bytes) -> None:
        """Destroy the secret part; `Store.scrub` afterwards cleans the log."""
        change = update(_CEREMONIES).where(_CEREMONIES.c.id == ceremony).values(secret=None)
        self._session.execute(change)


def _context(ceremony: bytes) -> str:
    return f"ceremonies|secret|{ceremony.hex()}"
