# SPDX-License-Identifier: Apache-2.0
"""A peer over gRPC: pinned mutual TLS, signed requests, verified replies.

The channel trusts exactly one certificate, the one that the charter lists for the member.
Names in certificates mean nothing here, so all nodes' certificates carry the same one.
"""

import itertools
import secrets
import ssl
import threading
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import datetime
from typing import Final, Protocol, TypeVar

from federation.wire import require_tls13

# Importing federation.wire has set the environment that gRPC reads once, when it is loaded.
# isort: split
import grpc

from federation.errors import (
    AuthenticationError,
    CasethreadError,
    CharterConflictError,
    CharterStaleError,
    MalformedError,
    PeerError,
    PeerUnreachableError,
)
from federation.messages import Request, SyncCharter
from federation.wire import catalogue
from federation.wire.checks import MESSAGE_LIMIT
from federation.wire.header import METADATA_KEY, Header, Signer, sign_request, verify_reply
from federation.wire.methods import decode_reply, encode, method_of

__all__ = ["TLS_NAME", "GrpcPeer", "Listing", "Note", "TlsIdentity"]

R = TypeVar("R")

TLS_NAME: Final = "node.casethread.invalid"
"""The name in every node's certificate; it says nothing about whose it is."""

_DETAILS_KEY: Final = "grpc-status-details-bin"
_FIRST_PAUSE: Final = 0.1
_MOST_ROUNDS: Final = 5
"""Enough for a node that restarts; who is away for longer is asked on the next occasion."""
_UNREACHABLE: Final = frozenset(
    {
        grpc.StatusCode.UNAVAILABLE,
        grpc.StatusCode.DEADLINE_EXCEEDED,
        grpc.StatusCode.RESOURCE_EXHAUSTED,
        grpc.StatusCode.CANCELLED,
    }
)


Note = Callable[[str, int, bytes], None]
"""Told member, version and digest of the charter that a verified reply names.

Raises CharterConflictError if that is another one than is in force here.
"""


@dataclass(frozen=True, slots=True, repr=False)
class TlsIdentity:
    """What a node shows in the handshake. It says nothing about what the node may do."""

    key: bytes = field(compare=False)
    """PEM of the private key, ECDSA P-256."""
    certificate: bytes
    """DER; the key's, so that it tells two apart."""


class Listing(Protocol):
    """A member as the charter lists it: a `federation.charter.Member`."""

    @property
    def id(self) -> str:
        """Member id."""
        ...

    @property
    def endpoint(self) -> str:
        """``host:port``."""
        ...

    @property
    def signing_key(self) -> bytes:
        """Ed25519 public key, 32 bytes."""
        ...

    @property
    def certificates(self) -> tuple[bytes, ...]:
        """TLS certificates, DER; more than one while one is replaced."""
        ...


class GrpcPeer:
    """Another member's node. Safe to use from several threads.

    Implements `federation.member.Peer`.
    """

    def __init__(
        self,
        identity: Signer,
        own: Sequence[TlsIdentity],
        member: Listing,
        *,
        charter_state: Callable[[], tuple[int, bytes]],
        clock: Callable[[], datetime],
        note: Note | None = None,
        sleep: Callable[[float], None] = time.sleep,
    ) -> None:
        """Prepare; nothing is connected before the first call.

        Args:
            identity: The own identity.
            own: What this node shows; a second one while the first is replaced, for peers
                that already know no other.
            member: The peer. When the charter lists it differently, make a new GrpcPeer.
            charter_state: Returns version and digest of the own charter; (0, 32 zero
                bytes) before the first.
            clock: Returns now, aware.
            note: Told which charter every reply names.
            sleep: Waits for seconds between two attempts.

        Raises:
            ConfigurationError: TLS 1.2 cannot be turned off any more.
        """
        require_tls13()
        self._identity = identity
        self._member = member
        self._charter_state = charter_state
        self._clock = clock
        self._note = note
        self._sleep = sleep
        self._lock = threading.Lock()
        # A way is the peer's certificate to insist on, and the own one to show. While neither
        # side replaces its certificate, there is one.
        self._ways = list(itertools.product(member.certificates, own))
        self._preferred = 0
        self._channels: dict[int, grpc.Channel] = {}
        self._running = 0
        self._retired = False

    def call(self, request: Request[R], *, timeout: float = 30.0) -> R:
        """Ask, and wait for the verified reply.

        Every request of the contract is idempotent, so an attempt that did not get
        through is made again, up to four times in each way: same request id and body,
        new header.

        Args:
            request: Any message of `federation.messages`.
            timeout: Seconds for all attempts together.

        Returns:
            The reply that belongs to the request's type.

        Raises:
            PeerUnreachableError: No answer in time; asking again is safe.
            AuthenticationError: One of the two does not accept what the other signed.
            MalformedError: The reply breaks a limit of the contract.
            CharterConflictError: The peer goes by another charter of a version known here.
            CasethreadError: What the peer refused, as `federation.wire.catalogue` says.
        """
        deadline = time.monotonic() + timeout
        with self._busy():
            try:
                return self._call(request, deadline)
            except CharterStaleError as stale:
                if stale.envelopes or isinstance(request, SyncCharter):
                    raise
                # Too large for an error: fetched like any other news.
                version, digest = self._charter_state()
                news = self._call(SyncCharter(version, digest), deadline)
                raise CharterStaleError(str(stale), news.envelopes) from stale

    def close(self) -> None:
        """Close the connections, also under running calls. The next call opens new ones."""
        with self._lock:
            channels, self._channels = self._channels, {}
        for channel in channels.values():
            channel.close()

    def retire(self) -> None:
        """Close the connections as soon as no call is running."""
        with self._lock:
            self._retired = True
            idle = not self._running
        if idle:
            self.close()

    @contextmanager
    def _busy(self) -> Iterator[None]:
        with self._lock:
            self._running += 1
        try:
            yield
        finally:
            with self._lock:
                self._running -= 1
                over = self._retired and not self._running
            if over:
                self.close()

    def _call(self, request: Request[R], deadline: float) -> R:
        body = encode(request)
        request_id = secrets.token_bytes(16)
        path = method_of(request).path
        for attempt in itertools.count(1):
            way = self._preferred
            try:
                header, answer = self._attempt(way, path, body, request_id, deadline)
                break
            except PeerUnreachableError:
                self._preferred = (way + 1) % len(self._ways)
                if attempt % len(self._ways):
                    continue  # what is tried in another way is not hurried
                pause = _FIRST_PAUSE * 2 ** (attempt // len(self._ways) - 1)
                if (
                    attempt == _MOST_ROUNDS * len(self._ways)
                    or time.monotonic() + pause >= deadline
                ):
                    raise
                # Spread, so that nodes which lost the same peer do not come back together.
                self._sleep(pause * (0.5 + secrets.randbelow(512) / 1024))
        self._compare_charters(request, header)
        try:
            return decode_reply(request, answer)
        except MalformedError as error:
            raise MalformedError(f"reply of {self._member.id}: {error}") from error

    def _compare_charters(self, request: Request[R], header: Header) -> None:
        if self._note is None:
            return
        try:
            self._note(self._member.id, header.charter_version, header.charter_digest)
        except CharterConflictError:
            # Charters are spoken of even then, or nobody could find out where they part.
            if not isinstance(request, SyncCharter):
                raise

    def _attempt(
        self, way: int, path: str, body: bytes, request_id: bytes, deadline: float
    ) -> tuple[Header, bytes]:
        version, digest = self._charter_state()
        signed = sign_request(
            self._identity,
            method=path,
            recipient=self._member.id,
            body=body,
            request_id=request_id,
            charter_version=version,
            charter_digest=digest,
            at=self._clock(),
        )
        ask: grpc.UnaryUnaryMultiCallable[bytes, bytes] = self._channel(way).unary_unary(path)
        try:
            answer, call = ask.with_call(
                body,
                timeout=max(0.001, deadline - time.monotonic()),
                metadata=((METADATA_KEY, signed),),
            )
        except grpc.RpcError as error:
            raise self._translate(error) from None
        except ValueError:
            # What gRPC raises when another thread has closed the channel meanwhile.
            raise PeerUnreachableError(f"connection to {self._member.id} was closed") from None
        header = _metadata(call, METADATA_KEY)
        if header is None:
            raise AuthenticationError(f"{self._member.id} did not sign its reply")
        return verify_reply(header, signed, answer, self._key_of, self._clock()), bytes(answer)

    def _key_of(self, member_id: str) -> bytes:
        if member_id != self._member.id:
            raise AuthenticationError("reply is signed by somebody else than was asked")
        return self._member.signing_key

    def _channel(self, way: int) -> grpc.Channel:
        with self._lock:
            channel = self._channels.get(way)
            if channel is None:
                channel = self._channels[way] = self._connect(*self._ways[way])
            return channel

    def _connect(self, pinned: bytes, own: TlsIdentity) -> grpc.Channel:
        credentials = grpc.ssl_channel_credentials(
            root_certificates=ssl.DER_cert_to_PEM_cert(pinned).encode(),
            private_key=own.key,
            certificate_chain=ssl.DER_cert_to_PEM_cert(own.certificate).encode(),
        )
        options = (
            ("grpc.ssl_target_name_override", TLS_NAME),
            ("grpc.max_receive_message_length", MESSAGE_LIMIT),
            ("grpc.max_send_message_length", MESSAGE_LIMIT),
            ("grpc.max_metadata_size", 64 * 1024),
            ("grpc.absolute_max_metadata_size", 128 * 1024),
            # Identity only: a compressed size would tell what padding hides.
            ("grpc.compression_enabled_algorithms_bitset", 1),
            # A retry needs a new header, which only `call` can make.
            ("grpc.enable_retries", 0),
            ("grpc.enable_http_proxy", 0),
            ("grpc.use_local_subchannel_pool", 1),
            ("grpc.initial_reconnect_backoff_ms", 100),
            ("grpc.min_reconnect_backoff_ms", 1_000),
            ("grpc.max_reconnect_backoff_ms", 5_000),
            ("grpc.keepalive_time_ms", 60_000),
            ("grpc.keepalive_timeout_ms", 20_000),
        )
        # The scheme is given, because a host may be called like one.
        return grpc.secure_channel(f"dns:///{self._member.endpoint}", credentials, options)

    def _translate(self, error: grpc.RpcError) -> CasethreadError:
        """Turn a failed attempt into an error of the tree."""
        if not isinstance(error, grpc.Call):
            return PeerError(f"{self._member.id} cannot be asked")
        status = _metadata(error, _DETAILS_KEY)
        if status is not None:
            return catalogue.from_status(status, self._member.id)
        code = error.code()
        if code in _UNREACHABLE:
            return PeerUnreachableError(
                f"{self._member.id} does not answer ({code.name})",
                next_step="it is tried again; if it lasts, call the other organisation",
            )
        return PeerError(f"{self._member.id} refused without a reason ({code.name})")


def _metadata(call: grpc.Call, key: str) -> bytes | None:
    values = [value for name, value in call.trailing_metadata() or () if name == key]
    return values[0] if len(values) == 1 and isinstance(values[0], bytes) else None
