# SPDX-License-Identifier: Apache-2.0
"""Requests for disclosure and what became of them."""

import builtins
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, func, select, update
from sqlalchemy.orm import Session

from federation.storage.atrest import AtRest
from federation.storage.registry import insert_new, table_of
from federation.storage.tables_disclosure import DisclosureRow

__all__ = ["Direction", "DisclosureStatus", "DisclosuresRepository", "StoredDisclosure"]

_ROWS: Final = table_of(DisclosureRow)


class Direction(StrEnum):
    """Whose request it is."""

    ASKED = "asked"
    """The own organisation asks."""
    RECEIVED = "received"
    """Another member asks."""


class DisclosureStatus(StrEnum):
    """Where a request stands."""

    OPEN = "open"
    """Waits for people."""
    ONCE = "approved-once"
    """One of two people has approved it."""
    APPROVED = "approved"
    NARROWED = "narrowed"
    DENIED = "denied"
    EXPIRED = "expired"
    """Nobody decided in time; the asker also sees it when the answer was withheld."""
    WITHHELD = "withheld"
    """What allowed it ended before the answer was delivered."""
    DELETED = "deleted"
    """What was disclosed has been kept for as long as was agreed."""

    @property
    def waits(self) -> bool:
        """Whether somebody still has to decide."""
        return self in {DisclosureStatus.OPEN, DisclosureStatus.ONCE}


@dataclass(frozen=True, slots=True)
class StoredDisclosure:
    """A request and where it stands."""

    direction: Direction
    member: str
    request: bytes
    agreement: bytes
    status: DisclosureStatus
    asked: datetime
    due: datetime
    by: str = ""
    seen: bytes | None = None
    choice: bytes | None = field(default=None, repr=False)
    answer: bytes | None = None
    keep_until: datetime | None = None


class DisclosuresRepository:
    """Requests, own and received."""

    def __init__(self, session: Session, at_rest: AtRest) -> None:
        self._session = session
        self._at_rest = at_rest

    def add(self, one: StoredDisclosure) -> None:
        """Remember a request that was just made or received."""
        insert_new(self._session, _ROWS, [self._row(one)])

    def put(self, one: StoredDisclosure) -> None:
        """Replace what is known of a request."""
        self._session.execute(update(_ROWS).where(_same(one)).values(**self._row(one)))

    def get(self, direction: Direction, member: str, request: bytes) -> StoredDisclosure | None:
        """Return a request, or None."""
        key = (_ROWS.c.direction == direction.value, _ROWS.c.member == member)
        query = select(_ROWS).where(*key, _ROWS.c.request == request)
        row = self._session.execute(query).first()
        return None if row is None else self._opened(row)

    def list(self, direction: Direction | None = None) -> builtins.list[StoredDisclosure]:
        """Return requests, oldest first, optionally in one direction."""
        query = select(_ROWS).order_by(_ROWS.c.asked, _ROWS.c.request)
        if direction is not None:
            query = query.where(_ROWS.c.direction == direction.value)
        return [self._opened(row) for row in self._session.execute(query)]

    def waiting(self, direction: Direction) -> builtins.list[StoredDisclosure]:
        """Return the requests that are not decided yet, oldest first."""
        query = select(_ROWS).where(
            _ROWS.c.direction == direction.value,
            _ROWS.c.status.in_([one.value for one in DisclosureStatus if one.waits]),
        )
        found = self._session.execute(query.order_by(_ROWS.c.asked, _ROWS.c.request))
        return [self._opened(row) for row in found]

    def count_waiting(self, direction: Direction, member: str | None = None) -> int:
        """Count requests that are not decided yet, optionally of one member."""
        query = select(func.count()).where(
            _ROWS.c.direction == direction.value,
            _ROWS.c.status.in_([one.value for one in DisclosureStatus if one.waits]),
        )
        if member is not None:
            query = query.where(_ROWS.c.member == member)
        return self._session.scalar(query) or 0

    def answered_with(self, letter: bytes) -> StoredDisclosure | None:
        """Return the received request that an own letter answers, or None."""
        query = select(_ROWS).where(
            _ROWS.c.direction == Direction.RECEIVED.value, _ROWS.c.answer == letter
        )
        row = self._session.execute(query).first()
        return None if row is None else self._opened(row)

    def kept_too_long(self, at: datetime) -> builtins.list[StoredDisclosure]:
        """Return requests of which what was disclosed is to be deleted now, on either side."""
        query = select(_ROWS).where(_ROWS.c.keep_until <= at)
        return [self._opened(row) for row in self._session.execute(query)]

    def _row(self, one: StoredDisclosure) -> dict[str, Any]:
        row = {name: getattr(one, name) for name in StoredDisclosure.__slots__}
        row |= {"direction": one.direction.value, "status": one.status.value}
        if one.choice is not None:
            row["choice"] = self._at_rest.vault.seal(
                "disclosures", "choice", one.request, one.choice
            )
        return row

    def _opened(self, row: Row[Any]) -> StoredDisclosure:
        fields = {name: getattr(row, name) for name in StoredDisclosure.__slots__}
        fields |= {"direction": Direction(row.direction), "status": DisclosureStatus(row.status)}
        if row.choice is not None:
            vault = self._at_rest.vault
            fields["choice"] = vault.open("disclosures", "choice", row.request, row.choice)
        return StoredDisclosure(**fields)


def _same(one: StoredDisclosure) -> ColumnElement[bool]:
    return and_(
        _ROWS.c.direction == one.direction.value,
        _ROWS.c.member == one.member,
        _ROWS.c.request == one.request,
    )
