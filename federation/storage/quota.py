# SPDX-License-Identifier: Apache-2.0
"""What each member has had evaluated here (spec page ``threshold``, Metering).

A day is a UTC calendar day; the long window is the last 30 of them. One conditional update
decides and counts in the same statement, so that no interleaving of threads, processes or
crashes lets more through than the charter allows.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, time, timedelta
from typing import Final, TypeAlias

from sqlalchemy import ColumnElement, FromClause, Select, and_, delete, func, select, update
from sqlalchemy.orm import Session

from federation.errors import PolicyError, QuotaError
from federation.storage.grants import GrantsRepository
from federation.storage.registry import insert_new, run, table_of
from federation.storage.tables_metering import QuotaChargeRow, QuotaDayRow

_DAYS: Final = table_of(QuotaDayRow)
_CHARGES: Final = table_of(QuotaChargeRow)

WINDOW_DAYS: Final = 30
"""Length of the long window, and how long a charge is remembered."""

_Budget: TypeAlias = tuple[str, str, str]
"""Member, lane and class: what has a budget of its own."""


@dataclass(frozen=True, slots=True)
class StoredCharge:
    """A request that was charged."""

    member: str
    request_id: bytes
    digest: bytes
    """SHA-256 of key id and element list."""
    lane: str
    cls: str
    amount: int
    """Elements charged, the check element of a large batch included."""
    charged: datetime


class QuotaRepository:
    """Counts elements per member, lane and class, and remembers what was paid for."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def charge(
        self,
        member: str,
        request_id: bytes,
        digest: bytes,
        lane: str,
        cls: str,
        amount: int,
        at: datetime,
        daily: int,
        monthly: int,
        *,
        grants: Sequence[bytes] = (),
    ) -> bool:
        """Charge a request once.

        Args:
            member: Who asks.
            request_id: The request, 16 bytes.
            digest: SHA-256 of key id and element list.
            lane: Lane of the key.
            cls: Class of the key.
            amount: Elements to charge, at least 1.
            at: Now.
            daily: Most elements on one UTC day.
            monthly: Most elements in 30 days.
            grants: Digests of good bulk grants; while one holds the amount, it pays.

        Returns:
            False if the same request was charged before: a free repeat.

        Raises:
            PolicyError: The request id was used for other elements.
            QuotaError: The budget does not hold it; nothing was charged.
        """
        if amount < 1:
            raise ValueError("a charge is at least one element")
        budget = (member, lane, cls)
        today = _utc_day(at)
        row = {"member": member, "lane": lane, "cls": cls, "day": today, "used": 0}
        insert_new(self._session, _DAYS, [row])
        # PostgreSQL: the row lock makes charges of one budget wait for each other, so that
        # each sees the sums that the one before it committed. SQLite has one writer anyway.
        locked = select(_DAYS.c.used).where(_own(budget), _DAYS.c.day == today).with_for_update()
        self._session.execute(locked)
        if self._is_repeat(member, request_id, digest):
            return False
        paid = GrantsRepository(self._session).draw(grants, amount)
        if not paid and not self._count(budget, today, amount, daily, monthly):
            raise self._spent(budget, at, amount, daily, monthly)
        self._session.execute(
            _CHARGES.insert().values(
                member=member,
                request=request_id,
                digest=digest,
                lane=lane,
                cls=cls,
                amount=amount,
                charged=at,
            )
        )
        return True

    def find_charge(self, member: str, request_id: bytes) -> StoredCharge | None:
        """The charge of a request, or None."""
        this = _this(member, request_id)
        row = self._session.execute(select(_CHARGES).where(this)).first()
        if row is None:
            return None
        return StoredCharge(
            row.member, row.request, row.digest, row.lane, row.cls, row.amount, row.charged
        )

    def claim_check(self, member: str, request_id: bytes, check_digest: bytes) -> bool:
        """Use the one check request that a large batch has paid for.

        Args:
            member: Who asks.
            request_id: The large batch that is checked.
            check_digest: SHA-256 of the check request's key id and elements.

        Returns:
            False if the batch was never charged, or another check was served for it.
            The same check again is served again.
        """
        unused = _CHARGES.c.check_digest.is_(None) | (_CHARGES.c.check_digest == check_digest)
        change = update(_CHARGES).where(_this(member, request_id), unused)
        return bool(run(self._session, change.values(check_digest=check_digest)))

    def used(self, member: str, lane: str, cls: str, at: datetime) -> tuple[int, int]:
        """Elements charged today (UTC) and in the 30 days that end today."""
        budget = (member, lane, cls)
        today = _utc_day(at)
        day = select(_DAYS.c.used).where(_own(budget), _DAYS.c.day == today)
        used = self._session.scalar(day) or 0
        return used, int(self._session.scalar(_window(budget, today)) or 0)

    def charged_on(self, day: date) -> list[tuple[str, str, str, int, int]]:
        """What was charged on a UTC day that is not forgotten yet.

        Returns:
            (member, lane, class, requests, elements) for each budget.
        """
        begin = datetime.combine(day, time(), UTC)
        keys = (_CHARGES.c.member, _CHARGES.c.lane, _CHARGES.c.cls)
        query = (
            select(*keys, func.count(), func.sum(_CHARGES.c.amount))
            .where(_CHARGES.c.charged >= begin, _CHARGES.c.charged < begin + timedelta(days=1))
            .group_by(*keys)
            .order_by(*keys)
        )
        return [(*row[:4], int(row[4])) for row in self._session.execute(query)]

    def prune(self, at: datetime) -> None:
        """Forget charges over 30 days old and days outside the long window."""
        old_charge = _CHARGES.c.charged < at - timedelta(days=WINDOW_DAYS)
        self._session.execute(delete(_CHARGES).where(old_charge))
        old_day = _DAYS.c.day <= _window_start(_utc_day(at))
        self._session.execute(delete(_DAYS).where(old_day))

    def _is_repeat(self, member: str, request_id: bytes, digest: bytes) -> bool:
        charged = self.find_charge(member, request_id)
        if charged is None:
            return False
        if charged.digest != digest:
            raise PolicyError("this request id was used for other elements")
        return True

    def _count(self, budget: _Budget, today: date, amount: int, daily: int, monthly: int) -> bool:
        window = _window(budget, today).scalar_subquery()
        change = (
            update(_DAYS)
            .where(_own(budget), _DAYS.c.day == today)
            .where(_DAYS.c.used + amount <= daily, window + amount <= monthly)
            .values(used=_DAYS.c.used + amount)
            .returning(_DAYS.c.used)
        )
        return self._session.execute(change).first() is not None

    def _spent(
        self, budget: _Budget, at: datetime, amount: int, daily: int, monthly: int
    ) -> QuotaError:
        """Say when the budget will hold the amount, or when it next grows."""
        today = _utc_day(at)
        inside = _DAYS.c.day > _window_start(today)
        query = select(_DAYS.c.day, _DAYS.c.used).where(_own(budget), inside)
        days = {row.day: int(row.used) for row in self._session.execute(query)}
        tomorrow = today + timedelta(days=1)
        free_on = tomorrow
        rest = sum(days.values())
        for day in sorted(days):
            if rest + amount <= monthly:
                break
            rest -= days[day]
            free_on = max(tomorrow, day + timedelta(days=WINDOW_DAYS))
        daily_spent = days.get(today, 0) + amount > daily
        midnight = datetime.combine(free_on, time(), UTC)
        return QuotaError(
            f"the {'daily' if daily_spent else '30-day'} evaluation budget is spent",
            retry_after=(midnight - at).total_seconds(),
        )


def _utc_day(at: datetime) -> date:
    return at.astimezone(UTC).date()


def _own(budget: _Budget, days: FromClause = _DAYS) -> ColumnElement[bool]:
    member, lane, cls = budget
    return and_(days.c.member == member, days.c.lane == lane, days.c.cls == cls)


def _this(member: str, request_id: bytes) -> ColumnElement[bool]:
    return and_(_CHARGES.c.member == member, _CHARGES.c.request == request_id)


def _window_start(today: date) -> date:
    return today - timedelta(days=WINDOW_DAYS)


def _window(budget: _Budget, today: date) -> Select[tuple[int]]:
    # An alias: the update that embeds this query is about the same table.
    days = _DAYS.alias("window_days")
    # Days after today count as well: a clock that was set back buys nothing.
    inside = days.c.day > _window_start(today)
    total = select(func.coalesce(func.sum(days.c.used), 0))
    return total.where(_own(budget, days), inside)
