# SPDX-License-Identifier: Apache-2.0
"""This custodian's shares of the pseudonym keys."""

import builtins
import dataclasses
from dataclasses import dataclass
from typing import Any, Final

from sqlalchemy import Select, delete, select
from sqlalchemy.orm import Session

from federation.storage.atrest import AtRest
from federation.storage.registry import put_row, table_of
from federation.storage.tables_membership import ShareRow

_SHARES: Final = table_of(ShareRow)
# `Row.index` is the method of every tuple: the column needs another name.
_COLUMNS: Final = (
    *(column for column in _SHARES.c if column.name != "index"),
    _SHARES.c.index.label("position"),
)


@dataclass(frozen=True, slots=True, eq=False)
class StoredShare:
    """One share of one key."""

    ceremony: bytes
    """The ceremony that gave it."""
    key_id: bytes
    generation: int
    index: int
    """The custodian's index in the key."""
    public_share: bytes
    """The public half."""
    secret: bytes = dataclasses.field(repr=False)
    """The share itself; never logged."""


class SharesRepository:
    """Shares, wrapped under the root key."""

    def __init__(self, session: Session, at_rest: AtRest) -> None:
        self._session = session
        self._at_rest = at_rest

    def put(self, share: StoredShare) -> None:
        """Keep a share, beside those of other ceremonies until they are destroyed."""
        context = _context(share.ceremony, share.key_id)
        row = {
            "ceremony": share.ceremony,
            "key_id": share.key_id,
            "generation": share.generation,
            "index": share.index,
            "public_share": share.public_share,
            "secret": self._at_rest.wrap(context, share.secret),
        }
        put_row(self._session, _SHARES, row)

    def get(self, key_id: bytes, public_share: bytes) -> StoredShare | None:
        """Return the share of a key that the charter lists with this public half, or None.

        Raises:
            OpenError: The root key is not this database's.
        """
        this = (_SHARES.c.key_id == key_id) & (_SHARES.c.public_share == public_share)
        return next(iter(self._found(select(*_COLUMNS).where(this))), None)

    def list(self) -> list[StoredShare]:
        """All shares, those that are not in force yet among them.

        Raises:
            OpenError: The root key is not this database's.
        """
        return self._found(select(*_COLUMNS).order_by(_SHARES.c.key_id, _SHARES.c.generation))

    def destroy(self, ceremony: bytes, key_id: bytes) -> None:
        """Delete a superseded share; `Store.scrub` afterwards cleans the log."""
        this = (_SHARES.c.ceremony == ceremony) & (_SHARES.c.key_id == key_id)
        self._session.execute(delete(_SHARES).where(this))

    def _found(self, query: Select[Any]) -> builtins.list[StoredShare]:
        return [
            StoredShare(
                row.ceremony,
                row.key_id,
                row.generation,
                row.position,
                row.public_share,
                self._at_rest.unwrap(_context(row.ceremony, row.key_id), row.secret),
            )
            for row in self._session.execute(query)
        ]


def _context(ceremony: bytes, key_id: bytes) -> str:
    return f"shares|secret|{ceremony.hex()}|{key_id.hex()}"
