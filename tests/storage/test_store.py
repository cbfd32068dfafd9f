# SPDX-License-Identifier: Apache-2.0
import secrets
import stat
import threading
from datetime import datetime
from pathlib import Path

import pytest
from sqlalchemy import text

from federation.errors import OpenError, StoreError
from federation.storage import AtRest, Store, StoredShare
from federation.storage.engine import make_engine, parse_url


def test_what_is_committed_is_read(store: Store) -> None:
    """A transaction that ends is kept."""
    with store.write() as tx:
        tx.settings.put("colour", b"green")
    with store.read() as tx:
        assert tx.settings.get("colour") == b"green"


def test_an_error_undoes_the_whole_transaction(store: Store) -> None:
    """Everything in a transaction happens, or nothing."""

    def fail_half_way() -> None:
        with store.write() as tx:
            tx.settings.put("colour", b"green")
            raise KeyError

    with pytest.raises(KeyError):
        fail_half_way()
    with store.read() as tx:
        assert tx.settings.get("colour") is None


def test_a_reader_cannot_write(store: Store) -> None:
    """A read that turns out to write is refused, not upgraded."""
    with pytest.raises(StoreError), store.read() as tx:
        tx.settings.put("colour", b"green")
    with store.write() as tx:
        tx.settings.put("colour", b"red")
    with store.read() as tx:
        assert tx.settings.get("colour") == b"red"


def test_a_transaction_inside_another_is_a_bug(store: Store) -> None:
    """A thread that would wait for itself is told so."""
    with (
        store.read() as _,
        pytest.raises(RuntimeError, match="already"),
        store.write() as _,
    ):
        pass
    with store.write() as tx:
        tx.settings.put("still", b"usable")


def test_threads_share_a_store(store: Store) -> None:
    """Writers from many threads all succeed."""

    def work(name: str) -> None:
        for number in range(20):
            with store.write() as tx:
                tx.settings.put(f"{name}{number}", b"x")

    threads = [threading.Thread(target=work, args=(name,)) for name in "abcd"]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    with store.read() as tx:
        found = [tx.settings.get(f"{name}{number}") for name in "abcd" for number in range(20)]

    assert found == [b"x"] * 80


def test_errors_do_not_show_values(store: Store, at: datetime) -> None:
    """A refused row does not put its content into the error."""
    with pytest.raises(StoreError) as caught, store.write() as tx:
        tx.ceremonies.add_message(b"unknown ceremony", b"canary-digest", b"canary-envelope")

    assert "canary" not in repr(caught.value) + str(caught.value.__cause__)


def test_a_new_database_is_private(tmp_path: Path, at_rest: AtRest) -> None:
    """Nobody but the owner reads the file, nor its log."""
    path = tmp_path / "home" / "casethread.db"
    with Store.create(f"sqlite:///{path}", at_rest):
        modes = {stat.S_IMODE(file.stat().st_mode) for file in path.parent.iterdir()}

    assert modes == {0o600}


def test_create_refuses_an_existing_database(sqlite_url: str, at_rest: AtRest) -> None:
    """A second `create` does not touch what is there."""
    with pytest.raises(StoreError, match="already"):
        Store.create(sqlite_url, at_rest)


def test_another_root_key_does_not_open(sqlite_url: str) -> None:
    """A keystore of another home is noticed at once."""
    with pytest.raises(OpenError):
        Store.open(sqlite_url, AtRest(secrets.token_bytes(32)))


def test_open_refuses_a_missing_file(tmp_path: Path, at_rest: AtRest) -> None:
    """Opening never makes a database."""
    with pytest.raises(StoreError) as caught:
        Store.open(f"sqlite:///{tmp_path}/none.db", at_rest)

    assert not (tmp_path / "none.db").exists()
    assert caught.value.next_step is not None


def test_open_refuses_a_foreign_database(tmp_path: Path, at_rest: AtRest) -> None:
    """A SQLite file of another program is not ours."""
    url = f"sqlite:///{tmp_path}/other.db"
    (tmp_path / "other.db").touch()

    with pytest.raises(StoreError, match="not a casethread database"):
        Store.open(url, at_rest)


def test_open_refuses_what_is_no_database(tmp_path: Path, at_rest: AtRest) -> None:
    """A damaged file is an error of ours, not a traceback of the driver."""
    (tmp_path / "x.db").write_bytes(b"not a database at all" * 100)

    with pytest.raises(StoreError, match="refused"):
        Store.open(f"sqlite:///{tmp_path}/x.db", at_rest)


def test_open_refuses_a_newer_schema(sqlite_url: str, at_rest: AtRest) -> None:
    """An old program does not work on a database of the future, nor 'upgrade' it."""
    engine = make_engine(parse_url(sqlite_url))
    with engine.connect().execution_options(casethread_writes=True) as connection:
        connection.execute(text("UPDATE alembic_version SET version_num = '9999'"))
        connection.commit()
    engine.dispose()

    with pytest.raises(StoreError, match="newer"):
        Store.open(sqlite_url, at_rest)
    with pytest.raises(StoreError, match="newer"):
        Store.upgrade(sqlite_url)


def test_upgrading_a_current_database_changes_nothing(sqlite_url: str, at_rest: AtRest) -> None:
    """`upgrade` may be repeated."""
    Store.upgrade(sqlite_url)
    with Store.open(sqlite_url, at_rest) as store, store.read() as tx:
        assert tx.cases.count() == 0


@pytest.mark.parametrize("url", ["mysql://host/db", "not a url", ""])
def test_other_databases_are_refused(url: str, at_rest: AtRest) -> None:
    """Only SQLite and PostgreSQL are supported, and the URL is not quoted back."""
    with pytest.raises(StoreError) as caught:
        Store.open(url, at_rest)

    assert caught.value.__cause__ is None


def test_sqlite_is_set_up_to_last(sqlite_url: str) -> None:
    """Committed is on the disk, deleted is overwritten, references hold."""
    engine = make_engine(parse_url(sqlite_url))
    with engine.connect() as connection:
        found = {
            name: connection.exec_driver_sql(f"PRAGMA {name}").scalar_one()
            for name in ("journal_mode", "synchronous", "secure_delete", "foreign_keys")
        }
    engine.dispose()

    assert found == {"journal_mode": "wal", "synchronous": 2, "secure_delete": 1, "foreign_keys": 1}


def test_a_destroyed_secret_leaves_the_files(
    sqlite_url: str, at_rest: AtRest, tmp_path: Path
) -> None:
    """After `destroy` and `scrub` not even the wrapped share is in the database or its log."""
    wrapped: list[bytes] = []
    real, at_rest_class = AtRest.wrap, AtRest

    def spy(self: AtRest, context: str, secret: bytes) -> bytes:
        wrapped.append(real(self, context, secret))
        return wrapped[-1]

    with pytest.MonkeyPatch.context() as patch, Store.open(sqlite_url, at_rest) as store:
        patch.setattr(at_rest_class, "wrap", spy)
        with store.write() as tx:
            tx.shares.put(StoredShare(b"c", b"k" * 16, 1, 1, b"Y", b"s" * 32))
        before = _bytes_of(tmp_path)
        with store.write() as tx:
            tx.shares.destroy(b"c", b"k" * 16)
        log = _bytes_of(tmp_path)
        scrubbed = store.scrub()
        after = _bytes_of(tmp_path)

    assert (scrubbed, wrapped[0] in before, wrapped[0] in log) == (True, True, True)
    assert wrapped[0] not in after


def test_scrub_gives_way_to_a_reader(sqlite_url: str, at_rest: AtRest) -> None:
    """A long read does not hang the writers behind `scrub`."""
    with Store.open(sqlite_url, at_rest) as store, Store.open(sqlite_url, at_rest) as other:
        with store.write() as tx:
            tx.settings.put("a", b"1")
        with other.read() as tx:
            assert tx.settings.get("a") == b"1"
            with store.write() as later:
                later.settings.put("a", b"2")
            assert store.scrub() is False
        assert store.scrub() is True


def _bytes_of(folder: Path) -> bytes:
    return b"".join(path.read_bytes() for path in sorted(folder.iterdir()) if path.is_file())
