# SPDX-License-Identifier: Apache-2.0
"""Connections to other members."""

from datetime import UTC, datetime
from pathlib import Path

from federation.charter import Applicant, Identity, Role
from federation_node.keystore import Keystore
from federation_node.peers import PeerPool
from federation_node.tls import make_certificate
from federation_node.unlock import Unlock

NOW = datetime(2026, 3, 1, tzinfo=UTC)


def pool(tmp_path: Path) -> PeerPool:
    """A pool of some member."""
    keystore = Keystore.create(
        tmp_path / "keystore.json",
        Unlock(bytes(32), is_key=True),
        Identity.generate("hope"),
        *make_certificate("hope", NOW),
    )
    return PeerPool(keystore, lambda: (0, bytes(32)), lambda: NOW)


def listing() -> Applicant:
    """A member as a charter lists it."""
    return Applicant.of(
        Identity.generate("amparo"),
        name="Amparo",
        legal_entity="T:2",
        role=Role.NGO,
        endpoint="127.0.0.1:7002",
        certificates=(b"certificate",),
    )


def test_a_connection_is_kept_while_it_is_listed_alike(tmp_path: Path) -> None:
    """What does not concern the connection may change."""
    peers, member = pool(tmp_path), listing()

    assert peers.connect(member) is peers.connect(member.replace(name="Casa Amparo"))
    peers.close()


def test_another_listing_makes_another_connection(tmp_path: Path) -> None:
    """A new endpoint, key or certificate."""
    peers, member = pool(tmp_path), listing()
    first = peers.connect(member)

    assert peers.connect(member.replace(endpoint="127.0.0.1:7003")) is not first
    assert peers.connect(member.replace(certificates=(b"renewed",))) is not first
    peers.close()
