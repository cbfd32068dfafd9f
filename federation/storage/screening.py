# SPDX-License-Identifier: Apache-2.0
"""Observations under screening: those with a normal form; survivors' once there is consent."""

from collections.abc import Iterable, Mapping
from dataclasses import replace
from typing import Any, Final

from sqlalchemy import Row, Select, select, update
from sqlalchemy.orm import Session

from federation.indicators import Kind, Lane, Subject
from federation.storage.atrest import AtRest
from federation.storage.case_changes import remove_tokens, value_mark
from federation.storage.decisions import DecisionsRepository
from federation.storage.records import (
    MATCHABLE,
    NETWORK,
    ObservationStatus,
    Rescreened,
    Screenable,
    open_normal,
)
from federation.storage.registry import chunks, run, table_of
from federation.storage.tables_cases import ObservationRow

_OBSERVATIONS: Final = table_of(ObservationRow)

_SURVIVORS: Final = tuple(one.value for one in Subject if one.lane is Lane.SURVIVOR)
_WAITING: Final = ObservationStatus.WAITING_DECISION.value
_JUDGED: Final = (*MATCHABLE, ObservationStatus.SCREENED.value, _WAITING)


class ScreeningRepository:
    """What screening keeps out of the comparison, and what waits for a person."""

    def __init__(self, session: Session, at_rest: AtRest, decisions: DecisionsRepository) -> None:
        self._session = session
        self._at_rest = at_rest
        self._decisions = decisions

    def mark(self, value: str) -> bytes:
        """The fingerprint by which the observations of a normal form are found."""
        return value_mark(self._at_rest, value)

    def page(self, after: bytes, limit: int) -> list[Screenable]:
        """Observations that screening may judge, by UUID.

        Args:
            after: UUID of the last one of the page before; empty for the first page.
            limit: At most so many.
        """
        query = self._screenable().where(_OBSERVATIONS.c.uuid > after)
        rows = self._session.execute(query.order_by(_OBSERVATIONS.c.uuid).limit(limit))
        return [self._opened(row) for row in rows]

    def with_mark(self, mark: bytes) -> list[Screenable]:
        """Observations of one value that screening may judge."""
        query = self._screenable().where(_OBSERVATIONS.c.mark == mark)
        return [self._opened(row) for row in self._session.execute(query)]

    def waiting(self) -> list[bytes]:
        """The fingerprints of the values that wait for a person."""
        query = select(_OBSERVATIONS.c.mark).where(_OBSERVATIONS.c.status == _WAITING)
        return sorted(set(self._session.scalars(query.distinct())) - {None})

    def survivors(self, marks: Iterable[bytes]) -> set[bytes]:
        """Which of the values stand in a survivor's own column somewhere."""
        found: set[bytes] = set()
        for part in chunks(set(marks)):
            query = select(_OBSERVATIONS.c.mark).where(
                _OBSERVATIONS.c.mark.in_(part), _OBSERVATIONS.c.subject.in_(_SURVIVORS)
            )
            found.update(self._session.scalars(query))
        return found

    def withhold_survivors(self, newly_told: Mapping[bytes, bool], reason: str) -> set[bytes]:
        """Take values that belong to a survivor here out of the network lane.

        A survivor's own number in a recruiter's column is a mistake, or an abuser's trick. Who
        allowed it before did not know of a survivor that comes only now, and is asked again.

        Args:
            newly_told: The values that came in just now, by mark: whether a survivor's own
                column was among where they stood.
            reason: Why; a code.

        Returns:
            The observations that wait for a person now and did not before.
        """
        survivors = self.survivors(newly_told)
        allowed = set()
        for mark, decision in self._decisions.about(survivors).items():
            if not decision.allows(reason):
                continue
            if newly_told[mark]:
                self._decisions.put(replace(decision, reasons=decision.reasons - {reason}))
            else:
                allowed.add(mark)
        withheld: set[bytes] = set()
        for part in chunks(survivors - allowed):
            rows = select(_OBSERVATIONS.c.uuid).where(
                _OBSERVATIONS.c.mark.in_(part),
                _OBSERVATIONS.c.subject.in_(NETWORK),
                _OBSERVATIONS.c.status.in_(MATCHABLE),
            )
            withheld.update(self._session.scalars(rows))
        for part in chunks(withheld):
            remove_tokens(self._session, self._at_rest, part)
            change = update(_OBSERVATIONS).where(_OBSERVATIONS.c.uuid.in_(part))
            self._session.execute(change.values(status=_WAITING, reason=reason))
        return withheld

    def apply(self, outcomes: Iterable[Rescreened]) -> int:
        """Record what screening makes of observations now; what is kept out loses its tokens.

        Args:
            outcomes: Observations that are judged otherwise than before. One that has moved
                meanwhile is left as it is.

        Returns:
            How many changed.
        """
        changed = 0
        for outcome in outcomes:
            seen = outcome.seen
            statement = update(_OBSERVATIONS).where(
                _OBSERVATIONS.c.uuid == seen.uuid,
                _OBSERVATIONS.c.status == seen.status.value,
                _OBSERVATIONS.c.reason == seen.reason,
            )
            values = {"status": outcome.status.value, "reason": outcome.reason}
            if run(self._session, statement.values(values)):
                changed += 1
                if outcome.status.value not in MATCHABLE:
                    remove_tokens(self._session, self._at_rest, [seen.uuid])
        return changed

    def _screenable(self) -> Select[Any]:
        return select(_OBSERVATIONS).where(
            _OBSERVATIONS.c.status.in_(_JUDGED),
            _OBSERVATIONS.c.normal.is_not(None),
        )

    def _opened(self, row: Row[Any]) -> Screenable:
        value = open_normal(self._at_rest.vault, row.uuid, row.normal)
        assert value is not None
        return Screenable(
            uuid=row.uuid,
            kind=Kind(row.kind),
            subject=Subject(row.subject),
            status=ObservationStatus(row.status),
            reason=row.reason,
            value=value,
            version=row.version,
            mark=row.mark,
        )
