# SPDX-License-Identifier: Apache-2.0
"""The translation between messages and the contract, and its limits."""

from dataclasses import replace
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation import messages
from federation.errors import MalformedError
from federation.messages import (
    AgreementNews,
    CeremonyNews,
    CharterNews,
    ConfirmMatches,
    Evaluate,
    Evaluation,
    OpenSession,
    PutTags,
    Request,
    SessionOpened,
    SyncAgreement,
    SyncCeremony,
    SyncCharter,
    TagsAnswered,
)
from federation.v1 import exchange_service_pb2 as exchange_pb
from federation.wire.methods import (
    METHODS,
    decode,
    decode_reply,
    encode,
    encode_reply,
    method_of,
)
from tests.node.network import REPLIES, REQUESTS

ALL = list(METHODS.values())
SMALL = b"{}"
MIB = 1024 * 1024


def tags(count: int) -> bytes:
    """Return sorted tags."""
    return b"".join(number.to_bytes(16, "big") for number in range(count))


def test_every_request_has_a_method() -> None:
    """A message that nobody can send would be a mistake."""
    requests = {
        kind
        for name in messages.__all__
        if isinstance(kind := getattr(messages, name), type)
        and issubclass(kind, Request)
        and kind is not Request
    }

    assert requests == set(METHODS)


@pytest.mark.parametrize("method", ALL, ids=lambda method: method.name)
def test_a_request_survives_the_wire(method: Any) -> None:
    """What is decoded is what was encoded."""
    request = REQUESTS[method.request]

    assert request == decode(method.path, encode(request))


@pytest.mark.parametrize("method", ALL, ids=lambda method: method.name)
def test_a_reply_survives_the_wire(method: Any) -> None:
    """What is decoded is what was encoded."""
    request, reply = REQUESTS[method.request], REPLIES[method.request]

    assert reply == decode_reply(request, encode_reply(request, reply))


@pytest.mark.parametrize("method", ALL, ids=lambda method: method.name)
@given(body=st.binary(max_size=300))
def test_any_bytes_decode_or_are_malformed(method: Any, body: bytes) -> None:
    """A peer's bytes raise MalformedError and nothing else."""
    for read in (method.decode, method.decode_reply):
        try:
            read(body)
        except MalformedError:
            continue


@pytest.mark.parametrize("method", ALL, ids=lambda method: method.name)
@given(data=st.data())
def test_a_damaged_message_decodes_or_is_malformed(method: Any, data: st.DataObject) -> None:
    """Neither does a message with some bytes changed."""
    body = bytearray(encode(REQUESTS[method.request]))
    for _ in range(data.draw(st.integers(1, 4))):
        body[data.draw(st.integers(0, len(body) - 1))] = data.draw(st.integers(0, 255))
    try:
        method.decode(bytes(body))
    except MalformedError:
        return


def test_an_unknown_method_is_malformed() -> None:
    """A path that is not in the table is refused like anything else from outside."""
    with pytest.raises(MalformedError, match="no such method"):
        decode("/federation.v1.CharterService/Other", b"")


ACCEPTED: list[Request[Any]] = [
    SyncCharter(0, bytes(32)),
    SyncCharter(1, bytes(32), (bytes(MIB),)),
    SyncCharter(1, bytes(32), (SMALL,) * 8),
    SyncCeremony(bytes(16), (bytes(32),) * 1024, (SMALL,) * 256),
    SyncAgreement(bytes(MIB), (SMALL,) * 256, (SMALL,) * 64),
    SyncAgreement(SMALL, (bytes(64 * 1024),)),
    *(
        replace(REQUESTS[Evaluate], elements=bytes(32 * count), check_of=None)  # type: ignore[type-var]
        for count in (8, 64, 512, 1024, 3584, 4096)
    ),
    replace(REQUESTS[Evaluate], quorum=tuple(range(1, 65))),  # type: ignore[type-var]
    *(
        PutTags(bytes(16), bytes(16), 1, tags(count))
        for count in (64, 256, 1024, 4096, 8192, 65_536)
    ),
    ConfirmMatches(bytes(16), 1, ()),
    ConfirmMatches(bytes(16), 1, tuple((position, bytes(16)) for position in range(65_536))),
]


@pytest.mark.parametrize("request_", ACCEPTED, ids=lambda request: type(request).__name__)
def test_what_the_contract_allows_is_accepted(request_: Request[Any]) -> None:
    """The limits themselves are within the limits."""
    assert request_ == decode(method_of(request_).path, encode(request_))


EVALUATE: Any = REQUESTS[Evaluate]
OPEN: Any = REQUESTS[OpenSession]
PUT: Any = REQUESTS[PutTags]
CONFIRM: Any = REQUESTS[ConfirmMatches]
REFUSED: list[tuple[Request[Any], str]] = [
    (SyncCharter(0, bytes(31)), "digest"),
    (SyncCharter(0, bytes(32), (SMALL,) * 9), "proposals"),
    (SyncCharter(0, bytes(32), (b"",)), "proposals"),
    (SyncCharter(0, bytes(32), (bytes(MIB + 1),)), "proposals"),
    (SyncCeremony(bytes(15), (), ()), "ceremony_id"),
    (SyncCeremony(bytes(16), (bytes(31),), ()), "known"),
    (SyncCeremony(bytes(16), (bytes(32),) * 1025, ()), "known"),
    (SyncCeremony(bytes(16), (), (SMALL,) * 257), "messages"),
    (SyncAgreement(b""), "terms"),
    (SyncAgreement(bytes(MIB + 1)), "terms"),
    (SyncAgreement(SMALL, (SMALL,) * 257), "offers"),
    (SyncAgreement(SMALL, (bytes(64 * 1024 + 1),)), "offers"),
    (SyncAgreement(SMALL, (), (SMALL,) * 65), "revocations"),
    (replace(EVALUATE, request_id=bytes(15)), "request_id"),
    (replace(EVALUATE, key_id=bytes(17)), "key_id"),
    (replace(EVALUATE, generation=0), "generation"),
    (replace(EVALUATE, quorum=()), "quorum"),
    (replace(EVALUATE, quorum=(0, 1)), "quorum"),
    (replace(EVALUATE, quorum=(1, 65_536)), "quorum"),
    (replace(EVALUATE, quorum=(1, 1)), "quorum"),
    (replace(EVALUATE, quorum=(2, 1)), "quorum"),
    (replace(EVALUATE, quorum=tuple(range(1, 66))), "quorum"),
    (replace(EVALUATE, elements=b""), "elements"),
    (replace(EVALUATE, elements=bytes(32 * 8 + 1), check_of=None), "elements"),
    (replace(EVALUATE, elements=bytes(32 * 9), check_of=None), "elements"),
    (replace(EVALUATE, elements=bytes(32 * 128), check_of=None), "elements"),
    (replace(EVALUATE, elements=bytes(32), check_of=None), "elements"),
    (replace(EVALUATE, elements=bytes(32 * 8)), "elements"),
    (replace(EVALUATE, check_of=b""), "check_of_request_id"),
    (replace(OPEN, agreement=bytes(16)), "agreement_digest"),
    (replace(OPEN, key_version=0), "key_version"),
    (replace(OPEN, key_id=b""), "key_id"),
    (replace(OPEN, epoch=0), "epoch"),
    (replace(OPEN, normalisation_version=0), "normalisation_version"),
    (replace(OPEN, nonce=bytes(31)), "nonce"),
    (replace(PUT, session=bytes(15)), "session_id"),
    (replace(PUT, index_id=bytes(15)), "index_id"),
    (replace(PUT, seq=0), "sequence"),
    (replace(PUT, tags=b""), "tags"),
    (replace(PUT, tags=tags(63)), "tags"),
    (replace(PUT, tags=tags(64)[:-1]), "tags"),
    (replace(PUT, tags=tags(5000)), "tags"),
    (replace(PUT, tags=bytes(16 * 64)), "tags"),
    (replace(PUT, tags=tags(64)[16:] + bytes(16)), "tags"),
    (replace(CONFIRM, session=b""), "session_id"),
    (replace(CONFIRM, seq=0), "sequence"),
    (replace(CONFIRM, proofs=((0, bytes(15)),)), "proof"),
    (replace(CONFIRM, proofs=((1, bytes(16)), (1, bytes(16)))), "position"),
    (replace(CONFIRM, proofs=((2, bytes(16)), (1, bytes(16)))), "position"),
    (replace(CONFIRM, proofs=((65_536, bytes(16)),)), "position"),
]


@pytest.mark.parametrize(("request_", "field"), REFUSED)
def test_what_the_contract_forbids_is_malformed(request_: Request[Any], field: str) -> None:
    """Each limit that the contract states is enforced, and named."""
    method = method_of(request_)
    body = method.to_proto(request_).SerializeToString()
    with pytest.raises(MalformedError, match=field):
        method.decode(body)


REFUSED_REPLIES: list[tuple[type[Request[Any]], Any]] = [
    (SyncCharter, CharterNews((SMALL,) * 17, ())),
    (SyncCharter, CharterNews((), (SMALL,) * 9)),
    (SyncCharter, CharterNews((b"",), ())),
    (SyncCeremony, CeremonyNews((SMALL,) * 257)),
    (SyncAgreement, AgreementNews(b"", (), ())),
    (Evaluate, Evaluation(bytes(31), None, SMALL)),
    (Evaluate, Evaluation(bytes(32 * 8), bytes(63), SMALL)),
    (Evaluate, Evaluation(bytes(32 * 8), None, b"")),
    (OpenSession, SessionOpened(bytes(31))),
    (PutTags, TagsAnswered(((0, bytes(17)),))),
    (PutTags, TagsAnswered(((3, bytes(16)), (2, bytes(16))))),
]


@pytest.mark.parametrize(("kind", "reply"), REFUSED_REPLIES)
def test_a_reply_that_breaks_a_limit_is_malformed(kind: type[Request[Any]], reply: Any) -> None:
    """A peer's reply is checked like a peer's request."""
    method = METHODS[kind]
    body = method.reply_to_proto(reply).SerializeToString()
    with pytest.raises(MalformedError):
        method.decode_reply(body)


def test_an_unspecified_lane_is_malformed() -> None:
    """Zero and lanes of a later version are refused, not taken for the first."""
    method = METHODS[OpenSession]
    for lane in (0, 3):
        message = method.to_proto(OPEN)
        message.lane = lane
        with pytest.raises(MalformedError, match="lane"):
            method.decode(message.SerializeToString())


def test_a_proof_without_position_is_malformed() -> None:
    """An absent position is not position 0."""
    message = exchange_pb.PutTagsResponse(proofs=[exchange_pb.TagProof(proof=bytes(16))])
    with pytest.raises(MalformedError, match="no position"):
        METHODS[PutTags].decode_reply(message.SerializeToString())


def test_too_large_a_message_is_not_sent() -> None:
    """What the other side would refuse fails here, before it is signed."""
    with pytest.raises(MalformedError, match="longer than"):
        encode(SyncCharter(0, bytes(32), (bytes(MIB),) * 5))
