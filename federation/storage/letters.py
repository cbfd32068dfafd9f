# SPDX-License-Identifier: Apache-2.0
"""Letters in the database: the outbox and what came in."""

import uuid
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, func, select, update
from sqlalchemy.orm import Session

from federation.storage.atrest import AtRest
from federation.storage.registry import insert_new, table_of
from federation.storage.tables_letters import IncomingLetterRow, OutgoingLetterRow

__all__ = ["IncomingLetter", "LetterStatus", "LettersRepository", "OutgoingLetter"]

_OUT: Final = table_of(OutgoingLetterRow)
_IN: Final = table_of(IncomingLetterRow)


class LetterStatus(StrEnum):
    """What became of an own letter."""

    WAITING = "waiting"
    """To be delivered, now or later."""
    DELIVERED = "delivered"
    """Its recipient signed a receipt."""
    UNDELIVERED = "undelivered"
    """Its time was over first."""
    CANCELLED = "cancelled"
    """What allowed it ended first."""


@dataclass(frozen=True, slots=True)
class OutgoingLetter:
    """An own letter."""

    id: bytes
    """16 bytes."""
    recipient: str
    type: str
    envelope: bytes = field(repr=False)
    status: LetterStatus
    reason: str
    attempts: int
    due: datetime
    expires: datetime
    delivered: datetime | None


@dataclass(frozen=True, slots=True)
class IncomingLetter:
    """A letter that was taken."""

    id: bytes
    sender: str
    type: str
    digest: bytes
    envelope: bytes = field(repr=False)
    received: datetime


class LettersRepository:
    """Own letters until their recipients have them, and others' letters."""

    def __init__(self, session: Session, at_rest: AtRest) -> None:
        self._session = session
        self._at_rest = at_rest

    def put_out(
        self,
        letter: bytes,
        recipient: str,
        letter_type: str,
        envelope: bytes,
        *,
        due: datetime,
        expires: datetime,
    ) -> None:
        """Put an own letter into the outbox.

        Args:
            letter: Its id.
            recipient: Member id.
            letter_type: DSSE payload type.
            envelope: Signed.
            due: It is not delivered before.
            expires: It is not delivered after.
        """
        row: dict[str, Any] = {
            "letter": letter,
            "recipient": recipient,
            "type": letter_type,
            "envelope": self._at_rest.vault.seal("letters_out", "envelope", letter, envelope),
            "status": LetterStatus.WAITING.value,
            "reason": "",
            "attempts": 0,
            "due": due,
            "expires": expires,
        }
        self._session.execute(_OUT.insert(), row)

    def get_out(self, letter: bytes) -> OutgoingLetter | None:
        """An own letter by its id."""
        row = self._session.execute(select(_OUT).where(_OUT.c.letter == letter)).first()
        return None if row is None else self._opened_out(row)

    def due(self, at: datetime, limit: int) -> list[OutgoingLetter]:
        """Letters to deliver now, oldest first.

        Args:
            at: Now.
            limit: At most so many.
        """
        query = (
            select(_OUT)
            .where(_OUT.c.status == LetterStatus.WAITING.value, _OUT.c.due <= at)
            .order_by(_OUT.c.number)
            .limit(limit)
        )
        return [self._opened_out(row) for row in self._session.execute(query)]

    def listed_out(
        self, letter_type: str | None = None, recipient: str | None = None
    ) -> list[OutgoingLetter]:
        """Own letters, oldest first, optionally of one type or to one member."""
        query = select(_OUT).order_by(_OUT.c.number)
        if letter_type is not None:
            query = query.where(_OUT.c.type == letter_type)
        if recipient is not None:
            query = query.where(_OUT.c.recipient == recipient)
        return [self._opened_out(row) for row in self._session.execute(query)]

    def counts_out(self) -> dict[LetterStatus, int]:
        """How many own letters there are by status, zeros included."""
        found = dict.fromkeys(LetterStatus, 0)
        query = select(_OUT.c.status, func.count()).group_by(_OUT.c.status)
        for status, count in self._session.execute(query):
            found[LetterStatus(status)] = count
        return found

    def mark_delivered(self, letter: bytes, receipt: bytes, at: datetime) -> None:
        """Keep a receipt."""
        self._change(
            letter, status=LetterStatus.DELIVERED.value, receipt=receipt, delivered=at, reason=""
        )

    def mark_failed(self, letter: bytes, reason: str, again: datetime) -> None:
        """Record why a delivery failed, and when to try again.

        Args:
            letter: Its id.
            reason: A code.
            again: When.
        """
        self._change(letter, reason=reason, due=again, attempts=_OUT.c.attempts + 1)

    def any_expired(self, at: datetime) -> bool:
        """Whether the time of a waiting letter is over."""
        query = select(_OUT.c.number).where(*_over(at)).limit(1)
        return self._session.scalar(query) is not None

    def expire_out(self, at: datetime) -> list[OutgoingLetter]:
        """Give up on letters whose time is over; return them."""
        query = select(_OUT).where(*_over(at)).order_by(_OUT.c.number)
        found = [self._opened_out(row) for row in self._session.execute(query)]
        for one in found:
            self._change(one.id, status=LetterStatus.UNDELIVERED.value)
        return found

    def drop(self, letter: bytes) -> None:
        """Delete what an own letter says, if there is one; what has not left never leaves."""
        sent = self.get_out(letter)
        if sent is not None and sent.status is LetterStatus.WAITING:
            self.cancel(letter)
        elif sent is not None:
            self.empty_out(letter)

    def cancel(self, letter: bytes) -> None:
        """Give up on a letter that must not be delivered any more, and delete what it says."""
        self._change(letter, status=LetterStatus.CANCELLED.value)
        self.empty_out(letter)

    def empty_out(self, letter: bytes) -> None:
        """Delete what an own letter says; that it was sent, and its receipt, stay."""
        emptied = self._at_rest.vault.seal("letters_out", "envelope", letter, b"")
        self._change(letter, envelope=emptied)

    def empty_in(self, sender: str, letter: bytes) -> None:
        """Delete what a letter that came says; that it came, and its hash, stay."""
        query = select(_IN.c.row).where(_IN.c.sender == sender, _IN.c.letter == letter)
        row = self._session.scalar(query)
        if row is not None:
            emptied = self._at_rest.vault.seal("letters_in", "envelope", row, b"")
            self._session.execute(update(_IN).where(_IN.c.row == row).values(envelope=emptied))

    def send_again(self, letter: bytes, at: datetime) -> None:
        """Put a letter back into the outbox, though its recipient had it once."""
        self._change(letter, status=LetterStatus.WAITING.value, due=at, reason="")

    def receipt(self, letter: bytes) -> bytes | None:
        """The receipt for an own letter, or None."""
        return self._session.scalar(select(_OUT.c.receipt).where(_OUT.c.letter == letter))

    def put_in(
        self,
        sender: str,
        letter: bytes,
        letter_type: str,
        digest: bytes,
        envelope: bytes,
        at: datetime,
    ) -> None:
        """Keep a letter that came.

        Args:
            sender: Member id.
            letter: Its id.
            letter_type: DSSE payload type.
            digest: SHA-256 of its payload.
            envelope: Signed.
            at: Now.
        """
        row = uuid.uuid4().bytes
        values = {
            "sender": sender,
            "letter": letter,
            "type": letter_type,
            "digest": digest,
            "row": row,
            "envelope": self._at_rest.vault.seal("letters_in", "envelope", row, envelope),
            "received": at,
        }
        insert_new(self._session, _IN, [values])

    def get_in(self, sender: str, letter: bytes) -> IncomingLetter | None:
        """A letter that came, or None."""
        query = select(_IN).where(_IN.c.sender == sender, _IN.c.letter == letter)
        row = self._session.execute(query).first()
        return None if row is None else self._opened_in(row)

    def listed_in(self, letter_type: str, sender: str | None = None) -> list[IncomingLetter]:
        """Letters of a type that came, oldest first, optionally of one member."""
        query = select(_IN).where(_IN.c.type == letter_type)
        if sender is not None:
            query = query.where(_IN.c.sender == sender)
        ordered = query.order_by(_IN.c.received, _IN.c.letter)
        return [self._opened_in(row) for row in self._session.execute(ordered)]

    def _change(self, letter: bytes, **values: Any) -> None:
        self._session.execute(update(_OUT).where(_OUT.c.letter == letter).values(**values))

    def _opened_out(self, row: Row[Any]) -> OutgoingLetter:
        opened = self._at_rest.vault.open("letters_out", "envelope", row.letter, row.envelope)
        return OutgoingLetter(
            id=row.letter,
            recipient=row.recipient,
            type=row.type,
            envelope=opened,
            status=LetterStatus(row.status),
            reason=row.reason,
            attempts=row.attempts,
            due=row.due,
            expires=row.expires,
            delivered=row.delivered,
        )

    def _opened_in(self, row: Row[Any]) -> IncomingLetter:
        opened = self._at_rest.vault.open("letters_in", "envelope", row.row, row.envelope)
        return IncomingLetter(row.letter, row.sender, row.type, row.digest, opened, row.received)


def _over(at: datetime) -> tuple[ColumnElement[bool], ColumnElement[bool]]:
    return _OUT.c.status == LetterStatus.WAITING.value, _OUT.c.expires <= at
