# SPDX-License-Identifier: Apache-2.0
"""Cases that are kept out of everything."""

from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from typing import Final

from sqlalchemy import Exists, delete, exists, select, update
from sqlalchemy.orm import Session

from federation.storage.atrest import AtRest
from federation.storage.case_batch import case_handle
from federation.storage.records import ObservationStatus
from federation.storage.registry import insert_new, table_of
from federation.storage.tables_cases import CaseRow, ObservationRow, RestrictionRow

__all__ = ["Restriction", "RestrictionGround", "RestrictionsRepository", "restricted"]

_CASES: Final = table_of(CaseRow)
_OBSERVATIONS: Final = table_of(ObservationRow)
_ROWS: Final = table_of(RestrictionRow)


class RestrictionGround(StrEnum):
    """Why a case is kept out. A closed list: a text may name a person."""

    ASKED = "asked"
    """The person concerned asked for it."""
    DISPUTED = "disputed"
    """Somebody says that it is not true, and that is looked into."""
    SAFETY = "safety"
    """Comparing it could endanger somebody."""
    UNLAWFUL = "unlawful"
    """It should not have been recorded, and the person concerned does not want it erased."""


@dataclass(frozen=True, slots=True)
class Restriction:
    """That a case is kept out."""

    ground: RestrictionGround
    since: datetime
    by: str
    """Who said so, as the record names them."""


class RestrictionsRepository:
    """What is kept out, by source and case id: also if the case goes and comes again."""

    def __init__(self, session: Session, at_rest: AtRest) -> None:
        self._session = session
        self._at_rest = at_rest

    def put(self, case_id: str, source: str, restriction: Restriction) -> bool:
        """Keep a case out; False if it is already.

        Its pseudonyms are for the caller to remove.
        """
        if self.get(case_id, source) is not None:
            return False
        row = {
            "handle": case_handle(self._at_rest, source, case_id),
            "ground": restriction.ground.value,
            "since": restriction.since,
            "actor": restriction.by,
        }
        insert_new(self._session, _ROWS, [row])
        return True

    def lift(self, case_id: str, source: str) -> bool:
        """Let a case in again; False if it was not kept out."""
        handle = case_handle(self._at_rest, source, case_id)
        query = delete(_ROWS).where(_ROWS.c.handle == handle).returning(_ROWS.c.handle)
        return self._session.execute(query).first() is not None

    def get(self, case_id: str, source: str) -> Restriction | None:
        """Return why a case is kept out, or None if it is not."""
        handle = case_handle(self._at_rest, source, case_id)
        row = self._session.execute(select(_ROWS).where(_ROWS.c.handle == handle)).first()
        if row is None:
            return None
        return Restriction(RestrictionGround(row.ground), row.since, row.actor)

    def holds(self, case: bytes) -> bool:
        """Whether a case is kept out, by its UUID."""
        query = (
            select(_ROWS.c.handle)
            .join(_CASES, _CASES.c.handle == _ROWS.c.handle)
            .where(_CASES.c.uuid == case)
        )
        return self._session.execute(query).first() is not None

    def observations(self, case: bytes) -> list[bytes]:
        """Everything that was observed in a case: UUIDs."""
        query = select(_OBSERVATIONS.c.uuid).where(_OBSERVATIONS.c.case == case)
        return [*self._session.scalars(query)]

    def reset(self, case: bytes) -> None:
        """Let what had a pseudonym need one again."""
        change = update(_OBSERVATIONS).where(
            _OBSERVATIONS.c.case == case,
            _OBSERVATIONS.c.status == ObservationStatus.TOKENISED.value,
        )
        self._session.execute(change.values(status=ObservationStatus.PENDING.value))


def restricted() -> Exists:
    """The condition that an observation's case is kept out, for a query of observations."""
    return exists(
        select(_ROWS.c.handle)
        .join(_CASES, _CASES.c.handle == _ROWS.c.handle)
        .where(_CASES.c.uuid == _OBSERVATIONS.c.case)
    )
