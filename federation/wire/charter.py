# SPDX-License-Identifier: Apache-2.0
"""Translation of the charter service."""

from federation.messages import CharterNews, SyncCharter
from federation.v1 import charter_service_pb2 as pb
from federation.wire.checks import DOCUMENT_LIMIT, MESSAGE_LIMIT, check_envelopes, check_size
from federation.wire.method import Method

__all__ = ["SYNC_CHARTER"]

_MOST_VERSIONS = 16
_MOST_PROPOSALS = 8
_MOST_GRANTS = 32


def _to_proto(request: SyncCharter) -> pb.SyncCharterRequest:
    return pb.SyncCharterRequest(
        version=request.version,
        digest=request.digest,
        proposals=request.proposals,
        grants=request.grants,
    )


def _from_proto(message: pb.SyncCharterRequest) -> SyncCharter:
    return SyncCharter(
        version=message.version,
        digest=check_size("digest", message.digest, 32),
        proposals=check_envelopes("proposals", message.proposals, _MOST_PROPOSALS),
        grants=check_envelopes("grants", message.grants, _MOST_GRANTS, DOCUMENT_LIMIT),
    )


def _reply_to_proto(reply: CharterNews) -> pb.SyncCharterResponse:
    return pb.SyncCharterResponse(
        envelopes=reply.envelopes, proposals=reply.proposals, grants=reply.grants
    )


def _reply_from_proto(message: pb.SyncCharterResponse) -> CharterNews:
    return CharterNews(
        envelopes=check_envelopes("envelopes", message.envelopes, _MOST_VERSIONS),
        proposals=check_envelopes("proposals", message.proposals, _MOST_PROPOSALS),
        grants=check_envelopes("grants", message.grants, _MOST_GRANTS, DOCUMENT_LIMIT),
    )


SYNC_CHARTER = Method(
    path="/federation.v1.CharterService/SyncCharter",
    request=SyncCharter,
    proto_request=pb.SyncCharterRequest,
    proto_reply=pb.SyncCharterResponse,
    to_proto=_to_proto,
    from_proto=_from_proto,
    reply_to_proto=_reply_to_proto,
    reply_from_proto=_reply_from_proto,
    request_limit=MESSAGE_LIMIT,
    reply_limit=MESSAGE_LIMIT,
)
