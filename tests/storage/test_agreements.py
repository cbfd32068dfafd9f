# SPDX-License-Identifier: Apache-2.0
from datetime import datetime

import pytest

from federation.errors import StoreError
from federation.storage import Store, StoredAgreement, StoredPairSecret

HASH = b"h" * 32


def test_an_agreement_gathers_its_parts(store: Store, at: datetime) -> None:
    """Terms are replaced as signatures come in; offers and revocations are added once."""
    with store.write() as tx:
        tx.agreements.put(HASH, b"one signature", "hope", at)
        tx.agreements.put(HASH, b"two signatures", "amparo", at)
        assert tx.agreements.add_offer(HASH, "hope", 1, b"offer h") is True
        assert tx.agreements.add_offer(HASH, "amparo", 1, b"offer a") is True
        assert tx.agreements.add_offer(HASH, "hope", 1, b"another") is False
        assert tx.agreements.add_offer(HASH, "hope", 2, b"offer h2") is True
        assert tx.agreements.add_revocation(HASH, "hope", b"end") is True
        assert tx.agreements.add_revocation(HASH, "hope", b"end again") is False
        tx.agreements.set_status(HASH, "revoked")
        expected = StoredAgreement(
            HASH,
            b"two signatures",
            "hope",
            "revoked",
            (b"offer a", b"offer h", b"offer h2"),
            (b"end",),
        )
        assert tx.agreements.get(HASH) == expected
        assert tx.agreements.list() == [expected]


def test_a_new_signature_does_not_change_the_status(store: Store, at: datetime) -> None:
    """Replacing the envelope of a revoked agreement does not revive it."""
    with store.write() as tx:
        tx.agreements.put(HASH, b"one signature", "hope", at)
        tx.agreements.set_status(HASH, "revoked")
        tx.agreements.put(HASH, b"two signatures", "hope", at)
        found = tx.agreements.get(HASH)

    assert found is not None
    assert found.status == "revoked"


def test_an_unknown_agreement_is_none_and_has_no_status(store: Store) -> None:
    """Nothing is invented for a hash nobody proposed."""
    with store.write() as tx:
        assert tx.agreements.get(HASH) is None
        with pytest.raises(StoreError):
            tx.agreements.set_status(HASH, "in force")


def test_pair_secrets_live_until_erased(store: Store, at: datetime) -> None:
    """The secret of an offer is kept per key version, listed, and erased."""
    with store.write() as tx:
        tx.agreements.put(HASH, b"terms", "hope", at)
        tx.agreements.put_secret(HASH, 1, b"e1", at)
        tx.agreements.put_secret(HASH, 2, b"e2", at)
        assert tx.agreements.secret(HASH, 1) == b"e1"
        assert tx.agreements.secrets() == [
            StoredPairSecret(HASH, 1, at),
            StoredPairSecret(HASH, 2, at),
        ]
        tx.agreements.erase_secret(HASH, 1)
        assert tx.agreements.secret(HASH, 1) is None
        assert tx.agreements.secret(HASH, 2) == b"e2"


def test_pair_keys_only_move_forward(store: Store, at: datetime) -> None:
    """A higher version replaces the key; a lower one is refused."""
    with store.write() as tx:
        tx.agreements.put(HASH, b"terms", "hope", at)
        assert tx.agreements.pair_key(HASH, "amparo") is None
        tx.agreements.put_pair_key(HASH, "amparo", 1, b"key 1")
        tx.agreements.put_pair_key(HASH, "amparo", 2, b"key 2")
        with pytest.raises(StoreError):
            tx.agreements.put_pair_key(HASH, "amparo", 1, b"key 1")
        assert tx.agreements.pair_key(HASH, "amparo") == (2, b"key 2")


def test_ending_erases_every_key(store: Store, at: datetime) -> None:
    """Afterwards no partner's key and no secret is left, and other agreements keep theirs."""
    other = b"o" * 32
    with store.write() as tx:
        for agreement in (HASH, other):
            tx.agreements.put(agreement, b"terms", "hope", at)
            for partner in ("amparo", "licht"):
                tx.agreements.put_pair_key(agreement, partner, 1, b"key")
            tx.agreements.put_secret(agreement, 2, b"e2", at)
        assert tx.agreements.keeps_keys(HASH)
        tx.agreements.erase_keys(HASH)
        assert tx.agreements.pair_key(HASH, "amparo") is None
        assert tx.agreements.pair_key(HASH, "licht") is None
        assert tx.agreements.secret(HASH, 2) is None
        assert not tx.agreements.keeps_keys(HASH)
        assert tx.agreements.pair_key(other, "amparo") == (1, b"key")
        assert tx.agreements.secret(other, 2) == b"e2"


def test_what_replaces_an_agreement_is_found(store: Store, at: datetime) -> None:
    """Every agreement that names it as replaced, and no other."""
    with store.write() as tx:
        for name, supersedes in ((b"a", HASH), (b"b", None), (b"c", HASH), (HASH, b"a" * 32)):
            tx.agreements.put(name * (32 // len(name)), b"terms", "hope", at, supersedes=supersedes)
        assert [b"a" * 32, b"c" * 32] == [one.hash for one in tx.agreements.successors(HASH)]
        assert [] == tx.agreements.successors(b"b" * 32)


def test_a_secret_alone_is_a_key_that_is_kept(store: Store, at: datetime) -> None:
    """The secret of an offer would give the pair key, so it counts."""
    with store.write() as tx:
        tx.agreements.put(HASH, b"terms", "hope", at)
        assert not tx.agreements.keeps_keys(HASH)
        tx.agreements.put_secret(HASH, 1, b"e1", at)
        assert tx.agreements.keeps_keys(HASH)
