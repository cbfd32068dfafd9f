# SPDX-License-Identifier: Apache-2.0
"""Translation of the letter service."""

from federation.errors import MalformedError
from federation.letters import SIZES
from federation.messages import DeliverLetter, LetterDelivered
from federation.v1 import letter_service_pb2 as pb
from federation.wire.checks import DOCUMENT_LIMIT, check_envelope
from federation.wire.method import Method

__all__ = ["DELIVER_LETTER"]

_ROOM = 16
"""Bytes that protobuf takes around the one field."""


def _from_proto(message: pb.DeliverLetterRequest) -> DeliverLetter:
    if len(message.sealed) not in SIZES:
        raise MalformedError("a sealed letter has none of the sizes")
    return DeliverLetter(message.sealed)


DELIVER_LETTER = Method(
    path="/federation.v1.LetterService/DeliverLetter",
    request=DeliverLetter,
    proto_request=pb.DeliverLetterRequest,
    proto_reply=pb.DeliverLetterResponse,
    to_proto=lambda request: pb.DeliverLetterRequest(sealed=request.sealed),
    from_proto=_from_proto,
    reply_to_proto=lambda reply: pb.DeliverLetterResponse(receipt=reply.receipt),
    reply_from_proto=lambda message: LetterDelivered(
        check_envelope("receipt", message.receipt, DOCUMENT_LIMIT)
    ),
    request_limit=SIZES[-1] + _ROOM,
    reply_limit=DOCUMENT_LIMIT + _ROOM,
)
