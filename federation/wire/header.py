# SPDX-License-Identifier: Apache-2.0
"""The signed header of every request and reply (spec page ``transport``).

It binds a body to one method, one sender, one recipient, one call and a few minutes. The
signature covers the exact bytes of the header, and the header the SHA-256 of the exact
bytes of the body, so nothing is ever serialised again in order to check it.
"""

import hashlib
import hmac
import re
import secrets
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Final, Protocol

from google.protobuf.message import DecodeError
from google.protobuf.timestamp_pb2 import Timestamp

from federation.crypto import signing
from federation.crypto.dsse import pae
from federation.crypto.signing import SigningKey
from federation.errors import AuthenticationError, CasethreadError
from federation.v1 import header_pb2 as pb

__all__ = [
    "CLOCK_TOLERANCE",
    "LIFETIME",
    "METADATA_KEY",
    "Header",
    "Signer",
    "sign_reply",
    "sign_request",
    "verify_reply",
    "verify_request",
]

METADATA_KEY: Final = "ct-auth-bin"
"""Name of the binary metadata that carries a signed header."""

CLOCK_TOLERANCE: Final = timedelta(seconds=300)
"""How far two clocks may be apart."""

LIFETIME: Final = timedelta(minutes=5)
"""How long a header is good for."""

_REQUEST: Final = "ct/v1/request"
_REPLY: Final = "ct/v1/reply"
_LIMIT: Final = 1024
_MEMBER_ID: Final = re.compile(r"[a-z][a-z0-9-]{1,31}")
_LATEST_SECOND: Final = 253_402_300_799  # the last one of the year 9999


class Signer(Protocol):
    """Who signs: a `federation.charter.Identity`."""

    @property
    def member_id(self) -> str:
        """The own member id."""
        ...

    @property
    def signing(self) -> SigningKey:
        """The own signing key."""
        ...


@dataclass(frozen=True, slots=True)
class Header:
    """A header whose signature holds."""

    method: str
    sender: str
    recipient: str
    request_id: bytes
    """16 bytes; the same in every attempt of a call and in its reply."""
    issued: datetime
    expires: datetime
    nonce: bytes
    """16 bytes; fresh in every attempt."""
    charter_version: int
    charter_digest: bytes
    body_sha256: bytes
    request_sha256: bytes
    """Of the request's header bytes in a reply, empty in a request."""
    digest: bytes
    """SHA-256 of this header's own bytes."""


def sign_request(
    signer: Signer,
    *,
    method: str,
    recipient: str,
    body: bytes,
    request_id: bytes,
    charter_version: int,
    charter_digest: bytes,
    at: datetime,
) -> bytes:
    """Sign a request that is about to be sent.

    Args:
        signer: The own identity.
        method: Full gRPC name.
        recipient: Member id of the only node that may act on it.
        body: The request's bytes as they will be sent.
        request_id: 16 bytes, the same in every attempt.
        charter_version: The charter in force here; 0 before the first.
        charter_digest: SHA-256 of its payload; 32 zero bytes before the first.
        at: Now.

    Returns:
        The value of the metadata `METADATA_KEY`.
    """
    header = _new_header(
        signer, method=method, recipient=recipient, body=body, request_id=request_id, at=at
    )
    header.charter_version = charter_version
    header.charter_digest = charter_digest
    return _sign(signer, header, _REQUEST)


def sign_reply(
    signer: Signer,
    request: Header,
    body: bytes,
    *,
    charter_version: int,
    charter_digest: bytes,
    at: datetime,
) -> bytes:
    """Sign a reply that is about to be sent.

    Args:
        signer: The own identity.
        request: The verified header of the request.
        body: The reply's bytes as they will be sent.
        charter_version: The charter in force here.
        charter_digest: SHA-256 of its payload.
        at: Now.

    Returns:
        The value of the metadata `METADATA_KEY`.
    """
    header = _new_header(
        signer,
        method=request.method,
        recipient=request.sender,
        body=body,
        request_id=request.request_id,
        at=at,
    )
    header.charter_version = charter_version
    header.charter_digest = charter_digest
    header.request_sha256 = request.digest
    return _sign(signer, header, _REPLY)


def verify_request(
    signed: bytes,
    *,
    method: str,
    recipient: str,
    body: bytes,
    key_of: Callable[[str], bytes],
    at: datetime,
) -> Header:
    """Check a request's header. The caller then checks the nonce and the charter.

    Args:
        signed: The value of the metadata `METADATA_KEY`.
        method: The method that was called.
        recipient: The own member id.
        body: The request's bytes as received.
        key_of: Returns the Ed25519 public key of a member, or raises.
        at: Now.

    Returns:
        The header.

    Raises:
        AuthenticationError: Something does not hold; the message says what, for the own
            log only.
    """
    header = _verify(signed, _REQUEST, key_of)
    _check_common(header, method, recipient, body, at)
    if header.request_sha256:
        raise AuthenticationError("header of a request names a request")
    return header


def verify_reply(
    signed: bytes, request: bytes, body: bytes, key_of: Callable[[str], bytes], at: datetime
) -> Header:
    """Check the header of a reply to an own request.

    Args:
        signed: The value of the metadata `METADATA_KEY` in the trailers.
        request: What `sign_request` returned for this attempt.
        body: The reply's bytes as received.
        key_of: Returns the Ed25519 public key of a member, or raises.
        at: Now.

    Returns:
        The header.

    Raises:
        AuthenticationError: Something does not hold.
    """
    asked = _read(pb.SignedHeader.FromString(request).header)
    header = _verify(signed, _REPLY, key_of)
    if header.sender != asked.recipient:
        raise AuthenticationError("reply is signed by somebody else than was asked")
    _check_common(header, asked.method, asked.sender, body, at)
    if header.request_id != asked.request_id or not hmac.compare_digest(
        header.request_sha256, asked.digest
    ):
        raise AuthenticationError("reply belongs to another request")
    return header


def _new_header(
    signer: Signer, *, method: str, recipient: str, body: bytes, request_id: bytes, at: datetime
) -> pb.Header:
    seconds = int(at.timestamp())
    return pb.Header(
        method=method,
        sender=signer.member_id,
        recipient=recipient,
        request_id=request_id,
        issue_time=Timestamp(seconds=seconds),
        expire_time=Timestamp(seconds=seconds + int(LIFETIME.total_seconds())),
        nonce=secrets.token_bytes(16),
        body_sha256=hashlib.sha256(body).digest(),
    )


def _sign(signer: Signer, header: pb.Header, payload_type: str) -> bytes:
    raw = header.SerializeToString()
    signature = signer.signing.sign(pae(payload_type, raw))
    return pb.SignedHeader(header=raw, signature=signature).SerializeToString()


def _verify(signed: bytes, payload_type: str, key_of: Callable[[str], bytes]) -> Header:
    if len(signed) > _LIMIT + 128:
        raise AuthenticationError("header is too long")
    try:
        envelope = pb.SignedHeader.FromString(signed)
        # The sender's name is read before the signature is checked, only to find the key.
        claimed = pb.Header.FromString(envelope.header).sender
    except DecodeError:
        raise AuthenticationError("header is malformed") from None
    if _MEMBER_ID.fullmatch(claimed) is None:
        raise AuthenticationError("header names no sender")
    try:
        key = key_of(claimed)
        signing.verify(key, pae(payload_type, envelope.header), envelope.signature)
    except CasethreadError:
        raise AuthenticationError("header is not signed by its sender") from None
    return _read(envelope.header)


def _read(raw: bytes) -> Header:
    message = pb.Header.FromString(raw)
    sizes = (
        len(message.request_id) == 16
        and len(message.nonce) == 16
        and len(message.charter_digest) == 32
        and len(message.body_sha256) == 32
        and len(message.request_sha256) in {0, 32}
    )
    if len(raw) > _LIMIT or not sizes or _MEMBER_ID.fullmatch(message.recipient) is None:
        raise AuthenticationError("header is malformed")
    return Header(
        method=message.method,
        sender=message.sender,
        recipient=message.recipient,
        request_id=message.request_id,
        issued=_instant(message.issue_time),
        expires=_instant(message.expire_time),
        nonce=message.nonce,
        charter_version=message.charter_version,
        charter_digest=message.charter_digest,
        body_sha256=message.body_sha256,
        request_sha256=message.request_sha256,
        digest=hashlib.sha256(raw).digest(),
    )


def _instant(time: Timestamp) -> datetime:
    if time.nanos or not 0 < time.seconds <= _LATEST_SECOND:
        raise AuthenticationError("header has no usable time")
    return datetime.fromtimestamp(time.seconds, UTC)


def _check_common(header: Header, method: str, recipient: str, body: bytes, at: datetime) -> None:
    if header.recipient != recipient:
        raise AuthenticationError("header is addressed to another member")
    if header.method != method:
        raise AuthenticationError("header is for another method")
    if not timedelta(0) < header.expires - header.issued <= LIFETIME:
        raise AuthenticationError("header lives too long")
    # Compared by difference: adding to the last second of the year 9999 would overflow.
    if header.issued - at > CLOCK_TOLERANCE:
        raise AuthenticationError("header is from the future; the clocks disagree")
    if at - header.expires > CLOCK_TOLERANCE:
        raise AuthenticationError("header is stale")
    if not hmac.compare_digest(header.body_sha256, hashlib.sha256(body).digest()):
        raise AuthenticationError("body is not the one that was signed")
