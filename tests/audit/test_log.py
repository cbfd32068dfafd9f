# SPDX-License-Identifier: Apache-2.0
"""Logs in memory: the contract, padding, and every way to tamper with one."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.audit import BLOCK, Count, Event, MemoryLogStore, begin, padding
from federation.audit.inspect import inspect_log
from federation.crypto.merkle import leaf_hash
from federation.errors import VerifyError
from tests.audit.contract import LogStoreContract
from tests.audit.support import AT, Kept, entry


class TestMemoryLogStore(LogStoreContract):
    """The implementation for tests and for programs that keep no database."""

    @pytest.fixture
    def store(self) -> MemoryLogStore:
        """An empty log."""
        return MemoryLogStore()


@given(st.integers(0, 1000), st.integers(0, 15))
def test_padding_fills_up_to_a_block(extra: int, blocks: int) -> None:
    """The published size is a multiple of 64, above the one before, and as small as that allows."""
    published = blocks * BLOCK
    records = padding(AT, published + extra, published)
    size = published + extra + len(records)

    assert 0 == size % BLOCK
    assert size > published
    assert len(records) < BLOCK or not extra
    assert {Event.PADDING} >= {record.event for record in records}
    assert len({record.nonce for record in records}) == len(records)


def test_the_first_record_names_what_was_before() -> None:
    """After a loss it says which checkpoint was the last, and how much is left."""
    first, after = begin(AT), begin(AT, bytes(range(32)), 7)

    assert ((), {}) == (first.documents, first.counts)
    assert ((bytes(range(32)),), {Count.ENTRIES: 7}) == (after.documents, after.counts)


def tampered(change: str) -> Kept:
    """Return a log that somebody with the database changed after it was published."""
    kept = Kept(40)
    entries = kept.store.entries
    if change == "flipped":
        entries[17] = entries[17].replace(b"operator", b"staff:0123456789abcdef")
    elif change == "deleted":
        del entries[17]
        entries.append(entry(99).to_bytes())
    elif change == "reordered":
        entries[17], entries[18] = entries[18], entries[17]
    return kept


@pytest.mark.parametrize("change", ["flipped", "deleted", "reordered"])
def test_tampering_is_found_and_placed(change: str) -> None:
    """Entries that do not fit the signed root are found between two checkpoints."""
    signed = [Kept(40).checkpoint(size) for size in (16, 32)]
    kept = tampered(change)
    with pytest.raises(VerifyError, match="from 16 to 31"):
        inspect_log(kept.store, signed)


@pytest.mark.parametrize("change", ["flipped", "deleted", "reordered"])
def test_tampering_behind_the_last_checkpoint_is_found_by_the_tree(change: str) -> None:
    """What no checkpoint covers yet is held against the stored hashes."""
    kept = tampered(change)
    with pytest.raises(VerifyError, match="tree"):
        inspect_log(kept.store, [Kept(40).checkpoint(16)])


def test_an_entry_that_is_no_record_is_found() -> None:
    """Also if its hash is in the tree."""
    kept = Kept(5)
    kept.store.entries[3] = b"{}"
    with pytest.raises(VerifyError, match="entry 3"):
        inspect_log(kept.store, [])


def test_a_beginning_in_the_middle_is_found() -> None:
    """Two logs put together are not one."""
    kept = Kept(5)
    kept.append([begin(AT)])
    with pytest.raises(VerifyError, match="entry 5 of the log is out of place"):
        inspect_log(kept.store, [])


def test_a_wrong_subtree_is_found() -> None:
    """A hash that proofs would be made of is compared too."""
    kept = Kept(40)
    kept.store.subtrees[2, 3] = leaf_hash(b"other")
    with pytest.raises(VerifyError, match="tree over the entries from 0"):
        inspect_log(kept.store, [kept.checkpoint()])
