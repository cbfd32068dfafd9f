# SPDX-License-Identifier: Apache-2.0
"""One method of the contract: its name on the wire and its four translations."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Generic, TypeVar

from google.protobuf.message import DecodeError, Message

from federation.errors import MalformedError
from federation.messages import Request

__all__ = ["Method", "parse"]

Q = TypeVar("Q", bound=Request[object])
R = TypeVar("R")
PQ = TypeVar("PQ", bound=Message)
PR = TypeVar("PR", bound=Message)


@dataclass(frozen=True, slots=True)
class Method(Generic[Q, R, PQ, PR]):
    """A unary method between nodes."""

    path: str
    """Full gRPC name, ``/federation.v1.CharterService/SyncCharter``."""
    request: type[Q]
    """The domain's request; names the method in `METHODS`."""
    proto_request: type[PQ]
    proto_reply: type[PR]
    to_proto: Callable[[Q], PQ]
    from_proto: Callable[[PQ], Q]
    """Enforces every limit that the contract states; raises MalformedError."""
    reply_to_proto: Callable[[R], PR]
    reply_from_proto: Callable[[PR], R]
    """Enforces every limit that the contract states; raises MalformedError."""
    request_limit: int
    """Largest request, bytes."""
    reply_limit: int
    """Largest reply, bytes."""

    @property
    def service(self) -> str:
        """Full name of the service, ``federation.v1.CharterService``."""
        return self.path.split("/")[1]

    @property
    def name(self) -> str:
        """Name of the method in its service."""
        return self.path.split("/")[2]

    def encode(self, request: Q) -> bytes:
        """Serialise a request. Raises MalformedError if it is larger than allowed."""
        return _serialise(self.to_proto(request), self.request_limit)

    def decode(self, body: bytes) -> Q:
        """Parse a request that was received. Raises MalformedError."""
        return self.from_proto(parse(self.proto_request, body, self.request_limit))

    def encode_reply(self, reply: R) -> bytes:
        """Serialise a reply. Raises MalformedError if it is larger than allowed."""
        return _serialise(self.reply_to_proto(reply), self.reply_limit)

    def decode_reply(self, body: bytes) -> R:
        """Parse a reply that was received. Raises MalformedError."""
        return self.reply_from_proto(parse(self.proto_reply, body, self.reply_limit))


def _serialise(message: Message, limit: int) -> bytes:
    body = message.SerializeToString()
    if len(body) > limit:
        raise MalformedError(f"a message is longer than {limit} bytes")
    return body


M = TypeVar("M", bound=Message)


def parse(kind: type[M], body: bytes, limit: int) -> M:
    """Parse a message that was received.

    Args:
        kind: The message that is expected.
        body: The bytes as received.
        limit: Most bytes.

    Raises:
        MalformedError: It is another message, or longer than allowed.
    """
    if len(body) > limit:
        raise MalformedError(f"a message is longer than {limit} bytes")
    message = kind()
    try:
        message.ParseFromString(body)
    except DecodeError:
        raise MalformedError("a message is not what its method asks for") from None
    return message
