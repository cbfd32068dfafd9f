# SPDX-License-Identifier: Apache-2.0
"""Proofs of matches on the wire, filled up so that the size does not tell their number."""

from collections.abc import Iterable, Sequence
from typing import Final, Protocol

from federation.errors import MalformedError
from federation.matching.buckets import MAX_BUCKET
from federation.matching.tags import PROOF_SIZE
from federation.v1 import exchange_service_pb2 as pb
from federation.wire.checks import check_number, check_size

__all__ = ["LARGEST_PADDED", "check_proofs", "padding", "proofs_to_proto"]

_CAPACITIES: Final = (64, 256, 1_024, 4_096, 16_384, MAX_BUCKET)
"""A reply has the size that this many proofs would have."""

# TagProof inside `repeated`: tag and length, tag and fixed32, tag, length and proof.
_PROOF_COST: Final = 2 + 5 + 2 + PROOF_SIZE

# What is left for an empty padding field at full capacity. Some totals cannot be hit with
# a length-prefixed field, because its length grows by a byte: 130, 16,387 and 2,097,156.
# With this slack none of them is `_SLACK` plus a multiple of `_PROOF_COST`.
_SLACK: Final = 8

LARGEST_PADDED: Final = _CAPACITIES[-1] * _PROOF_COST + _SLACK
"""Most bytes that proofs and padding take together."""


class _Padded(Protocol):
    @property
    def proofs(self) -> Iterable[pb.TagProof]: ...

    @property
    def padding(self) -> bytes: ...


def padding(count: int) -> bytes:
    """Return the padding for a message with so many proofs.

    Args:
        count: 0 to 65,536.

    Returns:
        Zero bytes; with them, messages of one capacity have one size.
    """
    capacity = next(size for size in _CAPACITIES if count <= size)
    room = (capacity - count) * _PROOF_COST + _SLACK
    for overhead in (2, 3, 4, 5):  # one byte for the field's tag, the rest for its length
        length = room - overhead
        if length < 1 << 7 * (overhead - 1):
            return bytes(length)
    raise MalformedError("too many proofs")


def proofs_to_proto(proofs: Sequence[tuple[int, bytes]]) -> list[pb.TagProof]:
    """Translate (position, proof) pairs.

    Args:
        proofs: Ascending positions.

    Raises:
        MalformedError: There are more than a bucket has tags.
    """
    if len(proofs) > MAX_BUCKET:
        raise MalformedError("too many proofs")
    return [pb.TagProof(position=position, proof=proof) for position, proof in proofs]


def check_proofs(message: _Padded) -> tuple[tuple[int, bytes], ...]:
    """Translate received proofs back.

    Args:
        message: A message with `proofs` and `padding`.

    Returns:
        (position, proof), ascending positions.

    Raises:
        MalformedError: A position is missing, out of range, or not ascending, or a proof
            has a wrong size.
    """
    proofs: list[tuple[int, bytes]] = []
    last = -1
    for entry in message.proofs:
        if not entry.HasField("position"):
            raise MalformedError("a proof has no position")
        position = check_number("position", entry.position, last + 1, MAX_BUCKET - 1)
        proofs.append((position, check_size("proof", entry.proof, PROOF_SIZE)))
        last = position
    return tuple(proofs)
