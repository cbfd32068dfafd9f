# SPDX-License-Identifier: Apache-2.0
"""Translation of the audit service."""

from collections.abc import Sequence
from typing import Final

from federation.audit import Record
from federation.crypto.merkle import HASH_LENGTH, MAX_SIZE
from federation.errors import MalformedError
from federation.messages import CheckpointWitnessed, WitnessCheckpoint
from federation.v1 import audit_service_pb2 as pb
from federation.wire.checks import check_envelope, check_number, check_size
from federation.wire.method import Method

__all__ = ["WITNESS_CHECKPOINT"]

_NOTE_LIMIT: Final = 1024
_LINE_LIMIT: Final = 512
_MOST_HASHES: Final = 64
_ROOM: Final = 64
"""Bytes that protobuf takes around the fields that are not repeated."""
_REQUEST_LIMIT: Final = _NOTE_LIMIT + Record.LIMIT + 2 * _MOST_HASHES * (HASH_LENGTH + 2) + _ROOM


def _to_proto(request: WitnessCheckpoint) -> pb.WitnessCheckpointRequest:
    return pb.WitnessCheckpointRequest(
        checkpoint=request.checkpoint,
        old_size=request.old_size,
        consistency_proof=request.proof,
        first_record=request.first_record,
        first_record_proof=request.first_proof,
    )


def _from_proto(message: pb.WitnessCheckpointRequest) -> WitnessCheckpoint:
    if len(message.first_record) > Record.LIMIT:
        raise MalformedError("first_record is too long")
    return WitnessCheckpoint(
        checkpoint=check_envelope("checkpoint", message.checkpoint, _NOTE_LIMIT),
        old_size=check_number("old_size", message.old_size, 0, MAX_SIZE),
        proof=_hashes("consistency_proof", message.consistency_proof),
        first_record=message.first_record,
        first_proof=_hashes("first_record_proof", message.first_record_proof),
    )


def _reply_to_proto(reply: CheckpointWitnessed) -> pb.WitnessCheckpointResponse:
    return pb.WitnessCheckpointResponse(
        cosignature=reply.cosignature or b"", held_checkpoint=reply.held or b""
    )


def _reply_from_proto(message: pb.WitnessCheckpointResponse) -> CheckpointWitnessed:
    if message.cosignature and message.held_checkpoint:
        raise MalformedError("a checkpoint is both cosigned and refused")
    if len(message.cosignature) > _LINE_LIMIT or len(message.held_checkpoint) > _NOTE_LIMIT:
        raise MalformedError("cosignature or held_checkpoint is too long")
    return CheckpointWitnessed(message.cosignature or None, message.held_checkpoint or None)


def _hashes(name: str, values: Sequence[bytes]) -> tuple[bytes, ...]:
    if len(values) > _MOST_HASHES:
        raise MalformedError(f"{name} has more than {_MOST_HASHES} entries")
    return tuple(check_size(name, value, HASH_LENGTH) for value in values)


WITNESS_CHECKPOINT = Method(
    path="/federation.v1.AuditService/WitnessCheckpoint",
    request=WitnessCheckpoint,
    proto_request=pb.WitnessCheckpointRequest,
    proto_reply=pb.WitnessCheckpointResponse,
    to_proto=_to_proto,
    from_proto=_from_proto,
    reply_to_proto=_reply_to_proto,
    reply_from_proto=_reply_from_proto,
    request_limit=_REQUEST_LIMIT,
    reply_limit=_NOTE_LIMIT + _LINE_LIMIT + _ROOM,
)
