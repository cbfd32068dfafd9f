# SPDX-License-Identifier: Apache-2.0
"""Leases: one process at a time does a job, and a dead one does not block it for ever."""

from datetime import datetime, timedelta
from typing import Final

from sqlalchemy import delete, select, update
from sqlalchemy.orm import Session

from federation.storage.registry import insert_new, run, table_of
from federation.storage.tables_metering import LeaseRow

_LEASES: Final = table_of(LeaseRow)


class LeasesRepository:
    """Named leases with an owner and an end."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def acquire(self, name: str, owner: str, at: datetime, seconds: int) -> bool:
        """Take a lease that is free, run out, or already one's own.

        Args:
            name: The job.
            owner: Who wants to do it; unique per process.
            at: Now.
            seconds: How long, unless renewed.

        Returns:
            False if somebody else has it.
        """
        until = at + timedelta(seconds=seconds)
        row = {"name": name, "owner": owner, "until": until}
        if insert_new(self._session, _LEASES, [row]):
            return True
        free = (_LEASES.c.owner == owner) | (_LEASES.c.until <= at)
        change = update(_LEASES).where(_LEASES.c.name == name, free)
        return bool(run(self._session, change.values(owner=owner, until=until)))

    def renew(self, name: str, owner: str, at: datetime, seconds: int) -> bool:
        """Extend one's own lease.

        Returns:
            False if it ran out or went to somebody else: the job must stop.
        """
        own = (_LEASES.c.name == name) & (_LEASES.c.owner == owner) & (_LEASES.c.until > at)
        change = update(_LEASES).where(own).values(until=at + timedelta(seconds=seconds))
        return bool(run(self._session, change))

    def release(self, name: str, owner: str) -> None:
        """Give one's own lease back."""
        own = (_LEASES.c.name == name) & (_LEASES.c.owner == owner)
        self._session.execute(delete(_LEASES).where(own))

    def holder(self, name: str, at: datetime) -> str | None:
        """Who holds the lease now, or None."""
        held = (_LEASES.c.name == name) & (_LEASES.c.until > at)
        owner: str | None = self._session.scalar(select(_LEASES.c.owner).where(held))
        return owner
