# SPDX-License-Identifier: Apache-2.0
"""Translation of the evaluation service."""

from itertools import pairwise

from federation.errors import MalformedError
from federation.messages import Evaluate, Evaluation
from federation.v1 import evaluation_service_pb2 as pb
from federation.wire.checks import DOCUMENT_LIMIT, check_envelope, check_number, check_size
from federation.wire.method import Method

__all__ = ["EVALUATE"]

_ELEMENT_SIZE = 32
_PROOF_SIZE = 64
_BATCH_SIZES = frozenset((8, 64, *range(512, 4_096 + 1, 512)))
_MOST_CUSTODIANS = 64


def _check_elements(elements: bytes, *, check: bool = False) -> bytes:
    count, rest = divmod(len(elements), _ELEMENT_SIZE)
    # The check of a large batch is its one combination, which is paid for.
    if rest or (count != 1 if check else count not in _BATCH_SIZES):
        raise MalformedError("elements have none of the stated batch sizes")
    return elements


def _check_quorum(quorum: tuple[int, ...]) -> tuple[int, ...]:
    if not 0 < len(quorum) <= _MOST_CUSTODIANS:
        raise MalformedError("quorum is empty or too large")
    for index in quorum:
        check_number("quorum", index, 1, 0xFFFF)
    if any(first >= second for first, second in pairwise(quorum)):
        raise MalformedError("quorum is not ascending")
    return quorum


def _to_proto(request: Evaluate) -> pb.EvaluateRequest:
    return pb.EvaluateRequest(
        request_id=request.request_id,
        key_id=request.key_id,
        generation=request.generation,
        quorum=request.quorum,
        elements=request.elements,
        prove=request.prove,
        check_of_request_id=request.check_of,
    )


def _from_proto(message: pb.EvaluateRequest) -> Evaluate:
    check_of = (
        check_size("check_of_request_id", message.check_of_request_id, 16)
        if message.HasField("check_of_request_id")
        else None
    )
    return Evaluate(
        request_id=check_size("request_id", message.request_id, 16),
        key_id=check_size("key_id", message.key_id, 16),
        generation=check_number("generation", message.generation, 1),
        quorum=_check_quorum(tuple(message.quorum)),
        elements=_check_elements(message.elements, check=check_of is not None),
        prove=message.prove,
        check_of=check_of,
    )


def _reply_to_proto(reply: Evaluation) -> pb.EvaluateResponse:
    return pb.EvaluateResponse(
        elements=reply.elements, proof=reply.proof, statement=reply.statement
    )


def _reply_from_proto(message: pb.EvaluateResponse) -> Evaluation:
    return Evaluation(
        elements=_check_elements(message.elements, check=len(message.elements) == _ELEMENT_SIZE),
        proof=check_size("proof", message.proof, _PROOF_SIZE)
        if message.HasField("proof")
        else None,
        statement=check_envelope("statement", message.statement, DOCUMENT_LIMIT),
    )


EVALUATE = Method(
    path="/federation.v1.EvaluationService/Evaluate",
    request=Evaluate,
    proto_request=pb.EvaluateRequest,
    proto_reply=pb.EvaluateResponse,
    to_proto=_to_proto,
    from_proto=_from_proto,
    reply_to_proto=_reply_to_proto,
    reply_from_proto=_reply_from_proto,
    request_limit=136 * 1024,
    reply_limit=200 * 1024,
)
