# SPDX-License-Identifier: Apache-2.0
from datetime import datetime, timedelta

from federation.storage import Store

MINUTE = timedelta(minutes=1)


def test_a_nonce_is_taken_once_per_sender(store: Store, at: datetime) -> None:
    """A replayed header is noticed; another sender may draw the same nonce."""
    with store.write() as tx:
        assert tx.nonces.remember("hope", b"n" * 16, at) is True
        assert tx.nonces.remember("hope", b"n" * 16, at + MINUTE) is False
        assert tx.nonces.remember("amparo", b"n" * 16, at) is True


def test_expired_nonces_are_forgotten(store: Store, at: datetime) -> None:
    """Pruning keeps what may still be replayed."""
    with store.write() as tx:
        tx.nonces.remember("hope", b"old", at - MINUTE)
        tx.nonces.remember("hope", b"new", at + MINUTE)
        assert tx.nonces.prune(at) == 1
        assert tx.nonces.remember("hope", b"new", at + MINUTE) is False


def test_a_lease_has_one_holder(store: Store, at: datetime) -> None:
    """Who comes second does not get it; the holder may ask again."""
    with store.write() as tx:
        assert tx.leases.acquire("sync", "a", at, 60) is True
        assert tx.leases.acquire("sync", "b", at, 60) is False
        assert tx.leases.acquire("sync", "a", at, 60) is True
        assert tx.leases.acquire("other job", "b", at, 60) is True
        assert tx.leases.holder("sync", at) == "a"


def test_a_dead_holder_does_not_block_for_ever(store: Store, at: datetime) -> None:
    """A lease that ran out goes to the next, and the old holder is told."""
    with store.write() as tx:
        tx.leases.acquire("sync", "a", at, 60)
        assert tx.leases.holder("sync", at + MINUTE) is None
        assert tx.leases.acquire("sync", "b", at + MINUTE, 60) is True
        assert tx.leases.renew("sync", "a", at + MINUTE, 60) is False


def test_renewing_extends(store: Store, at: datetime) -> None:
    """A long job keeps its lease by renewing it in time."""
    with store.write() as tx:
        tx.leases.acquire("sync", "a", at, 60)
        assert tx.leases.renew("sync", "a", at + MINUTE / 2, 60) is True
        assert tx.leases.acquire("sync", "b", at + MINUTE, 60) is False


def test_only_the_holder_releases(store: Store, at: datetime) -> None:
    """A release by somebody else does nothing."""
    with store.write() as tx:
        tx.leases.acquire("sync", "a", at, 60)
        tx.leases.release("sync", "b")
        assert tx.leases.holder("sync", at) == "a"
        tx.leases.release("sync", "a")
        assert tx.leases.acquire("sync", "b", at, 60) is True
