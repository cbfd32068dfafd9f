# SPDX-License-Identifier: Apache-2.0
"""The key of a pair: the same on both sides, and nowhere else."""

import json
from pathlib import Path
from typing import Any

import pytest

from federation.agreements import derive_pair_key
from federation.charter import Identity
from federation.crypto import agree
from federation.crypto.signing import SigningKey
from federation.errors import DeserializeError, InvalidInputError
from tests.charter.support import identity, secret

VECTORS = json.loads(
    (Path(__file__).parent.parent / "vectors" / "pair_key.json").read_text(encoding="utf-8")
)
HASH = bytes(32)


def derive(own: str, partner: str, /, **changes: Any) -> bytes:
    """Derive the key of two members with fixed ephemeral keys, seen from the first."""
    fields: dict[str, Any] = {
        "agreement_hash": HASH,
        "key_version": 1,
        "identity": identity(own),
        "ephemeral_secret": secret(own, "ephemeral"),
        "partner": partner,
        "partner_ephemeral": agree.public(secret(partner, "ephemeral")),
        "partner_key": identity(partner).agreement_key,
    }
    return derive_pair_key(**(fields | changes))


def test_both_sides_derive_the_same() -> None:
    """Each side uses its own secrets and the other's public keys."""
    assert derive("hope", "amparo") == derive("amparo", "hope")
    assert len(derive("hope", "amparo")) == 32


def test_everything_is_bound() -> None:
    """Another agreement, version, pair, ephemeral or static key gives another key."""
    keys = {
        derive("hope", "amparo"),
        derive("hope", "amparo", agreement_hash=bytes([1]) * 32),
        derive("hope", "amparo", key_version=2),
        derive("hope", "licht"),
        derive("hope", "amparo", ephemeral_secret=secret("other")),
        derive("hope", "amparo", partner_ephemeral=agree.public(secret("other"))),
        derive("hope", "amparo", partner_key=agree.public(secret("other"))),
        derive("hope", "amparo", partner="amparo-2"),
    }

    assert len(keys) == 8


@pytest.mark.parametrize("vector", VECTORS["valid"], ids=lambda one: one["comment"])
def test_vectors(vector: dict[str, Any]) -> None:
    """The published keys come out, from both sides."""
    sides = [
        (
            Identity(
                side["id"],
                SigningKey.from_bytes(bytes(32)),
                bytes.fromhex(side["agreement_secret"]),
                bytes(32),
            ),
            bytes.fromhex(side["ephemeral_secret"]),
        )
        for side in vector["sides"]
    ]
    for (own, ephemeral), (other, other_ephemeral) in (sides, sides[::-1]):
        key = derive_pair_key(
            bytes.fromhex(vector["agreement_hash"]),
            vector["key_version"],
            own,
            ephemeral,
            partner=other.member_id,
            partner_ephemeral=agree.public(other_ephemeral),
            partner_key=other.agreement_key,
        )
        assert key.hex() == vector["pair_key"]


@pytest.mark.parametrize("vector", VECTORS["invalid"], ids=lambda one: one["comment"])
def test_refusal_vectors(vector: dict[str, Any]) -> None:
    """What would give a key that others know, or no pair's key, is refused."""
    errors = {"InvalidInputError": InvalidInputError, "DeserializeError": DeserializeError}
    changes = {
        name: bytes.fromhex(value) if name != "partner" else value
        for name, value in vector["changes"].items()
    }

    with pytest.raises(errors[vector["error"]]):
        derive("hope", "amparo", **changes)
