# SPDX-License-Identifier: Apache-2.0
"""Translation of the ceremony service."""

from federation.errors import MalformedError
from federation.messages import CeremonyNews, SyncCeremony
from federation.v1 import ceremony_service_pb2 as pb
from federation.wire.checks import MESSAGE_LIMIT, check_envelopes, check_size
from federation.wire.method import Method

__all__ = ["SYNC_CEREMONY"]

_MOST_KNOWN = 1_024
_MOST_MESSAGES = 256


def _to_proto(request: SyncCeremony) -> pb.SyncCeremonyRequest:
    return pb.SyncCeremonyRequest(
        ceremony_id=request.ceremony_id, known=request.known, messages=request.messages
    )


def _from_proto(message: pb.SyncCeremonyRequest) -> SyncCeremony:
    if len(message.known) > _MOST_KNOWN:
        raise MalformedError(f"known has more than {_MOST_KNOWN} entries")
    return SyncCeremony(
        ceremony_id=check_size("ceremony_id", message.ceremony_id, 16),
        known=tuple(check_size("known", digest, 32) for digest in message.known),
        messages=check_envelopes("messages", message.messages, _MOST_MESSAGES),
    )


def _reply_to_proto(reply: CeremonyNews) -> pb.SyncCeremonyResponse:
    return pb.SyncCeremonyResponse(messages=reply.messages)


def _reply_from_proto(message: pb.SyncCeremonyResponse) -> CeremonyNews:
    return CeremonyNews(check_envelopes("messages", message.messages, _MOST_MESSAGES))


SYNC_CEREMONY = Method(
    path="/federation.v1.CeremonyService/SyncCeremony",
    request=SyncCeremony,
    proto_request=pb.SyncCeremonyRequest,
    proto_reply=pb.SyncCeremonyResponse,
    to_proto=_to_proto,
    from_proto=_from_proto,
    reply_to_proto=_reply_to_proto,
    reply_from_proto=_reply_from_proto,
    request_limit=MESSAGE_LIMIT,
    reply_limit=MESSAGE_LIMIT,
)
