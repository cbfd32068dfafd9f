# SPDX-License-Identifier: Apache-2.0
"""Connections to other members."""

from datetime import UTC, datetime

from federation.charter import Applicant, Identity, Role
from federation.client import TlsIdentity
from federation_node.peers import PeerPool
from federation_node.tls import make_certificate

NOW = datetime(2026, 3, 1, tzinfo=UTC)
OWN = [make_certificate("hope", NOW)]


def pool(own: list[TlsIdentity] = OWN) -> PeerPool:
    """A pool of some member."""
    return PeerPool(
        Identity.generate("hope"),
        lambda: tuple(own),
        lambda: (0, bytes(32)),
        lambda *_: None,
        lambda: NOW,
    )


def listing(name: str = "amparo") -> Applicant:
    """A member as a charter lists it."""
    return Applicant.of(
        Identity.generate(name),
        name="Amparo",
        legal_entity="T:2",
        role=Role.NGO,
        endpoint="127.0.0.1:7002",
        certificates=(b"certificate",),
    )


def test_a_connection_is_kept_while_it_is_listed_alike() -> None:
    """What does not concern the connection may change."""
    peers, member = pool(), listing()

    assert peers.connect(member) is peers.connect(member.replace(name="Casa Amparo"))
    peers.close()


def test_another_listing_makes_another_connection() -> None:
    """A new endpoint, key or certificate."""
    peers, member = pool(), listing()
    first = peers.connect(member)

    assert peers.connect(member.replace(endpoint="127.0.0.1:7003")) is not first
    assert peers.connect(member.replace(certificates=(b"renewed",))) is not first
    peers.close()


def test_another_own_certificate_makes_another_connection() -> None:
    """The node shows itself to everybody with what it has now."""
    own = [*OWN]
    peers, member = pool(own), listing()
    first = peers.connect(member)
    own.append(make_certificate("hope", NOW))

    assert peers.connect(member) is not first
    peers.close()


def test_who_left_is_not_kept() -> None:
    """Connections to others than those that are named are closed."""
    peers, stays, leaves = pool(), listing("amparo"), listing("licht")
    kept, left = peers.connect(stays), peers.connect(leaves)
    peers.keep(["amparo"])

    assert (True, False) == (peers.connect(stays) is kept, peers.connect(leaves) is left)
    peers.close()
