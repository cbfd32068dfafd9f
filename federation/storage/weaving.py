# SPDX-License-Identifier: Apache-2.0
"""What the threads are made of and how far they follow it: for `federation.member.weaving`."""

import heapq
from collections.abc import Callable, Collection, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from operator import itemgetter
from typing import Any, Final

from sqlalchemy import Select, delete, func, select, update
from sqlalchemy.orm import Session

from federation.indicators import Lane
from federation.matching.threads import ThreadRules
from federation.storage.atrest import AtRest
from federation.storage.counters import (
    ARRIVAL,
    CHANGE,
    THREAD,
    latest_number,
    take_numbers,
)
from federation.storage.matches import MatchStatus
from federation.storage.records import CaseContent
from federation.storage.registry import chunks, conflict_insert, insert_new, table_of
from federation.storage.settings import SettingsRepository
from federation.storage.tables_cases import CaseRow, ObservationRow, TokenLinkRow
from federation.storage.tables_exchange import MatchRow
from federation.storage.tables_threads import (
    ThreadCaseRow,
    ThreadCommonRow,
    ThreadNewsRow,
    ThreadRow,
    ThreadRulingRow,
)
from federation.storage.thread_evidence import EvidenceReader
from federation.storage.thread_marks import mark_cases, mark_values
from federation.storage.thread_records import CommonValue, StoredThread, WeaveState

__all__ = ["WeavingRepository"]

_STATE: Final = "threads"
"""Setting that says how far the threads follow."""

_CASES = table_of(CaseRow)
_OBSERVATIONS = table_of(ObservationRow)
_LINKS = table_of(TokenLinkRow)
_MATCHES = table_of(MatchRow)
_THREADS = table_of(ThreadRow)
_NEWS = table_of(ThreadNewsRow)
_PLACES = table_of(ThreadCaseRow)
_RULINGS = table_of(ThreadRulingRow)
_COMMONS = table_of(ThreadCommonRow)


class WeavingRepository:
    """The state of the threads in one transaction."""

    def __init__(self, session: Session, at_rest: AtRest) -> None:
        self._session = session
        self._at_rest = at_rest
        self._settings = SettingsRepository(session, at_rest)

    def lock(self) -> None:
        """Wait until nobody else weaves; until the end of this transaction nobody does."""
        take_numbers(self._session, THREAD, 0)

    def state(self) -> WeaveState:
        """Return how far the threads follow; nowhere at first."""
        content = self._settings.get(_STATE)
        return WeaveState() if content is None else WeaveState.from_bytes(content)

    def put_state(self, state: WeaveState) -> None:
        """Remember how far the threads follow."""
        self._settings.put(_STATE, state.to_bytes())

    def is_behind(self, state: WeaveState) -> bool:
        """Tell whether anything happened that the threads do not follow yet."""
        queries = (
            select(_MATCHES.c.uuid).where(_MATCHES.c.change > state.change).limit(1),
            select(_THREADS.c.number).where(_THREADS.c.stale).limit(1),
            select(_COMMONS.c.token).where(_COMMONS.c.stale).limit(1),
        )
        return latest_number(self._session, ARRIVAL) > state.arrival or any(
            self._session.scalar(query) is not None for query in queries
        )

    def numbers(self, count: int) -> Iterator[int]:
        """Return numbers for new threads."""
        return self._take(THREAD, count)

    def changes(self, count: int) -> Iterator[int]:
        """Return numbers for changes that are told."""
        return self._take(CHANGE, count)

    def reader(
        self, rules: ThreadRules, most_cases: int, entity_of: Callable[[str], str]
    ) -> EvidenceReader:
        """Return a reader of evidence (`EvidenceReader`)."""
        return EvidenceReader(self._session, rules, most_cases, entity_of)

    # What happened

    def arrivals(self, after: int, limit: int) -> tuple[list[bytes], int]:
        """Return the cases whose observations got tokens.

        Args:
            after: Only links that arrived later.
            limit: At most so many links.

        Returns:
            The cases, and the arrival that they reach to.
        """
        # Read first: whatever has a smaller number is committed, and so seen below.
        newest = latest_number(self._session, ARRIVAL)
        query = (
            select(_LINKS.c.arrival, _OBSERVATIONS.c.case)
            .join(_OBSERVATIONS, _OBSERVATIONS.c.uuid == _LINKS.c.observation)
            .where(_LINKS.c.arrival > after)
            .order_by(_LINKS.c.arrival)
            .limit(limit)
        )
        # The index begins with the key.
        of_keys = (
            self._session.execute(query.where(_LINKS.c.key_id == key)) for key in self._keys()
        )
        found = list(islice(heapq.merge(*of_keys, key=itemgetter(0)), limit))
        cases = list({case: None for _, case in found})
        return cases, found[-1][0] if len(found) == limit else max(after, newest)

    def widely_met(self, most: int) -> list[int]:
        """Return the values that more than so many members hold."""
        query = (
            select(_MATCHES.c.token)
            .where(_MATCHES.c.status == MatchStatus.PROVEN.value)
            .where(_MATCHES.c.lane == Lane.NETWORK.value)
            .group_by(_MATCHES.c.token)
            .having(func.count() > most)
        )
        return list(self._session.scalars(query))

    def case_count(self) -> int:
        """How many own cases there are."""
        return self._session.scalar(select(func.count()).select_from(_CASES)) or 0

    def minors(self, cases: Iterable[bytes]) -> set[bytes]:
        """Return those cases that involve a minor."""
        query = select(_CASES.c.uuid, _CASES.c.content)
        return {
            row.uuid
            for row in self._in(query, _CASES.c.uuid, cases)
            if CaseContent.open(self._at_rest.vault, row.uuid, row.content).minor
        }

    def handles(self, cases: Iterable[bytes]) -> dict[bytes, bytes]:
        """Return the handles of cases."""
        query = select(_CASES.c.uuid, _CASES.c.handle)
        return {row.uuid: row.handle for row in self._in(query, _CASES.c.uuid, cases)}

    # Decisions on matches

    def rulings(self, matches: Iterable[bytes]) -> dict[bytes, set[tuple[bytes, bool]]]:
        """Return (case, confirmed) by match, as taken into account."""
        found: dict[bytes, set[tuple[bytes, bool]]] = {}
        for row in self._in(select(_RULINGS), _RULINGS.c.match, matches):
            found.setdefault(row.match, set()).add((row.case, bool(row.confirmed)))
        return found

    def put_rulings(self, match: bytes, rulings: Collection[tuple[bytes, bool]]) -> None:
        """Take the decisions on a match into account, in place of those before."""
        self._session.execute(delete(_RULINGS).where(_RULINGS.c.match == match))
        rows = [{"match": match, "case": case, "confirmed": yes} for case, yes in rulings]
        insert_new(self._session, _RULINGS, rows)

    # Values that many hold

    def commons(self, values: Iterable[int]) -> dict[int, CommonValue]:
        """Return what is remembered of some values; of most there is nothing."""
        rows = self._in(select(_COMMONS), _COMMONS.c.token, values)
        return {row.token: CommonValue.of(row) for row in rows}

    def to_recount(self, limit: int) -> list[int]:
        """Return values that must be counted again."""
        query = select(_COMMONS.c.token).where(_COMMONS.c.stale).limit(limit)
        return list(self._session.scalars(query))

    def put_commons(self, values: Iterable[CommonValue]) -> None:
        """Remember values as counted now."""
        rows = [
            {
                "token": value.token,
                "cases": value.cases,
                "entities": value.entities,
                "common": value.common,
                "stale": False,
            }
            for value in values
        ]
        self._put(_COMMONS, rows)

    def drop_commons(self, values: Iterable[int]) -> None:
        """Forget values that few hold."""
        for part in chunks(values):
            self._session.execute(delete(_COMMONS).where(_COMMONS.c.token.in_(part)))

    def mark_cases(self, cases: Iterable[bytes]) -> None:
        """Have the threads of some cases made again."""
        mark_cases(self._session, cases)

    def mark_values(self, values: Iterable[int]) -> None:
        """Have the threads of whoever holds some values made again."""
        mark_values(self._session, values)

    def recount(self, values: Iterable[int]) -> None:
        """Have some values counted again, and all that are remembered."""
        self._session.execute(update(_COMMONS).values(stale=True))
        rows = [
            {"token": value, "cases": 0, "entities": 0, "common": False, "stale": True}
            for value in values
        ]
        insert_new(self._session, _COMMONS, rows)

    # Threads

    def places(self, cases: Iterable[bytes]) -> dict[bytes, int]:
        """Return the number of the thread of each case that is in one."""
        return {row.case: row.thread for row in self._in(select(_PLACES), _PLACES.c.case, cases)}

    def cases_of(self, threads: Iterable[int]) -> dict[int, list[bytes]]:
        """Return the cases of threads."""
        found: dict[int, list[bytes]] = {}
        for row in self._in(select(_PLACES), _PLACES.c.thread, threads):
            found.setdefault(row.thread, []).append(row.case)
        return found

    def threads(self, numbers: Iterable[int]) -> dict[int, StoredThread]:
        """Return threads by number."""
        rows = self._in(select(_THREADS), _THREADS.c.number, numbers)
        return {row.number: StoredThread.of(row, self._at_rest.vault) for row in rows}

    def in_components(self, components: Iterable[int]) -> dict[int, StoredThread]:
        """Return the threads of components, by number."""
        rows = self._in(select(_THREADS), _THREADS.c.component, components)
        return {row.number: StoredThread.of(row, self._at_rest.vault) for row in rows}

    def stale(self, limit: int) -> set[int]:
        """Return components that must be made again, with about so many threads."""
        query = select(_THREADS.c.component).where(_THREADS.c.stale).limit(limit)
        return set(self._session.scalars(query))

    def make_all_stale(self) -> None:
        """Have every thread made again."""
        self._session.execute(update(_THREADS).values(stale=True))

    def put_threads(self, threads: Sequence[StoredThread]) -> None:
        """Store threads as they are now."""
        self._put(_THREADS, [one.row(self._at_rest.vault) for one in threads])

    def put_news(self, news: Mapping[int, int]) -> None:
        """Remember of which thread there is something to tell, by change."""
        rows = [{"change": change, "thread": thread} for change, thread in news.items()]
        insert_new(self._session, _NEWS, rows)

    def place(self, places: Mapping[bytes, int]) -> None:
        """Put cases into threads, out of those in which they were."""
        self._put(_PLACES, [{"case": case, "thread": to} for case, to in places.items()])

    def move(self, threads: Collection[int], to: int) -> None:
        """Put every case of some threads into another one, which tells what they had to tell."""
        for part in chunks(threads):
            for table in (_PLACES, _NEWS):
                change = update(table).where(table.c.thread.in_(part))
                self._session.execute(change.values(thread=to))

    def unplace(self, cases: Iterable[bytes]) -> None:
        """Take cases out of their threads."""
        for part in chunks(cases):
            self._session.execute(delete(_PLACES).where(_PLACES.c.case.in_(part)))

    def drop(self, threads: Iterable[int]) -> None:
        """Delete threads; their cases are in none then."""
        for part in chunks(threads):
            self._session.execute(delete(_THREADS).where(_THREADS.c.number.in_(part)))

    def _take(self, counter: str, count: int) -> Iterator[int]:
        if not count:
            return iter(())
        first = take_numbers(self._session, counter, count)
        return iter(range(first, first + count))

    def _keys(self) -> list[bytes]:
        """The keys of all tokens, by probes of an index."""
        found: list[bytes] = []
        query = select(_LINKS.c.key_id).order_by(_LINKS.c.key_id).limit(1)
        key = self._session.scalar(query)
        while key is not None:
            found.append(key)
            key = self._session.scalar(query.where(_LINKS.c.key_id > key))
        return found

    def _put(self, table: Any, rows: Sequence[Mapping[str, Any]]) -> None:
        if not rows:
            return
        statement = conflict_insert(self._session, table)
        keys = [column.name for column in table.primary_key]
        rest = {name: statement.excluded[name] for name in rows[0] if name not in keys}
        statement = statement.on_conflict_do_update(index_elements=keys, set_=rest)
        self._session.execute(statement, list(rows))

    def _in(self, query: Select[Any], column: Any, wanted: Iterable[Any]) -> Iterator[Any]:
        for part in chunks(wanted):
            yield from self._session.execute(query.where(column.in_(part)))
