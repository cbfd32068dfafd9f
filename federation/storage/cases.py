# SPDX-License-Identifier: Apache-2.0
"""The organisation's own cases and what was observed in them.

A case is keyed by (source, case id). Putting it again keeps what did not change, with its
tokens, and retracts what is gone.
"""

import builtins
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Exists, Row, Select, bindparam, delete, exists, func, select, update
from sqlalchemy.orm import Session

from federation.errors import StoreError
from federation.indicators import Case, Kind, Lane, Subject
from federation.storage.atrest import AtRest
from federation.storage.case_batch import CaseBatch, case_handle, case_name, cut
from federation.storage.case_changes import (
    CaseWriter,
    progress,
    remove_observations,
    stored_cases,
    stored_fingerprints,
)
from federation.storage.former import forget_former
from federation.storage.records import (
    MATCHABLE,
    CaseContent,
    CaseCounts,
    CasePut,
    NotTokenised,
    ObservationContent,
    ObservationStatus,
    PendingObservation,
    StatusChange,
    StoredCase,
    StoredObservation,
    open_normal,
)
from federation.storage.registry import chunks, row_uuids, run, table_of
from federation.storage.restrictions import restricted
from federation.storage.tables_cases import CaseRow, ObservationRow, TokenLinkRow
from federation.storage.tables_exchange import MatchRow

_CASES: Final = table_of(CaseRow)
_OBSERVATIONS: Final = table_of(ObservationRow)
_LINKS: Final = table_of(TokenLinkRow)
_MATCHES: Final = table_of(MatchRow)

_PROGRESS: Final = ("status", "reason", "normal", "version", "mark")
"""Columns that say how far an observation is."""

_WITH_CASE: Final = (
    *(column for column in _OBSERVATIONS.c if column.name != "fingerprint"),
    _CASES.c.content.label("case_content"),
)

_PENDING: Final = tuple(
    _OBSERVATIONS.c[name] for name in ("uuid", "kind", "subject", "status", "normal", "version")
)


class CasesRepository:
    """Cases and observations; everything that identifies is in the vault."""

    def __init__(self, session: Session, at_rest: AtRest) -> None:
        self._session = session
        self._at_rest = at_rest

    def put(self, case: Case, source: str, at: datetime, run: str = "") -> CasePut:
        """Put one case; see `put_many`."""
        (result,) = self.put_many([case], source, at, run)
        return result

    def put_many(
        self,
        cases: Sequence[Case],
        source: str,
        at: datetime,
        run: str = "",
        *,
        keep: bool = False,
    ) -> list[CasePut]:
        """Put cases, each keyed by (source, its id).

        Args:
            cases: At most some hundreds a call, so that the transaction stays short.
            source: Where they come from; ids of two sources never meet.
            at: Now.
            run: Names the import; a case remembers the last one that brought it.
            keep: Keep what is replaced, so that the import can be taken back; ``run`` is the
                number that `ImportsRepository.begin` gave.

        Returns:
            What happened to each, in order.
        """
        results: list[CasePut] = []
        for group in cut(cases):
            batch = CaseBatch.of(self._at_rest, source, group)
            results += self.put_batch(batch, at, run, keep=keep)
        return results

    def look_up(self, cases: Sequence[Case], source: str, at: datetime) -> CaseBatch:
        """Find out what is new in some cases, in a transaction that changes nothing.

        Args:
            cases: Cases with different ids.
            source: Where they come from.
            at: Now.

        Returns:
            The cases, for `put_batch`.
        """
        batch = CaseBatch.of(self._at_rest, source, cases)
        rows = stored_cases(self._session, [incoming.handle for incoming in batch.cases])
        held = stored_fingerprints(self._session, [row.uuid for row in rows.values()])
        known = {fingerprint for of_case in held.values() for fingerprint in of_case}
        return batch.without(known, row_uuids(at))

    def put_batch(
        self,
        batch: CaseBatch,
        at: datetime,
        run: str = "",
        *,
        keep: bool = False,
        judged: Mapping[bytes, StatusChange] | None = None,
    ) -> list[CasePut]:
        """Put cases that were looked up before.

        What is new is worked out again: another writer may have come between.

        Args:
            batch: From `look_up`.
            at: Now.
            run: As for `put_many`.
            keep: As for `put_many`.
            judged: How far the batch's unknown observations are, by fingerprint; one that
                nothing is said about is left for `unprepared`.

        Returns:
            What happened to each case, in order.
        """
        writer = CaseWriter(
            self._session, self._at_rest, batch, at=at, run=run, keep=keep, judged=judged
        )
        return writer.write()

    def pending(
        self,
        key_id: bytes,
        limit: int,
        after: PendingObservation | None = None,
        *,
        lane: Lane = Lane.NETWORK,
        foreign: Collection[bytes] = (),
    ) -> list[PendingObservation]:
        """Observations of a lane that still need a token under a key.

        Args:
            key_id: The key.
            limit: Most observations to return.
            after: The last one of the page before, so that what could not be tokenised
                is not met again; from the start if None.
            lane: The key's.
            foreign: Keys of other lanes.

        Returns:
            Pending ones first, then those that have a token under other keys only.
        """
        found: list[PendingObservation] = []
        subjects = [subject.value for subject in Subject if subject.lane is lane]
        for status in MATCHABLE:
            if after is not None and status < after.status.value:
                continue
            if status == ObservationStatus.TOKENISED and not self._has_other_keys(
                {key_id, *foreign}
            ):
                continue
            query = (
                select(*_PENDING)
                .where(_OBSERVATIONS.c.status == status)
                .where(_OBSERVATIONS.c.subject.in_(subjects), ~_linked(key_id))
                .where(~restricted())
                .order_by(_OBSERVATIONS.c.uuid)
                .limit(limit - len(found))
            )
            if after is not None and status == after.status.value:
                query = query.where(_OBSERVATIONS.c.uuid > after.uuid)
            found += [self._waiting(row) for row in self._session.execute(query)]
        return found

    def unprepared(self) -> builtins.list[StoredObservation]:
        """Observations that no normalisation rules have looked at yet."""
        fresh = (ObservationStatus.PENDING.value, ObservationStatus.WAITING_CONSENT.value)
        query = self._observations().where(
            _OBSERVATIONS.c.version.is_(None), _OBSERVATIONS.c.status.in_(fresh)
        )
        return [self._opened(row) for row in self._session.execute(query)]

    def still_matchable(self, uuids: Sequence[bytes]) -> set[bytes]:
        """Which of the observations exist and may have a token."""
        found: set[bytes] = set()
        for part in chunks(uuids):
            query = select(_OBSERVATIONS.c.uuid).where(
                _OBSERVATIONS.c.uuid.in_(part),
                _OBSERVATIONS.c.status.in_(MATCHABLE),
                ~restricted(),
            )
            found.update(self._session.scalars(query))
        return found

    def set_status(
        self,
        uuid: bytes,
        status: ObservationStatus,
        reason: str = "",
        value: str | None = None,
        version: int | None = None,
    ) -> None:
        """Set one status; see `set_statuses`."""
        self.set_statuses([StatusChange(uuid, status, reason, value, version)])

    def set_statuses(self, changes: Iterable[StatusChange]) -> None:
        """Record how far observations are, with their normal forms.

        What a change leaves empty is emptied in the database.

        Raises:
            StoreError: An observation is gone.
        """
        rows = [{"the_uuid": change.uuid, **progress(self._at_rest, change)} for change in changes]
        if not rows:
            return
        statement = (
            update(_OBSERVATIONS)
            .where(_OBSERVATIONS.c.uuid == bindparam("the_uuid"))
            .values({name: bindparam(name) for name in _PROGRESS})
        )
        if run(self._session, statement, rows) != len(rows):
            raise StoreError("an observation was deleted meanwhile", next_step="try again")

    def get(self, case_id: str, source: str) -> StoredCase | None:
        """One case, or None."""
        handle = case_handle(self._at_rest, source, case_id)
        cases = self._load(select(_CASES).where(_CASES.c.handle == handle))
        return cases[0] if cases else None

    def list(self, source: str | None = None) -> list[StoredCase]:
        """All cases, or those of one source, by source and id."""
        cases = self._load(select(_CASES))
        wanted = [case for case in cases if source is None or case.source == source]
        return sorted(wanted, key=lambda case: (case.source, case.id))

    def sources(self, case_id: str) -> builtins.list[str]:
        """The sources that have a case with this id."""
        name = case_name(self._at_rest, case_id)
        query = select(_CASES.c.uuid, _CASES.c.content).where(_CASES.c.name == name)
        rows = self._session.execute(query)
        return sorted(
            CaseContent.open(self._at_rest.vault, row.uuid, row.content).source for row in rows
        )

    def delete(self, case_id: str, source: str) -> bool:
        """Delete a case with its observations and the tokens that only they had.

        `Store.scrub` afterwards cleans the log.

        Returns:
            False if there was none.
        """
        handle = case_handle(self._at_rest, source, case_id)
        # What earlier imports kept of it goes too, even if the case itself is gone already.
        forget_former(self._session, handle)
        uuid = self._session.scalar(select(_CASES.c.uuid).where(_CASES.c.handle == handle))
        if uuid is None:
            return False
        seen = select(_OBSERVATIONS.c.uuid).where(_OBSERVATIONS.c.case == uuid)
        remove_observations(self._session, self._at_rest, self._session.scalars(seen).all())
        self._session.execute(delete(_CASES).where(_CASES.c.uuid == uuid))
        return True

    def matches_of(self, case_id: str, source: str) -> builtins.list[bytes]:
        """UUIDs of the matches on what was observed in a case."""
        handle = case_handle(self._at_rest, source, case_id)
        query = (
            select(_MATCHES.c.uuid)
            .distinct()
            .join_from(_MATCHES, _LINKS, _LINKS.c.token == _MATCHES.c.token)
            .join(_OBSERVATIONS, _OBSERVATIONS.c.uuid == _LINKS.c.observation)
            .join(_CASES, _CASES.c.uuid == _OBSERVATIONS.c.case)
            .where(_CASES.c.handle == handle)
        )
        return list(self._session.scalars(query))

    def count(self) -> int:
        """How many cases there are."""
        return self._session.scalar(select(func.count()).select_from(_CASES)) or 0

    def counts(self) -> CaseCounts:
        """How many cases and observations there are, by status."""
        by_status = dict.fromkeys(ObservationStatus, 0)
        query = select(_OBSERVATIONS.c.status, func.count()).group_by(_OBSERVATIONS.c.status)
        for status, count in self._session.execute(query):
            by_status[ObservationStatus(status)] = count
        return CaseCounts(self.count(), sum(by_status.values()), by_status)

    def not_tokenised(self) -> builtins.list[NotTokenised]:
        """Observations without a token, by case and field, and why."""
        waiting = _OBSERVATIONS.c.status != ObservationStatus.TOKENISED.value
        found = [
            self._opened(row) for row in self._session.execute(self._observations().where(waiting))
        ]
        entries = [
            NotTokenised(seen.case_id, seen.field, seen.kind, seen.status, seen.reason)
            for seen in found
        ]
        return sorted(entries, key=lambda entry: (entry.case_id, entry.field, entry.kind))

    def not_tokenised_page(
        self, after: bytes, limit: int
    ) -> builtins.list[tuple[bytes, NotTokenised]]:
        """Observations without a token, a page at a time.

        Args:
            after: UUID of the last one of the page before; empty for the first page.
            limit: At most so many.

        Returns:
            (observation UUID, entry), by UUID.
        """
        query = (
            self._observations()
            .where(_OBSERVATIONS.c.status != ObservationStatus.TOKENISED.value)
            .where(_OBSERVATIONS.c.uuid > after)
            .order_by(_OBSERVATIONS.c.uuid)
            .limit(limit)
        )
        found = [self._opened(row) for row in self._session.execute(query)]
        return [
            (seen.uuid, NotTokenised(seen.case_id, seen.field, seen.kind, seen.status, seen.reason))
            for seen in found
        ]

    def with_marks(self, marks: Iterable[bytes]) -> builtins.list[StoredObservation]:
        """Observations of some values, about whomever, as they were written down."""
        found: list[StoredObservation] = []
        for part in chunks(marks):
            query = self._observations().where(_OBSERVATIONS.c.mark.in_(part))
            found += map(self._opened, self._session.execute(query))
        return found

    def _has_other_keys(self, but: Collection[bytes]) -> bool:
        """Whether anything has a token under another key; a probe of an index for each key."""
        key: bytes | None = b""
        while key is not None and (not key or key in but):
            later = select(func.min(_LINKS.c.key_id)).where(_LINKS.c.key_id > key)
            key = self._session.scalar(later)
        return key is not None

    def _waiting(self, row: Row[Any]) -> PendingObservation:
        return PendingObservation(
            uuid=row.uuid,
            kind=Kind(row.kind),
            subject=Subject(row.subject),
            status=ObservationStatus(row.status),
            value=open_normal(self._at_rest.vault, row.uuid, row.normal),
            version=row.version,
        )

    def _observations(self) -> Select[Any]:
        return select(*_WITH_CASE).join(_CASES, _CASES.c.uuid == _OBSERVATIONS.c.case)

    def _load(self, query: Select[Any]) -> builtins.list[StoredCase]:
        rows = self._session.execute(query).all()
        seen: dict[bytes, list[StoredObservation]] = {row.uuid: [] for row in rows}
        observations = self._observations().order_by(_OBSERVATIONS.c.position)
        if len(rows) == 1:
            observations = observations.where(_OBSERVATIONS.c.case == rows[0].uuid)
        for row in self._session.execute(observations):
            seen.setdefault(row.case, []).append(self._opened(row))
        cases = []
        for row in rows:
            case = CaseContent.open(self._at_rest.vault, row.uuid, row.content)
            observed = tuple(seen[row.uuid])
            place = case.id, case.source, case.region
            cases.append(StoredCase(row.uuid, *place, row.run, observed, case.minor))
        return cases

    def _opened(self, row: Row[Any]) -> StoredObservation:
        vault = self._at_rest.vault
        case = CaseContent.open(vault, row.case, row.case_content)
        seen = ObservationContent.open(vault, row.uuid, row.content)
        return StoredObservation(
            uuid=row.uuid,
            case_id=case.id,
            kind=Kind(row.kind),
            subject=Subject(row.subject),
            field=seen.field,
            raw=seen.raw,
            region=seen.region,
            status=ObservationStatus(row.status),
            reason=row.reason,
            value=open_normal(self._at_rest.vault, row.uuid, row.normal),
            version=row.version,
        )


def _linked(key_id: bytes) -> Exists:
    """Whether an observation has a token under a key."""
    return exists().where(_LINKS.c.observation == _OBSERVATIONS.c.uuid, _LINKS.c.key_id == key_id)
