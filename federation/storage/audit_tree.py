# SPDX-License-Identifier: Apache-2.0
"""One log in the database: a `federation.audit.LogStore`."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, Final

from sqlalchemy import ColumnElement, Result, insert, select, update
from sqlalchemy.orm import Session

from federation.audit import Growth
from federation.crypto.merkle import HASH_LENGTH, CompactRange, leaf_hash
from federation.errors import OpenError, VerifyError
from federation.storage.atrest import AtRest
from federation.storage.registry import table_of
from federation.storage.tables_audit import AuditLeafRow, AuditLogRow, AuditNodeRow

__all__ = ["LogSpan", "SqlLogStore", "leaf_row", "open_leaf"]

_LOGS: Final = table_of(AuditLogRow)
_LEAVES: Final = table_of(AuditLeafRow)
_NODES: Final = table_of(AuditNodeRow)


@dataclass(frozen=True, slots=True)
class LogSpan:
    """One log of the record: the entries from a place on."""

    generation: int
    begin: int
    """Place of its first entry in the record."""
    size: int
    begun: datetime

    @property
    def end(self) -> int:
        """Place behind its last entry."""
        return self.begin + self.size


class SqlLogStore:
    """The entries and hashes of one generation, in one transaction.

    Who appends has locked the log before: see `AuditRepository.settle`.
    """

    def __init__(self, session: Session, at_rest: AtRest, span: LogSpan) -> None:
        self._session = session
        self._at_rest = at_rest
        self.span = span

    def tree(self) -> CompactRange:
        """Return the tree as it stands."""
        query = select(_LOGS.c.size, _LOGS.c.tree)
        row = self._session.execute(query.where(self._this)).one()
        hashes = (row.tree[at : at + HASH_LENGTH] for at in range(0, len(row.tree), HASH_LENGTH))
        return CompactRange(row.size, hashes)

    def put(self, growth: Growth) -> None:
        """Keep what was appended."""
        first = self.span.begin + growth.first
        rows = [
            {
                "place": place,
                "event": record.event.value,
                "hash": hashed,
                "leaf": self._at_rest.vault.seal("audit_leaves", "leaf", leaf_row(place), leaf),
            }
            for place, (record, leaf, hashed) in enumerate(
                zip(growth.records, growth.leaves, growth.hashes, strict=True), first
            )
        ]
        self._session.execute(insert(_LEAVES), rows)
        nodes = [
            {"generation": self.span.generation, "level": level, "position": index, "hash": made}
            for level, index, made in growth.subtrees
        ]
        if nodes:
            self._session.execute(insert(_NODES), nodes)
        grown = update(_LOGS).where(self._this)
        self._session.execute(
            grown.values(size=growth.tree.size, tree=b"".join(growth.tree.hashes))
        )

    def leaves(self, first: int, end: int) -> list[bytes]:
        """Return the entries from ``first`` up to ``end``.

        Raises:
            VerifyError: One is missing or was altered; says which.
        """
        found: list[bytes] = []
        for row in self._rows(first, end):
            place = self.span.begin + first + len(found)
            if row.place != place:
                raise VerifyError(f"entry {place} of the record is missing")
            leaf = open_leaf(self._at_rest, row)
            if leaf_hash(leaf) != row.hash:
                raise VerifyError(f"entry {place} of the record was altered: another hash")
            found.append(leaf)
        if len(found) < end - first:
            raise VerifyError(
                f"entry {self.span.begin + first + len(found)} of the record is missing"
            )
        return found

    def hashes(self, level: int, first: int, end: int) -> list[bytes]:
        """Return the hashes of neighbouring complete subtrees; of leaves at level 0.

        Raises:
            VerifyError: One is missing.
        """
        if level:
            index = _NODES.c.position
            query = select(_NODES.c.hash).where(
                _NODES.c.generation == self.span.generation, _NODES.c.level == level
            )
        else:
            first, end = first + self.span.begin, end + self.span.begin
            index = _LEAVES.c.place
            query = select(_LEAVES.c.hash)
        query = query.where(index >= first, index < end).order_by(index)
        found = list(self._session.scalars(query))
        if len(found) != end - first:
            raise VerifyError("a part of the record's tree is missing")
        return found

    @property
    def _this(self) -> ColumnElement[bool]:
        return _LOGS.c.generation == self.span.generation

    def _rows(self, first: int, end: int) -> Result[Any]:
        place = _LEAVES.c.place
        query = select(place, _LEAVES.c.hash, _LEAVES.c.leaf)
        begin = self.span.begin
        return self._session.execute(
            query.where(place >= begin + first, place < begin + end).order_by(place)
        )


def leaf_row(place: int, position: int | None = None) -> bytes:
    """Return what the vault binds an entry, or one of its references, to."""
    row = place.to_bytes(8)
    return row if position is None else row + position.to_bytes(2)


def open_leaf(at_rest: AtRest, row: Any) -> bytes:
    """Open a leaf in its place.

    Args:
        at_rest: The ciphers.
        row: With ``place`` and ``leaf``.

    Raises:
        VerifyError: It was altered, or brought here from another place.
    """
    try:
        return at_rest.vault.open("audit_leaves", "leaf", leaf_row(row.place), row.leaf)
    except OpenError:
        raise VerifyError(
            f"entry {row.place} of the record was altered, or another one lies in its place"
        ) from None
