# SPDX-License-Identifier: Apache-2.0
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
import sqlmodel
from alembic import command
from alembic.autogenerate import compare_metadata
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from federation.errors import StoreError
from federation.indicators import Case, Kind, Subject
from federation.storage import AtRest, Store, migrate
from federation.storage.engine import WRITES, make_engine, parse_url
from federation.storage.registry import METADATA


@pytest.fixture
def connection(tmp_path: Path) -> Iterator[Connection]:
    """A connection to an empty SQLite file, as migrations have it."""
    engine = make_engine(parse_url(f"sqlite:///{tmp_path}/m.db"), foreign_keys=False)
    with engine.connect() as opened:
        opened.execution_options(**{WRITES: True})
        yield opened
    engine.dispose()


def test_up_and_down(connection: Connection) -> None:
    """Every version can be applied and undone."""
    with connection.begin():
        migrate.upgrade(connection, must_be_new=True)
        up = set(inspect(connection).get_table_names())
        migrate.downgrade(connection, "base")
        inspector = inspect(connection)
        down = set(inspector.get_table_names())

    assert up == {*METADATA.tables, "alembic_version"}
    assert down == {"alembic_version"}


def test_rows_of_the_first_version_stay(connection: Connection) -> None:
    """A database of 0.1 with agreements in it is brought up to date, and they are in it."""
    with connection.begin():
        command.upgrade(migrate._config(connection), "0001")
        connection.exec_driver_sql(
            "INSERT INTO agreements (hash, terms, proposer, status, changed, change)"
            " VALUES (x'aa', x'bb', 'hope', 'in_force', '2026-01-01 00:00:00', 7)"
        )
        connection.exec_driver_sql("INSERT INTO pair_keys VALUES (x'aa', 'amparo', 1, x'cc')")
        migrate.upgrade(connection)
        kept = connection.exec_driver_sql(
            "SELECT status, change, supersedes, key FROM agreements JOIN pair_keys"
            " ON agreement = hash"
        )

        assert [("in_force", 7, None, b"\xcc")] == [tuple(row) for row in kept]


def test_the_migrations_make_the_tables_that_are_declared(connection: Connection) -> None:
    """Nothing is left to generate: whoever changes a table writes its migration."""
    with connection.begin():
        migrate.upgrade(connection)
        context = MigrationContext.configure(connection, opts={"compare_type": True})

        assert compare_metadata(context, METADATA) == []


def test_a_database_of_the_first_version_upgrades_with_its_rows(tmp_path: Path) -> None:
    """What was there is there afterwards, and the new parts are empty and usable."""
    path = tmp_path / "old.db"
    url, at_rest, at = f"sqlite:///{path}", AtRest(bytes(32)), datetime(2026, 3, 10, tzinfo=UTC)
    case = Case("H-1", region="MX").add(Kind.PHONE, "55 1234 5678", Subject.RECRUITER)
    with Store.create(url, at_rest) as store, store.write() as tx:
        tx.cases.put(case, "csv", at, run="1")
    engine = make_engine(parse_url(url), foreign_keys=False)
    with engine.connect().execution_options(**{WRITES: True}) as opened, opened.begin():
        migrate.downgrade(opened, "0001")
    engine.dispose()
    with pytest.raises(StoreError, match="older"):
        Store.open(url, at_rest)

    Store.upgrade(url)
    with Store.open(url, at_rest) as store:
        with store.read() as tx:
            kept = tx.cases.get("H-1", "csv")
            assert not tx.staff.exist()
            assert 0 == tx.audit.size()
        with store.write() as tx:
            tx.staff.count_refusal(None, at)
    assert kept is not None
    assert "55 1234 5678" == kept.observations[0].raw


def test_a_failed_upgrade_changes_nothing(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The whole upgrade is one transaction."""

    def fail(*_: object, **__: object) -> None:
        raise StoreError("the disk is full")

    monkeypatch.setattr(MigrationContext, "run_migrations", fail)

    def upgrade() -> None:
        with connection.begin():
            connection.exec_driver_sql("CREATE TABLE half (done INTEGER)")
            migrate.upgrade(connection)

    with pytest.raises(StoreError, match="full"):
        upgrade()

    assert inspect(connection).get_table_names() == []


def test_rows_that_refer_to_nothing_stop_an_upgrade(connection: Connection) -> None:
    """References are checked at the end, since migrations work without them."""
    with connection.begin():
        migrate.upgrade(connection)
        connection.exec_driver_sql(
            "INSERT INTO ceremony_messages VALUES (x'00', x'01', 1, x'02')",
        )
        with pytest.raises(StoreError, match="refers to nothing"):
            migrate.upgrade(connection)


def test_an_older_database_names_the_next_step(
    connection: Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A database that was not upgraded is refused with a way out."""
    with connection.begin():
        migrate.upgrade(connection)
    monkeypatch.setattr(ScriptDirectory, "get_current_head", lambda _: "9999")
    with pytest.raises(StoreError, match="older") as caught:
        migrate.check_current(connection)

    assert "upgrade" in str(caught.value.next_step)


def test_an_embedding_program_does_not_see_our_tables() -> None:
    """Tables live in a registry of their own."""
    assert not METADATA.tables.keys() & sqlmodel.SQLModel.metadata.tables.keys()
