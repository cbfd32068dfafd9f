# SPDX-License-Identifier: Apache-2.0
"""Values that belong to a survivor here stay out of the network lane."""

from collections.abc import Iterable, Sequence
from typing import Final

from sqlalchemy import select, update
from sqlalchemy.orm import Session

from federation.indicators import Lane, Subject
from federation.storage.case_changes import remove_tokens
from federation.storage.records import MATCHABLE, ObservationStatus
from federation.storage.registry import chunks, table_of
from federation.storage.tables_cases import ObservationRow

__all__ = ["NETWORK", "marks_of", "withhold"]

NETWORK: Final = tuple(subject.value for subject in Subject if subject.lane is Lane.NETWORK)
"""Subjects of the network lane."""

_OBSERVATIONS: Final = table_of(ObservationRow)


def marks_of(session: Session, uuids: Sequence[bytes]) -> set[bytes]:
    """Return the fingerprints of the normal forms of some observations."""
    marks: set[bytes] = set()
    for part in chunks(uuids):
        query = select(_OBSERVATIONS.c.mark).where(_OBSERVATIONS.c.uuid.in_(part))
        marks.update(mark for mark in session.scalars(query) if mark is not None)
    return marks


def withhold(session: Session, marks: Iterable[bytes], reason: str) -> int:
    """Withhold what is in the network lane and has a normal form of a survivor.

    Args:
        session: A writing transaction.
        marks: Fingerprints of the normal forms to look at.
        reason: Why; a code.

    Returns:
        How many observations are withheld now.
    """
    survivors: list[bytes] = []
    for part in chunks(marks):
        query = select(_OBSERVATIONS.c.mark).where(
            _OBSERVATIONS.c.mark.in_(part), _OBSERVATIONS.c.subject.not_in(NETWORK)
        )
        survivors += session.scalars(query.distinct())
    withheld = 0
    for part in chunks(survivors):
        query = select(_OBSERVATIONS.c.uuid).where(
            _OBSERVATIONS.c.mark.in_(part),
            _OBSERVATIONS.c.subject.in_(NETWORK),
            _OBSERVATIONS.c.status.in_(MATCHABLE),
        )
        uuids = session.scalars(query).all()
        remove_tokens(session, uuids)
        for some in chunks(uuids):
            session.execute(
                update(_OBSERVATIONS)
                .where(_OBSERVATIONS.c.uuid.in_(some))
                .values(status=ObservationStatus.SCREENED.value, reason=reason)
            )
        withheld += len(uuids)
    return withheld
