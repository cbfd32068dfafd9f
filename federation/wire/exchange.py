# SPDX-License-Identifier: Apache-2.0
"""Translation of the exchange service."""

from itertools import pairwise
from typing import Final

from federation.errors import MalformedError
from federation.indicators import IndicatorClass, Lane
from federation.matching.buckets import MAX_BUCKET, is_bucket_size
from federation.matching.tags import TAG_SIZE
from federation.messages import (
    ConfirmMatches,
    MatchesConfirmed,
    OpenSession,
    PutTags,
    SessionOpened,
    TagsAnswered,
)
from federation.v1 import exchange_service_pb2 as pb
from federation.v1 import types_pb2
from federation.wire.checks import check_number, check_size
from federation.wire.method import Method
from federation.wire.padding import LARGEST_PADDED, check_proofs, padding, proofs_to_proto

__all__ = ["CONFIRM_MATCHES", "OPEN_SESSION", "PUT_TAGS"]

_SMALL: Final = 1024

_LANES: Final = {
    Lane.NETWORK: types_pb2.LANE_NETWORK,
    Lane.SURVIVOR: types_pb2.LANE_SURVIVOR,
}
_LANE_OF: Final = {number: lane for lane, number in _LANES.items()}
_CLASSES: Final = {
    IndicatorClass.IDENTIFIER: types_pb2.INDICATOR_CLASS_IDENTIFIER,
    IndicatorClass.PERSON: types_pb2.INDICATOR_CLASS_PERSON,
}
_CLASS_OF: Final = {number: cls for cls, number in _CLASSES.items()}


def _open_to_proto(request: OpenSession) -> pb.OpenSessionRequest:
    return pb.OpenSessionRequest(
        agreement_digest=request.agreement,
        key_version=request.key_version,
        lane=_LANES[request.lane],
        indicator_class=_CLASSES[request.cls],
        key_id=request.key_id,
        epoch=request.epoch,
        normalisation_version=request.normalisation_version,
        nonce=request.nonce,
    )


def _open_from_proto(message: pb.OpenSessionRequest) -> OpenSession:
    lane = _LANE_OF.get(message.lane)
    cls = _CLASS_OF.get(message.indicator_class)
    if lane is None or cls is None:
        raise MalformedError("lane or indicator_class is not known to this version")
    return OpenSession(
        agreement=check_size("agreement_digest", message.agreement_digest, 32),
        key_version=check_number("key_version", message.key_version, 1),
        lane=lane,
        cls=cls,
        key_id=check_size("key_id", message.key_id, 16),
        epoch=check_number("epoch", message.epoch, 1),
        normalisation_version=check_number(
            "normalisation_version", message.normalisation_version, 1
        ),
        nonce=check_size("nonce", message.nonce, 32),
    )


def _opened_to_proto(reply: SessionOpened) -> pb.OpenSessionResponse:
    return pb.OpenSessionResponse(nonce=reply.nonce)


def _opened_from_proto(message: pb.OpenSessionResponse) -> SessionOpened:
    return SessionOpened(check_size("nonce", message.nonce, 32))


OPEN_SESSION = Method(
    path="/federation.v1.ExchangeService/OpenSession",
    request=OpenSession,
    proto_request=pb.OpenSessionRequest,
    proto_reply=pb.OpenSessionResponse,
    to_proto=_open_to_proto,
    from_proto=_open_from_proto,
    reply_to_proto=_opened_to_proto,
    reply_from_proto=_opened_from_proto,
    request_limit=_SMALL,
    reply_limit=_SMALL,
)


def _check_tags(tags: bytes) -> bytes:
    count, rest = divmod(len(tags), TAG_SIZE)
    if rest or not is_bucket_size(count):
        raise MalformedError("tags have none of the stated bucket sizes")
    listed = [tags[start : start + TAG_SIZE] for start in range(0, len(tags), TAG_SIZE)]
    if any(first >= second for first, second in pairwise(listed)):
        raise MalformedError("tags are not sorted and unique")
    return tags


def _put_to_proto(request: PutTags) -> pb.PutTagsRequest:
    return pb.PutTagsRequest(
        session_id=request.session,
        index_id=request.index_id,
        sequence=request.seq,
        tags=request.tags,
        released=request.released,
    )


def _put_from_proto(message: pb.PutTagsRequest) -> PutTags:
    return PutTags(
        session=check_size("session_id", message.session_id, 16),
        index_id=check_size("index_id", message.index_id, 16),
        seq=check_number("sequence", message.sequence, 1),
        tags=_check_tags(message.tags),
        released=message.released,
    )


def _answered_to_proto(reply: TagsAnswered) -> pb.PutTagsResponse:
    return pb.PutTagsResponse(
        proofs=proofs_to_proto(reply.proofs), padding=padding(len(reply.proofs))
    )


def _answered_from_proto(message: pb.PutTagsResponse) -> TagsAnswered:
    return TagsAnswered(check_proofs(message))


PUT_TAGS = Method(
    path="/federation.v1.ExchangeService/PutTags",
    request=PutTags,
    proto_request=pb.PutTagsRequest,
    proto_reply=pb.PutTagsResponse,
    to_proto=_put_to_proto,
    from_proto=_put_from_proto,
    reply_to_proto=_answered_to_proto,
    reply_from_proto=_answered_from_proto,
    request_limit=MAX_BUCKET * TAG_SIZE + _SMALL,
    reply_limit=LARGEST_PADDED + _SMALL,
)


def _confirm_to_proto(request: ConfirmMatches) -> pb.ConfirmMatchesRequest:
    return pb.ConfirmMatchesRequest(
        session_id=request.session,
        sequence=request.seq,
        proofs=proofs_to_proto(request.proofs),
        padding=padding(len(request.proofs)),
    )


def _confirm_from_proto(message: pb.ConfirmMatchesRequest) -> ConfirmMatches:
    return ConfirmMatches(
        session=check_size("session_id", message.session_id, 16),
        seq=check_number("sequence", message.sequence, 1),
        proofs=check_proofs(message),
    )


def _confirmed_to_proto(_: MatchesConfirmed) -> pb.ConfirmMatchesResponse:
    return pb.ConfirmMatchesResponse()


def _confirmed_from_proto(_: pb.ConfirmMatchesResponse) -> MatchesConfirmed:
    return MatchesConfirmed()


CONFIRM_MATCHES = Method(
    path="/federation.v1.ExchangeService/ConfirmMatches",
    request=ConfirmMatches,
    proto_request=pb.ConfirmMatchesRequest,
    proto_reply=pb.ConfirmMatchesResponse,
    to_proto=_confirm_to_proto,
    from_proto=_confirm_from_proto,
    reply_to_proto=_confirmed_to_proto,
    reply_from_proto=_confirmed_from_proto,
    request_limit=LARGEST_PADDED + _SMALL,
    reply_limit=_SMALL,
)
