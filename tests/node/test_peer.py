# SPDX-License-Identifier: Apache-2.0
"""The client against servers that do not behave like ours."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import grpc
import pytest

from federation.client import GrpcPeer
from federation.errors import (
    AuthenticationError,
    MalformedError,
    PeerError,
    PeerUnreachableError,
)
from federation.messages import SyncCharter
from federation.wire.header import METADATA_KEY, Header, sign_reply, verify_request
from federation.wire.methods import METHODS, encode_reply
from federation_node.tls import server_credentials
from tests.node.network import (
    CHARTER,
    NOW,
    REPLIES,
    REQUESTS,
    Journal,
    Listed,
    Party,
    clock,
)

HOPE, AMPARO, LICHT = Party.make("hope"), Party.make("amparo"), Party.make("licht")
ASK = REQUESTS[SyncCharter]
METHOD = METHODS[SyncCharter]
REPLY = encode_reply(ASK, REPLIES[SyncCharter])

Behaviour = Callable[[Header, grpc.ServicerContext], bytes]


def sign(header: Header, context: grpc.ServicerContext, body: bytes, by: Party = HOPE) -> bytes:
    """Reply as a party would."""
    signed = sign_reply(
        by.identity, header, body, charter_version=3, charter_digest=CHARTER[1], at=NOW
    )
    context.set_trailing_metadata(((METADATA_KEY, signed),))
    return body


@contextmanager
def peer_of(behaviour: Behaviour, **options: Any) -> Iterator[GrpcPeer]:
    """Connect amparo to a server of hope that does what the test wants."""

    def answer(body: bytes, context: grpc.ServicerContext) -> bytes:
        metadata: dict[str, Any] = dict(context.invocation_metadata())
        header = verify_request(
            metadata[METADATA_KEY],
            method=METHOD.path,
            recipient="hope",
            body=body,
            key_of=lambda _: AMPARO.identity.signing.verify_key,
            at=NOW,
        )
        return behaviour(header, context)

    server = grpc.server(ThreadPoolExecutor(2))
    handler = grpc.unary_unary_rpc_method_handler(answer)
    server.add_generic_rpc_handlers(
        [grpc.method_handlers_generic_handler(METHOD.service, {METHOD.name: handler})]
    )
    credentials = server_credentials(lambda: HOPE.tls, lambda: [AMPARO.certificate], Journal())
    port = server.add_secure_port("127.0.0.1:0", credentials)
    server.start()
    peer = GrpcPeer(
        AMPARO.identity,
        (AMPARO.tls,),
        Listed(
            "hope",
            f"127.0.0.1:{port}",
            HOPE.identity.signing.verify_key,
            (HOPE.certificate,),
        ),
        charter_state=lambda: CHARTER,
        clock=clock,
        **options,
    )
    try:
        yield peer
    finally:
        peer.close()
        server.stop(0)


def test_a_retry_has_a_new_header_and_the_same_request_id() -> None:
    """So it is neither a replay nor another request."""
    seen: list[Header] = []

    def fail_twice(header: Header, context: grpc.ServicerContext) -> bytes:
        seen.append(header)
        if len(seen) < 3:
            context.abort(grpc.StatusCode.UNAVAILABLE, "later")
        return sign(header, context, REPLY)

    pauses: list[float] = []
    with peer_of(fail_twice, sleep=pauses.append) as peer:
        reply = peer.call(ASK, timeout=10)

    assert REPLIES[SyncCharter] == reply
    assert (1, 3) == (len({header.request_id for header in seen}), len({h.nonce for h in seen}))
    assert pauses[0] < pauses[1]


def test_after_five_attempts_a_peer_is_unreachable() -> None:
    """A node that is away for longer must not hold up the others."""
    seen: list[Header] = []

    def fail(header: Header, context: grpc.ServicerContext) -> bytes:
        seen.append(header)
        context.abort(grpc.StatusCode.UNAVAILABLE, "later")
        raise AssertionError

    with peer_of(fail, sleep=lambda _: None) as peer, pytest.raises(PeerUnreachableError):
        peer.call(ASK, timeout=10)

    assert 5 == len(seen)


def test_two_calls_are_two_requests() -> None:
    """The request id names the call, not its content."""
    seen: list[Header] = []

    def answer(header: Header, context: grpc.ServicerContext) -> bytes:
        seen.append(header)
        return sign(header, context, REPLY)

    with peer_of(answer) as peer:
        peer.call(ASK, timeout=10)
        peer.call(ASK, timeout=10)

    assert 2 == len({header.request_id for header in seen})


def test_an_unsigned_reply_is_refused() -> None:
    """TLS alone does not make an answer."""
    with peer_of(lambda header, context: REPLY) as peer, pytest.raises(AuthenticationError):
        peer.call(ASK, timeout=10)


def test_a_reply_signed_by_another_member_is_refused() -> None:
    """Even if that one is a member, too."""
    with (
        peer_of(lambda header, context: sign(header, context, REPLY, LICHT)) as peer,
        pytest.raises(AuthenticationError),
    ):
        peer.call(ASK, timeout=10)


def test_a_reply_with_another_body_is_refused() -> None:
    """The signature covers the body."""

    def swap(header: Header, context: grpc.ServicerContext) -> bytes:
        sign(header, context, REPLY)
        return b""

    with peer_of(swap) as peer, pytest.raises(AuthenticationError):
        peer.call(ASK, timeout=10)


def test_a_reply_to_an_earlier_call_is_refused() -> None:
    """A recorded answer does not answer a new question."""
    first: list[Header] = []

    def repeat(header: Header, context: grpc.ServicerContext) -> bytes:
        first.append(header)
        return sign(first[0], context, REPLY)

    with peer_of(repeat) as peer:
        peer.call(ASK, timeout=10)
        with pytest.raises(AuthenticationError, match="another request"):
            peer.call(ASK, timeout=10)


def test_a_malformed_reply_names_the_peer() -> None:
    """A signed reply that breaks the contract is the peer's fault."""
    with (
        peer_of(lambda header, context: sign(header, context, b"\xff")) as peer,
        pytest.raises(MalformedError, match="reply of hope"),
    ):
        peer.call(ASK, timeout=10)


@pytest.mark.parametrize(
    ("code", "kind"),
    [
        (grpc.StatusCode.UNAVAILABLE, PeerUnreachableError),
        (grpc.StatusCode.RESOURCE_EXHAUSTED, PeerUnreachableError),
        (grpc.StatusCode.UNIMPLEMENTED, PeerError),
        (grpc.StatusCode.INTERNAL, PeerError),
        (grpc.StatusCode.UNAUTHENTICATED, PeerError),
    ],
)
def test_a_bare_code_becomes_an_error(code: grpc.StatusCode, kind: type[PeerError]) -> None:
    """What a proxy or another version answers is not repeated, only its code is."""

    def fail(header: Header, context: grpc.ServicerContext) -> bytes:
        context.abort(code, "canary value")
        raise AssertionError

    with peer_of(fail, sleep=lambda _: None) as peer, pytest.raises(kind) as caught:
        peer.call(ASK, timeout=0.3)

    assert (kind, False) == (caught.type, "canary" in str(caught.value))


def test_a_peer_that_hangs_is_unreachable() -> None:
    """The time that the caller gave is all that is waited."""
    release = threading.Event()

    def hang(header: Header, context: grpc.ServicerContext) -> bytes:
        release.wait(10)
        return b""

    try:
        with peer_of(hang) as peer, pytest.raises(PeerUnreachableError):
            peer.call(ASK, timeout=0.2)
    finally:
        release.set()


def test_a_closed_peer_opens_a_new_connection() -> None:
    """Closing is not for good: pools close what they replace while others still use it."""
    with peer_of(lambda header, context: sign(header, context, REPLY)) as peer:
        peer.call(ASK, timeout=10)
        peer.close()
        reply = peer.call(ASK, timeout=10)

    assert REPLIES[SyncCharter] == reply
