# SPDX-License-Identifier: Apache-2.0
"""The table of all methods between nodes; it drives the client and the server."""

from typing import Any, Final, TypeVar

from federation.errors import MalformedError
from federation.messages import Request
from federation.wire.agreement import SYNC_AGREEMENT
from federation.wire.audit import WITNESS_CHECKPOINT
from federation.wire.ceremony import SYNC_CEREMONY
from federation.wire.charter import SYNC_CHARTER
from federation.wire.evaluation import EVALUATE
from federation.wire.exchange import CONFIRM_MATCHES, OPEN_SESSION, PUT_TAGS
from federation.wire.letter import DELIVER_LETTER
from federation.wire.method import Method

__all__ = ["METHODS", "decode", "decode_reply", "encode", "encode_reply", "method_of"]

AnyMethod = Method[Any, Any, Any, Any]
R = TypeVar("R")

_ALL: Final[tuple[AnyMethod, ...]] = (
    SYNC_CHARTER,
    SYNC_CEREMONY,
    EVALUATE,
    SYNC_AGREEMENT,
    OPEN_SESSION,
    PUT_TAGS,
    CONFIRM_MATCHES,
    DELIVER_LETTER,
    WITNESS_CHECKPOINT,
)

METHODS: Final[dict[type[Request[Any]], AnyMethod]] = {method.request: method for method in _ALL}
"""Request type to method."""

_BY_PATH: Final = {method.path: method for method in _ALL}


def method_of(request: Request[R]) -> AnyMethod:
    """Return the method that carries a request."""
    return METHODS[type(request)]


def encode(request: Request[R]) -> bytes:
    """Serialise a request.

    Args:
        request: Any message of `federation.messages`.

    Returns:
        The body, as it is signed and sent.

    Raises:
        MalformedError: It is larger than its method allows.
    """
    return method_of(request).encode(request)


def decode(path: str, body: bytes) -> Request[Any]:
    """Parse a received request.

    Args:
        path: Full gRPC name of the method.
        body: The bytes as received.

    Returns:
        The request; every limit of the contract holds.

    Raises:
        MalformedError: There is no such method, or the body breaks a limit.
    """
    method = _BY_PATH.get(path)
    if method is None:
        raise MalformedError("there is no such method")
    request: Request[Any] = method.decode(body)
    return request


def encode_reply(request: Request[R], reply: R) -> bytes:
    """Serialise the reply to a request.

    Raises:
        MalformedError: It is larger than its method allows.
    """
    return method_of(request).encode_reply(reply)


def decode_reply(request: Request[R], body: bytes) -> R:
    """Parse the received reply to a request.

    Args:
        request: What was asked.
        body: The bytes as received.

    Returns:
        The reply; every limit of the contract holds.

    Raises:
        MalformedError: The body breaks a limit.
    """
    reply: R = method_of(request).decode_reply(body)
    return reply
