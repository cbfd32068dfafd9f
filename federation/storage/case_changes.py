# SPDX-License-Identifier: Apache-2.0
"""How a batch of cases is written: what is new, what stays, what is retracted."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, bindparam, delete, exists, select, update
from sqlalchemy.orm import Session

from federation.indicators import Lane, Observation
from federation.storage.atrest import AtRest
from federation.storage.case_batch import CaseBatch, IncomingCase, case_name, source_mark
from federation.storage.consents import reopen
from federation.storage.counters import REMOVAL, take_numbers
from federation.storage.former import keep_cases
from federation.storage.records import (
    CaseContent,
    CasePut,
    ObservationContent,
    ObservationStatus,
    PutOutcome,
    StatusChange,
    seal_normal,
)
from federation.storage.registry import chunks, row_uuids, run, table_of
from federation.storage.retractions import cases_of, note_end
from federation.storage.tables_cases import CaseRow, ObservationRow, TokenLinkRow, TokenRow
from federation.storage.thread_marks import mark_cases, mark_observations

_CASES: Final = table_of(CaseRow)
_OBSERVATIONS: Final = table_of(ObservationRow)
_TOKENS: Final = table_of(TokenRow)
_LINKS: Final = table_of(TokenLinkRow)


class CaseWriter:
    """Puts the cases of one batch; gathers the rows, so that each table is written once."""

    def __init__(
        self,
        session: Session,
        at_rest: AtRest,
        batch: CaseBatch,
        *,
        at: datetime,
        run: str,
        keep: bool = False,
        judged: Mapping[bytes, StatusChange] | None = None,
    ) -> None:
        """Prepare to write.

        Args:
            session: A writing transaction.
            at_rest: The ciphers.
            batch: Cases with different ids.
            at: Now.
            run: Names the import.
            keep: Keep what is replaced; ``run`` is the number of a begun import.
            judged: What is known already of observations that may be new, by fingerprint;
                the others wait to be judged.
        """
        self._session = session
        self._at_rest = at_rest
        self._batch = batch
        self._origin = source_mark(at_rest, batch.source)
        self._at = at
        self._run = run
        self._keep = keep
        self._judged = judged or {}
        self._uuids = row_uuids(at)
        self._altered: list[bytes] = []
        self._new_cases: list[dict[str, Any]] = []
        self._changed_cases: list[dict[str, Any]] = []
        self._seen_cases: list[bytes] = []
        self._new_observations: list[dict[str, Any]] = []
        self._gone_observations: list[bytes] = []

    def write(self) -> list[CasePut]:
        """Write the batch; returns what happened to each case, in order."""
        handles = [incoming.handle for incoming in self._batch.cases]
        rows = stored_cases(self._session, handles)
        held = stored_fingerprints(self._session, [row.uuid for row in rows.values()])
        results = []
        for incoming in self._batch.cases:
            row = rows.get(incoming.handle)
            here = {} if row is None else held.get(row.uuid, {})
            results.append(self._plan(incoming, row, here))
        self._write()
        return results

    def _plan(
        self, incoming: IncomingCase, row: Row[Any] | None, here: dict[bytes, bytes]
    ) -> CasePut:
        uuid = next(self._uuids) if row is None else row.uuid
        case_changed = self._plan_case(incoming, row, uuid)
        added = [
            {"case": uuid, "position": position, **self._row(fingerprint, *seen)}
            for position, (fingerprint, seen) in enumerate(incoming.seen.items())
            if fingerprint not in here
        ]
        removed = [here[fingerprint] for fingerprint in here.keys() - incoming.seen.keys()]
        self._new_observations += added
        self._gone_observations += removed
        outcome = PutOutcome.UNCHANGED
        if row is None:
            outcome = PutOutcome.NEW
        elif added or removed or case_changed:
            outcome = PutOutcome.CHANGED
            self._altered.append(uuid)
        return CasePut(outcome, len(added), len(removed))

    def _plan_case(self, incoming: IncomingCase, row: Row[Any] | None, uuid: bytes) -> bool:
        """Plan the case's own row; True if an existing one changes."""
        case = incoming.case
        content = CaseContent(case.id, self._batch.source, case.region, case.minor)
        vault = self._at_rest.vault
        if row is None:
            new = {
                "uuid": uuid,
                "handle": incoming.handle,
                "name": case_name(self._at_rest, case.id),
                "content": content.seal(vault, uuid),
                "origin": self._origin,
                "born": self._run,
                "run": self._run,
                "seen": self._run,
                "changed": self._at,
            }
            self._new_cases.append(new)
            return False
        self._seen_cases.append(uuid)
        before = CaseContent.open(vault, uuid, row.content)
        if before == content:
            return False
        if before.minor != content.minor:
            mark_cases(self._session, [uuid])
        change = {"the_uuid": uuid, "content": content.seal(vault, uuid), "changed": self._at}
        self._changed_cases.append(change)
        return True

    def _row(
        self, fingerprint: bytes, seen: Observation, content: ObservationContent
    ) -> dict[str, Any]:
        judged = self._judged.get(fingerprint)
        if judged is None:
            waits = seen.subject.lane is Lane.SURVIVOR
            status = ObservationStatus.WAITING_CONSENT if waits else ObservationStatus.PENDING
            judged = StatusChange(next(self._uuids), status)
        return {
            "uuid": judged.uuid,
            "fingerprint": fingerprint,
            "kind": seen.kind.value,
            "subject": seen.subject.value,
            "content": content.seal(self._at_rest.vault, judged.uuid),
            **progress(self._at_rest, judged),
        }

    def _write(self) -> None:
        if self._keep:
            keep_cases(self._session, self._at_rest, self._altered, self._run)
        if self._new_cases:
            self._session.execute(_CASES.insert(), self._new_cases)
        if self._changed_cases:
            names = ("content", "changed")
            change = update(_CASES).where(_CASES.c.uuid == bindparam("the_uuid"))
            bound = change.values({name: bindparam(name) for name in names})
            self._session.execute(bound, self._changed_cases)
        for part in chunks(self._seen_cases):
            seen = update(_CASES).where(_CASES.c.uuid.in_(part))
            self._session.execute(seen.values(seen=self._run))
        for part in chunks(self._altered):
            altered = update(_CASES).where(_CASES.c.uuid.in_(part))
            self._session.execute(altered.values(run=self._run))
        reopen(self._session, self._altered)
        remove_observations(self._session, self._at_rest, self._gone_observations)
        if self._new_observations:
            self._session.execute(_OBSERVATIONS.insert(), self._new_observations)


def remove_observations(session: Session, at_rest: AtRest, uuids: Iterable[bytes]) -> None:
    """Delete observations, their links, and tokens that stand for nothing any more."""
    wanted = list(uuids)
    remove_tokens(session, at_rest, wanted)
    for part in chunks(wanted):
        session.execute(delete(_OBSERVATIONS).where(_OBSERVATIONS.c.uuid.in_(part)))


def remove_tokens(session: Session, at_rest: AtRest, uuids: Sequence[bytes]) -> None:
    """Unlink observations from their tokens; delete tokens that stand for nothing any more.

    Every match that a partner may know of is noted, so that the partner is told.
    """
    mark_observations(session, uuids)
    tokens: set[int] = set()
    for part in chunks(uuids):
        linked = select(_LINKS.c.token).where(_LINKS.c.observation.in_(part))
        tokens.update(session.scalars(linked))
    cases = cases_of(session, tokens)
    for part in chunks(uuids):
        session.execute(delete(_LINKS).where(_LINKS.c.observation.in_(part)))
    used = exists().where(_LINKS.c.token == _TOKENS.c.id)
    removed = 0
    for ids in chunks(sorted(tokens)):
        unused = select(_TOKENS.c.id).where(_TOKENS.c.id.in_(ids), ~used)
        note_end(session, at_rest, session.scalars(unused).all(), cases)
        removed += run(session, delete(_TOKENS).where(_TOKENS.c.id.in_(ids), ~used))
    if removed:
        take_numbers(session, REMOVAL, removed)


def progress(at_rest: AtRest, change: StatusChange) -> dict[str, Any]:
    """The columns that say how far an observation is."""
    return {
        "status": change.status.value,
        "reason": change.reason,
        "normal": seal_normal(at_rest.vault, change.uuid, change.value),
        "version": change.version,
        "mark": None if change.value is None else value_mark(at_rest, change.value),
    }


def value_mark(at_rest: AtRest, value: str) -> bytes:
    """What the observations of a normal form are found by."""
    return at_rest.fingerprint(b"normal|" + value.encode())


def stored_cases(session: Session, handles: Sequence[bytes]) -> dict[bytes, Row[Any]]:
    """Return the cases that are there, by handle."""
    found: dict[bytes, Row[Any]] = {}
    for part in chunks(handles):
        query = select(_CASES.c.handle, _CASES.c.uuid, _CASES.c.content)
        rows = session.execute(query.where(_CASES.c.handle.in_(part)))
        found.update({row.handle: row for row in rows})
    return found


def stored_fingerprints(
    session: Session, uuids: Sequence[bytes]
) -> dict[bytes, dict[bytes, bytes]]:
    """Return the observations of some cases: by case, then their UUIDs by fingerprint."""
    held: dict[bytes, dict[bytes, bytes]] = {}
    columns = (_OBSERVATIONS.c.case, _OBSERVATIONS.c.fingerprint, _OBSERVATIONS.c.uuid)
    for part in chunks(uuids):
        rows = session.execute(select(*columns).where(_OBSERVATIONS.c.case.in_(part)))
        for row in rows:
            held.setdefault(row.case, {})[row.fingerprint] = row.uuid
    return held
