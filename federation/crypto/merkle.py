# SPDX-License-Identifier: Apache-2.0
"""Merkle trees of append-only logs (RFC 9162, section 2.1), over SHA-256.

A tree is known by the hashes of its complete subtrees: ``node(level, index)`` is the one over
the ``2**level`` leaves from ``index * 2**level`` on. Once it is there it never changes, so
that a log keeps each of them once, appends with a `CompactRange`, and makes any proof for
any size it ever had from a few of them.
"""

import hashlib
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Final

from federation.errors import InvalidInputError, VerifyError

__all__ = [
    "EMPTY_ROOT",
    "HASH_LENGTH",
    "CompactRange",
    "Node",
    "consistency_proof",
    "inclusion_proof",
    "leaf_hash",
    "node_hash",
    "range_proof",
    "root",
    "verify_consistency",
    "verify_inclusion",
    "verify_range",
]

HASH_LENGTH: Final = 32

EMPTY_ROOT: Final = hashlib.sha256().digest()
"""The root of a tree without leaves (section 2.1.1)."""

MAX_SIZE: Final = 2**53
"""Most leaves: sizes stay exact in every JSON reader."""

Node = Callable[[int, int], bytes]
"""Returns the hash of a complete subtree: ``node(level, index)``; level 0 are the leaves."""


def leaf_hash(entry: bytes) -> bytes:
    """Hash an entry: SHA-256(0x00 || entry)."""
    return hashlib.sha256(b"\x00" + entry).digest()


def node_hash(left: bytes, right: bytes) -> bytes:
    """Hash two neighbours: SHA-256(0x01 || left || right)."""
    return hashlib.sha256(b"\x01" + left + right).digest()


class CompactRange:
    """The complete subtrees of a tree, largest first: what it takes to append, and no more."""

    __slots__ = ("hashes", "size")

    def __init__(self, size: int = 0, hashes: Iterable[bytes] = ()) -> None:
        """Take up a tree.

        Args:
            size: How many leaves it has.
            hashes: One for each bit that is set in the size, the highest first.

        Raises:
            InvalidInputError: The hashes do not belong to this size.
        """
        self.size = size
        """How many leaves there are."""
        self.hashes = list(hashes)
        """One for each bit that is set in the size, the highest first."""
        if not 0 <= size <= MAX_SIZE or len(self.hashes) != size.bit_count():
            raise InvalidInputError("a compact range has one hash for each bit of its size")

    def append(self, leaf: bytes) -> list[tuple[int, int, bytes]]:
        """Append a leaf.

        Args:
            leaf: Its hash.

        Returns:
            (level, index, hash) of each subtree that it completes, without the leaf itself.
        """
        made = []
        level, index = 0, self.size
        while index & 1:
            leaf = node_hash(self.hashes.pop(), leaf)
            level, index = level + 1, index >> 1
            made.append((level, index, leaf))
        self.hashes.append(leaf)
        self.size += 1
        return made

    def root(self) -> bytes:
        """Return the root."""
        return _fold(self.hashes) if self.hashes else EMPTY_ROOT


def root(size: int, node: Node) -> bytes:
    """Return the root that a tree had at a size.

    Args:
        size: How many leaves.
        node: The tree, at that size or later.
    """
    return _subtree(0, size, node) if size else EMPTY_ROOT


def inclusion_proof(index: int, size: int, node: Node) -> list[bytes]:
    """Prove that a leaf is in a tree (section 2.1.3.1).

    Args:
        index: Of the leaf, from 0.
        size: Of the tree.
        node: The tree, at that size or later.

    Raises:
        InvalidInputError: There is no such leaf.
    """
    return range_proof(index, index + 1, size, node)


def range_proof(first: int, end: int, size: int, node: Node) -> list[bytes]:
    """Prove that neighbouring leaves are in a tree; for one leaf it is `inclusion_proof`.

    The proof holds the subtrees beside the leaves, those further from the root first, and of
    two at a split that the leaves span, those on the left first.

    Args:
        first: Index of the first leaf.
        end: Index behind the last one.
        size: Of the tree.
        node: The tree, at that size or later.

    Raises:
        InvalidInputError: There are no such leaves.
    """
    if not 0 <= first < end <= size:
        raise InvalidInputError("these leaves are not in the tree")
    proof: list[bytes] = []

    def walk(low: int, high: int) -> None:
        if first <= low and high <= end:
            return
        middle = low + _split(high - low)
        if first < middle:
            walk(low, middle)
        if end > middle:
            walk(middle, high)
        if end <= middle:
            proof.append(_subtree(middle, high, node))
        elif first >= middle:
            proof.append(_subtree(low, middle, node))

    walk(0, size)
    return proof


def consistency_proof(first: int, second: int, node: Node) -> list[bytes]:
    """Prove that a tree has only grown (section 2.1.4.1).

    Args:
        first: An earlier size.
        second: A later size.
        node: The tree, at the later size or beyond.

    Raises:
        InvalidInputError: The sizes are not in order.
    """
    if not 0 <= first <= second:
        raise InvalidInputError("a tree does not shrink")
    if first in {0, second}:
        return []
    proof: list[bytes] = []

    def walk(low: int, high: int, *, known: bool) -> None:
        if high == first:
            if not known:
                proof.append(_subtree(low, high, node))
            return
        middle = low + _split(high - low)
        if first <= middle:
            walk(low, middle, known=known)
            proof.append(_subtree(middle, high, node))
        else:
            walk(middle, high, known=False)
            proof.append(_subtree(low, middle, node))

    walk(0, second, known=True)
    return proof


def verify_inclusion(
    leaf: bytes, index: int, size: int, tree_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check an inclusion proof (section 2.1.3.2).

    Args:
        leaf: Hash of the leaf.
        index: Where it should be.
        size: Of the tree.
        tree_root: Of the tree.
        proof: From `inclusion_proof`.

    Raises:
        VerifyError: The leaf is not there, or the proof is not one.
    """
    _check_lengths(leaf, tree_root, *proof)
    if not 0 <= index < size <= MAX_SIZE:
        raise VerifyError("the leaf is not in a tree of this size")
    at, last, found = index, size - 1, leaf
    for beside in proof:
        if last == 0:
            raise VerifyError("an inclusion proof is too long")
        if at & 1 or at == last:
            found = node_hash(beside, found)
            at, last = _up(at, last)
        else:
            found = node_hash(found, beside)
        at, last = at >> 1, last >> 1
    if last or found != tree_root:
        raise VerifyError("an inclusion proof does not lead to the root")


def verify_range(
    leaves: Sequence[bytes], first: int, size: int, tree_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that neighbouring leaves are in a tree.

    Args:
        leaves: Their hashes, at least one.
        first: Index of the first.
        size: Of the tree.
        tree_root: Of the tree.
        proof: From `range_proof`.

    Raises:
        VerifyError: One of them is not there, or the proof is not one.
    """
    _check_lengths(tree_root, *leaves, *proof)
    end = first + len(leaves)
    if not 0 <= first < end <= size <= MAX_SIZE:
        raise VerifyError("the leaves are not in a tree of this size")
    beside = iter(proof)

    def walk(low: int, high: int) -> bytes:
        if first <= low and high <= end:
            return _tree(leaves[low - first : high - first])
        middle = low + _split(high - low)
        left = walk(low, middle) if first < middle else b""
        right = walk(middle, high) if end > middle else b""
        return node_hash(left or _next(beside), right or _next(beside))

    if walk(0, size) != tree_root or next(beside, None) is not None:
        raise VerifyError("a proof does not lead to the root")


def verify_consistency(
    first: int, second: int, first_root: bytes, second_root: bytes, proof: Sequence[bytes]
) -> None:
    """Check that a tree has only grown (section 2.1.4.2).

    Args:
        first: The earlier size.
        second: The later size.
        first_root: Root at the earlier size.
        second_root: Root at the later size.
        proof: From `consistency_proof`.

    Raises:
        VerifyError: The later tree does not begin with the earlier one, or the proof is not one.
    """
    _check_lengths(first_root, second_root, *proof)
    if not 0 <= first <= second <= MAX_SIZE:
        raise VerifyError("a tree does not shrink")
    if first in {0, second}:
        known = EMPTY_ROOT if not first else second_root
        if proof or first_root != known or (first == second and first_root != second_root):
            raise VerifyError("two roots of one size differ, or a proof says too much")
        return
    # A tree whose size is a power of two is itself one of the subtrees.
    path = [first_root, *proof] if first.bit_count() == 1 else list(proof)
    if not path:
        raise VerifyError("a consistency proof is empty")
    at, last = first - 1, second - 1
    while at & 1:
        at, last = at >> 1, last >> 1
    old = new = path[0]
    for beside in path[1:]:
        if last == 0:
            raise VerifyError("a consistency proof is too long")
        if at & 1 or at == last:
            old, new = node_hash(beside, old), node_hash(beside, new)
            at, last = _up(at, last)
        else:
            new = node_hash(new, beside)
        at, last = at >> 1, last >> 1
    if last or old != first_root or new != second_root:
        raise VerifyError("a consistency proof does not lead to both roots")


def _up(at: int, last: int) -> tuple[int, int]:
    """Go up as long as there is nobody on the right of the last."""
    while at and not at & 1:
        at, last = at >> 1, last >> 1
    return at, last


def _split(size: int) -> int:
    """Return the largest power of two that is smaller than a size of at least 2."""
    return 1 << ((size - 1).bit_length() - 1)


def _subtree(low: int, high: int, node: Node) -> bytes:
    """Hash the leaves of one side of a split: whole subtrees, largest first."""
    parts = []
    while low < high:
        level = (high - low).bit_length() - 1
        parts.append(node(level, low >> level))
        low += 1 << level
    return _fold(parts)


def _tree(leaves: Sequence[bytes]) -> bytes:
    grown = CompactRange()
    for leaf in leaves:
        grown.append(leaf)
    return grown.root()


def _fold(hashes: Sequence[bytes]) -> bytes:
    found = hashes[-1]
    for left in reversed(hashes[:-1]):
        found = node_hash(left, found)
    return found


def _next(proof: Iterator[bytes]) -> bytes:
    found = next(proof, None)
    if found is None:
        raise VerifyError("a proof is too short")
    return found


def _check_lengths(*hashes: bytes) -> None:
    if any(len(one) != HASH_LENGTH for one in hashes):
        raise VerifyError("a hash has another length")
