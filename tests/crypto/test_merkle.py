# SPDX-License-Identifier: Apache-2.0
"""Merkle trees: the reference tree, a naive implementation beside ours, and refusals."""

import hashlib
from collections.abc import Callable, Sequence

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.crypto import merkle
from federation.crypto.merkle import CompactRange
from federation.errors import InvalidInputError, VerifyError
from tests.crypto.helpers import load

VECTORS = load("rfc9162_merkle.json")
LEAVES = [merkle.leaf_hash(bytes.fromhex(leaf)) for leaf in VECTORS["leaves"]]
ROOTS = [bytes.fromhex(root) for root in VECTORS["roots"]]
OTHER = hashlib.sha256(b"other").digest()

sizes = st.integers(1, 130)


def naive(leaves: Sequence[bytes]) -> bytes:
    """Hash a tree as section 2.1.1 defines it, without any cleverness."""
    if not leaves:
        return hashlib.sha256(b"").digest()
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    return hashlib.sha256(b"\x01" + naive(leaves[:k]) + naive(leaves[k:])).digest()


def naive_path(index: int, leaves: Sequence[bytes]) -> list[bytes]:
    """PATH of section 2.1.3.1."""
    if len(leaves) == 1:
        return []
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    if index < k:
        return [*naive_path(index, leaves[:k]), naive(leaves[k:])]
    return [*naive_path(index - k, leaves[k:]), naive(leaves[:k])]


def naive_subproof(first: int, leaves: Sequence[bytes], *, known: bool) -> list[bytes]:
    """SUBPROOF of section 2.1.4.1."""
    if first == len(leaves):
        return [] if known else [naive(leaves)]
    k = 1
    while 2 * k < len(leaves):
        k *= 2
    if first <= k:
        return [*naive_subproof(first, leaves[:k], known=known), naive(leaves[k:])]
    return [*naive_subproof(first - k, leaves[k:], known=False), naive(leaves[:k])]


def made(size: int) -> list[bytes]:
    """Return the hashes of so many different leaves."""
    return [merkle.leaf_hash(b"entry %d" % number) for number in range(size)]


def nodes_of(leaves: Sequence[bytes]) -> merkle.Node:
    """Build a tree by appending; only complete subtrees can be asked for."""
    tree = CompactRange()
    kept = {}
    for index, leaf in enumerate(leaves):
        kept[0, index] = leaf
        kept.update({(level, at): found for level, at, found in tree.append(leaf)})
    return lambda level, index: kept[level, index]


def test_the_roots_of_the_reference_tree() -> None:
    """Appending leaf by leaf gives the known root at every size."""
    tree = CompactRange()
    roots = []
    for leaf in LEAVES:
        tree.append(leaf)
        roots.append(tree.root())

    assert roots == ROOTS
    assert roots == [merkle.root(size, nodes_of(LEAVES)) for size in range(1, 9)]


def test_an_empty_tree_has_the_hash_of_nothing() -> None:
    """Section 2.1.1."""
    empty = "e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855"

    assert empty == CompactRange().root().hex()
    assert empty == merkle.root(0, nodes_of([])).hex()


@pytest.mark.parametrize("vector", VECTORS["inclusion"])
def test_the_inclusion_proofs_of_the_reference_tree(vector: dict[str, object]) -> None:
    """Ours are the known ones, and they hold."""
    index, size = vector["index"], vector["size"]
    assert isinstance(index, int)
    assert isinstance(size, int)
    proof = merkle.inclusion_proof(index, size, nodes_of(LEAVES))

    assert vector["proof"] == [one.hex() for one in proof]
    merkle.verify_inclusion(LEAVES[index], index, size, ROOTS[size - 1], proof)


@pytest.mark.parametrize("vector", VECTORS["consistency"])
def test_the_consistency_proofs_of_the_reference_tree(vector: dict[str, object]) -> None:
    """Ours are the known ones, and they hold."""
    first, second = vector["first"], vector["second"]
    assert isinstance(first, int)
    assert isinstance(second, int)
    proof = merkle.consistency_proof(first, second, nodes_of(LEAVES))

    assert vector["proof"] == [one.hex() for one in proof]
    merkle.verify_consistency(first, second, ROOTS[first - 1], ROOTS[second - 1], proof)


@given(sizes, st.data())
def test_inclusion_is_as_the_rfc_defines_it(size: int, data: st.DataObject) -> None:
    """Every leaf of every tree has the proof of section 2.1.3.1, and it holds."""
    leaves, index = made(size), data.draw(st.integers(0, size - 1))
    proof = merkle.inclusion_proof(index, size, nodes_of(leaves))

    assert naive_path(index, leaves) == proof
    merkle.verify_inclusion(leaves[index], index, size, naive(leaves), proof)
    merkle.verify_range([leaves[index]], index, size, naive(leaves), proof)


@given(sizes, st.data())
def test_consistency_is_as_the_rfc_defines_it(size: int, data: st.DataObject) -> None:
    """Every two sizes of a tree have the proof of section 2.1.4.1, and it holds."""
    leaves, first = made(size), data.draw(st.integers(1, size))
    proof = merkle.consistency_proof(first, size, nodes_of(leaves))

    assert naive_subproof(first, leaves, known=True) == proof
    merkle.verify_consistency(first, size, naive(leaves[:first]), naive(leaves), proof)


@given(sizes, st.data())
def test_neighbours_are_proved_together(size: int, data: st.DataObject) -> None:
    """Any run of leaves has one short proof, which fails if one leaf is left out or changed."""
    leaves = made(size)
    first = data.draw(st.integers(0, size - 1))
    end = data.draw(st.integers(first + 1, size))
    tree_root = naive(leaves)
    proof = merkle.range_proof(first, end, size, nodes_of(leaves))
    run = leaves[first:end]
    merkle.verify_range(run, first, size, tree_root, proof)

    assert len(proof) <= 2 * size.bit_length()
    changed = data.draw(st.integers(0, len(run) - 1))
    wrong = [
        (run[:changed] + run[changed + 1 :], first, proof),
        ([*run[:changed], OTHER, *run[changed + 1 :]], first, proof),
        (run, first + 1, proof),
        (run, first, [*proof, OTHER]),
        (run, first, proof[:-1] if proof else [OTHER]),
    ]
    for some, at, path in wrong:
        with pytest.raises(VerifyError):
            merkle.verify_range(some, at, size, tree_root, path)


@given(sizes)
def test_a_compact_range_goes_on_where_it_stopped(size: int) -> None:
    """Size and hashes are all that an append needs to know of what came before."""
    leaves = made(size)
    tree = CompactRange()
    for leaf in leaves:
        tree.append(leaf)
        tree = CompactRange(tree.size, tuple(tree.hashes))

    assert naive(leaves) == tree.root()


def damaged(proof: list[bytes], root: bytes) -> list[list[bytes]]:
    """Return proofs that are none."""
    flipped = [
        [*proof[:i], bytes([proof[i][0] ^ 8]) + proof[i][1:], *proof[i + 1 :]]
        for i in range(len(proof))
    ]
    longer = [[*proof, b""], [*proof, root], [b"", *proof], [root, *proof], [*proof, OTHER]]
    return [*flipped, *longer, proof[:-1], [OTHER, *proof[1:]]]


def refuses(verify: Callable[..., None], *arguments: object) -> None:
    """Expect a refusal."""
    with pytest.raises(VerifyError):
        verify(*arguments)


@pytest.mark.parametrize("vector", VECTORS["inclusion"][1:])
def test_a_wrong_inclusion_proof_is_refused(vector: dict[str, list[str]]) -> None:
    """Another leaf, place, size, root or proof: each is refused."""
    index, size = int(str(vector["index"])), int(str(vector["size"]))
    proof = [bytes.fromhex(one) for one in vector["proof"]]
    leaf, root = LEAVES[index], ROOTS[size - 1]
    for other in (index - 1, index + 1, index ^ 2):
        refuses(merkle.verify_inclusion, leaf, other, size, root, proof)
    for other in (size * 2, size // 2, index):
        refuses(merkle.verify_inclusion, leaf, index, other, root, proof)
    for other_root in (b"short", merkle.EMPTY_ROOT, OTHER):
        refuses(merkle.verify_inclusion, leaf, index, size, other_root, proof)
    refuses(merkle.verify_inclusion, b"WrongLeaf", index, size, root, proof)
    refuses(merkle.verify_inclusion, OTHER, index, size, root, proof)
    for wrong in damaged(proof, root):
        refuses(merkle.verify_inclusion, leaf, index, size, root, wrong)
        refuses(merkle.verify_range, [leaf], index, size, root, wrong)


@pytest.mark.parametrize("vector", VECTORS["consistency"][1:])
def test_a_wrong_consistency_proof_is_refused(vector: dict[str, list[str]]) -> None:
    """Another size, root or proof: each is refused."""
    first, second = int(str(vector["first"])), int(str(vector["second"]))
    proof = [bytes.fromhex(one) for one in vector["proof"]]
    old, new = ROOTS[first - 1], ROOTS[second - 1]
    for other in (first - 1, first + 1, first ^ 2):
        refuses(merkle.verify_consistency, other, second, old, new, proof)
    for other in (second * 2, second // 2):
        refuses(merkle.verify_consistency, first, other, old, new, proof)
    for roots in ((OTHER, new), (old, OTHER), (new, old), (b"short", new)):
        refuses(merkle.verify_consistency, first, second, *roots, proof)
    for wrong in [*damaged(proof, old), *damaged(proof, new), []]:
        refuses(merkle.verify_consistency, first, second, old, new, wrong)


def test_the_edges_of_consistency() -> None:
    """Every tree begins with nothing and with itself; nothing shrinks; no proof is too long."""
    empty, one = merkle.EMPTY_ROOT, ROOTS[0]
    merkle.verify_consistency(0, 0, empty, empty, [])
    merkle.verify_consistency(0, 1, empty, one, [])
    merkle.verify_consistency(1, 1, one, one, [])
    for first, second, old, new, proof in (
        (0, 0, empty, one, []),
        (0, 1, one, one, []),
        (1, 1, one, empty, []),
        (1, 0, one, empty, []),
        (1, 2, one, ROOTS[1], []),
        (0, 1, empty, one, [OTHER]),
        (1, 1, one, one, [OTHER]),
        (1, 2**60, one, ROOTS[1], [OTHER]),
    ):
        refuses(merkle.verify_consistency, first, second, old, new, proof)


def test_what_is_not_there_cannot_be_proved() -> None:
    """A proof for a leaf beyond the end, of nothing, or into the past is a bug of the caller."""
    node = nodes_of(LEAVES)
    for first, end, size in ((8, 9, 8), (3, 3, 8), (-1, 1, 8), (4, 3, 8)):
        with pytest.raises(InvalidInputError):
            merkle.range_proof(first, end, size, node)
    with pytest.raises(InvalidInputError):
        merkle.consistency_proof(5, 4, node)
    with pytest.raises(InvalidInputError):
        CompactRange(3, [OTHER])


def test_leaves_and_nodes_are_told_apart() -> None:
    """Nobody passes the hash of two leaves off as an entry (section 2.1.1)."""
    left, right = LEAVES[:2]

    assert merkle.leaf_hash(left + right) != merkle.node_hash(left, right)
