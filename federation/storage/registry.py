# SPDX-License-Identifier: Apache-2.0
"""The base of every table, with a registry of its own.

A developer who embeds this library may use SQLModel too; our tables must not
appear in the metadata that their migrations are made from.

Tables declare the schema; the repositories speak Core to them (`table_of`),
because rows of encrypted bytes gain nothing from being objects.
"""

import secrets
from collections.abc import Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime
from itertools import count
from typing import Any, Final, TypeVar, cast

from sqlalchemy import BigInteger, CursorResult, Integer, Table
from sqlalchemy.dialects import postgresql, sqlite
from sqlalchemy.engine import Dialect
from sqlalchemy.orm import Session, registry
from sqlalchemy.sql.dml import Insert
from sqlalchemy.types import TypeDecorator
from sqlmodel import SQLModel

T = TypeVar("T")

ROW_ID: Final = BigInteger().with_variant(Integer(), "sqlite")
"""64-bit row number that the database counts up (SQLite does so for INTEGER only)."""

CHUNK: Final = 500
"""Most values in one ``IN`` list; SQLite builds of old cap a statement at 999 parameters."""


class Base(SQLModel, registry=registry()):
    """Base class of the tables of this package."""


METADATA: Final = Base.metadata
"""The schema of a node's database; complete once `federation.storage` is imported."""


class Instant(TypeDecorator[datetime]):
    """An aware UTC time, kept as whole seconds since 1970 on every database."""

    impl = BigInteger
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> int | None:
        """Turn an aware time into seconds; a naive one is a bug of the caller."""
        del dialect
        if value is None:
            return None
        if value.tzinfo is None:
            raise ValueError("times in the database are aware")
        return int(value.timestamp())

    def process_result_value(self, value: int | None, dialect: Dialect) -> datetime | None:
        """Turn seconds into an aware UTC time."""
        del dialect
        return None if value is None else datetime.fromtimestamp(value, UTC)


def row_uuids(at: datetime) -> Iterator[bytes]:
    """Give new rows their UUIDs, 16 bytes each, unique everywhere.

    Rows that come together lie together in every index that begins with the UUID. Random
    ones would touch a page of their own each, and a million would rewrite the file many times.

    Args:
        at: Now. A clock that goes back does no harm.
    """
    head = int(at.timestamp()).to_bytes(5) + secrets.token_bytes(8)
    return (head + number.to_bytes(3) for number in count())


def table_of(model: type[Base]) -> Table:
    """The Core table behind a model."""
    return cast("Table", model.__table__)  # type: ignore[attr-defined]


def conflict_insert(session: Session, table: Table) -> sqlite.Insert | postgresql.Insert:
    """An INSERT that offers ``on_conflict_...`` in the dialect of the session's database."""
    if session.get_bind().dialect.name == "postgresql":
        return postgresql.insert(table)
    return sqlite.insert(table)


def insert_new(session: Session, table: Table, rows: Sequence[Mapping[str, Any]]) -> int:
    """Insert the rows that break no unique key; leave the others alone.

    Returns:
        How many rows were new.
    """
    if not rows:
        return 0
    return run(session, conflict_insert(session, table).on_conflict_do_nothing(), rows)


def put_row(session: Session, table: Table, row: Mapping[str, Any]) -> None:
    """Insert the row, or overwrite the one with the same primary key."""
    keys = [column.name for column in table.primary_key]
    rest = {name: value for name, value in row.items() if name not in keys}
    statement = conflict_insert(session, table).values(**row)
    session.execute(statement.on_conflict_do_update(index_elements=keys, set_=rest))


def run(session: Session, statement: Any, rows: Sequence[Mapping[str, Any]] | None = None) -> int:
    """Execute a statement that changes rows.

    Returns:
        How many rows it changed.
    """
    if rows is not None and len(rows) == 1 and isinstance(statement, Insert):
        # One row needs no executemany, whose row count some drivers do not know.
        statement, rows = statement.values(**rows[0]), None
    # Without the option SQLAlchemy may drop the count of an INSERT before we can read it.
    result = session.execute(
        statement,
        None if rows is None else list(rows),
        execution_options={"preserve_rowcount": True},
    )
    return cast("CursorResult[Any]", result).rowcount


def chunks(items: Iterable[T], size: int = CHUNK) -> Iterable[list[T]]:
    """Cut a sequence into lists of at most ``size`` items."""
    rest = list(items)
    for start in range(0, len(rest), size):
        yield rest[start : start + size]
