# SPDX-License-Identifier: Apache-2.0
"""Messages between a node and its workers: an operation and its parts, lengths before all.

A message is ``U32(size) || operation || parts``, each part ``U32(size) || octets``. Both ends
are this program on this machine, so nothing is versioned and nothing is read leniently.
"""

from collections.abc import Sequence
from enum import IntEnum
from struct import Struct
from typing import BinaryIO, Final

__all__ = ["Operation", "read_message", "write_message"]

_SIZE: Final = Struct(">I")


class Operation(IntEnum):
    """What a worker is asked, and how it answers."""

    BLIND = 1
    EVALUATE = 2
    COMBINE = 3
    WEIGH = 4
    FINALIZE = 5
    ASSESS = 6
    DONE = 7
    REFUSED = 8
    """The input is one that the function refuses; the asker computes it and learns why."""


def write_message(stream: BinaryIO, operation: Operation, parts: Sequence[bytes]) -> None:
    """Write one message in one go.

    Raises:
        OSError: The other end is gone.
    """
    body = bytearray([operation])
    for part in parts:
        body += _SIZE.pack(len(part))
        body += part
    stream.write(_SIZE.pack(len(body)) + body)
    stream.flush()


def read_message(stream: BinaryIO) -> tuple[Operation, list[bytes]] | None:
    """Wait for a message.

    Returns:
        The operation and its parts; None when the other end is gone.
    """
    head = stream.read(_SIZE.size)
    if len(head) < _SIZE.size:
        return None
    (size,) = _SIZE.unpack(head)
    body = stream.read(size)
    if len(body) < size:
        return None
    parts: list[bytes] = []
    at = 1
    while at < size:
        (length,) = _SIZE.unpack_from(body, at)
        at += _SIZE.size
        parts.append(body[at : at + length])
        at += length
    return Operation(body[0]), parts
