# SPDX-License-Identifier: Apache-2.0
"""Real servers on loopback, with an authority that is a list of members."""

import ssl
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

import grpc

from federation.charter import Identity
from federation.client import TLS_NAME, GrpcPeer, TlsIdentity
from federation.errors import MembershipError
from federation.indicators import IndicatorClass, Lane
from federation.messages import (
    AgreementNews,
    CeremonyNews,
    CharterNews,
    CheckpointWitnessed,
    ConfirmMatches,
    DeliverLetter,
    Evaluate,
    Evaluation,
    LetterDelivered,
    MatchesConfirmed,
    OpenSession,
    PutTags,
    Request,
    SessionOpened,
    SyncAgreement,
    SyncCeremony,
    SyncCharter,
    TagsAnswered,
    WitnessCheckpoint,
)
from federation_node.server import NodeServer, ServerSettings
from federation_node.tls import make_certificate

NOW = datetime.now(UTC).replace(microsecond=0)
CHARTER = (3, b"\x07" * 32)


def clock() -> datetime:
    """Return the one moment at which all tests happen."""
    return NOW


@dataclass(frozen=True)
class Party:
    """One member's keys."""

    id: str
    identity: Identity
    tls_key: bytes
    certificate: bytes

    @classmethod
    def make(cls, member_id: str) -> "Party":
        """Make a member with fresh keys."""
        shown = make_certificate(member_id, NOW)
        return cls(member_id, Identity.generate(member_id), shown.key, shown.certificate)

    @property
    def tls(self) -> TlsIdentity:
        """What it shows in the handshake."""
        return TlsIdentity(self.tls_key, self.certificate)


@dataclass
class Listed:
    """A member as a client sees it in the charter."""

    id: str
    endpoint: str
    signing_key: bytes
    certificates: tuple[bytes, ...]


@dataclass
class Journal:
    """A log that a test can read."""

    entries: list[tuple[str, dict[str, Any]]] = field(default_factory=list)

    def info(self, event: str, /, **fields: object) -> None:
        """Keep an entry."""
        self.entries.append((event, fields))

    warning = info

    def reasons(self) -> list[str]:
        """Return what the logged errors said."""
        return [str(fields["exc_info"]) for event, fields in self.entries if "exc_info" in fields]


@dataclass
class FakeAuthority:
    """Members by certificate; answers from a table; counts what reached it."""

    members: dict[bytes, str] = field(default_factory=dict)
    keys: dict[str, bytes] = field(default_factory=dict)
    handled: list[tuple[str, Request[Any]]] = field(default_factory=list)
    nonces: set[tuple[str, bytes]] = field(default_factory=set)
    failure: Exception | None = None
    forbidden: Exception | None = None
    stale: Exception | None = None
    unreadable: Exception | None = None
    during: Callable[[], object] | None = None
    refusals: list[tuple[str | None, str]] = field(default_factory=list)
    uncounted: Exception | None = None

    def admit(self, party: Party) -> None:
        """List a member."""
        self.members[party.certificate] = party.id
        self.keys[party.id] = party.identity.signing.verify_key

    def certificates(self) -> list[bytes]:
        """Return the listed certificates."""
        if self.unreadable is not None:
            raise self.unreadable
        return list(self.members)

    def identify(self, leaf: bytes) -> str | None:
        """Look a leaf up."""
        return self.members.get(leaf)

    def signing_key(self, member_id: str) -> bytes:
        """Look a key up."""
        if member_id not in self.keys:
            raise MembershipError("no such member")
        return self.keys[member_id]

    def charter_state(self) -> tuple[int, bytes]:
        """Return the one charter."""
        return CHARTER

    def permit(self, member_id: str, request: type[Request[Any]]) -> None:
        """Allow everything, unless the test forbids it."""
        if self.forbidden is not None:
            raise self.forbidden

    def remember_nonce(self, sender: str, nonce: bytes, expires: datetime) -> bool:
        """Keep it in memory."""
        assert expires > NOW + timedelta(minutes=5)
        fresh = (sender, nonce) not in self.nonces
        self.nonces.add((sender, nonce))
        return fresh

    def check_charter(self, sender: str, version: int, digest: bytes) -> None:
        """Accept every charter, unless the test does not."""
        if self.stale is not None:
            raise self.stale

    def refused(self, sender: str | None, reason: str) -> None:
        """Count it, or fail as the test wants."""
        self.refusals.append((sender, reason))
        if self.uncounted is not None:
            raise self.uncounted

    def handle(self, sender: str, request: Request[Any]) -> Any:
        """Answer from the table, or fail as the test wants."""
        self.handled.append((sender, request))
        if self.during is not None:
            self.during()
        if self.failure is not None:
            raise self.failure
        return REPLIES[type(request)]


@dataclass
class Site:
    """A running server and who may call it."""

    server: NodeServer
    me: Party
    authority: FakeAuthority
    journal: Journal
    shown: TlsIdentity | None = None
    """What it shows in the handshake, if not what it began with."""

    def listing(self, *certificates: bytes) -> Listed:
        """Return how a charter lists this site."""
        return Listed(
            self.me.id,
            f"127.0.0.1:{self.server.port}",
            self.me.identity.signing.verify_key,
            certificates or (self.me.certificate,),
        )

    @contextmanager
    def peer(
        self, party: Party, listing: Listed | None = None, *former: TlsIdentity, **options: Any
    ) -> Iterator[GrpcPeer]:
        """Connect to it as a member, which may have other certificates to show first."""
        peer = GrpcPeer(
            party.identity,
            (*former, party.tls),
            listing or self.listing(),
            charter_state=lambda: CHARTER,
            clock=clock,
            **options,
        )
        try:
            yield peer
        finally:
            peer.close()

    @contextmanager
    def channel(self, tls_key: bytes, *chain: bytes) -> Iterator[grpc.Channel]:
        """A bare channel, as an attacker or another implementation would open it."""
        credentials = grpc.ssl_channel_credentials(
            ssl.DER_cert_to_PEM_cert(self.me.certificate).encode(),
            tls_key,
            "".join(map(ssl.DER_cert_to_PEM_cert, chain)).encode(),
        )
        options = (
            ("grpc.ssl_target_name_override", TLS_NAME),
            ("grpc.enable_http_proxy", 0),
            ("grpc.use_local_subchannel_pool", 1),
            ("grpc.max_send_message_length", -1),
        )
        channel = grpc.secure_channel(f"127.0.0.1:{self.server.port}", credentials, options)
        try:
            yield channel
        finally:
            channel.close()


@contextmanager
def site(
    me: Party, *members: Party, address: str = "127.0.0.1:0", **settings: Any
) -> Iterator[Site]:
    """Run a server that knows these members and itself."""
    authority, journal = FakeAuthority(), Journal()
    for party in (me, *members):
        authority.admit(party)
    running: list[Site] = []

    def shown() -> TlsIdentity:
        return (running[0].shown if running else None) or me.tls

    server = NodeServer(
        authority,
        me.identity,
        shown,
        handle=authority.handle,
        address=address,
        clock=clock,
        log=journal,
        settings=ServerSettings(**settings) if settings else None,
    )
    server.start()
    running.append(Site(server, me, authority, journal))
    try:
        yield running[0]
    finally:
        server.stop(0)


REQUESTS: dict[type[Request[Any]], Request[Any]] = {
    SyncCharter: SyncCharter(3, b"\x01" * 32, (b"{}",)),
    SyncCeremony: SyncCeremony(b"\x02" * 16, (b"\x03" * 32,), (b"{a}", b"{b}")),
    SyncAgreement: SyncAgreement(b"{terms}", (b"{offer}",), (b"{revocation}",)),
    Evaluate: Evaluate(
        b"\x04" * 16, b"\x05" * 16, 2, (1, 3), b"\x06" * 32, True, check_of=b"\x07" * 16
    ),
    OpenSession: OpenSession(
        b"\x08" * 32, 1, Lane.NETWORK, IndicatorClass.IDENTIFIER, b"\x09" * 16, 1, 1, b"\x0a" * 32
    ),
    PutTags: PutTags(
        b"\x0b" * 16, b"\x0c" * 16, 7, b"".join(n.to_bytes(16, "big") for n in range(64))
    ),
    ConfirmMatches: ConfirmMatches(b"\x0d" * 16, 7, ((0, b"\x0e" * 16), (63, b"\x0f" * 16))),
    DeliverLetter: DeliverLetter(b"\x15" * 4096),
    WitnessCheckpoint: WitnessCheckpoint(
        b"note", 64, (b"\x16" * 32, b"\x17" * 32), b"{record}", (b"\x18" * 32,)
    ),
}
"""One valid request of each type."""

REPLIES: dict[type[Request[Any]], Any] = {
    SyncCharter: CharterNews((b"{v4}",), (b"{proposal}",)),
    SyncCeremony: CeremonyNews((b"{c}",)),
    SyncAgreement: AgreementNews(b"{terms}", (b"{offer}",), ()),
    Evaluate: Evaluation(b"\x10" * 32, b"\x11" * 64, b"{statement}"),
    OpenSession: SessionOpened(b"\x12" * 32),
    PutTags: TagsAnswered(((0, b"\x13" * 16), (63, b"\x14" * 16))),
    ConfirmMatches: MatchesConfirmed(),
    DeliverLetter: LetterDelivered(b"{receipt}"),
    WitnessCheckpoint: CheckpointWitnessed(b"line"),
}
"""One valid reply to each."""
