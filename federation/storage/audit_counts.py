# SPDX-License-Identifier: Apache-2.0
"""What is counted until its day or its run is over, so that it takes one entry and not many."""

from collections.abc import Mapping
from datetime import UTC, datetime
from itertools import groupby
from typing import Any, Final

from sqlalchemy import ColumnElement, delete, select
from sqlalchemy.orm import Session

from federation.audit import Count, Event, Record
from federation.storage.registry import conflict_insert, table_of
from federation.storage.tables_audit import AuditCountRow

__all__ = ["AuditCounts"]

_COUNTS: Final = table_of(AuditCountRow)
_NEVER: Final = datetime(1970, 1, 1, tzinfo=UTC)


class AuditCounts:
    """Counters that survive a crash, by everything that their entry will say."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def add(self, event: Event, at: datetime, amounts: Mapping[Count, int], **facts: Any) -> None:
        """Count something.

        Args:
            event: What happened.
            at: When.
            amounts: How much of what; zeros are left out.
            facts: Other fields of `federation.audit.Record`; what is equal is counted together.
        """
        rows = [
            {
                "day": at.astimezone(UTC).date(),
                "facts": _facts(event, facts),
                "counted": counted.value,
                "amount": amount,
                "since": at,
            }
            for counted, amount in sorted(amounts.items())
            if amount
        ]
        if not rows:
            return
        put = conflict_insert(self._session, _COUNTS)
        grown = {"amount": _COUNTS.c.amount + put.excluded.amount}
        keys = [column.name for column in _COUNTS.primary_key]
        self._session.execute(put.on_conflict_do_update(index_elements=keys, set_=grown), rows)

    def close(self, event: Event, **facts: Any) -> list[Record]:
        """Take out what was counted of one thing; return it as records to append."""
        return self._take(_COUNTS.c.facts == _facts(event, facts))

    def close_days(self, at: datetime) -> list[Record]:
        """Take out what was counted on days that are over."""
        return self._take(_COUNTS.c.day < at.astimezone(UTC).date())

    def any_over(self, at: datetime) -> bool:
        """Whether something was counted on a day that is over."""
        query = select(_COUNTS.c.day).where(_COUNTS.c.day < at.astimezone(UTC).date()).limit(1)
        return self._session.scalar(query) is not None

    def _take(self, which: ColumnElement[bool]) -> list[Record]:
        # One statement reads and removes: of two processes only one gets a row.
        rows = self._session.execute(delete(_COUNTS).where(which).returning(*_COUNTS.c)).all()
        taken = []
        ordered = sorted(rows, key=lambda row: (row.day, row.facts, row.counted))
        for (_, facts), group in groupby(ordered, key=lambda row: (row.day, row.facts)):
            counted = list(group)
            template = Record.from_bytes(facts.encode())
            amounts = {Count(row.counted): row.amount for row in counted}
            taken.append(template.replace(counts=amounts, since=min(row.since for row in counted)))
        return taken


def _facts(event: Event, facts: Mapping[str, Any]) -> str:
    fields = {"actor": "node", **facts}
    return Record(at=_NEVER, event=event, nonce=bytes(32), **fields).to_bytes().decode()
