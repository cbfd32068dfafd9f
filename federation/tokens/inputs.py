# SPDX-License-Identifier: Apache-2.0
"""What exactly is evaluated: the OPRF input of an indicator, and the token in its output."""

from functools import lru_cache

from federation.crypto.encoding import LP, U16
from federation.crypto.oprf import OUTPUT_LENGTH
from federation.errors import InvalidInputError

__all__ = ["SUITE", "TOKEN_LENGTH", "oprf_input", "token_of"]

SUITE = b"casethread/v1"
TOKEN_LENGTH = 32


def oprf_input(
    version: int, lane: str, cls: str, kind: str, value: str, *, slot: str = ""
) -> bytes:
    """Frame one normal form for evaluation (proto/spec/tokens.md).

    Every field carries its length, so no two indicators share an input.

    Args:
        version: The normalisation version; nodes with different rules do not match.
        lane: The lane.
        cls: The class.
        kind: The kind of indicator.
        value: The normal form.
        slot: Which key of a person it is; empty for an identifier.

    Returns:
        The private input of the OPRF.

    Raises:
        InvalidInputError: The value is empty, or is not text that UTF-8 can carry.
        MalformedError: A field is longer than 65,535 octets.
    """
    if not value:
        raise InvalidInputError("an empty value has no token")
    try:
        text = value.encode()
    except UnicodeEncodeError:
        # Without the cause: it holds the value.
        raise InvalidInputError("the value is not valid text") from None
    return _scope(version, lane, cls, kind, slot) + LP(text)


@lru_cache(maxsize=1_024)
def _scope(version: int, lane: str, cls: str, kind: str, slot: str) -> bytes:
    """Everything before the value: few scopes, many values."""
    fields = (SUITE, U16(version), lane.encode(), cls.encode(), kind.encode(), slot.encode())
    return b"".join(LP(field) for field in fields)


def token_of(output: bytes) -> bytes:
    """Return the token: the first 32 octets of the OPRF's output.

    Raises:
        InvalidInputError: The output is not 64 octets long.
    """
    if len(output) != OUTPUT_LENGTH:
        raise InvalidInputError("an output is 64 octets long")
    return output[:TOKEN_LENGTH]
