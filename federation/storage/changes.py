# SPDX-License-Identifier: Apache-2.0
"""What changed since a program looked last: matches, agreements and threads.

Each row carries the number of its last change; what there is to tell about threads has
numbers of its own. A reader that keeps the highest number it has
seen gets everything that changed after it, in order, and nothing twice unless it changed
twice. What was deleted does not appear.
"""

import builtins
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from federation.storage.counters import CHANGE, latest_number, take_numbers
from federation.storage.matches import MatchStatus, StoredMatch, match_of
from federation.storage.registry import chunks, table_of
from federation.storage.tables_agreements import AgreementRow
from federation.storage.tables_exchange import MatchRow
from federation.storage.tables_threads import ThreadNewsRow

__all__ = ["Change", "ChangesRepository", "renumber_matches", "touch_matches"]

_MATCHES: Final = table_of(MatchRow)
_AGREEMENTS: Final = table_of(AgreementRow)
_NEWS: Final = table_of(ThreadNewsRow)


@dataclass(frozen=True, slots=True)
class Change:
    """A match, an agreement or a thread as it is after its last change."""

    number: int
    match: StoredMatch | None = None
    agreement: bytes | None = None
    """Hash of an agreement's terms."""
    thread: int | None = None
    """Number of a thread of which there is something to tell (`Told.triggers`)."""


class ChangesRepository:
    """Matches, agreements and threads in the order of their last change."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def latest(self) -> int:
        """The number of the last change; 0 before the first."""
        return latest_number(self._session, CHANGE)

    def list(
        self, after: int, limit: int, statuses: Iterable[MatchStatus] = tuple(MatchStatus)
    ) -> builtins.list[Change]:
        """Return changes of matches, agreements and threads.

        Args:
            after: Only those with a higher number.
            limit: At most so many; fewer means that there are no more.
            statuses: Only matches that have one of these now.
        """
        agreements = (
            select(_AGREEMENTS.c.hash, _AGREEMENTS.c.change)
            .where(_AGREEMENTS.c.change > after)
            .order_by(_AGREEMENTS.c.change)
            .limit(limit)
        )
        found = [
            Change(row.change, agreement=row.hash) for row in self._session.execute(agreements)
        ]
        news = (
            select(_NEWS.c.change, _NEWS.c.thread)
            .where(_NEWS.c.change > after)
            .order_by(_NEWS.c.change)
            .limit(limit)
        )
        found += [Change(row.change, thread=row.thread) for row in self._session.execute(news)]
        found += self.matches(after, limit, statuses)
        return sorted(found, key=lambda change: change.number)[:limit]

    def matches(
        self, after: int, limit: int, statuses: Iterable[MatchStatus] = tuple(MatchStatus)
    ) -> builtins.list[Change]:
        """Return changes of matches alone; see `list`."""
        query = (
            select(_MATCHES)
            .where(_MATCHES.c.change > after)
            .where(_MATCHES.c.status.in_([status.value for status in statuses]))
            .order_by(_MATCHES.c.change)
            .limit(limit)
        )
        return [Change(row.change, match=match_of(row)) for row in self._session.execute(query)]


def touch_matches(session: Session, tokens: Iterable[int]) -> None:
    """Say that the matches of some tokens changed: another own observation has the token."""
    found: list[bytes] = []
    for part in chunks(tokens):
        query = select(_MATCHES.c.uuid).where(_MATCHES.c.token.in_(part))
        found += session.scalars(query).all()
    renumber_matches(session, found)


def renumber_matches(session: Session, matches: Sequence[bytes]) -> None:
    """Say that some matches changed, by their UUIDs."""
    if not matches:
        return
    first = take_numbers(session, CHANGE, len(matches))
    for number, match in enumerate(matches, first):
        changed: dict[str, Any] = {"change": number}
        session.execute(update(_MATCHES).where(_MATCHES.c.uuid == match).values(**changed))
