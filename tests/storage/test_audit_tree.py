# SPDX-License-Identifier: Apache-2.0
"""The log in the database: the contract, whole processes at once, and a thief's hand in it."""

from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from federation.audit import Checkpoint, Log, Origin
from federation.audit.inspect import inspect_log
from federation.crypto import merkle
from federation.errors import VerifyError
from federation.storage import AtRest, Named, SqlLogStore, Store
from tests.audit.contract import LogStoreContract
from tests.audit.support import FEDERATION, entry
from tests.storage.test_processes import start, worker

ORIGIN = Origin(FEDERATION, "hope", 1)


class TestSqlLogStore(LogStoreContract):
    """Every database passes the suite of the memory."""

    @pytest.fixture
    def store(self, store: Store, at: datetime) -> Iterator[SqlLogStore]:
        """An empty log, behind another one, so that places and indices differ."""
        with store.write() as tx:
            tx.audit.append(entry(1))
            tx.audit.settle()
            span = tx.audit._new_log(2, 2, at)
            yield tx.audit.store_of(span)


def test_threads_and_processes_append_in_one_order(store: Store, at: datetime) -> None:
    """Each entry is there once, without gaps, and every thread's own are in its own order."""

    def append_all(writer: int) -> None:
        for number in range(20):
            with store.write() as tx:
                # Another lock, taken first by some and later by others.
                if writer % 2:
                    tx.settings.put("shared", b"1")
                tx.audit.append(entry(1000 * writer + number), [Named("case", b"%d" % writer)])
                if not writer % 2:
                    tx.settings.put("shared", b"2")

    with ThreadPoolExecutor(4) as pool:
        list(pool.map(append_all, range(1, 5)))
    with store.read() as tx:
        entries = tx.audit.entries()
        (span,) = tx.audit.logs()

        assert 81 == inspect_log(tx.audit.store_of(span), [])
        for writer in range(1, 5):
            about = tx.audit.about(Named("case", b"%d" % writer))
            wrote = [int.from_bytes(entries[index].record.nonce) for index in about]

            assert [1000 * writer + number for number in range(20)] == wrote
    assert list(range(81)) == [one.index for one in entries]


def test_two_processes_share_one_log(sqlite_url: str, at_rest: AtRest) -> None:
    """Neither loses an entry or a hash of the other."""
    processes = [start("record", sqlite_url, str(number)) for number in range(2)]
    for process in processes:
        _, err = process.communicate()

        assert err == ""
    with Store.open(sqlite_url, at_rest) as store, store.read() as tx:
        (span,) = tx.audit.logs()
        log = Log(tx.audit.store_of(span))

        assert 1 + 2 * worker.ATTEMPTS == span.size
        assert span.size == inspect_log(
            tx.audit.store_of(span), [Checkpoint(ORIGIN, span.size, log.root(span.size))]
        )


def altered(path: str, *statements: str) -> Callable[[], None]:
    """Return a deed of somebody who has the database, but not the program."""

    def change() -> None:
        import sqlite3

        with sqlite3.connect(path.removeprefix("sqlite:///")) as connection:
            for one in statements:
                connection.execute(one)

    return change


FLIPPED = "CAST(substr(leaf, 1, 40) || x'00' || substr(leaf, 42) AS BLOB)"
EXCHANGED = ", ".join(
    f"{one} = (SELECT other.{one} FROM audit_leaves other WHERE other.place = 18)"
    for one in ("leaf", "hash")
)
TAMPERED = {
    "a flipped byte": (
        f"UPDATE audit_leaves SET leaf = {FLIPPED} WHERE place = 17",
        "entry 17 of the record was altered",
    ),
    "a deleted entry": ("DELETE FROM audit_leaves WHERE place = 17", "entry 17 .* is missing"),
    "two exchanged entries": (
        f"UPDATE audit_leaves SET {EXCHANGED} WHERE place = 17",
        "entry 17 .* another one lies in its place",
    ),
    "a truncated entry": (
        "UPDATE audit_leaves SET leaf = substr(leaf, 1, 50) WHERE place = 17",
        "entry 17 of the record was altered",
    ),
    "a cut-off end": ("DELETE FROM audit_leaves WHERE place > 30", "entry 31 .* is missing"),
    "a changed hash": (
        "UPDATE audit_leaves SET hash = zeroblob(32) WHERE place = 17",
        "entry 17 of the record was altered: another hash",
    ),
    "a changed subtree": (
        "UPDATE audit_nodes SET hash = zeroblob(32) WHERE level = 2 AND position = 3",
        "tree over the entries",
    ),
    "a removed subtree": ("DELETE FROM audit_nodes WHERE level = 3", "tree is missing"),
    "a shorter log": ("UPDATE audit_logs SET size = 32, tree = zeroblob(32)", "were cut off"),
}


@pytest.mark.parametrize("what", TAMPERED)
def test_a_hand_in_the_database_is_seen(what: str, sqlite_url: str, at_rest: AtRest) -> None:
    """Whoever changes the database without the root key leaves a trace that is named."""
    statement, said = TAMPERED[what]
    with Store.open(sqlite_url, at_rest) as store, store.write() as tx:
        for number in range(1, 40):
            tx.audit.append(entry(number))
        (span,) = tx.audit.logs()
        checkpoint = Checkpoint(ORIGIN, 40, Log(tx.audit.store_of(span)).root(40))
    altered(sqlite_url, statement)()
    with Store.open(sqlite_url, at_rest) as store, store.read() as tx:
        (span,) = tx.audit.logs()
        with pytest.raises(VerifyError, match=said):
            inspect_log(tx.audit.store_of(span), [checkpoint])


def test_an_append_reads_and_writes_little(store: Store) -> None:
    """The work of one append grows with the logarithm of the size, if at all."""
    with store.write() as tx:
        for number in range(5000):
            tx.audit.append(entry(number))
    with store.write() as tx:
        before = tx.audit._session.execute(text("SELECT count(*) FROM audit_nodes")).scalar_one()
        tx.audit.append(entry(1))
        tx.audit.settle()
        after = tx.audit._session.execute(text("SELECT count(*) FROM audit_nodes")).scalar_one()
        (span,) = tx.audit.logs()
        reads = []
        log_store = tx.audit.store_of(span)
        hashes = log_store.hashes
        log_store.hashes = lambda *where: reads.append(where) or hashes(*where)  # type: ignore[method-assign,func-returns-value]
        Log(log_store).proof(2500, 2501, span.size)
        Log(log_store).consistency(2501, span.size)

    assert after - before <= span.size.bit_length()
    assert len(reads) <= 2 * span.size.bit_length() ** 2


def test_the_database_of_before_has_a_record_after_the_upgrade(
    tmp_path: Path, at_rest: AtRest
) -> None:
    """A database of the first schema, with rows, takes entries once it is upgraded."""
    from federation.storage import migrate
    from federation.storage.engine import WRITES, make_engine, parse_url

    url = f"sqlite:///{tmp_path}/old.db"
    engine = make_engine(parse_url(url), foreign_keys=False)
    with engine.connect() as connection:
        connection.execution_options(**{WRITES: True})
        with connection.begin():
            migrate.upgrade(connection)
            migrate.downgrade(connection, "0001")
            connection.exec_driver_sql("INSERT INTO counters VALUES ('arrival', 7)")
    engine.dispose()
    with pytest.raises(Exception, match="older"):
        Store.open(url, at_rest)
    Store.upgrade(url)
    engine = make_engine(parse_url(url))
    with engine.connect() as connection:
        rows = connection.exec_driver_sql("SELECT value FROM counters").fetchall()
        tables = {
            row[0]
            for row in connection.exec_driver_sql("SELECT name FROM sqlite_master").fetchall()
        }
    engine.dispose()

    assert [(7,)] == rows
    assert {"audit_logs", "audit_nodes", "audit_witnessed"} <= tables


@pytest.mark.slow
def test_a_hundred_thousand_entries(sqlite_url: str, at_rest: AtRest) -> None:
    """A year of a quiet node is appended, checked whole, and proved at any place and size."""
    size = 100_000
    with Store.open(sqlite_url, at_rest) as store:
        for first in range(1, size, 2000):
            with store.write() as tx:
                for number in range(first, min(first + 2000, size)):
                    tx.audit.append(entry(number))
        with store.read() as tx:
            (span,) = tx.audit.logs()
            log_store = tx.audit.store_of(span)
            log = Log(log_store)
            roots = {at: log.root(at) for at in (1, 64, 65_536, 77_777, size)}
            checkpoints = [Checkpoint(ORIGIN, at, root) for at, root in roots.items()]

            assert size == inspect_log(log_store, checkpoints)
            for index in (0, 63, 65_536, size - 1):
                leaf = merkle.leaf_hash(log_store.leaves(index, index + 1)[0])
                proof = log.proof(index, index + 1, size)
                merkle.verify_inclusion(leaf, index, size, roots[size], proof)
            for at, root in roots.items():
                merkle.verify_consistency(at, size, root, roots[size], log.consistency(at, size))
