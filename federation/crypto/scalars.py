# SPDX-License-Identifier: Apache-2.0
"""Scalars of ristretto255: integers modulo the group order, 32 octets little-endian.

Secret scalars are only ever added, multiplied and inverted by libsodium, in constant
time. `scalar_from_int` is for public numbers: indices, coefficients, counters.
"""

import ctypes
import hmac

from federation.crypto import _sodium
from federation.errors import DeserializeError, InverseError

__all__ = [
    "ONE",
    "ORDER",
    "SCALAR_LENGTH",
    "ZERO",
    "Scalar",
    "add_scalars",
    "invert",
    "invert_batch",
    "mul_scalars",
    "negate",
    "random_scalar",
    "reduce_scalar",
    "scalar_from_int",
    "sub_scalars",
    "validate_scalar",
]

SCALAR_LENGTH = 32
"""Octets of one scalar: RFC 9497 calls it Ns."""

ORDER = 2**252 + 27742317777372353535851937790883648493
"""The group order (RFC 9496, section 4)."""

Scalar = bytes
"""A canonical scalar, 32 octets little-endian, below `ORDER`."""

ZERO: Scalar = bytes(32)
ONE: Scalar = bytes([1]) + bytes(31)


def _check_length(value: bytes) -> None:
    # libsodium reads 32 octets whatever it is given: a short string would be overread.
    if len(value) != SCALAR_LENGTH:
        raise DeserializeError("a scalar is 32 octets long")


def validate_scalar(value: bytes) -> Scalar:
    """Accept the canonical encoding of a scalar (RFC 9497, section 4.1, DeserializeScalar).

    Args:
        value: 32 octets from outside. Zero is accepted, as in the RFC.

    Returns:
        The same octets.

    Raises:
        DeserializeError: Wrong length, or not below the group order.
    """
    _check_length(value)
    if not hmac.compare_digest(reduce_scalar(value + bytes(32)), value):
        raise DeserializeError("a scalar is not canonical")
    return bytes(value)


def scalar_from_int(value: int) -> Scalar:
    """Encode a public integer modulo the group order. Not for secrets."""
    return (value % ORDER).to_bytes(SCALAR_LENGTH, "little")


def random_scalar() -> Scalar:
    """Draw a uniform scalar that is not zero (RFC 9497, section 2.1, RandomScalar)."""
    out = ctypes.create_string_buffer(SCALAR_LENGTH)
    _sodium.random_scalar(out)
    return out.raw


def reduce_scalar(value: bytes) -> Scalar:
    """Reduce 64 little-endian octets modulo the group order."""
    if len(value) != 2 * SCALAR_LENGTH:
        raise DeserializeError("a wide scalar is 64 octets long")
    out = ctypes.create_string_buffer(SCALAR_LENGTH)
    _sodium.scalar_reduce(out, bytes(value))
    return out.raw


def add_scalars(left: Scalar, right: Scalar) -> Scalar:
    """Return ``left + right``."""
    _check_length(left)
    _check_length(right)
    out = ctypes.create_string_buffer(SCALAR_LENGTH)
    _sodium.scalar_add(out, left, right)
    return out.raw


def sub_scalars(left: Scalar, right: Scalar) -> Scalar:
    """Return ``left - right``."""
    _check_length(left)
    _check_length(right)
    out = ctypes.create_string_buffer(SCALAR_LENGTH)
    _sodium.scalar_sub(out, left, right)
    return out.raw


def mul_scalars(left: Scalar, right: Scalar) -> Scalar:
    """Return ``left * right``."""
    _check_length(left)
    _check_length(right)
    out = ctypes.create_string_buffer(SCALAR_LENGTH)
    _sodium.scalar_mul(out, left, right)
    return out.raw


def negate(value: Scalar) -> Scalar:
    """Return ``-value``."""
    _check_length(value)
    out = ctypes.create_string_buffer(SCALAR_LENGTH)
    _sodium.scalar_negate(out, value)
    return out.raw


def invert(value: Scalar) -> Scalar:
    """Return the multiplicative inverse.

    Raises:
        InverseError: The scalar is zero.
    """
    _check_length(value)
    out = ctypes.create_string_buffer(SCALAR_LENGTH)
    if _sodium.scalar_invert(out, value) != 0:
        raise InverseError("zero has no inverse")
    return out.raw


def invert_batch(scalars: bytes) -> bytes:
    """Invert many scalars with one inversion and three products each (Montgomery's trick).

    Args:
        scalars: Concatenated scalars, 32 octets each.

    Returns:
        Their inverses, in the same order.

    Raises:
        DeserializeError: The length is not a multiple of 32.
        InverseError: One of them is zero.
    """
    if len(scalars) % SCALAR_LENGTH:
        raise DeserializeError("scalars are 32 octets long")
    if not scalars:
        return b""
    mul = _sodium.scalar_mul
    size = len(scalars)
    source = bytes(scalars)
    given = _sodium.address(source)
    # The running products: prefix j holds the product of the scalars before j.
    prefix_buffer = ctypes.create_string_buffer(ONE, size + SCALAR_LENGTH)
    prefix = ctypes.addressof(prefix_buffer)
    for at in range(0, size, SCALAR_LENGTH):
        mul(prefix + at + SCALAR_LENGTH, prefix + at, given + at)
    rest_buffer = ctypes.create_string_buffer(
        invert(ctypes.string_at(prefix + size, SCALAR_LENGTH)), SCALAR_LENGTH
    )
    rest = ctypes.addressof(rest_buffer)
    for at in range(size - SCALAR_LENGTH, -1, -SCALAR_LENGTH):
        # rest = (s_0 * ... * s_j)^-1 here. The result overwrites the prefix it used.
        mul(prefix + at, prefix + at, rest)
        mul(rest, rest, given + at)
    return ctypes.string_at(prefix, size)
