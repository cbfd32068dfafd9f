# SPDX-License-Identifier: Apache-2.0
"""This custodian's shares of the pseudonym keys."""

import dataclasses
from dataclasses import dataclass
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from federation.storage.atrest import AtRest
from federation.storage.registry import put_row, table_of
from federation.storage.tables_membership import ShareRow

_SHARES: Final = table_of(ShareRow)


@dataclass(frozen=True, slots=True, eq=False)
class StoredShare:
    """One share of one key."""

    key_id: bytes
    generation: int
    index: int
    """The custodian's position, from 1."""
    secret: bytes = dataclasses.field(repr=False)
    """The share itself; never logged."""


class SharesRepository:
    """Shares, wrapped under the root key."""

    def __init__(self, session: Session, at_rest: AtRest) -> None:
        self._session = session
        self._at_rest = at_rest

    def put(self, key_id: bytes, generation: int, index: int, secret: bytes) -> None:
        """Keep a share, beside those of other generations until they are destroyed."""
        row = {
            "key_id": key_id,
            "generation": generation,
            "index": index,
            "secret": self._at_rest.wrap(_context(key_id, generation), secret),
        }
        put_row(self._session, _SHARES, row)

    def get(self, key_id: bytes, generation: int | None = None) -> StoredShare | None:
        """The share of a key.

        Args:
            key_id: Which key.
            generation: Which sharing of it; the newest if None.

        Returns:
            The share, or None if this node holds none.

        Raises:
            OpenError: The root key is not this database's.
        """
        # `Row.index` is the method of every tuple: the column needs another name.
        columns = (_SHARES.c.generation, _SHARES.c.index.label("position"), _SHARES.c.secret)
        query = select(*columns).where(_SHARES.c.key_id == key_id)
        if generation is not None:
            query = query.where(_SHARES.c.generation == generation)
        row = self._session.execute(query.order_by(_SHARES.c.generation.desc()).limit(1)).first()
        if row is None:
            return None
        secret = self._at_rest.unwrap(_context(key_id, row.generation), row.secret)
        return StoredShare(key_id, row.generation, row.position, secret)

    def destroy(self, key_id: bytes, generation: int) -> None:
        """Delete a superseded share; `Store.scrub` afterwards cleans the log."""
        this = (_SHARES.c.key_id == key_id) & (_SHARES.c.generation == generation)
        self._session.execute(delete(_SHARES).where(this))


def _context(key_id: bytes, generation: int) -> str:
    return f"shares|secret|{key_id.hex()}|{generation}"
