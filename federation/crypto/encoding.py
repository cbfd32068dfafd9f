# SPDX-License-Identifier: Apache-2.0
"""Integers and length-prefixed strings, as RFC 8017 and RFC 9497 write them."""

from federation.errors import MalformedError

__all__ = ["LP", "U16", "U32", "i2osp"]


def i2osp(value: int, length: int) -> bytes:
    """Encode a non-negative integer big-endian (RFC 8017, section 4.1).

    Args:
        value: The integer.
        length: Number of octets of the result.

    Returns:
        Exactly `length` octets.

    Raises:
        MalformedError: The integer is negative or too large.
    """
    try:
        return value.to_bytes(length, "big")
    except OverflowError:
        raise MalformedError(f"an integer does not fit into {length} octets") from None


def U16(value: int) -> bytes:  # noqa: N802 - the specification's own spelling
    """Encode 0..65535 as two octets, big-endian."""
    return i2osp(value, 2)


def U32(value: int) -> bytes:  # noqa: N802 - the specification's own spelling
    """Encode 0..2**32-1 as four octets, big-endian."""
    return i2osp(value, 4)


def LP(value: bytes) -> bytes:  # noqa: N802 - the specification's own spelling
    """Prefix a string with its length as two octets, so that fields cannot run together.

    Args:
        value: At most 65,535 octets.

    Returns:
        ``U16(len(value)) || value``.

    Raises:
        MalformedError: The string is longer.
    """
    if len(value) > 0xFFFF:
        raise MalformedError("a field is longer than 65535 octets")
    return U16(len(value)) + value
