# SPDX-License-Identifier: Apache-2.0
"""The log: entries that are only ever appended, and proofs about them.

It works on a port, `LogStore`, of which `MemoryLogStore` is one implementation and a node's
database another; both pass one suite of tests.
"""

import secrets
from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol

from federation.audit.actor import NODE, Actor
from federation.audit.record import Count, Event, Record
from federation.crypto import merkle
from federation.crypto.merkle import CompactRange
from federation.errors import VerifyError

__all__ = ["BLOCK", "Growth", "Log", "LogStore", "MemoryLogStore", "begin", "padding"]

BLOCK: Final = 64
"""A published log has a multiple of so many entries."""


@dataclass(frozen=True, slots=True)
class Growth:
    """What one append adds to a log."""

    first: int
    """Index of the first new entry."""
    records: tuple[Record, ...]
    leaves: tuple[bytes, ...] = field(repr=False)
    """The exact octets of the records."""
    hashes: tuple[bytes, ...] = field(repr=False)
    """Of the leaves."""
    subtrees: tuple[tuple[int, int, bytes], ...] = field(repr=False)
    """(level, index, hash) of those that became complete, from level 1."""
    tree: CompactRange = field(repr=False)
    """The whole tree after it."""


class LogStore(Protocol):
    """Keeps one log: its entries, and the hashes of its complete subtrees."""

    def tree(self) -> CompactRange:
        """Return the tree as it stands. Who appends is alone until it has put."""
        ...

    def put(self, growth: Growth) -> None:
        """Keep what was appended."""
        ...

    def leaves(self, first: int, end: int) -> list[bytes]:
        """Return the entries from ``first`` up to ``end``.

        Raises:
            VerifyError: One is missing or was altered; says which.
        """
        ...

    def hashes(self, level: int, first: int, end: int) -> list[bytes]:
        """Return the hashes of neighbouring complete subtrees; of leaves at level 0.

        Raises:
            VerifyError: One is missing.
        """
        ...


class Log:
    """One log."""

    def __init__(self, store: LogStore) -> None:
        """Work on a store."""
        self._store = store
        self._known: dict[tuple[int, int], bytes] = {}
        """Hashes that were read: they never change, and neighbouring proofs share most."""

    def append(self, records: Sequence[Record]) -> int:
        """Append entries, in time that grows with the logarithm of the size.

        Args:
            records: In order; at least one. A log begins with `begin`, which is put before
                them where it is missing.

        Returns:
            Index of the first of them.
        """
        tree = self._store.tree()
        first = tree.size
        begins = not first and records[0].event is not Event.LOG_BEGUN
        written = (begin(records[0].at), *records) if begins else tuple(records)
        leaves = tuple(record.to_bytes() for record in written)
        hashes = tuple(map(merkle.leaf_hash, leaves))
        made = tuple(subtree for one in hashes for subtree in tree.append(one))
        self._store.put(Growth(first, written, leaves, hashes, made, tree))
        return first + begins

    def root(self, size: int) -> bytes:
        """Return the root that the log had at a size."""
        return merkle.root(size, self._node)

    def proof(self, first: int, end: int, size: int) -> list[bytes]:
        """Prove that neighbouring entries are in the log of a size (`merkle.range_proof`)."""
        return merkle.range_proof(first, end, size, self._node)

    def consistency(self, first: int, second: int) -> list[bytes]:
        """Prove that the log of one size begins with that of another."""
        return merkle.consistency_proof(first, second, self._node)

    def _node(self, level: int, index: int) -> bytes:
        known = self._known.get((level, index))
        if known is None:
            known = self._known[level, index] = self._store.hashes(level, index, index + 1)[0]
        return known


class MemoryLogStore:
    """A log in memory."""

    def __init__(self) -> None:
        """Begin an empty log."""
        self.entries: list[bytes] = []
        self.subtrees: dict[tuple[int, int], bytes] = {}
        self._tree = CompactRange()

    def tree(self) -> CompactRange:
        """Return the tree as it stands."""
        return CompactRange(self._tree.size, self._tree.hashes)

    def put(self, growth: Growth) -> None:
        """Keep what was appended."""
        self.entries += growth.leaves
        self.subtrees |= {(0, growth.first + n): one for n, one in enumerate(growth.hashes)}
        self.subtrees |= {(level, index): made for level, index, made in growth.subtrees}
        self._tree = growth.tree

    def leaves(self, first: int, end: int) -> list[bytes]:
        """Return the entries from ``first`` up to ``end``."""
        if end > len(self.entries):
            raise VerifyError(f"entry {len(self.entries)} of the log is missing")
        return self.entries[first:end]

    def hashes(self, level: int, first: int, end: int) -> list[bytes]:
        """Return the hashes of neighbouring complete subtrees."""
        try:
            return [self.subtrees[level, index] for index in range(first, end)]
        except KeyError:
            raise VerifyError("a part of the log's tree is missing") from None


def begin(at: datetime, former: bytes | None = None, kept: int = 0, by: Actor = NODE) -> Record:
    """Return the first record of a log.

    Args:
        at: Now, whole seconds.
        former: After a loss: SHA-256 of the text of the last checkpoint of the log before.
        kept: How many entries of that log are still there.
        by: Who decided to begin it.
    """
    return Record(
        at=at,
        event=Event.LOG_BEGUN,
        nonce=secrets.token_bytes(32),
        actor=by.id,
        documents=() if former is None else (former,),
        counts={} if former is None else {Count.ENTRIES: kept},
    )


def padding(at: datetime, size: int, published: int) -> list[Record]:
    """Return the records that bring a log to the size that is published next.

    Args:
        at: Now, whole seconds.
        size: How many entries it has.
        published: How many the last checkpoint had; 0 before the first.

    Returns:
        So many that the size is a multiple of `BLOCK` above the published one.
    """
    wanted = max(-(-size // BLOCK) * BLOCK, published + BLOCK)
    return [
        Record(at=at, event=Event.PADDING, nonce=secrets.token_bytes(32), actor=NODE.id)
        for _ in range(wanted - size)
    ]
