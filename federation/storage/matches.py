# SPDX-License-Identifier: Apache-2.0
"""Matches in the database, and the budget that brakes the answers that make them."""

import builtins
import uuid
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime, timedelta
from enum import StrEnum
from typing import Any, Final

from sqlalchemy import Row, and_, bindparam, delete, func, or_, select, update
from sqlalchemy.orm import Session

from federation.storage.counters import CHANGE, take_numbers
from federation.storage.registry import chunks, insert_new, run, table_of
from federation.storage.retractions import keep_told
from federation.storage.tables_cases import TokenLinkRow, TokenRow
from federation.storage.tables_exchange import BudgetRow, MatchAliasRow, MatchRow

__all__ = [
    "OFFERED",
    "UNANSWERED",
    "MatchRepository",
    "MatchStatus",
    "PutMatch",
    "StoredMatch",
    "match_of",
]

OFFERED: Final = "offered"
"""Reason of a released match whose token was sent to the partner without an answer."""
UNANSWERED: Final = "unanswered"
"""Reason of a withdrawn match of which the partner had been told nothing."""
UNCONFIRMED_LIFETIME: Final = timedelta(days=7)
_FIRST_BUDGET: Final = date(1, 1, 1)

_matches = table_of(MatchRow)
_aliases = table_of(MatchAliasRow)
_budgets = table_of(BudgetRow)
_links = table_of(TokenLinkRow)
_tokens = table_of(TokenRow)


# Made once: a bucket may ask them thousands of times.
_mine, _other = _links.alias(), _links.alias()
_OF_TOKEN: Final = select(_matches).where(
    _matches.c.partner == bindparam("the_partner"), _matches.c.token == bindparam("the_token")
)
_OF_OTHER_EPOCH: Final = (
    select(_matches)
    .join(_other, _other.c.token == _matches.c.token)
    .join(_mine, _mine.c.observation == _other.c.observation)
    # Under one key two tokens of an observation are two facts about it.
    .where(
        _matches.c.partner == bindparam("the_partner"),
        _mine.c.token == bindparam("the_token"),
        _mine.c.key_id != _other.c.key_id,
    )
    .limit(1)
)
_OF_UUID: Final = update(_matches).where(_matches.c.uuid == bindparam("the_uuid"))
_SPEND: Final = (
    update(_budgets)
    .where(
        _budgets.c.agreement == bindparam("the_agreement"),
        _budgets.c.partner == bindparam("the_partner"),
        _budgets.c.day == bindparam("the_day"),
        _budgets.c.spent < bindparam("limit"),
    )
    .values(spent=_budgets.c.spent + 1)
    .returning(_budgets.c.spent)
)


class MatchStatus(StrEnum):
    """How far a match has come."""

    PENDING = "pending"
    """Answered; the partner has not proved its side yet."""
    PROVEN = "proven"
    """Both sides proved that they hold the token."""
    HELD = "held"
    """Not answered: a person must release it."""
    RELEASED = "released"
    """A person released it; the token goes into the next bucket."""
    WITHDRAWN = "withdrawn"
    """The partner took it back, or cannot stand by it any more: nothing is done with it."""


@dataclass(frozen=True, slots=True)
class StoredMatch:
    """One own token and one partner."""

    uuid: bytes
    agreement: bytes
    partner: str
    token: int
    lane: str
    match_id: bytes
    status: MatchStatus
    reason: str
    found: datetime
    proven: datetime | None


@dataclass(frozen=True, slots=True)
class PutMatch:
    """What putting a match did."""

    match: StoredMatch
    """As it stands now."""
    moved: bool
    """Whether it is new, or came further."""


class MatchRepository:
    """Matches and match budgets of one transaction."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def find(self, partner: str, token: int) -> StoredMatch | None:
        """Return the match of an own token with a partner.

        A token of another epoch of the same observation is the same match.
        """
        wanted = {"the_partner": partner, "the_token": token}
        for query in (_OF_TOKEN, _OF_OTHER_EPOCH):
            row = self._session.execute(query, wanted).one_or_none()
            if row is not None:
                return match_of(row)
        return None

    def get(self, match: bytes) -> StoredMatch | None:
        """Return a match by its own UUID."""
        row = self._session.execute(select(_matches).where(_matches.c.uuid == match)).one_or_none()
        return None if row is None else match_of(row)

    def known_as(self, partner: str, match_id: bytes) -> StoredMatch | None:
        """Return the match with a partner by an id that both sides know, of now or of before."""
        other = select(_aliases.c.match).where(_aliases.c.match_id == match_id)
        query = select(_matches).where(
            _matches.c.partner == partner,
            or_(_matches.c.match_id == match_id, _matches.c.uuid.in_(other)),
        )
        row = self._session.execute(query.limit(1)).first()
        return None if row is None else match_of(row)

    def put(
        self,
        *,
        agreement: bytes,
        partner: str,
        token: int,
        lane: str,
        match_id: bytes,
        status: MatchStatus,
        at: datetime,
        reason: str = "",
    ) -> PutMatch:
        """Store a match, or move the one that is there forward; proven is never lost.

        Args:
            agreement: Under which it was found.
            partner: With whom.
            token: The own token's row.
            lane: Its lane.
            match_id: The id both sides know, 16 bytes.
            status: PENDING, PROVEN or HELD.
            at: Now.
            reason: Why it is held.

        Returns:
            The match as it stands now, and whether that changed.
        """
        known = self.find(partner, token)
        if known is None:
            row: dict[str, Any] = {
                "uuid": uuid.uuid4().bytes,
                "agreement": agreement,
                "partner": partner,
                "token": token,
                "lane": lane,
                "match_id": match_id,
                "change": take_numbers(self._session, CHANGE, 1),
                "status": status.value,
                "reason": reason,
                "found": at,
                "proven": at if status is MatchStatus.PROVEN else None,
            }
            self._session.execute(_matches.insert(), row)
            fields = {name: row[name] for name in StoredMatch.__slots__}
            return PutMatch(StoredMatch(**{**fields, "status": status}), moved=True)
        moves = known.status is not MatchStatus.PROVEN and status is not known.status
        if known.match_id != match_id:
            # The row goes by the agreement under which it came furthest.
            other = (known.match_id, known.agreement) if moves else (match_id, agreement)
            alias = {"match_id": other[0], "match": known.uuid, "agreement": other[1]}
            insert_new(self._session, _aliases, [alias])
        if moves:
            moved = {"agreement": agreement, "match_id": match_id}
            self._change(known.uuid, status, at, reason=reason, **moved)
        return PutMatch(self.get(known.uuid) or known, moved=moves)

    def set_status(
        self, match: bytes, status: MatchStatus, at: datetime, *, reason: str = ""
    ) -> None:
        """Change how far a match has come."""
        self._change(match, status, at, reason=reason)

    def withdraw(self, match: StoredMatch, at: datetime) -> None:
        """Note that a partner took a match back."""
        unanswered = match.status in {MatchStatus.HELD, MatchStatus.RELEASED}
        reason = UNANSWERED if unanswered else ""
        self._change(match.uuid, MatchStatus.WITHDRAWN, at, reason=reason)

    def list(self, status: MatchStatus | None = None) -> list[StoredMatch]:
        """Return the matches, oldest first, optionally of one status."""
        query = select(_matches).order_by(_matches.c.found, _matches.c.uuid)
        if status is not None:
            query = query.where(_matches.c.status == status.value)
        return [match_of(row) for row in self._session.execute(query)]

    def page(self, status: MatchStatus | None, skip: int, limit: int) -> builtins.list[StoredMatch]:
        """Return some matches, the last that changed first.

        Args:
            status: Only those that have come this far; None for all.
            skip: How many to pass over.
            limit: How many at most.
        """
        query = select(_matches).order_by(_matches.c.change.desc()).offset(skip).limit(limit)
        if status is not None:
            query = query.where(_matches.c.status == status.value)
        return [match_of(row) for row in self._session.execute(query)]

    def released(self, agreement: bytes, partner: str, key_id: bytes) -> builtins.list[int]:
        """Return the own tokens of a key that a person released, and that are not sent yet."""
        query = (
            select(_matches.c.token)
            .join(_tokens, _tokens.c.id == _matches.c.token)
            .where(
                _matches.c.agreement == agreement,
                _matches.c.partner == partner,
                _matches.c.status == MatchStatus.RELEASED.value,
                _matches.c.reason != OFFERED,
                _tokens.c.key_id == key_id,
            )
        )
        return [int(token) for token in self._session.execute(query).scalars()]

    def offered(self, partner: str, tokens: Sequence[int]) -> None:
        """Note that released tokens were sent and not answered: they are not sent again.

        The match stays released, so that the partner gets an answer when it sends the token.
        """
        query = select(_matches.c.token).where(
            _matches.c.partner == partner, _matches.c.status == MatchStatus.RELEASED.value
        )
        # Few are released, and a bucket holds many.
        sent = set(tokens).intersection(self._session.scalars(query))
        for part in chunks(sent):
            self._session.execute(
                update(_matches)
                .where(
                    _matches.c.partner == partner,
                    _matches.c.token.in_(part),
                    _matches.c.status == MatchStatus.RELEASED.value,
                )
                .values(reason=OFFERED)
            )

    def counts(self, lane: str | None = None) -> dict[MatchStatus, int]:
        """Count the matches by status, optionally of one lane."""
        query = select(_matches.c.status, func.count()).group_by(_matches.c.status)
        if lane is not None:
            query = query.where(_matches.c.lane == lane)
        found: dict[str, int] = {row[0]: row[1] for row in self._session.execute(query)}
        return {status: found.get(status.value, 0) for status in MatchStatus}

    def expire(self, at: datetime) -> int:
        """Drop answers that the partner never confirmed within 7 days.

        Returns:
            How many were dropped.
        """
        over = and_(
            _matches.c.status == MatchStatus.PENDING.value,
            _matches.c.found <= at - UNCONFIRMED_LIFETIME,
        )
        # The partner may have had the answer: it is told when the token is removed.
        keep_told(self._session, over)
        return run(self._session, delete(_matches).where(over))

    def spend(
        self, agreement: bytes, partner: str, at: datetime, *, daily: int, first: int
    ) -> bool:
        """Spend one answer of the match budget: the day's first, then the one-off.

        Args:
            agreement: The agreement whose budget it is.
            partner: Who is answered.
            at: Now.
            daily: Answers per UTC day.
            first: One-off answers beyond that.

        Returns:
            False when both are spent.
        """
        today = at.astimezone(UTC).date()
        return any(
            self._count(agreement, partner, day, limit)
            for day, limit in ((today, daily), (_FIRST_BUDGET, first))
        )

    def _count(self, agreement: bytes, partner: str, day: date, limit: int) -> bool:
        one = {"the_agreement": agreement, "the_partner": partner, "the_day": day, "limit": limit}
        if self._session.execute(_SPEND, one).first() is not None:
            return True
        # It is spent, or nothing was spent that day yet.
        begun = {"agreement": agreement, "partner": partner, "day": day, "spent": 0}
        return bool(
            insert_new(self._session, _budgets, [begun])
            and self._session.execute(_SPEND, one).first() is not None
        )

    def _change(
        self, match: bytes, status: MatchStatus, at: datetime, **values: bytes | str
    ) -> None:
        changed: dict[str, Any] = {**values, "status": status.value}
        changed["change"] = take_numbers(self._session, CHANGE, 1)
        if status is MatchStatus.PROVEN:
            changed["proven"] = at
        self._session.execute(_OF_UUID, {"the_uuid": match, **changed})


def match_of(row: Row[Any]) -> StoredMatch:
    """Read a row of the table of matches."""
    fields = {name: getattr(row, name) for name in StoredMatch.__slots__}
    return StoredMatch(**{**fields, "status": MatchStatus(row.status)})
