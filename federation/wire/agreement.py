# SPDX-License-Identifier: Apache-2.0
"""Translation of the agreement service."""

from federation.messages import AgreementNews, SyncAgreement
from federation.v1 import agreement_service_pb2 as pb
from federation.wire.checks import (
    DOCUMENT_LIMIT,
    MESSAGE_LIMIT,
    check_envelope,
    check_envelopes,
)
from federation.wire.method import Method

__all__ = ["SYNC_AGREEMENT"]

_MOST_OFFERS = 256
_MOST_REVOCATIONS = 64


def _to_proto(request: SyncAgreement) -> pb.SyncAgreementRequest:
    return pb.SyncAgreementRequest(
        terms=request.terms, offers=request.offers, revocations=request.revocations
    )


def _from_proto(message: pb.SyncAgreementRequest) -> SyncAgreement:
    return SyncAgreement(
        terms=check_envelope("terms", message.terms),
        offers=check_envelopes("offers", message.offers, _MOST_OFFERS, DOCUMENT_LIMIT),
        revocations=check_envelopes(
            "revocations", message.revocations, _MOST_REVOCATIONS, DOCUMENT_LIMIT
        ),
    )


def _reply_to_proto(reply: AgreementNews) -> pb.SyncAgreementResponse:
    return pb.SyncAgreementResponse(
        terms=reply.terms, offers=reply.offers, revocations=reply.revocations
    )


def _reply_from_proto(message: pb.SyncAgreementResponse) -> AgreementNews:
    return AgreementNews(
        terms=check_envelope("terms", message.terms),
        offers=check_envelopes("offers", message.offers, _MOST_OFFERS, DOCUMENT_LIMIT),
        revocations=check_envelopes(
            "revocations", message.revocations, _MOST_REVOCATIONS, DOCUMENT_LIMIT
        ),
    )


SYNC_AGREEMENT = Method(
    path="/federation.v1.AgreementService/SyncAgreement",
    request=SyncAgreement,
    proto_request=pb.SyncAgreementRequest,
    proto_reply=pb.SyncAgreementResponse,
    to_proto=_to_proto,
    from_proto=_from_proto,
    reply_to_proto=_reply_to_proto,
    reply_from_proto=_reply_from_proto,
    request_limit=MESSAGE_LIMIT,
    reply_limit=MESSAGE_LIMIT,
)
