# SPDX-License-Identifier: Apache-2.0
"""Bulk grants and how much of each was used here."""

import builtins
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, Final

from sqlalchemy import Select, delete, select, update
from sqlalchemy.orm import Session

from federation.storage.registry import insert_new, table_of
from federation.storage.tables_metering import GrantRow

_GRANTS: Final = table_of(GrantRow)
_REMEMBERED: Final = timedelta(days=30)
"""How long a grant that is over stays visible."""


@dataclass(frozen=True, slots=True)
class StoredGrant:
    """A bulk grant."""

    digest: bytes
    """SHA-256 of its payload."""
    member: str
    """Who it is for."""
    lane: str
    cls: str
    valid_from: datetime
    valid_until: datetime
    budget: int
    """Evaluations at this custodian."""
    used: int
    """... of which these were spent here."""
    envelope: bytes


class GrantsRepository:
    """Grants by digest; usage is counted in the statement that decides."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def put(self, grant: StoredGrant) -> None:
        """Keep a grant, or more signatures of one; what was used stays counted."""
        row = {name: getattr(grant, name) for name in StoredGrant.__dataclass_fields__}
        insert_new(self._session, _GRANTS, [row | {"used": 0}])
        this = _GRANTS.c.digest == grant.digest
        self._session.execute(update(_GRANTS).where(this).values(envelope=grant.envelope))

    def list(self) -> list[StoredGrant]:
        """All that are remembered, the latest first."""
        return self._found(select(_GRANTS).order_by(_GRANTS.c.valid_until.desc(), _GRANTS.c.digest))

    def valid(self, member: str, lane: str, cls: str, at: datetime) -> builtins.list[StoredGrant]:
        """Those of a member that are valid now, the first to end first, signatures aside."""
        query = select(_GRANTS).where(
            _GRANTS.c.member == member,
            _GRANTS.c.lane == lane,
            _GRANTS.c.cls == cls,
            _GRANTS.c.valid_from <= at,
            _GRANTS.c.valid_until > at,
        )
        return self._found(query.order_by(_GRANTS.c.valid_until, _GRANTS.c.digest))

    def draw(self, digests: Sequence[bytes], amount: int) -> bool:
        """Spend an amount from the first of these grants that still holds it.

        Returns:
            False if none does; then nothing was spent.
        """
        for digest in digests:
            change = (
                update(_GRANTS)
                .where(_GRANTS.c.digest == digest, _GRANTS.c.used + amount <= _GRANTS.c.budget)
                .values(used=_GRANTS.c.used + amount)
                .returning(_GRANTS.c.used)
            )
            if self._session.execute(change).first() is not None:
                return True
        return False

    def prune(self, at: datetime) -> None:
        """Forget grants that have been over for 30 days."""
        self._session.execute(delete(_GRANTS).where(_GRANTS.c.valid_until < at - _REMEMBERED))

    def _found(self, query: Select[Any]) -> builtins.list[StoredGrant]:
        return [StoredGrant(**row) for row in self._session.execute(query).mappings()]
