# SPDX-License-Identifier: Apache-2.0
"""``casethread upgrade``, on a home of the first release."""

import socket
import tarfile
from pathlib import Path

import pytest
from click.testing import CliRunner, Result

from federation.storage import migrate
from federation.storage.engine import WRITES, make_engine, parse_url
from federation_node import config
from federation_node.cli import main
from federation_node.home import Home
from tests.frozen.nodes import PASSPHRASE, owners_only

KEPT = Path(__file__).parents[1] / "frozen" / "v0.1.0" / "hope.tar.xz"


@pytest.fixture
def old(tmp_path: Path) -> Path:
    """A home as version 0.1.0 left it."""
    home = tmp_path / "hope"
    with owners_only():
        home.mkdir()
        with tarfile.open(KEPT) as tar:
            tar.extractall(home, filter="data")
    return home


def run(home: Path, command: str, passphrase: str = PASSPHRASE) -> Result:
    """Run a command."""
    return CliRunner().invoke(
        main,
        ["--home", str(home), *command.split()],
        env={"CASETHREAD_PASSPHRASE": passphrase},
    )


def test_an_old_database_is_upgraded_once(old: Path) -> None:
    """Other commands say what to do; afterwards they work."""
    refused = run(old, "case list")
    first, again = run(old, "upgrade"), run(old, "upgrade")

    assert (1, True) == (refused.exit_code, "casethread upgrade" in refused.output)
    assert (0, "the database is upgraded; start the node again\n") == (
        first.exit_code,
        first.output,
    )
    assert (0, "the database is of this version already\n") == (again.exit_code, again.output)
    assert 0 == run(old, "case list").exit_code


def test_a_wrong_passphrase_changes_nothing(old: Path) -> None:
    """Who may not open the node may not upgrade it."""
    done = run(old, "upgrade", "not the passphrase, invented")

    assert 1 == done.exit_code
    assert "casethread upgrade" in run(old, "case list").output


def test_a_running_node_is_not_upgraded(old: Path) -> None:
    """Its program knows the old tables only."""
    listen = config.split_address(config.load(Home(old)).node.listen)
    with socket.create_server(listen):
        done = run(old, "upgrade")

    assert (1, True) == (done.exit_code, "stop it" in done.output)
    assert "casethread upgrade" in run(old, "case list").output


@pytest.mark.parametrize("version", ["9999", None])
def test_a_database_that_is_not_ours_is_left_alone(old: Path, version: str | None) -> None:
    """One of a newer program, and one of another program."""
    engine = make_engine(parse_url(config.load(Home(old)).database_url(Home(old))))
    with engine.connect().execution_options(**{WRITES: True}) as connection, connection.begin():
        connection.exec_driver_sql("DELETE FROM alembic_version")
        if version is not None:
            connection.exec_driver_sql(f"INSERT INTO alembic_version VALUES ('{version}')")
    done = run(old, "upgrade")
    with engine.connect() as connection:
        left = migrate._version(connection)
    engine.dispose()

    assert (1, version) == (done.exit_code, left)
