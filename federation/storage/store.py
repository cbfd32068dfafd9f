# SPDX-License-Identifier: Apache-2.0
"""The database of one node."""

from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from threading import local
from typing import Final, Self
from weakref import WeakValueDictionary

from sqlalchemy import URL, Connection, Engine
from sqlalchemy.exc import SQLAlchemyError
from sqlmodel import Session

from federation.errors import StoreError
from federation.storage import migrate
from federation.storage.atrest import AtRest
from federation.storage.engine import (
    WRITES,
    make_engine,
    parse_url,
    sqlite_path,
    touch_private,
    truncate_wal,
)
from federation.storage.fairlock import FairLock
from federation.storage.heads import HeadCache
from federation.storage.registry import METADATA
from federation.storage.settings import SettingsRepository
from federation.storage.transaction import Tx

_MARK: Final = "database"
"""Setting that opens only with the root key that the database was made with."""

_WRITERS: "WeakValueDictionary[Path, FairLock]" = WeakValueDictionary()
"""One lock per database file: several stores of a process may be open on one file."""


class Store:
    """Transactions on a node's database, from any thread.

    ::

        with store.write() as tx:
            tx.cases.put(case, "hotline", at, run="2026-01")
        with store.read() as tx:
            tx.cases.counts()
    """

    def __init__(self, engine: Engine, at_rest: AtRest, path: Path | None) -> None:
        """Use `create`, `open` or `memory` instead."""
        self._engine = engine
        self._at_rest = at_rest
        self._heads = HeadCache()
        self._busy = local()
        self._single = engine.dialect.name == "sqlite" and path is None
        self._queues = engine.dialect.name == "sqlite"
        self._writer = FairLock() if path is None else _WRITERS.setdefault(path, FairLock())

    @classmethod
    def create(cls, url: str, at_rest: AtRest) -> Self:
        """Make a new database, readable only by its owner, and open it.

        Args:
            url: See `federation.storage.engine.parse_url`.
            at_rest: Ciphers of a new root key.

        Raises:
            StoreError: There is a database already, or it cannot be made.
        """
        parsed = parse_url(url)
        path = sqlite_path(parsed)
        if path is not None:
            touch_private(path)
        with _translated(), _migrating(parsed) as connection:
            migrate.upgrade(connection, must_be_new=True)
            _leave_mark(connection, at_rest)
        return cls(make_engine(parsed), at_rest, path)

    @classmethod
    def open(cls, url: str, at_rest: AtRest) -> Self:
        """Open an existing database.

        Raises:
            StoreError: There is none, or it was made by another version of this program.
            OpenError: The root key is not the one that it was made with.
        """
        parsed = parse_url(url)
        path = sqlite_path(parsed)
        _require_file(path)
        store = cls(make_engine(parsed), at_rest, path)
        try:
            with _translated(), store._engine.connect() as connection:
                migrate.check_current(connection)
            store._check_mark()
        except BaseException:
            store.close()
            raise
        return store

    @classmethod
    def upgrade(cls, url: str) -> bool:
        """Bring an existing database to this program's schema; nothing else may have it open.

        Returns:
            Whether it was older.

        Raises:
            StoreError: The database is not one of ours, it is newer than this program, or the
                change failed; it is as it was.
        """
        parsed = parse_url(url)
        _require_file(sqlite_path(parsed))
        with _translated(), _migrating(parsed) as connection:
            migrate.check_ours(connection)
            return migrate.upgrade(connection)

    @classmethod
    def memory(cls, at_rest: AtRest) -> Self:
        """A database in memory, gone with the store; one transaction at a time."""
        engine = make_engine(parse_url("sqlite://"))
        with engine.connect().execution_options(**{WRITES: True}) as connection:
            METADATA.create_all(connection)
            _leave_mark(connection, at_rest)
            connection.commit()
        return cls(engine, at_rest, None)

    @contextmanager
    def read(self) -> Iterator[Tx]:
        """A transaction that sees one state of the database and changes nothing.

        Raises:
            StoreError: The database refuses, or something in it tries to write.
        """
        with self._alone_in_thread():
            if not self._single:
                with self._transaction(writes=False) as tx:
                    yield tx
                return
            with self._writer, self._transaction(writes=False) as tx:
                yield tx

    @contextmanager
    def write(self) -> Iterator[Tx]:
        """A transaction that is committed at the end, or undone if anything raises.

        Writers of this process take turns in the order in which they came.

        Raises:
            StoreError: The database refuses; nothing was changed.
        """
        with self._alone_in_thread():
            if not self._queues:
                with self._transaction(writes=True) as tx:
                    yield tx
                return
            with self._writer, self._transaction(writes=True) as tx:
                yield tx

    def scrub(self) -> bool:
        """Remove what was deleted or overwritten from the write-ahead log as well.

        Call it after the transaction that destroyed something secret. On PostgreSQL this is
        the administrator's affair, and nothing happens.

        Returns:
            False if a reader was in the way; call again later.
        """
        with self._alone_in_thread(), self._writer, _translated():
            return truncate_wal(self._engine)

    def close(self) -> None:
        """Close all connections."""
        self._engine.dispose()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _check_mark(self) -> None:
        with self.read() as tx:
            if tx.settings.get(_MARK) is None:
                raise StoreError(
                    "the database is damaged: it does not say whose it is",
                    next_step="restore a backup",
                )

    @contextmanager
    def _alone_in_thread(self) -> Iterator[None]:
        if getattr(self._busy, "yes", False):
            # Would wait for itself, or read what is about to change.
            raise RuntimeError("a transaction is open in this thread already")
        self._busy.yes = True
        try:
            yield
        finally:
            self._busy.yes = False

    @contextmanager
    def _transaction(self, *, writes: bool) -> Iterator[Tx]:
        options = {WRITES: writes}
        if self._engine.dialect.name == "postgresql":
            options["postgresql_readonly"] = not writes
        with _translated(), Session(self._engine) as session:
            session.connection(execution_options=options)
            # What a writing transaction sees may never be: it must not reach the cache.
            tx = Tx(session, self._at_rest, HeadCache() if writes else self._heads)
            yield tx
            tx.audit.settle()
            session.commit()


@contextmanager
def _translated() -> Iterator[None]:
    """Turn the driver's errors into ours, without the values that some drivers quote."""
    try:
        yield
    except SQLAlchemyError as error:
        cause = type(getattr(error, "orig", None) or error).__name__
        raise StoreError(
            f"the database refused ({cause})", next_step="run 'casethread doctor'"
        ) from None


@contextmanager
def _migrating(url: URL) -> Iterator[Connection]:
    """A transaction that may rebuild tables."""
    engine = make_engine(url, foreign_keys=False)
    try:
        with engine.connect() as connection:
            connection.execution_options(**{WRITES: True})
            with connection.begin():
                yield connection
    finally:
        engine.dispose()


def _leave_mark(connection: Connection, at_rest: AtRest) -> None:
    with Session(connection) as session:
        SettingsRepository(session, at_rest).put(_MARK, b"ct/v1")


def _require_file(path: Path | None) -> None:
    if path is not None and not path.is_file():
        raise StoreError("there is no database here", next_step="run 'casethread init'")
