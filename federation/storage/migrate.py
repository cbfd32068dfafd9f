# SPDX-License-Identifier: Apache-2.0
"""Schema versions: run Alembic from the program, without a configuration file.

A developer who changed a table writes the migration with

    python -c "from federation.storage.migrate import revise; revise('What changed', '0002')"

A migration that was released is never edited: there are databases that went through it. ``0001``
is the schema of release 0.1.0.
"""

from pathlib import Path
from typing import Final

from alembic import command
from alembic.config import Config
from alembic.runtime.migration import MigrationContext
from alembic.script import ScriptDirectory
from sqlalchemy import Connection, inspect

from federation.errors import StoreError
from federation.storage.engine import WRITES, make_engine, parse_url

_SCRIPTS: Final = Path(__file__).parent / "migrations"


def upgrade(connection: Connection, *, must_be_new: bool = False) -> bool:
    """Bring the schema to the newest version, inside the connection's transaction.

    Args:
        connection: Foreign keys are off on it; they are checked at the end.
        must_be_new: Refuse a database that has tables.

    Returns:
        Whether it was another version.

    Raises:
        StoreError: It is not new, it is newer than this program, or a row refers to nothing.
    """
    if must_be_new and inspect(connection).get_table_names():
        raise StoreError("there is a database already", next_step="choose another home")
    version = _version(connection)
    if version is not None:
        check_ours(connection)
    command.upgrade(_config(connection), "head")
    if connection.dialect.name == "sqlite":
        broken = connection.exec_driver_sql("PRAGMA foreign_key_check").first()
        if broken is not None:
            raise StoreError("after the upgrade a row refers to nothing; nothing was changed")
    return version != _scripts().get_current_head()


def downgrade(connection: Connection, version: str) -> None:
    """Bring the schema back to an older version (``base`` for none)."""
    command.downgrade(_config(connection), version)


def check_ours(connection: Connection) -> None:
    """Refuse a database that this program did not make, or that a newer one made.

    Raises:
        StoreError: It is one of these.
    """
    version = _version(connection)
    if version is None:
        raise StoreError("this is not a casethread database", next_step="run 'casethread init'")
    if version not in _known():
        raise StoreError(
            "the database is newer than this program", next_step="install the newer casethread"
        )


def check_current(connection: Connection) -> None:
    """Refuse a database of another version.

    Raises:
        StoreError: It is older or newer than this program, or not one of ours.
    """
    check_ours(connection)
    if _version(connection) != _scripts().get_current_head():
        raise StoreError(
            "the database is older than this program",
            next_step="stop the node and run 'casethread upgrade'",
        )


def revise(message: str, version: str) -> None:
    """Write the migration from the newest version to the tables as they are declared now.

    Args:
        message: What changes.
        version: Number of the new version, such as ``0002``.
    """
    engine = make_engine(parse_url("sqlite://"))
    with engine.connect().execution_options(**{WRITES: True}) as connection:
        if _known():
            command.upgrade(_config(connection), "head")
        command.revision(_config(connection), message, autogenerate=True, rev_id=version)
    engine.dispose()


def _config(connection: Connection | None = None) -> Config:
    config = Config()
    # Alembic's configuration interpolates percent signs, which a path may hold.
    config.set_main_option("script_location", str(_SCRIPTS).replace("%", "%%"))
    config.set_main_option("path_separator", "os")
    config.attributes["connection"] = connection
    return config


def _scripts() -> ScriptDirectory:
    return ScriptDirectory.from_config(_config())


def _known() -> set[str]:
    return {script.revision for script in _scripts().walk_revisions()}


def _version(connection: Connection) -> str | None:
    return MigrationContext.configure(connection).get_current_revision()
