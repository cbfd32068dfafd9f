# SPDX-License-Identifier: Apache-2.0
"""Signed headers of requests and replies."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.charter import Identity
from federation.crypto.dsse import pae
from federation.errors import AuthenticationError, MembershipError
from federation.v1 import header_pb2 as pb
from federation.wire.header import (
    CLOCK_TOLERANCE,
    LIFETIME,
    sign_reply,
    sign_request,
    verify_reply,
    verify_request,
)

NOW = datetime(2026, 1, 31, 12, 0, 0, tzinfo=UTC)
METHOD = "/federation.v1.ExchangeService/PutTags"
HOPE, AMPARO = Identity.generate("hope"), Identity.generate("amparo")
KEYS = {identity.member_id: identity.signing.verify_key for identity in (HOPE, AMPARO)}
CHARTER: dict[str, Any] = {"charter_version": 3, "charter_digest": b"\x07" * 32}


def key_of(member_id: str) -> bytes:
    """Look a key up."""
    if member_id not in KEYS:
        raise MembershipError("no such member")
    return KEYS[member_id]


def request(**changes: Any) -> bytes:
    """Sign a request of amparo to hope."""
    values: dict[str, Any] = {
        "method": METHOD,
        "recipient": "hope",
        "body": b"body",
        "request_id": b"\x01" * 16,
        "at": NOW,
        **CHARTER,
    }
    return sign_request(AMPARO, **(values | changes))


def check(signed: bytes, **changes: Any) -> Any:
    """Verify it as hope."""
    values: dict[str, Any] = {
        "method": METHOD,
        "recipient": "hope",
        "body": b"body",
        "key_of": key_of,
        "at": NOW,
    }
    return verify_request(signed, **(values | changes))


def altered(change: Callable[[pb.Header], object], payload_type: str = "ct/v1/request") -> bytes:
    """A header with something else in it, signed properly."""
    header = pb.Header.FromString(pb.SignedHeader.FromString(request()).header)
    change(header)
    raw = header.SerializeToString()
    signature = AMPARO.signing.sign(pae(payload_type, raw))
    return pb.SignedHeader(header=raw, signature=signature).SerializeToString()


def test_a_header_says_what_was_signed() -> None:
    """Everything that the recipient decides on is in it."""
    header = check(request())

    assert (
        METHOD,
        "amparo",
        "hope",
        b"\x01" * 16,
        NOW,
        NOW + LIFETIME,
        3,
        b"\x07" * 32,
        b"",
    ) == (
        header.method,
        header.sender,
        header.recipient,
        header.request_id,
        header.issued,
        header.expires,
        header.charter_version,
        header.charter_digest,
        header.request_sha256,
    )


def test_each_attempt_has_its_own_nonce() -> None:
    """A retry is not a replay."""
    assert check(request()).nonce != check(request()).nonce


@pytest.mark.parametrize(
    "offset",
    [-CLOCK_TOLERANCE, timedelta(0), LIFETIME + CLOCK_TOLERANCE],
)
def test_clocks_may_differ_by_the_tolerance(offset: timedelta) -> None:
    """At both ends, exactly."""
    assert "amparo" == check(request(), at=NOW + offset).sender


@pytest.mark.parametrize(
    "offset",
    [-CLOCK_TOLERANCE - timedelta(seconds=1), LIFETIME + CLOCK_TOLERANCE + timedelta(seconds=1)],
)
def test_beyond_the_tolerance_it_is_refused(offset: timedelta) -> None:
    """One second more, at both ends."""
    with pytest.raises(AuthenticationError):
        check(request(), at=NOW + offset)


@pytest.mark.parametrize(
    "signed",
    [
        b"",
        b"\xff",
        pb.SignedHeader().SerializeToString(),
        altered(lambda header: None, "ct/v1/reply"),
        altered(lambda header: None, "ct/v1/charter"),
        altered(lambda header: setattr(header, "sender", "hope")),
        altered(lambda header: setattr(header, "sender", "Hope")),
        altered(lambda header: setattr(header, "sender", "nobody")),
        altered(lambda header: setattr(header, "recipient", "")),
        altered(lambda header: setattr(header, "recipient", "amparo")),
        altered(lambda header: setattr(header, "method", "")),
        altered(lambda header: setattr(header, "method", "x" * 1100)),
        altered(lambda header: setattr(header, "request_id", bytes(15))),
        altered(lambda header: setattr(header, "nonce", b"")),
        altered(lambda header: setattr(header, "charter_digest", b"")),
        altered(lambda header: setattr(header, "body_sha256", b"")),
        altered(lambda header: setattr(header, "request_sha256", bytes(32))),
        altered(lambda header: setattr(header, "request_sha256", bytes(31))),
        altered(lambda header: header.ClearField("issue_time")),
        altered(lambda header: header.ClearField("expire_time")),
        altered(lambda header: setattr(header.issue_time, "nanos", 1)),
        altered(lambda header: setattr(header.issue_time, "seconds", -1)),
        altered(lambda header: setattr(header.expire_time, "seconds", 2**62)),
        altered(lambda header: setattr(header.expire_time, "seconds", 253_402_300_799)),
        altered(lambda header: header.expire_time.CopyFrom(header.issue_time)),
        altered(
            lambda header: setattr(header.expire_time, "seconds", header.expire_time.seconds + 1)
        ),
    ],
)
def test_a_wrong_header_is_refused(signed: bytes) -> None:
    """Also when its signature is right."""
    with pytest.raises(AuthenticationError):
        check(signed)


@given(st.binary(max_size=400))
def test_any_bytes_are_refused(signed: bytes) -> None:
    """Nothing but an AuthenticationError comes out of a stranger's bytes."""
    with pytest.raises(AuthenticationError):
        check(signed)


@given(st.data())
def test_a_damaged_header_is_refused_or_untouched(data: st.DataObject) -> None:
    """No changed byte of header or signature gets through."""
    signed = bytearray(request())
    position = data.draw(st.integers(0, len(signed) - 1))
    signed[position] ^= data.draw(st.integers(1, 255))
    with pytest.raises(AuthenticationError):
        check(bytes(signed))


def reply(signer: Identity = HOPE, to: bytes | None = None, body: bytes = b"reply") -> bytes:
    """Sign a reply of hope."""
    asked = request() if to is None else to
    return sign_reply(signer, check(asked), body, at=NOW, **CHARTER)


def test_a_reply_belongs_to_its_request() -> None:
    """The request's header is hashed into the reply's."""
    asked = request()
    header = verify_reply(reply(to=asked), asked, b"reply", key_of, NOW)

    assert ("hope", "amparo", b"\x01" * 16) == (
        header.sender,
        header.recipient,
        header.request_id,
    )


def test_a_reply_to_another_attempt_is_refused() -> None:
    """The same request, signed again, is another one."""
    with pytest.raises(AuthenticationError, match="another request"):
        verify_reply(reply(to=request()), request(), b"reply", key_of, NOW)


def test_a_request_is_no_reply() -> None:
    """What was signed as a request does not verify as a reply."""
    asked = request()
    with pytest.raises(AuthenticationError):
        verify_reply(asked, asked, b"body", key_of, NOW)


def test_a_reply_of_somebody_else_is_refused() -> None:
    """Only who was asked may answer."""
    asked = request()
    with pytest.raises(AuthenticationError, match="somebody else"):
        verify_reply(reply(AMPARO, to=asked), asked, b"reply", key_of, NOW)


def test_another_body_is_refused() -> None:
    """The reply's hash covers the body as sent."""
    asked = request()
    with pytest.raises(AuthenticationError, match="body"):
        verify_reply(reply(to=asked), asked, b"other", key_of, NOW)


def test_an_old_reply_is_refused() -> None:
    """A reply is as short-lived as a request."""
    asked = request()
    with pytest.raises(AuthenticationError, match="stale"):
        verify_reply(reply(to=asked), asked, b"reply", key_of, NOW + timedelta(minutes=11))
