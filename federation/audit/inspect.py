# SPDX-License-Identifier: Apache-2.0
"""Checking a whole log against the checkpoints that were signed of it."""

from collections import defaultdict
from collections.abc import Callable, Iterable

from federation.audit.checkpoint import Checkpoint
from federation.audit.log import LogStore
from federation.audit.record import Event, Record
from federation.crypto.merkle import CompactRange, leaf_hash
from federation.errors import MalformedError, VerifyError

__all__ = ["inspect_log"]

_PAGE = 1024


def inspect_log(
    store: LogStore,
    checkpoints: Iterable[Checkpoint],
    *,
    progress: Callable[[int], None] | None = None,
) -> int:
    """Hash a log anew, entry by entry, and compare everything that is known of it.

    Args:
        store: The log.
        checkpoints: Signed ones of this log, whose signatures were checked.
        progress: Called with the number of entries so far.

    Returns:
        How many entries there are.

    Raises:
        VerifyError: Something was changed, removed, moved or cut off. Says what and where.
    """
    stored = store.tree()
    waiting = sorted(checkpoints, key=lambda one: one.size)
    for late in waiting:
        if late.size > stored.size:
            raise VerifyError(
                f"the log has {stored.size} entries, and a checkpoint was signed over {late.size}: "
                f"the entries from {stored.size} to {late.size - 1} were cut off"
            )
    tree, sound = CompactRange(), 0
    for first in range(0, stored.size, _PAGE):
        leaves = store.leaves(first, min(first + _PAGE, stored.size))
        made: dict[int, list[bytes]] = defaultdict(list)
        for index, leaf in enumerate(leaves, first):
            _read(leaf, index)
            for level, _, found in tree.append(leaf_hash(leaf)):
                made[level].append(found)
            while waiting and waiting[0].size == tree.size:
                _compare(waiting.pop(0), tree, sound)
                sound = tree.size
        _check_subtrees(store, first, made)
        if progress is not None:
            progress(tree.size)
    if tree.hashes != stored.hashes:
        raise VerifyError(
            f"the stored tree does not fit its entries: one from {sound} on was altered, removed "
            "or put in"
        )
    return tree.size


def _read(leaf: bytes, index: int) -> None:
    try:
        record = Record.from_bytes(leaf)
    except MalformedError:
        raise VerifyError(f"entry {index} of the log cannot be read") from None
    if (record.event is Event.LOG_BEGUN) != (index == 0):
        raise VerifyError(f"entry {index} of the log is out of place")


def _compare(checkpoint: Checkpoint, tree: CompactRange, sound: int) -> None:
    if tree.root() != checkpoint.root:
        raise VerifyError(
            f"an entry from {sound} to {checkpoint.size - 1} was altered, removed, moved or put "
            f"in: the log has another root than the checkpoint that was signed over "
            f"{checkpoint.size} entries"
        )


def _check_subtrees(store: LogStore, first: int, made: dict[int, list[bytes]]) -> None:
    """Compare the subtrees that became complete in a page with those that proofs are made of."""
    for level, hashes in made.items():
        begin = first >> level
        if store.hashes(level, begin, begin + len(hashes)) != hashes:
            raise VerifyError(
                f"the tree over the entries from {begin << level} on is not that of its entries"
            )
