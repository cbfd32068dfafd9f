# SPDX-License-Identifier: Apache-2.0
"""Named values of this node."""

from collections.abc import Iterable
from typing import Any, Final

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from federation.storage.atrest import AtRest
from federation.storage.registry import chunks, put_row, table_of
from federation.storage.tables_membership import SettingRow

_SETTINGS: Final = table_of(SettingRow)
_NAMED: Final = select(_SETTINGS.c.name, _SETTINGS.c.value)


class SettingsRepository:
    """Small values by name, wrapped at rest."""

    def __init__(self, session: Session, at_rest: AtRest) -> None:
        self._session = session
        self._at_rest = at_rest

    def get(self, name: str) -> bytes | None:
        """The value, or None.

        Raises:
            OpenError: The root key is not this database's.
        """
        wrapped = self._session.scalar(select(_SETTINGS.c.value).where(_SETTINGS.c.name == name))
        return None if wrapped is None else self._at_rest.unwrap(_context(name), wrapped)

    def get_many(self, names: Iterable[str]) -> dict[str, bytes]:
        """The values of those names that have one."""
        found: dict[str, bytes] = {}
        for part in chunks(names):
            found |= self._read(_NAMED.where(_SETTINGS.c.name.in_(part)))
        return found

    def below(self, path: str) -> dict[str, bytes]:
        """Every value whose name begins with a path, which ends with a slash."""
        # "0" is what follows "/".
        return self._read(_NAMED.where(_SETTINGS.c.name > path, _SETTINGS.c.name < path[:-1] + "0"))

    def put(self, name: str, value: bytes) -> None:
        """Set the value."""
        wrapped = self._at_rest.wrap(_context(name), value)
        put_row(self._session, _SETTINGS, {"name": name, "value": wrapped})

    def delete(self, name: str) -> None:
        """Forget the value, if there is one."""
        self._session.execute(delete(_SETTINGS).where(_SETTINGS.c.name == name))

    def _read(self, query: Select[Any]) -> dict[str, bytes]:
        rows = self._session.execute(query)
        return {row.name: self._at_rest.unwrap(_context(row.name), row.value) for row in rows}


def _context(name: str) -> str:
    return f"settings|value|{name}"
