# SPDX-License-Identifier: Apache-2.0
"""The database connection: SQLite by default, PostgreSQL by URL.

On SQLite every writing transaction opens with ``BEGIN IMMEDIATE``. The driver's default
starts to read, then fails or loses updates when it turns to writing.
"""

import os
from contextlib import closing
from pathlib import Path
from typing import Any, Final

from sqlalchemy import (
    URL,
    Connection,
    Dialect,
    Engine,
    LargeBinary,
    StaticPool,
    create_engine,
    event,
    make_url,
)
from sqlalchemy.exc import ArgumentError

from federation.errors import StoreError

WRITES: Final = "casethread_writes"
"""Execution option of a connection whose next transaction writes."""

BUSY_SECONDS: Final = 60
"""How long a transaction waits for another process to finish writing."""

_PRAGMAS: Final = (
    f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}",
    "PRAGMA journal_mode = WAL",
    "PRAGMA synchronous = FULL",
    # Deleted content is overwritten with zeros, not just forgotten.
    "PRAGMA secure_delete = ON",
    # Large sorts must not spill content into unencrypted temporary files.
    "PRAGMA temp_store = MEMORY",
    # 16 MiB of pages for each connection: rows have random keys, and the default holds 2.
    "PRAGMA cache_size = -16384",
    # The log grows to 32 MiB before it is moved into the database, where the default is 4: a
    # page that many of a million new rows touch is then moved once for several transactions.
    "PRAGMA wal_autocheckpoint = 8000",
)


class _Octets(LargeBinary):
    """Bytes as they are: SQLite takes and gives them, without a wrapper for each value."""

    def bind_processor(self, dialect: Dialect) -> None:
        """Nothing to do to a value on its way in."""
        del dialect

    def result_processor(self, dialect: Dialect, coltype: object) -> None:
        """Nothing to do to a value on its way out."""
        del dialect, coltype


def parse_url(url: str) -> URL:
    """Read a database URL.

    Args:
        url: ``sqlite:////absolute/path.db``, ``sqlite://`` for memory, or ``postgresql://...``.

    Returns:
        The URL with the driver that this package uses.

    Raises:
        StoreError: It is not a URL, or names another database.
    """
    try:
        parsed = make_url(url)
    except ArgumentError:
        # The text may hold a password: it must not travel on as the cause.
        raise StoreError(
            "the database URL cannot be read", next_step="write sqlite:////path or postgresql://..."
        ) from None
    if parsed.drivername in {"sqlite", "sqlite+pysqlite"}:
        return parsed.set(drivername="sqlite+pysqlite")
    if parsed.drivername in {"postgresql", "postgres", "postgresql+psycopg"}:
        return parsed.set(drivername="postgresql+psycopg")
    raise StoreError(
        "this database is not supported", next_step="use SQLite, or PostgreSQL through psycopg"
    )


def sqlite_path(url: URL) -> Path | None:
    """The file of a SQLite database; None for memory and for other databases."""
    if url.get_backend_name() != "sqlite" or url.database in {None, "", ":memory:"}:
        return None
    return Path(str(url.database)).resolve()


def touch_private(path: Path) -> None:
    """Make an empty file that only its owner can read; SQLite keeps the mode for its WAL."""
    path.parent.mkdir(parents=True, exist_ok=True)
    os.close(os.open(path, os.O_CREAT | os.O_RDWR, 0o600))


def make_engine(url: URL, *, foreign_keys: bool = True) -> Engine:
    """Connect (lazily) to a database.

    Args:
        url: From `parse_url`.
        foreign_keys: Enforce them on SQLite. Only migrations turn this off: they rebuild
            tables, and dropping the old one would delete what refers to it.

    Returns:
        An engine whose errors never show parameters.

    Raises:
        StoreError: The driver is not installed.
    """
    if url.get_backend_name() != "sqlite":
        return _postgresql(url)
    memory = sqlite_path(url) is None
    options: dict[str, Any] = (
        # One connection is the database; Store lets one transaction at a time use it.
        {"poolclass": StaticPool}
        if memory
        # Readers never wait for each other; writers queue before they connect.
        else {"pool_size": 8, "max_overflow": -1}
    )
    engine = create_engine(
        url, hide_parameters=True, connect_args={"check_same_thread": False}, **options
    )

    # In bulk paths the wrapper costs as much as the statement.
    engine.dialect.colspecs = {**engine.dialect.colspecs, LargeBinary: _Octets}

    @event.listens_for(engine, "connect")
    def _connect(connection: Any, _record: object) -> None:
        # The driver must not open transactions of its own: `_begin` does.
        connection.isolation_level = None
        with closing(connection.cursor()) as cursor:
            for pragma in _PRAGMAS:
                cursor.execute(pragma)
            cursor.execute(f"PRAGMA foreign_keys = {'ON' if foreign_keys else 'OFF'}")

    @event.listens_for(engine, "begin")
    def _begin(connection: Connection) -> None:
        writes = bool(connection.get_execution_options().get(WRITES))
        # A read that turns out to write is a bug, found here and not under load.
        connection.exec_driver_sql(f"PRAGMA query_only = {'OFF' if writes else 'ON'}")
        connection.exec_driver_sql("BEGIN IMMEDIATE" if writes else "BEGIN")

    return engine


def _postgresql(url: URL) -> Engine:
    try:
        return create_engine(url, hide_parameters=True, pool_pre_ping=True)
    except ModuleNotFoundError:
        raise StoreError(
            "the PostgreSQL driver is missing", next_step="pip install 'casethread[postgresql]'"
        ) from None


def truncate_wal(engine: Engine) -> bool:
    """Move SQLite's write-ahead log into the database and cut it to nothing.

    Returns:
        False if a reader is still using the log; trying again later is safe.
    """
    if engine.dialect.name != "sqlite":
        return True
    connection = engine.raw_connection()
    try:
        with closing(connection.cursor()) as cursor:
            # A reader may be long: do not hold up every writer behind it.
            cursor.execute("PRAGMA busy_timeout = 1000")
            cursor.execute("PRAGMA wal_checkpoint(TRUNCATE)")
            # One row: whether a reader was in the way, and two counts of pages.
            row = cursor.fetchone()
            cursor.execute(f"PRAGMA busy_timeout = {BUSY_SECONDS * 1000}")
        return row is not None and row[0] == 0
    finally:
        connection.close()
