# SPDX-License-Identifier: Apache-2.0
"""The limits of the contract, as checks on what was received."""

from collections.abc import Sequence
from typing import Final

from federation.errors import MalformedError

__all__ = [
    "DOCUMENT_LIMIT",
    "ENVELOPE_LIMIT",
    "MESSAGE_LIMIT",
    "check_envelope",
    "check_envelopes",
    "check_number",
    "check_size",
]

MESSAGE_LIMIT: Final = 4 * 1024 * 1024
"""Largest body of any request or reply, bytes."""

ENVELOPE_LIMIT: Final = 1024 * 1024
"""Largest signed envelope of a charter, an agreement or a ceremony message, bytes."""

DOCUMENT_LIMIT: Final = 64 * 1024
"""Largest signed envelope of a small document: offer, revocation, statement; bytes."""


def check_size(name: str, value: bytes, size: int) -> bytes:
    """Return a field that must have exactly one size.

    Args:
        name: The field, for the error.
        value: What was received.
        size: Bytes.

    Raises:
        MalformedError: It has another size.
    """
    if len(value) != size:
        raise MalformedError(f"{name} is not {size} bytes long")
    return value


def check_number(name: str, value: int, lowest: int, highest: int = 2**32 - 1) -> int:
    """Return a number that must lie in a range, both ends included.

    Raises:
        MalformedError: It lies outside.
    """
    if not lowest <= value <= highest:
        raise MalformedError(f"{name} is out of range")
    return value


def check_envelope(name: str, value: bytes, limit: int = ENVELOPE_LIMIT) -> bytes:
    """Return one envelope, which must not be empty or too large.

    Raises:
        MalformedError: It is.
    """
    if not 0 < len(value) <= limit:
        raise MalformedError(f"{name} is empty or longer than {limit} bytes")
    return value


def check_envelopes(
    name: str, values: Sequence[bytes], most: int, limit: int = ENVELOPE_LIMIT
) -> tuple[bytes, ...]:
    """Return a list of envelopes.

    Args:
        name: The field, for the error.
        values: What was received.
        most: How many there may be.
        limit: Largest size of each, bytes.

    Raises:
        MalformedError: There are more, or one is empty or too large.
    """
    if len(values) > most:
        raise MalformedError(f"{name} has more than {most} entries")
    return tuple(check_envelope(name, value, limit) for value in values)
