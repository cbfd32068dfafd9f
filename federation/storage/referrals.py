# SPDX-License-Identifier: Apache-2.0
"""Referrals and what became of them."""

import builtins
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import ColumnElement, Row, and_, func, select, update
from sqlalchemy.orm import Session

from federation.storage.atrest import AtRest
from federation.storage.registry import insert_new, table_of
from federation.storage.tables_disclosure import ReferralRow

__all__ = ["ReferralSide", "ReferralStatus", "ReferralsRepository", "StoredReferral"]

_ROWS: Final = table_of(ReferralRow)


class ReferralSide(StrEnum):
    """Who refers."""

    SENT = "sent"
    """The own organisation refers."""
    RECEIVED = "received"
    """Another member refers to this one."""


class ReferralStatus(StrEnum):
    """Where a referral stands."""

    ONCE = "approved-once"
    """One of two people has approved it; nothing has left."""
    OPEN = "open"
    """The other organisation, or this one, has not answered."""
    ACCEPTED = "accepted"
    DECLINED = "declined"
    EXPIRED = "expired"
    """Nobody answered in time."""
    WITHHELD = "withheld"
    """What allowed it ended before it was delivered."""
    RECALLED = "recalled"
    """The referring organisation took it back; nothing of it is left at the other one."""

    @property
    def waits(self) -> bool:
        """Whether somebody still has to do something."""
        return self in {ReferralStatus.ONCE, ReferralStatus.OPEN}


@dataclass(frozen=True, slots=True)
class StoredReferral:
    """A referral and where it stands."""

    side: ReferralSide
    member: str
    referral: bytes
    status: ReferralStatus
    made: datetime
    due: datetime
    agreement: bytes = b""
    case: bytes | None = None
    by: str = ""
    seen: bytes | None = None
    choice: bytes | None = field(default=None, repr=False)
    answer: bytes | None = None
    keep_until: datetime | None = None


class ReferralsRepository:
    """Referrals, own and received."""

    def __init__(self, session: Session, at_rest: AtRest) -> None:
        self._session = session
        self._at_rest = at_rest

    def add(self, one: StoredReferral) -> None:
        """Remember a referral that was just made or received."""
        insert_new(self._session, _ROWS, [self._row(one)])

    def put(self, one: StoredReferral) -> None:
        """Replace what is known of a referral."""
        self._session.execute(update(_ROWS).where(_same(one)).values(**self._row(one)))

    def get(self, side: ReferralSide, member: str, referral: bytes) -> StoredReferral | None:
        """Return a referral, or None."""
        key = (_ROWS.c.side == side.value, _ROWS.c.member == member)
        row = self._session.execute(select(_ROWS).where(*key, _ROWS.c.referral == referral)).first()
        return None if row is None else self._opened(row)

    def list(self, side: ReferralSide | None = None) -> builtins.list[StoredReferral]:
        """Return referrals, oldest first, optionally of one side."""
        query = select(_ROWS).order_by(_ROWS.c.made, _ROWS.c.referral)
        if side is not None:
            query = query.where(_ROWS.c.side == side.value)
        return [self._opened(row) for row in self._session.execute(query)]

    def in_force(self, side: ReferralSide) -> builtins.list[StoredReferral]:
        """Return the referrals that wait for somebody, or of which something is kept."""
        waits = _ROWS.c.status.in_([one.value for one in ReferralStatus if one.waits])
        query = select(_ROWS).where(
            _ROWS.c.side == side.value, waits | _ROWS.c.keep_until.is_not(None)
        )
        found = self._session.execute(query.order_by(_ROWS.c.made, _ROWS.c.referral))
        return [self._opened(row) for row in found]

    def count_open(self, member: str) -> int:
        """Count received referrals of a member that nobody has answered."""
        query = select(func.count()).where(
            _ROWS.c.side == ReferralSide.RECEIVED.value,
            _ROWS.c.member == member,
            _ROWS.c.status == ReferralStatus.OPEN.value,
        )
        return self._session.scalar(query) or 0

    def _row(self, one: StoredReferral) -> dict[str, Any]:
        row = {name: getattr(one, name) for name in StoredReferral.__slots__}
        row |= {"side": one.side.value, "status": one.status.value}
        if one.choice is not None:
            vault = self._at_rest.vault
            row["choice"] = vault.seal("referrals", "choice", one.referral, one.choice)
        return row

    def _opened(self, row: Row[Any]) -> StoredReferral:
        fields = {name: getattr(row, name) for name in StoredReferral.__slots__}
        fields |= {"side": ReferralSide(row.side), "status": ReferralStatus(row.status)}
        if row.choice is not None:
            vault = self._at_rest.vault
            fields["choice"] = vault.open("referrals", "choice", row.referral, row.choice)
        return StoredReferral(**fields)


def _same(one: StoredReferral) -> ColumnElement[bool]:
    return and_(
        _ROWS.c.side == one.side.value,
        _ROWS.c.member == one.member,
        _ROWS.c.referral == one.referral,
    )
