# SPDX-License-Identifier: Apache-2.0
"""Numbers that only grow, in the order of the commits."""

from functools import cache
from typing import Final

from sqlalchemy import Executable, select
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.orm import Session

from federation.storage.registry import table_of
from federation.storage.tables_membership import CounterRow

__all__ = [
    "ARRIVAL",
    "AUDIT",
    "CHANGE",
    "REMOVAL",
    "THREAD",
    "WITHDRAWN",
    "WITNESS",
    "latest_number",
    "take_numbers",
]

ARRIVAL: Final = "arrival"
"""Links between observations and tokens."""
AUDIT: Final = "audit"
"""Counts nothing: whoever appends to the record waits here for whoever came before."""
WITNESS: Final = "witness"
"""Counts nothing: one checkpoint of others is looked at after the other."""
REMOVAL: Final = "removal"
"""Deleted tokens."""
CHANGE: Final = "change"
"""Changes of matches, agreements and threads."""
THREAD: Final = "thread"
"""Threads."""
WITHDRAWN: Final = "withdrawn"
"""Matches that partners took back."""

_COUNTERS = table_of(CounterRow)


def take_numbers(session: Session, name: str, count: int) -> int:
    """Take the next numbers of a counter.

    The counter's row stays locked until the commit, so that whoever has read up to one number
    finds everything with a smaller one committed.

    Args:
        session: A writing transaction.
        name: Which counter.
        count: How many numbers; 0 only waits for its turn.

    Returns:
        The first of them; the counter begins at 1.
    """
    grow = _grow(session.get_bind().dialect.name == "postgresql")
    last = session.scalar(grow, {"name": name, "value": count})
    return int(last or 0) - count + 1


@cache
def _grow(on_postgresql: bool) -> Executable:
    # Made once for each dialect: a bucket of matches takes a number for each.
    insert = (postgresql.insert if on_postgresql else sqlite.insert)(_COUNTERS)
    grown = insert.on_conflict_do_update(
        index_elements=["name"], set_={"value": _COUNTERS.c.value + insert.excluded.value}
    )
    return grown.returning(_COUNTERS.c.value)


def latest_number(session: Session, name: str) -> int:
    """Return the number that was taken last; 0 before the first."""
    query = select(_COUNTERS.c.value).where(_COUNTERS.c.name == name)
    return int(session.scalar(query) or 0)
