# SPDX-License-Identifier: Apache-2.0
from datetime import datetime

import pytest

from federation.errors import StoreError
from federation.storage import Store, StoredShare
from federation.storage.ceremonies import StoredCeremony
from federation.storage.charters import StoredCharter, StoredConflict

KEY = b"k" * 16


def test_settings_are_put_replaced_and_deleted(store: Store) -> None:
    """A setting has the value that was put last."""
    with store.write() as tx:
        tx.settings.put("a", b"1")
        tx.settings.put("a", b"2")
        assert tx.settings.get("a") == b"2"
        tx.settings.delete("a")
        assert tx.settings.get("a") is None


def test_the_chain_of_charters_grows_by_one(store: Store) -> None:
    """The newest is current, and the chain is given oldest first."""
    with store.write() as tx:
        assert tx.charters.current() is None
        for version in (1, 2, 3):
            tx.charters.append(version, bytes([version]) * 32, b"charter %d" % version)
        assert tx.charters.current() == StoredCharter(3, b"\3" * 32, b"charter 3")
        assert tx.charters.get(2) == StoredCharter(2, b"\2" * 32, b"charter 2")
        assert tx.charters.get(4) is None
        assert tx.charters.chain(1) == [b"charter 2", b"charter 3"]


@pytest.mark.parametrize("version", [1, 2, 4])
def test_a_charter_out_of_turn_is_refused(store: Store, version: int) -> None:
    """No gap, no second charter for a version."""
    with store.write() as tx:
        tx.charters.append(1, b"1", b"one")
        tx.charters.append(2, b"2", b"two")
        with pytest.raises(StoreError):
            tx.charters.append(version, b"other", b"other")
        tx.charters.append(2, b"2", b"two")
        assert tx.charters.chain(0) == [b"one", b"two"]


def test_a_node_may_join_at_any_version(store: Store) -> None:
    """The first charter a node sees need not be number 1."""
    with store.write() as tx:
        tx.charters.append(7, b"7", b"seven")
        assert tx.charters.current() == StoredCharter(7, b"7", b"seven")


def test_proposals_gather_signatures_and_are_dropped(store: Store) -> None:
    """A proposal's envelope is replaced as signatures come in."""
    with store.write() as tx:
        tx.charters.put_proposal(2, b"a", b"one signature")
        tx.charters.put_proposal(2, b"a", b"two signatures")
        tx.charters.put_proposal(3, b"b", b"one signature")
        assert tx.charters.proposals() == [
            StoredCharter(2, b"a", b"two signatures"),
            StoredCharter(3, b"b", b"one signature"),
        ]
        tx.charters.drop_proposals(2)
        assert tx.charters.proposals() == [StoredCharter(3, b"b", b"one signature")]


def test_evidence_of_a_conflict_is_kept_once(store: Store, at: datetime) -> None:
    """The same evidence again is not news."""
    with store.write() as tx:
        assert tx.charters.put_conflict(2, b"ours", b"theirs", "amparo", at) is True
        assert tx.charters.put_conflict(2, b"ours", b"theirs", "amparo", at) is False
        assert tx.charters.conflicts() == [StoredConflict(2, b"ours", b"theirs", "amparo", at)]


def test_ceremony_messages_keep_their_order(store: Store, at: datetime) -> None:
    """A repeated message is not stored again."""
    with store.write() as tx:
        tx.ceremonies.put(b"c1", "running", at)
        added = [
            tx.ceremonies.add_message(b"c1", digest, digest + b"!")
            for digest in (b"z", b"a", b"z", b"m")
        ]
        tx.ceremonies.put(b"c1", "complete", at)
        assert added == [True, True, False, True]
        assert tx.ceremonies.messages(b"c1") == [b"z!", b"a!", b"m!"]
        assert tx.ceremonies.list() == [StoredCeremony(b"c1", "complete")]


def test_a_ceremony_secret_survives_a_status_change_until_erased(
    store: Store, at: datetime
) -> None:
    """Recording progress does not lose the secret; erasing does."""
    with store.write() as tx:
        tx.ceremonies.put(b"c1", "running", at)
        assert tx.ceremonies.secret(b"c1") is None
        tx.ceremonies.put_secret(b"c1", b"polynomial")
        tx.ceremonies.put(b"c1", "complete", at)
        assert tx.ceremonies.secret(b"c1") == b"polynomial"
        tx.ceremonies.erase_secret(b"c1")
        assert tx.ceremonies.secret(b"c1") is None


def test_a_secret_of_an_unknown_ceremony_is_refused(store: Store) -> None:
    """A secret is never silently dropped."""
    with store.write() as tx, pytest.raises(StoreError):
        tx.ceremonies.put_secret(b"unknown", b"polynomial")


def test_shares_of_two_ceremonies_live_side_by_side(store: Store) -> None:
    """Each is found by its public half, until the old one is destroyed."""
    with store.write() as tx:
        assert tx.shares.get(KEY, b"Y1") is None
        tx.shares.put(StoredShare(b"first", KEY, 1, 3, b"Y1", b"old share"))
        tx.shares.put(StoredShare(b"second", KEY, 2, 3, b"Y2", b"new share"))
        old, newest = tx.shares.get(KEY, b"Y1"), tx.shares.get(KEY, b"Y2")
        assert newest is not None
        assert old is not None
        assert (newest.generation, newest.index, newest.secret) == (2, 3, b"new share")
        assert (old.generation, old.secret) == (1, b"old share")
        assert [one.generation for one in tx.shares.list()] == [1, 2]
        tx.shares.destroy(b"first", KEY)
        assert tx.shares.get(KEY, b"Y1") is None
        assert tx.shares.get(KEY, b"Y2") is not None
        assert "share'" not in repr(newest)


def test_a_destroyed_ceremony_leaves_nothing(store: Store, at: datetime) -> None:
    """Its messages hold shares that are sealed to this node, so they go as well."""
    with store.write() as tx:
        tx.ceremonies.put(b"c", "complete", at)
        tx.ceremonies.add_message(b"c", b"digest", b"sealed")
        tx.ceremonies.destroy(b"c")
        assert tx.ceremonies.list() == []
        assert tx.ceremonies.messages(b"c") == []
