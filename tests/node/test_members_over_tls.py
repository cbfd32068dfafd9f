# SPDX-License-Identifier: Apache-2.0
"""Real members behind real servers: what the charter and the agreements decide, over mutual TLS."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

import pytest

from federation.agreements import Purpose, Status, Terms
from federation.audit import Count, Event
from federation.charter import (
    Applicant,
    Identity,
    LaneKey,
    Role,
    Rules,
    found,
    next_version,
    without_member,
)
from federation.charter.versions import countersign, propose
from federation.client import GrpcPeer
from federation.errors import (
    AgreementError,
    AuthenticationError,
    CharterConflictError,
    CharterExpiredError,
    QuorumError,
)
from federation.indicators import NORMALISATION_VERSION, Case, IndicatorClass, Kind, Lane, Subject
from federation.member import Conflict, Member, open_conflicts
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
        shown = make_certificate(name, START)
        applicant = Applicant.of(
            identity,
            name=name,
            legal_entity=f"TEST:{name}",
            role=Role.HOTLINE,
            endpoint=f"127.0.0.1:{port}",
            certificates=(shown.certificate,),
        )
        peers: dict[str, GrpcPeer] = {}
        journal = Journal()

        def connect(listing: Applicant) -> GrpcPeer:
            if listing.id not in peers:
                peers[listing.id] = GrpcPeer(
                    identity,
                    (shown,),
                    listing,
                    charter_state=lambda: member.charter_state(),  # noqa: PLW0108 - made below
                    clock=self.clock,
                    note=lambda *named: member.admission.note(*named),  # noqa: PLW0108 - likewise
                    sleep=lambda _: None,
                )
            return peers[listing.id]

        store = Store.memory(AtRest(secrets.token_bytes(32)))
        member = Member(identity, store, clock=self.clock, connect=connect, log=journal)
        server = NodeServer(
            MemberAuthority(member),
            identity,
            lambda: shown,
            handle=member.handle,
            address=f"127.0.0.1:{port}",
            clock=self.clock,
            log=journal,
        )
        return Node(identity, applicant, member, server, peers, journal)

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
            valid_until=START + timedelta(days=1000),
            nonce=secrets.token_bytes(16),
            supersedes=supersedes,
        )
        agreement = self["hope"].propose_agreement(terms)
        self.drive()
        for name in ("amparo", "licht"):
            self[name].sign_agreement(agreement)
        self.drive()
        return agreement

    def opening(self, asker: str, key: LaneKey | None = None) -> OpenSession:
        if key is None:
            charter = self[asker].require_charter()
            (key,) = charter.live_keys(Lane.NETWORK, IndicatorClass.IDENTIFIER)
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


def test_an_expired_charter_refuses_and_is_renewed(network: Network) -> None:
    """In the grace period all goes on without news; then nothing, on either side, but charters."""
    (key,) = network["hope"].require_charter().live_keys(Lane.NETWORK, IndicatorClass.IDENTIFIER)
    peer = network.nodes["hope"].peers["amparo"]
    charter, state = network["hope"].require_charter(), network["hope"].charter_state()
    for name in ("hope", "licht"):
        network[name].put_cases([Case("1").add(Kind.PHONE, "+525512345678", Subject.RECRUITER)])
    network.clock.now = charter.expires + timedelta(days=charter.grace_days - 1)
    for name in network.nodes:
        network[name].sync()
    assert ["licht"] == [match.member for match in network["hope"].matches()]

    network.clock.now = charter.expires + timedelta(days=charter.grace_days + 1)
    # Serving: whoever still asks is told why it gets nothing.
    evaluate = Evaluate(
        secrets.token_bytes(16), key.key_id, 1, (1, 2), bytes(32 * 8), True, check_of=None
    )
    for request in (evaluate, network.opening("hope", key)):
        with pytest.raises(CharterExpiredError):
            peer.call(request)
    assert () == peer.call(SyncCharter(*state)).envelopes
    # Asking: nothing leaves, and the person is told what to do.
    network["hope"].put_cases([Case("2").add(Kind.PHONE, "+525587654321", Subject.RECRUITER)])
    with pytest.raises(CharterExpiredError, match="over") as refused:
        network["hope"].sync()
    assert "casethread federation renew" in str(refused.value.next_step)
    (waiting,) = network["hope"].not_tokenised()
    assert "2" == waiting.case_id

    network["hope"].propose_charter(next_version(charter, state[1], at=network.clock()))
    network.drive()
    network.sign_all()
    assert 1 == network["hope"].sync().tokens.tokens


def test_two_charters_of_one_version_are_found_over_the_wire(network: Network) -> None:
    """The first message between the two sides stops them; both can prove who signed both."""
    network.nodes["licht"].server.stop(0)
    sides = ("hope", "amparo")
    for number, name in enumerate(sides, start=1):
        charter, (_, digest) = network[name].require_charter(), network[name].charter_state()
        draft = next_version(charter, digest, at=START, rules=Rules(new_member_days=number))
        envelope = countersign(
            propose(draft, network.nodes[name].identity), network.nodes["licht"].identity
        )
        network[name]._membership.accept((envelope,))
    assert 3 == network["hope"].charter_state()[0] == network["amparo"].charter_state()[0]

    with pytest.raises(CharterConflictError):
        network.nodes["hope"].peers["amparo"].call(network.opening("hope"))
    for name in sides:
        network[name].drive()
    for name, other in (sides, sides[::-1]):
        with network[name]._core.store.read() as tx:
            (conflict,) = open_conflicts(tx)
        assert Conflict(other, 3, True, frozenset({"licht"})) == conflict
        logged = dict(network.nodes[name].journal.entries)
        assert (other, 3) == (
            logged["charter_conflict"]["member"],
            logged["charter_conflict"]["version"],
        )
        assert {"licht"} == set(logged["charter_forked"]["culprits"])
        network[name].put_cases([Case("1").add(Kind.PHONE, "+525512345678", Subject.RECRUITER)])
        with pytest.raises(QuorumError):
            network[name].sync()


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
