# SPDX-License-Identifier: Apache-2.0
"""Threads in the database: finding and reading them, and which cases people put apart."""

import builtins
from collections.abc import Iterable
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import and_, delete, func, or_, select, update
from sqlalchemy.orm import Session

from federation.indicators import Kind, Subject
from federation.storage.atrest import AtRest
from federation.storage.records import CaseContent, ObservationContent
from federation.storage.registry import chunks, insert_new, run, table_of
from federation.storage.tables_cases import CaseRow, ObservationRow, TokenLinkRow
from federation.storage.tables_threads import (
    ThreadCaseRow,
    ThreadCommonRow,
    ThreadRow,
    ThreadSplitRow,
)
from federation.storage.thread_marks import mark_cases
from federation.storage.thread_records import (
    CommonValue,
    Sighting,
    Split,
    StoredThread,
    ThreadCase,
)

__all__ = ["SPLIT_LIFETIME", "ThreadsRepository"]

SPLIT_LIFETIME: Final = timedelta(days=90)
"""How long a split is remembered while one of its cases is gone: the case may come again."""

_CASES = table_of(CaseRow)
_OBSERVATIONS = table_of(ObservationRow)
_LINKS = table_of(TokenLinkRow)
_THREADS = table_of(ThreadRow)
_PLACES = table_of(ThreadCaseRow)
_SPLITS = table_of(ThreadSplitRow)
_COMMONS = table_of(ThreadCommonRow)


class ThreadsRepository:
    """Threads as `WeavingRepository` left them."""

    def __init__(self, session: Session, at_rest: AtRest) -> None:
        self._session = session
        self._at_rest = at_rest

    def find(self, handle: bytes) -> StoredThread | None:
        """Return the thread that a case is in, by the case's handle."""
        query = (
            select(_THREADS)
            .join(_PLACES, _PLACES.c.thread == _THREADS.c.number)
            .join(_CASES, _CASES.c.uuid == _PLACES.c.case)
            .where(_CASES.c.handle == handle)
        )
        row = self._session.execute(query).one_or_none()
        return None if row is None else StoredThread.of(row, self._at_rest.vault)

    def resolve(self, mark: str) -> builtins.list[bytes]:
        """Return the handles of cases in threads that begin with some hex digits; at most two."""
        low, high = (bytes.fromhex(mark.ljust(32, digit)) for digit in "0f")
        query = (
            select(_CASES.c.handle)
            .join(_PLACES, _PLACES.c.case == _CASES.c.uuid)
            .where(_CASES.c.handle >= low, _CASES.c.handle <= high)
            .limit(2)
        )
        return builtins.list(self._session.scalars(query))

    def get(self, number: int) -> StoredThread | None:
        """Return a thread by its number."""
        row = self._session.execute(select(_THREADS).where(_THREADS.c.number == number))
        found = row.one_or_none()
        return None if found is None else StoredThread.of(found, self._at_rest.vault)

    def list(self, after: int, limit: int) -> list[StoredThread]:
        """Return threads in the order of the last thing that was told about each.

        Args:
            after: Only those with a higher number of that change.
            limit: At most so many.
        """
        query = (
            select(_THREADS)
            .where(_THREADS.c.change > after)
            .order_by(_THREADS.c.change)
            .limit(limit)
        )
        vault = self._at_rest.vault
        return [StoredThread.of(row, vault) for row in self._session.execute(query)]

    def newest(self, skip: int, limit: int) -> builtins.list[StoredThread]:
        """Return some threads, those first about which something was told last.

        Args:
            skip: How many to pass over.
            limit: At most so many.
        """
        query = select(_THREADS).order_by(_THREADS.c.change.desc()).offset(skip).limit(limit)
        vault = self._at_rest.vault
        return [StoredThread.of(row, vault) for row in self._session.execute(query)]

    def count(self) -> int:
        """Count the threads."""
        return self._session.scalar(select(func.count()).select_from(_THREADS)) or 0

    def in_component(self, component: int) -> builtins.list[StoredThread]:
        """Return the threads that would be one, had not people split them."""
        query = select(_THREADS).where(_THREADS.c.component == component)
        vault = self._at_rest.vault
        return [StoredThread.of(row, vault) for row in self._session.execute(query)]

    def cases(self, threads: Iterable[int]) -> builtins.list[ThreadCase]:
        """Return the cases of threads, oldest first."""
        query = (
            select(_CASES.c.uuid, _CASES.c.handle, _CASES.c.content, _PLACES.c.thread)
            .join(_PLACES, _PLACES.c.case == _CASES.c.uuid)
            .order_by(_CASES.c.uuid)
        )
        found = []
        for part in chunks(threads):
            for row in self._session.execute(query.where(_PLACES.c.thread.in_(part))):
                content = CaseContent.open(self._at_rest.vault, row.uuid, row.content)
                found.append(ThreadCase(row.uuid, row.handle, row.thread, content))
        return sorted(found, key=lambda one: one.uuid)

    def handles(self, anchors: Iterable[bytes]) -> dict[bytes, bytes]:
        """Return the handles of cases by UUID."""
        query = select(_CASES.c.uuid, _CASES.c.handle)
        return {
            row.uuid: row.handle
            for part in chunks(anchors)
            for row in self._session.execute(query.where(_CASES.c.uuid.in_(part)))
        }

    def uuids(self, handles: Iterable[bytes]) -> dict[bytes, bytes]:
        """Return the UUIDs of the cases that are here, by handle."""
        query = select(_CASES.c.uuid, _CASES.c.handle)
        return {
            row.handle: row.uuid
            for part in chunks(handles)
            for row in self._session.execute(query.where(_CASES.c.handle.in_(part)))
        }

    def sightings(self, cases: Iterable[bytes]) -> builtins.list[Sighting]:
        """Return where the values of some cases stand in them."""
        query = select(
            _LINKS.c.token,
            _OBSERVATIONS.c.uuid,
            _OBSERVATIONS.c.case,
            _OBSERVATIONS.c.kind,
            _OBSERVATIONS.c.subject,
            _OBSERVATIONS.c.content,
        ).join(_OBSERVATIONS, _OBSERVATIONS.c.uuid == _LINKS.c.observation)
        return [
            self._sighting(row)
            for part in chunks(cases)
            for row in self._session.execute(query.where(_OBSERVATIONS.c.case.in_(part)))
        ]

    def commons(self) -> builtins.list[CommonValue]:
        """Return the values that tie nothing because too many hold them."""
        query = select(_COMMONS).where(_COMMONS.c.common).order_by(_COMMONS.c.token)
        return [CommonValue.of(row) for row in self._session.execute(query)]

    def value_of(self, token: int) -> tuple[Kind, str] | None:
        """Return the kind and the normal form that a token stands for."""
        query = (
            select(_OBSERVATIONS.c.uuid, _OBSERVATIONS.c.kind, _OBSERVATIONS.c.normal)
            .join(_LINKS, _LINKS.c.observation == _OBSERVATIONS.c.uuid)
            .where(_LINKS.c.token == token)
            .order_by(_LINKS.c.arrival)
            .limit(1)
        )
        row = self._session.execute(query).one_or_none()
        if row is None:
            return None
        vault = self._at_rest.vault
        return Kind(row.kind), vault.open("observations", "normal", row.uuid, row.normal).decode()

    # Splits

    def splits(self) -> builtins.list[Split]:
        """Return every pair of cases that people put apart."""
        query = select(_SPLITS).order_by(_SPLITS.c.first, _SPLITS.c.second)
        return [Split(row.first, row.second, row.made) for row in self._session.execute(query)]

    def put_split(self, split: Split) -> None:
        """Remember that two cases do not belong together."""
        row = {"first": split.first, "second": split.second, "made": split.made}
        insert_new(self._session, _SPLITS, [row])
        self._mark(split)

    def delete_split(self, split: Split) -> bool:
        """Forget that two cases do not belong together.

        Returns:
            False if nobody had said so.
        """
        pair = and_(_SPLITS.c.first == split.first, _SPLITS.c.second == split.second)
        gone = run(self._session, delete(_SPLITS).where(pair))
        self._mark(split)
        return bool(gone)

    def forget_splits(self, handle: bytes) -> int:
        """Forget every split of a case that is erased; return how many there were."""
        either = or_(_SPLITS.c.first == handle, _SPLITS.c.second == handle)
        return run(self._session, delete(_SPLITS).where(either))

    def prune(self, at: datetime) -> None:
        """Forget splits of cases that have been gone for long."""
        here = {
            handle
            for part in chunks({end for one in self.splits() for end in (one.first, one.second)})
            for handle in self._session.scalars(
                select(_CASES.c.handle).where(_CASES.c.handle.in_(part))
            )
        }
        for split in self.splits():
            pair = and_(_SPLITS.c.first == split.first, _SPLITS.c.second == split.second)
            if {split.first, split.second} <= here:
                back = update(_SPLITS).where(pair, _SPLITS.c.gone.is_not(None))
                self._session.execute(back.values(gone=None))
            else:
                leave = update(_SPLITS).where(pair, _SPLITS.c.gone.is_(None))
                self._session.execute(leave.values(gone=at))
        self._session.execute(delete(_SPLITS).where(_SPLITS.c.gone <= at - SPLIT_LIFETIME))

    def _mark(self, split: Split) -> None:
        pair = (split.first, split.second)
        query = select(_CASES.c.uuid).where(_CASES.c.handle.in_(pair))
        mark_cases(self._session, self._session.scalars(query).all())

    def _sighting(self, row: Any) -> Sighting:
        content = ObservationContent.open(self._at_rest.vault, row.uuid, row.content)
        return Sighting(row.token, row.case, Kind(row.kind), Subject(row.subject), content.field)
