# SPDX-License-Identifier: Apache-2.0
"""Real members behind real servers: what the charter and the agreements decide, over mutual TLS."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from federation.agreements import Purpose, Status, Terms
from federation.audit import Count, Event
from federation.charter import Applicant, Identity, Role, found, without_member
from federation.client import GrpcPeer
from federation.errors import AgreementError, AuthenticationError, CasethreadError
from federation.indicators import NORMALISATION_VERSION, Case, IndicatorClass, Kind, Lane, Subject
from federation.member import Member
from federation.messages import Evaluate, OpenSession, SyncCharter
from federation.storage import AtRest, Store
from federation_node.authority import MemberAuthority
from federation_node.demo.process import free_ports
from federation_node.server import NodeServer
from federation_node.tls import make_certificate
from tests.node.network import Journal

START = datetime.now(UTC).replace(microsecond=0)


class Clock:
    now = START

    def __call__(self) -> datetime:
        return self.now


@dataclass
class Node:
    identity: Identity
    applicant: Applicant
    tls_key: bytes
    member: Member
    server: NodeServer
    peers: dict[str, GrpcPeer]
    journal: Journal


class Network:
    """Three nodes on loopback, founded, with keys and one agreement."""

    def __init__(self) -> None:
        self.clock = Clock()
        self.nodes: dict[str, Node] = {}
        names = ("hope", "amparo", "licht")
        for name, port in zip(names, free_ports(len(names)), strict=True):
            self.nodes[name] = self._node(name, port)
        for node in self.nodes.values():
            node.server.start()
        self._found()
        self._make_keys()
        self.agreement = self.agree()

    def __getitem__(self, name: str) -> Member:
        return self.nodes[name].member

    def _node(self, name: str, port: int) -> Node:
        identity = Identity.generate(name)
        tls_key, certificate = make_certificate(name, START)
        applicant = Applicant.of(
            identity,
            name=name,
            legal_entity=f"TEST:{name}",
            role=Role.HOTLINE,
            endpoint=f"127.0.0.1:{port}",
            certificates=(certificate,),
        )
        peers: dict[str, GrpcPeer] = {}
        journal = Journal()

        def connect(listing: Applicant) -> GrpcPeer:
            if listing.id not in peers:
                peers[listing.id] = GrpcPeer(
                    identity,
                    tls_key,
                    certificate,
                    listing,
                    charter_state=lambda: member.charter_state(),  # noqa: PLW0108 - made below
                    clock=self.clock,
                    sleep=lambda _: None,
                )
            return peers[listing.id]

        store = Store.memory(AtRest(secrets.token_bytes(32)))
        member = Member(identity, store, clock=self.clock, connect=connect, log=journal)
        server = NodeServer(
            MemberAuthority(member),
            identity,
            tls_key,
            certificate,
            handle=member.handle,
            address=f"127.0.0.1:{port}",
            clock=self.clock,
            log=journal,
        )
        return Node(identity, applicant, tls_key, member, server, peers, journal)

    def drive(self) -> None:
        for _ in range(6):
            for node in self.nodes.values():
                node.member.drive()

    def sign_all(self) -> None:
        for node in self.nodes.values():
            for proposal in node.member.proposals():
                if node.member.id in proposal.missing.members:
                    node.member.sign_charter(proposal.digest)
            self.drive()

    def _found(self) -> None:
        listings = tuple(
            node.applicant.as_member(steward=True, custodian=True, since_version=1, admitted=START)
            for node in self.nodes.values()
        )
        draft = found("Test", listings, federation_id=secrets.token_bytes(16), at=START)
        first, *others = self.nodes.values()
        first.member.put_draft(draft)
        for node in others:
            node.member.await_charter(first.applicant)
        first.member.propose_charter(draft)
        self.drive()
        self.sign_all()

    def _make_keys(self) -> None:
        ceremony = self["hope"].start_ceremony()
        self.drive()
        for name in ("amparo", "licht"):
            self[name].accept_ceremony(ceremony)
        self.drive()
        self.sign_all()

    def agree(self, *, supersedes: bytes | None = None) -> bytes:
        """Let all three sign; returns the agreement's hash."""
        terms = Terms(
            federation_id=self["hope"].require_charter().federation_id,
            title="Test",
            parties=("amparo", "hope", "licht"),
            lanes=(Lane.NETWORK,),
            kinds=(Kind.PHONE,),
            subjects=(Subject.RECRUITER,),
            purposes=(Purpose.NETWORK,),
            retention_days=30,
            legal_basis="test",
            valid_from=START,
            valid_until=START + timedelta(days=100),
            nonce=secrets.token_bytes(16),
            supersedes=supersedes,
        )
        agreement = self["hope"].propose_agreement(terms)
        self.drive()
        for name in ("amparo", "licht"):
            self[name].sign_agreement(agreement)
        self.drive()
        return agreement

    def opening(self, asker: str) -> OpenSession:
        (key,) = self[asker].require_charter().live_keys(Lane.NETWORK, IndicatorClass.IDENTIFIER)
        return OpenSession(
            agreement=self.agreement,
            key_version=1,
            lane=Lane.NETWORK,
            cls=IndicatorClass.IDENTIFIER,
            key_id=key.key_id,
            epoch=key.epoch,
            normalisation_version=NORMALISATION_VERSION,
            nonce=secrets.token_bytes(32),
        )

    def close(self) -> None:
        for node in self.nodes.values():
            for peer in node.peers.values():
                peer.close()
            node.server.stop(0)


@pytest.fixture
def network() -> Iterator[Network]:
    """Three nodes that can talk."""
    built = Network()
    yield built
    built.close()


def test_three_nodes_find_what_two_of_them_share(network: Network) -> None:
    """Founding, keys, agreement, evaluation and exchange all work over sockets."""
    number = "+52 55 1234 5678"
    for name in ("hope", "licht"):
        network[name].put_cases([Case("1").add(Kind.PHONE, number, Subject.RECRUITER)])
    network["amparo"].put_cases([Case("1").add(Kind.PHONE, "+52 55 8765 4321", Subject.RECRUITER)])
    for name in network.nodes:
        network[name].sync()

    assert ["licht"] == [match.member for match in network["hope"].matches()]
    assert ["hope"] == [match.member for match in network["licht"].matches()]
    assert [] == network["amparo"].matches()


def test_a_removed_member_is_refused_on_its_open_connection(network: Network) -> None:
    """A charter without a member ends what it may ask, though its connection is still open."""
    open_connection = network.nodes["licht"].peers["amparo"]
    open_connection.call(network.opening("licht"))
    version, digest = network["hope"].charter_state()
    assert version == 2
    charter = network["hope"].require_charter()
    draft = without_member(charter, digest, "licht", at=START)
    proposal = network["hope"].propose_charter(draft)
    network["hope"].drive()
    network["amparo"].drive()
    network["amparo"].sign_charter(proposal)

    assert 3 == network["amparo"].charter_state()[0]
    for request in (network.opening("licht"), SyncCharter(0, bytes(32))):
        with pytest.raises(AuthenticationError):
            open_connection.call(request)


def test_a_removed_members_agreements_end(network: Network) -> None:
    """Nobody compares with a member that has left, whatever was signed before."""
    _, digest = network["hope"].charter_state()
    draft = without_member(network["hope"].require_charter(), digest, "licht", at=START)
    proposal = network["hope"].propose_charter(draft)
    network["hope"].drive()
    network["amparo"].drive()
    network["amparo"].sign_charter(proposal)
    network["hope"].drive()
    network["amparo"].drive()
    network["hope"].put_cases([Case("1").add(Kind.PHONE, "+52 55 1234 5678", Subject.RECRUITER)])
    report = network["hope"].sync()

    assert 0 == report.sent.buckets


def test_a_revoked_agreement_is_refused_with_its_reason(network: Network) -> None:
    """Who asks under a revoked agreement is told so, and the pair key is gone on both sides."""
    network["amparo"].revoke_agreement(network.agreement, "test")

    with pytest.raises(AgreementError):
        network.nodes["licht"].peers["amparo"].call(network.opening("licht"))
    network["amparo"].drive()
    for name in network.nodes:
        (view,) = network[name].agreements()
        assert frozenset() == view.ready_with


def test_an_amendment_replaces_on_every_node(network: Network) -> None:
    """When the last party has signed, the old agreement is refused and the new one compared."""
    before = network.opening("licht")
    later = network.agree(supersedes=network.agreement)

    for name in network.nodes:
        standing = {view.hash: view.status for view in network[name].agreements()}
        assert {network.agreement: Status.REPLACED, later: Status.IN_FORCE} == standing
    with pytest.raises(AgreementError):
        network.nodes["licht"].peers["amparo"].call(before)
    network.agreement = later
    network.nodes["licht"].peers["amparo"].call(network.opening("licht"))


def test_an_expired_charter_refuses_everything_but_charters(network: Network) -> None:
    """After expiry and grace a node evaluates and compares nothing, and says why."""
    (key,) = network["hope"].require_charter().live_keys(Lane.NETWORK, IndicatorClass.IDENTIFIER)
    evaluate = Evaluate(
        secrets.token_bytes(16), key.key_id, 1, (1, 2), bytes(32 * 8), True, check_of=None
    )
    opening = network.opening("hope")
    peer = network.nodes["hope"].peers["amparo"]
    state = network["hope"].charter_state()
    network.clock.now = START + timedelta(days=365 + 15)

    for request in (evaluate, opening):
        with pytest.raises(CasethreadError, match="charter"):
            peer.call(request)
    assert () == peer.call(SyncCharter(*state)).envelopes


def test_a_stale_caller_gets_the_newer_charter_and_goes_on(network: Network) -> None:
    """A member that missed a charter version takes it over in the call that needs it."""
    _, digest = network["hope"].charter_state()
    draft = without_member(network["hope"].require_charter(), digest, "licht", at=START)
    proposal = network["hope"].propose_charter(draft)
    network["hope"].drive()
    network["amparo"].drive()
    network["amparo"].sign_charter(proposal)
    assert (2, 3) == (network["hope"].charter_state()[0], network["amparo"].charter_state()[0])
    network["hope"].put_cases([Case("1").add(Kind.PHONE, "+52 55 1234 5678", Subject.RECRUITER)])
    # Who leaves has not heard of it either, and would still answer under the old version.
    network.nodes["licht"].server.stop(0)
    report = network["hope"].tokenise()

    assert 1 == report.tokens
    assert 3 == network["hope"].charter_state()[0]


def test_members_witness_each_others_records(network: Network) -> None:
    """Checkpoints and cosignatures cross real connections, and hold."""
    network.clock.now = START + timedelta(hours=24)
    network.drive()
    for name, node in network.nodes.items():
        store = node.member._core.store
        with store.read() as tx:
            latest = tx.checkpoints.latest()
            assert latest is not None
            cosigned = tx.checkpoints.cosignatures(latest.generation, latest.size)

        assert set(network.nodes) - {name} == set(cosigned)
        assert 0 == latest.size % 64
        assert latest.size == node.member.record.check()


def test_refused_calls_of_a_member_stand_in_the_record_once(network: Network) -> None:
    """However often it calls, there is one entry for the day when it is over."""
    store = network["amparo"]._core.store
    network["amparo"].revoke_agreement(network.agreement, "test")
    with store.read() as tx:
        before = tx.audit.size()
    for _ in range(5):
        with pytest.raises(AgreementError):
            network.nodes["licht"].peers["amparo"].call(network.opening("licht"))
    with store.read() as tx:
        assert before == tx.audit.size()
    network.clock.now = START + timedelta(hours=25)
    network["amparo"].drive()
    with store.read() as tx:
        records = [one.record for one in tx.audit.entries(events=[Event.REFUSALS])]

    assert [("licht", "agreement_denied", 5)] == [
        (one.member, one.reason, one.counts[Count.CALLS])
        for one in records
        if one.reason == "agreement_denied"
    ]
