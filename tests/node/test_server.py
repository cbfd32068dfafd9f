# SPDX-License-Identifier: Apache-2.0
"""The server over real mutual TLS: what works, and who is refused."""

import socket
import threading
from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import grpc
import pytest
from google.rpc.error_details_pb2 import ErrorInfo
from google.rpc.status_pb2 import Status
from grpc_health.v1 import health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection_pb2, reflection_pb2_grpc

from federation.charter import Identity
from federation.client import TlsIdentity
from federation.errors import (
    AgreementError,
    AuthenticationError,
    CharterConflictError,
    CharterStaleError,
    ConfigurationError,
    MembershipError,
    PeerError,
    PeerUnreachableError,
    QuotaError,
    StoreError,
)
from federation.messages import CharterNews, OpenSession, PutTags, Request, SyncCharter
from federation.v1 import charter_service_pb2, charter_service_pb2_grpc
from federation.wire.header import METADATA_KEY, sign_request
from federation.wire.methods import METHODS, encode
from federation_node.tls import make_certificate
from tests.node.network import CHARTER, NOW, REPLIES, REQUESTS, Party, Site, site

HOPE, AMPARO, LICHT = Party.make("hope"), Party.make("amparo"), Party.make("licht")
ALL = list(METHODS.values())


@pytest.fixture(scope="module")
def shared() -> Iterator[Site]:
    """Run one server for the module."""
    with site(HOPE, AMPARO, LICHT) as running:
        yield running


@pytest.fixture
def hope(shared: Site) -> Site:
    """A server of hope that amparo and licht may call, as it was in the beginning."""
    shared.authority.__dict__.update(
        handled=[],
        nonces=set(),
        failure=None,
        forbidden=None,
        stale=None,
        refusals=[],
        uncounted=None,
    )
    shared.authority.members.clear()
    for party in (HOPE, AMPARO, LICHT):
        shared.authority.admit(party)
    shared.journal.entries.clear()
    return shared


def header(request: Request[Any], body: bytes, **changes: Any) -> bytes:
    """Sign as amparo, or with something wrong."""
    values: dict[str, Any] = {
        "signer": AMPARO.identity,
        "method": METHODS[type(request)].path,
        "recipient": "hope",
        "body": body,
        "request_id": bytes(16),
        "charter_version": CHARTER[0],
        "charter_digest": CHARTER[1],
        "at": NOW,
    } | changes
    return sign_request(values.pop("signer"), **values)


def ask(
    channel: grpc.Channel, path: str, body: bytes, *headers: bytes
) -> tuple[grpc.StatusCode, str, str]:
    """Call with any headers; return code, reason and message."""
    with pytest.raises(grpc.RpcError) as caught:
        channel.unary_unary(path)(
            body, timeout=10, metadata=[(METADATA_KEY, value) for value in headers]
        )
    error: Any = caught.value
    info = ErrorInfo()
    for key, value in error.trailing_metadata() or ():
        if key == "grpc-status-details-bin":
            Status.FromString(value).details[0].Unpack(info)
    return error.code(), info.reason, error.details()


REFUSED = (grpc.StatusCode.UNAUTHENTICATED, "UNAUTHENTICATED", "not authenticated")


@pytest.mark.parametrize("method", ALL, ids=lambda method: method.name)
def test_every_method_is_answered(hope: Site, method: Any) -> None:
    """A member's request reaches the authority as it was, and the reply comes back as it was."""
    request = REQUESTS[method.request]
    with hope.peer(AMPARO) as peer:
        reply = peer.call(request, timeout=10)

    assert (REPLIES[method.request], [("amparo", request)]) == (reply, hope.authority.handled)


ATTACKS: dict[str, tuple[Any, str]] = {
    "unsigned": (lambda q, b: (), "request is not signed"),
    "signed twice": (lambda q, b: (header(q, b), header(q, b)), "request is not signed"),
    "garbage": (lambda q, b: (b"\xff" * 40,), "header is malformed"),
    "too long": (lambda q, b: (b"\x0a" * 4000,), "header is too long"),
    "stale": (
        lambda q, b: (header(q, b, at=NOW - timedelta(minutes=10, seconds=1)),),
        "header is stale",
    ),
    "from the future": (
        lambda q, b: (header(q, b, at=NOW + timedelta(seconds=301)),),
        "header is from the future; the clocks disagree",
    ),
    "wrongly addressed": (
        lambda q, b: (header(q, b, recipient="licht"),),
        "header is addressed to another member",
    ),
    "other method": (
        lambda q, b: (header(q, b, method="/federation.v1.CharterService/Other"),),
        "header is for another method",
    ),
    "other body": (lambda q, b: (header(q, b + b"x"),), "body is not the one that was signed"),
    "other member": (
        lambda q, b: (header(q, b, signer=LICHT.identity),),
        "signer is not the owner of the connection",
    ),
    "stranger's key": (
        lambda q, b: (header(q, b, signer=Identity.generate("amparo")),),
        "header is not signed by its sender",
    ),
    "unknown member": (
        lambda q, b: (header(q, b, signer=Identity.generate("nobody")),),
        "header is not signed by its sender",
    ),
}


@pytest.mark.parametrize("method", ALL, ids=lambda method: method.name)
@pytest.mark.parametrize("attack", ATTACKS)
def test_what_is_not_signed_for_it_is_refused(hope: Site, method: Any, attack: str) -> None:
    """Every method refuses it with one text; the reason is in the log only."""
    request = REQUESTS[method.request]
    body = encode(request)
    headers, reason = ATTACKS[attack]
    with hope.channel(AMPARO.tls_key, AMPARO.certificate) as channel:
        answer = ask(channel, method.path, body, *headers(request, body))

    assert (REFUSED, [], [reason]) == (answer, hope.authority.handled, hope.journal.reasons())


@pytest.mark.parametrize("method", ALL, ids=lambda method: method.name)
def test_a_replay_is_refused(hope: Site, method: Any) -> None:
    """The same header is good for one call."""
    request = REQUESTS[method.request]
    body = encode(request)
    signed = header(request, body)
    with hope.channel(AMPARO.tls_key, AMPARO.certificate) as channel:
        channel.unary_unary(method.path)(body, timeout=10, metadata=[(METADATA_KEY, signed)])
        answer = ask(channel, method.path, body, signed)

    assert (REFUSED, 1, ["header was used before"]) == (
        answer,
        len(hope.authority.handled),
        hope.journal.reasons(),
    )


@pytest.mark.parametrize("method", ALL, ids=lambda method: method.name)
@pytest.mark.parametrize("body", [b"", b"\xff\xff\xff", b"\x08\x01"])
def test_a_malformed_request_is_refused(hope: Site, method: Any, body: bytes) -> None:
    """A signed request that breaks the contract is not handled, and the server keeps serving."""
    request = REQUESTS[method.request]
    with hope.channel(AMPARO.tls_key, AMPARO.certificate) as channel:
        answer = ask(channel, method.path, body, header(request, body))
    with hope.peer(AMPARO) as peer:
        peer.call(request, timeout=10)

    assert (
        (grpc.StatusCode.INVALID_ARGUMENT, "MALFORMED", "malformed request"),
        1,
    ) == (answer, len(hope.authority.handled))


@pytest.mark.parametrize("method", ALL, ids=lambda method: method.name)
def test_an_oversized_request_is_refused(hope: Site, method: Any) -> None:
    """Beyond its method's limit a body is malformed; beyond 4 MiB gRPC does not take it in."""
    request = REQUESTS[method.request]
    body = bytes(method.request_limit + 1)
    with hope.channel(AMPARO.tls_key, AMPARO.certificate) as channel:
        code, reason, _ = ask(channel, method.path, body, header(request, body))

    expected = (
        (grpc.StatusCode.RESOURCE_EXHAUSTED, "")
        if method.request_limit == 4 * 1024 * 1024
        else (grpc.StatusCode.INVALID_ARGUMENT, "MALFORMED")
    )
    assert (expected, []) == ((code, reason), hope.authority.handled)


def test_a_compressed_request_is_refused(hope: Site) -> None:
    """A few kilobytes cannot become gigabytes here."""
    request = REQUESTS[SyncCharter]
    body = bytes(4 * 1024 * 1024)
    with (
        hope.channel(AMPARO.tls_key, AMPARO.certificate) as channel,
        pytest.raises(grpc.RpcError) as caught,
    ):
        channel.unary_unary(METHODS[SyncCharter].path)(
            body,
            timeout=10,
            metadata=[(METADATA_KEY, header(request, body))],
            compression=grpc.Compression.Gzip,
        )
    error: Any = caught.value

    assert (grpc.StatusCode.UNIMPLEMENTED, []) == (error.code(), hope.authority.handled)


def test_permission_comes_before_parsing(hope: Site) -> None:
    """Who may not ask does not learn whether the request was well formed."""
    hope.authority.forbidden = MembershipError("suspended")
    request = REQUESTS[PutTags]
    with hope.channel(AMPARO.tls_key, AMPARO.certificate) as channel:
        answer = ask(channel, METHODS[PutTags].path, b"\xff", header(request, b"\xff"))

    assert (
        grpc.StatusCode.PERMISSION_DENIED,
        "MEMBERSHIP_DENIED",
        "the charter does not allow it",
    ) == answer


def test_a_removed_member_is_refused_on_its_open_connection(hope: Site) -> None:
    """Removal takes effect with the next call, without a new connection."""
    with hope.peer(AMPARO) as peer:
        peer.call(REQUESTS[SyncCharter], timeout=10)
        del hope.authority.members[AMPARO.certificate]
        with pytest.raises(AuthenticationError):
            peer.call(REQUESTS[SyncCharter], timeout=10)

    assert (1, ["client certificate is not that of a current member"]) == (
        len(hope.authority.handled),
        hope.journal.reasons(),
    )


def test_a_new_member_connects_without_a_restart(hope: Site) -> None:
    """The roots follow the charter."""
    late = Party.make("late")
    hope.authority.admit(late)
    with hope.peer(late) as peer:
        peer.call(REQUESTS[SyncCharter], timeout=10)

    assert [("late", REQUESTS[SyncCharter])] == hope.authority.handled


@pytest.mark.parametrize(
    ("error", "kind"),
    [
        (QuotaError("canary", retry_after=90), QuotaError),
        (AgreementError("clause 7"), AgreementError),
        (StoreError("disk"), PeerError),
        (RuntimeError("+52 55 1234 5678"), PeerError),
    ],
)
def test_an_error_travels_without_its_text(
    hope: Site, error: Exception, kind: type[Exception]
) -> None:
    """The caller gets the type that it can act on, never what the error said."""
    hope.authority.failure = error
    with hope.peer(AMPARO) as peer, pytest.raises(kind) as caught:
        peer.call(REQUESTS[OpenSession], timeout=10)

    assert (kind, False) == (caught.type, str(error) in str(caught.value))


@pytest.mark.parametrize("uncounted", [None, StoreError("the disk is full")])
def test_a_refusal_is_counted(hope: Site, uncounted: Exception | None) -> None:
    """By caller and reason; and it stands even where it cannot be counted."""
    hope.authority.failure = AgreementError("clause 7")
    hope.authority.uncounted = uncounted
    with hope.peer(AMPARO) as peer, pytest.raises(AgreementError):
        peer.call(REQUESTS[OpenSession], timeout=10)

    assert [("amparo", "AGREEMENT_DENIED")] == hope.authority.refusals


def test_a_caller_that_proves_nothing_is_counted_without_a_name(hope: Site) -> None:
    """A call that nobody signed is nobody's, whatever connection it came by."""
    with hope.channel(AMPARO.tls_key, AMPARO.certificate) as channel:
        call = channel.unary_unary(METHODS[OpenSession].path)
        with pytest.raises(grpc.RpcError):
            call(b"", timeout=10)

    assert [(None, "UNAUTHENTICATED")] == hope.authority.refusals


def test_a_stale_charter_is_answered_with_the_newer_one(hope: Site) -> None:
    """The envelopes come with the error."""
    hope.authority.stale = CharterStaleError("old", [b"{v4}", b"{v5}"])
    with hope.peer(AMPARO) as peer, pytest.raises(CharterStaleError) as caught:
        peer.call(REQUESTS[OpenSession], timeout=10)

    assert (b"{v4}", b"{v5}") == caught.value.envelopes


def test_a_large_charter_is_fetched(hope: Site) -> None:
    """What does not fit into error details comes by SyncCharter, which is always allowed."""
    hope.authority.stale = CharterStaleError("old", [bytes(100_000)])
    with hope.peer(AMPARO) as peer, pytest.raises(CharterStaleError) as caught:
        peer.call(REQUESTS[OpenSession], timeout=10)
    fetched = REPLIES[SyncCharter]

    assert isinstance(fetched, CharterNews)
    assert fetched.envelopes == caught.value.envelopes


def test_a_reply_signed_by_another_key_is_refused(hope: Site) -> None:
    """The charter says which key a member's replies are signed with."""
    listing = hope.listing()
    listing.signing_key = LICHT.identity.signing.verify_key
    with hope.peer(AMPARO, listing) as peer, pytest.raises(AuthenticationError):
        peer.call(REQUESTS[SyncCharter], timeout=10)


def test_another_node_at_the_address_is_not_talked_to(hope: Site) -> None:
    """A node whose certificate is not the pinned one does not get the request."""
    with (
        hope.peer(AMPARO, hope.listing(LICHT.certificate)) as peer,
        pytest.raises(PeerUnreachableError),
    ):
        peer.call(REQUESTS[SyncCharter], timeout=0.5)

    assert [] == hope.authority.handled


def test_during_a_replacement_either_certificate_is_found(hope: Site) -> None:
    """Of two listed certificates the one in use works, and is tried first from then on."""
    pauses: list[float] = []
    listing = hope.listing(LICHT.certificate, HOPE.certificate)
    with hope.peer(AMPARO, listing, sleep=pauses.append) as peer:
        peer.call(REQUESTS[SyncCharter], timeout=10)
        first = peer._preferred
        peer.call(REQUESTS[SyncCharter], timeout=10)

    assert ([], 1, 1) == (pauses, first, peer._preferred)


def test_during_a_replacement_either_own_certificate_is_shown(hope: Site) -> None:
    """A peer that has heard more than this node may accept only the other one."""
    listing = hope.listing(LICHT.certificate, HOPE.certificate)
    with hope.peer(AMPARO, listing, make_certificate("amparo", NOW)) as peer:
        reply = peer.call(REQUESTS[SyncCharter], timeout=10)

    assert REPLIES[SyncCharter] == reply


def test_a_retired_connection_ends_after_its_last_call(hope: Site) -> None:
    """Whoever is in the middle of a call when the charter changes gets the answer."""
    begun, release = threading.Event(), threading.Event()

    def hold() -> None:
        begun.set()
        release.wait(10)

    replies: list[object] = []
    with hope.peer(AMPARO) as peer:
        hope.authority.during = hold
        caller = threading.Thread(
            target=lambda: replies.append(peer.call(REQUESTS[SyncCharter], timeout=10))
        )
        caller.start()
        begun.wait(10)
        peer.retire()
        during = len(peer._channels)
        release.set()
        caller.join(10)
        hope.authority.during = None

    assert ([REPLIES[SyncCharter]], 1, 0) == (replies, during, len(peer._channels))


def test_every_reply_says_which_charter_it_was_given_under(hope: Site) -> None:
    """The caller compares; a conflict stops every call but those about charters."""
    told: list[tuple[str, int, bytes]] = []

    def note(member: str, version: int, digest: bytes) -> None:
        told.append((member, version, digest))
        raise CharterConflictError

    with hope.peer(AMPARO, note=note) as peer:
        peer.call(REQUESTS[SyncCharter], timeout=10)
        with pytest.raises(CharterConflictError):
            peer.call(REQUESTS[OpenSession], timeout=10)

    assert [("hope", *CHARTER)] * 2 == told


def test_a_call_waits_for_a_node_that_comes_back() -> None:
    """An attempt that got no answer is made again."""
    with site(HOPE, AMPARO) as first:
        port = first.server.port
        listing = first.listing()
    sites: list[Any] = []

    def restart(_: float) -> None:
        if not sites:
            sites.append(site(HOPE, AMPARO, address=f"127.0.0.1:{port}"))
            sites.append(sites[0].__enter__())
        threading.Event().wait(0.05)

    try:
        with first.peer(AMPARO, listing, sleep=restart) as peer:
            reply = peer.call(REQUESTS[SyncCharter], timeout=20)
    finally:
        sites[0].__exit__(None, None, None)

    assert REPLIES[SyncCharter] == reply


def test_an_address_in_use_is_said_so(hope: Site) -> None:
    """Two nodes do not share a port."""
    with (
        pytest.raises(ConfigurationError, match="cannot listen"),
        site(AMPARO, address=f"127.0.0.1:{hope.server.port}"),
    ):
        pass


def test_members_see_health_and_services(hope: Site) -> None:
    """The standard health and reflection services work with standard clients."""
    with hope.channel(AMPARO.tls_key, AMPARO.certificate) as channel:
        health = health_pb2_grpc.HealthStub(channel).Check(
            health_pb2.HealthCheckRequest(service="federation.v1.ExchangeService"), timeout=10
        )
        wanted = reflection_pb2.ServerReflectionRequest(list_services="")
        (answer,) = reflection_pb2_grpc.ServerReflectionStub(channel).ServerReflectionInfo(
            iter([wanted]), timeout=10
        )
    services = {service.name for service in answer.list_services_response.service}

    assert health_pb2.HealthCheckResponse.SERVING == health.status
    assert {method.service for method in ALL} < services


def test_the_generated_stubs_speak_to_it(hope: Site) -> None:
    """Another implementation needs the contract and a signature, nothing of ours."""
    message = charter_service_pb2.SyncCharterRequest(version=0, digest=bytes(32))
    signed = header(REQUESTS[SyncCharter], message.SerializeToString())
    with hope.channel(AMPARO.tls_key, AMPARO.certificate) as channel:
        stub = charter_service_pb2_grpc.CharterServiceStub(channel)
        reply = stub.SyncCharter(message, timeout=10, metadata=[(METADATA_KEY, signed)])

    assert [b"{v4}"] == list(reply.envelopes)


def test_the_server_stops_after_running_calls() -> None:
    """A call that is being answered when the node stops gets its answer."""
    begun, release = threading.Event(), threading.Event()
    with site(HOPE, AMPARO) as running, running.peer(AMPARO) as peer:

        def hold() -> None:
            begun.set()
            release.wait(10)

        running.authority.during = hold
        replies: list[object] = []
        caller = threading.Thread(
            target=lambda: replies.append(peer.call(REQUESTS[SyncCharter], timeout=10))
        )
        caller.start()
        begun.wait(10)
        stopper = threading.Thread(target=running.server.stop)
        stopper.start()
        release.set()
        caller.join(10)
        stopper.join(10)
        still = running.server.wait(0)

    assert ([REPLIES[SyncCharter]], False) == (replies, still)


def test_reopening_closes_open_connections_and_goes_on() -> None:
    """Who may come back does so by itself, in the same call; who may not stays out."""
    with site(HOPE, AMPARO, LICHT) as running:
        port = running.server.port
        with running.peer(AMPARO) as stays, running.peer(LICHT) as leaves:
            for peer in (stays, leaves):
                peer.call(REQUESTS[SyncCharter], timeout=10)
            with socket.create_connection(("127.0.0.1", port)) as idle:
                del running.authority.members[LICHT.certificate]
                running.server.reopen(grace=0)
                idle.settimeout(10)
                left = b"".join(iter(lambda: _received(idle), b""))
            stays.call(REQUESTS[SyncCharter], timeout=10)
            with pytest.raises(PeerUnreachableError):
                leaves.call(REQUESTS[SyncCharter], timeout=0.5)

    assert (b"", port, 3) == (left, running.server.port, len(running.authority.handled))


def _received(connection: socket.socket) -> bytes:
    try:
        return connection.recv(4096)
    except ConnectionError:
        return b""  # closed with a reset


def test_reopening_lets_running_calls_end() -> None:
    """A call that is being answered when somebody else is removed gets its answer."""
    begun, release = threading.Event(), threading.Event()
    with site(HOPE, AMPARO) as running, running.peer(AMPARO) as peer:

        def hold() -> None:
            begun.set()
            release.wait(10)

        running.authority.during = hold
        replies: list[object] = []
        caller = threading.Thread(
            target=lambda: replies.append(peer.call(REQUESTS[SyncCharter], timeout=10))
        )
        caller.start()
        begun.wait(10)
        running.server.reopen()
        release.set()
        caller.join(10)
        answered = len(running.authority.handled)

    assert ([REPLIES[SyncCharter]], 1) == (replies, answered)


def test_an_address_that_is_taken_meanwhile_is_tried_again() -> None:
    """The node does not end because another program was quicker; the next turn tries again."""
    with site(HOPE, AMPARO) as running:
        running.server._running.end(0).wait()
        with socket.socket() as other:
            other.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            other.bind(("127.0.0.1", running.server.port))
            other.listen()
            with pytest.raises(ConfigurationError):
                running.server.reopen(patience=0.1)
        running.server.reopen()
        with running.peer(AMPARO) as peer:
            reply = peer.call(REQUESTS[SyncCharter], timeout=10)

    assert REPLIES[SyncCharter] == reply


def test_a_new_certificate_is_shown_without_a_restart() -> None:
    """What the node shows is asked at each handshake."""
    key, certificate = (shown := make_certificate("hope", NOW)).key, shown.certificate
    with site(HOPE, AMPARO) as running:
        with running.peer(AMPARO) as peer:
            peer.call(REQUESTS[SyncCharter], timeout=10)
        running.shown = TlsIdentity(key, certificate)
        with running.peer(AMPARO, running.listing(certificate)) as peer:
            peer.call(REQUESTS[SyncCharter], timeout=10)
        with running.peer(AMPARO) as peer, pytest.raises(PeerUnreachableError):
            peer.call(REQUESTS[SyncCharter], timeout=0.5)

    assert 2 == len(running.authority.handled)
