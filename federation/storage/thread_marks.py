# SPDX-License-Identifier: Apache-2.0
"""Say, in the transaction that takes something away, which threads it may have held together.

What is added is found by its number; what is taken away leaves nothing to find.
"""

from collections.abc import Iterable

from sqlalchemy import ColumnElement, select, update
from sqlalchemy.orm import Session

from federation.storage.registry import chunks, table_of
from federation.storage.tables_cases import ObservationRow, TokenLinkRow
from federation.storage.tables_threads import ThreadCaseRow, ThreadCommonRow, ThreadRow

__all__ = ["mark_cases", "mark_observations", "mark_values"]

_OBSERVATIONS = table_of(ObservationRow)
_LINKS = table_of(TokenLinkRow)
_THREADS = table_of(ThreadRow)
_PLACES = table_of(ThreadCaseRow)
_COMMONS = table_of(ThreadCommonRow)


def mark_observations(session: Session, observations: Iterable[bytes]) -> None:
    """Observations are about to lose their tokens."""
    for part in chunks(observations):
        cases = select(_OBSERVATIONS.c.case).where(_OBSERVATIONS.c.uuid.in_(part))
        _mark(session, _PLACES.c.case.in_(cases))
        values = select(_LINKS.c.token).where(_LINKS.c.observation.in_(part))
        many = update(_COMMONS).where(_COMMONS.c.token.in_(values))
        session.execute(many.values(stale=True))


def mark_cases(session: Session, cases: Iterable[bytes]) -> None:
    """What was known of some cases may hold no more."""
    for part in chunks(cases):
        _mark(session, _PLACES.c.case.in_(part))


def mark_values(session: Session, values: Iterable[int]) -> None:
    """Some values may tie nothing any more, or no member holds them any more."""
    for part in chunks(values):
        cases = (
            select(_OBSERVATIONS.c.case)
            .join(_LINKS, _LINKS.c.observation == _OBSERVATIONS.c.uuid)
            .where(_LINKS.c.token.in_(part))
        )
        _mark(session, _PLACES.c.case.in_(cases))


def _mark(session: Session, which: ColumnElement[bool]) -> None:
    found = select(_THREADS.c.component).join(_PLACES, _PLACES.c.thread == _THREADS.c.number)
    # Read first: the update would otherwise look at every thread.
    components = session.scalars(found.where(which).distinct()).all()
    for part in chunks(components):
        change = update(_THREADS).where(_THREADS.c.component.in_(part))
        session.execute(change.values(stale=True))
