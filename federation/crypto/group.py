# SPDX-License-Identifier: Apache-2.0
"""The prime-order group ristretto255 (RFC 9496) over libsodium.

An element is its canonical 32-octet encoding, a batch of elements their concatenation.
Functions over a batch make one pass over contiguous buffers, without copying elements.

Whoever takes an element from outside either validates it or multiplies it: libsodium's
multiplication refuses what is not canonical, and here it refuses the identity as well.
"""

import ctypes
from typing import Never

from federation.crypto import _sodium
from federation.crypto.expand import expand_message_xmd
from federation.crypto.scalars import SCALAR_LENGTH, ZERO, Scalar, reduce_scalar
from federation.errors import DeserializeError, InvalidInputError

__all__ = [
    "ELEMENT_LENGTH",
    "GENERATOR",
    "IDENTITY",
    "Element",
    "add",
    "add_each",
    "count_elements",
    "hash_to_group",
    "hash_to_group_batch",
    "hash_to_scalar",
    "random_elements",
    "scalarmult",
    "scalarmult_base",
    "scalarmult_batch",
    "scalarmult_each",
    "split_elements",
    "subtract",
    "validate_element",
    "validate_elements",
]

ELEMENT_LENGTH = 32
"""Octets of one element: RFC 9497 calls it Ne."""

Element = bytes
"""The canonical encoding of a group element, 32 octets."""

IDENTITY: Element = bytes(ELEMENT_LENGTH)
GENERATOR: Element = bytes.fromhex(
    "e2f2ae0a6abc4e71a884a961c500515f58e30b6aa582dd8db6a65945e08d2d76"
)
"""RFC 9496, appendix A.1."""

_NOT_AN_ELEMENT = "not the canonical encoding of a group element"
_WIDE = 64
"""Octets that a uniform element or scalar is made of."""


def _check_element_length(value: bytes) -> None:
    # libsodium reads 32 octets whatever it is given: a short string would be overread.
    if len(value) != ELEMENT_LENGTH:
        raise DeserializeError("an element is 32 octets long")
    # libsodium 1.0.18 ignores the highest bit: a second spelling of every element.
    if value[-1] & 0x80:
        raise DeserializeError(_NOT_AN_ELEMENT)


def _check_scalar_length(value: bytes) -> None:
    if len(value) != SCALAR_LENGTH:
        raise DeserializeError("a scalar is 32 octets long")


def count_elements(elements: bytes) -> int:
    """Return how many elements a batch holds, after the checks that libsodium leaves out.

    Every function over a batch begins with it.

    Raises:
        DeserializeError: The length is not a multiple of 32, or a highest bit is set; names
            the position.
    """
    count, rest = divmod(len(elements), ELEMENT_LENGTH)
    if rest:
        raise DeserializeError("elements are 32 octets long")
    # libsodium 1.0.18 ignores the highest bit: a second spelling of every element.
    last = bytes(elements[ELEMENT_LENGTH - 1 :: ELEMENT_LENGTH])
    if not last.isascii():
        position = next(index for index, octet in enumerate(last) if octet & 0x80)
        raise DeserializeError(f"element {position} is the identity or not canonical")
    return count


def split_elements(elements: bytes) -> list[Element]:
    """Cut a batch into its elements."""
    count_elements(elements)
    return [
        bytes(elements[at : at + ELEMENT_LENGTH]) for at in range(0, len(elements), ELEMENT_LENGTH)
    ]


def validate_element(value: bytes) -> Element:
    """Accept an element from outside (RFC 9497, section 4.1, DeserializeElement).

    Returns:
        The same octets.

    Raises:
        DeserializeError: Wrong length, not canonical, or the identity.
    """
    _check_element_length(value)
    if value == IDENTITY:
        raise DeserializeError("the identity element is refused")
    if _sodium.is_valid_point(bytes(value)) != 1:
        raise DeserializeError(_NOT_AN_ELEMENT)
    return bytes(value)


def validate_elements(elements: bytes) -> int:
    """Accept a batch of elements from outside, without multiplying them.

    Returns:
        The number of elements.

    Raises:
        DeserializeError: As `validate_element`; names the position.
    """
    count = count_elements(elements)
    source = bytes(elements)
    start = _sodium.address(source)
    for position in range(count):
        at = position * ELEMENT_LENGTH
        if source[at : at + ELEMENT_LENGTH] == IDENTITY or _sodium.is_valid_point(start + at) != 1:
            raise DeserializeError(f"element {position} is the identity or not canonical")
    return count


def _refuse_product(scalar: bytes, position: int | None = None) -> Never:
    # libsodium gives one answer for three causes: a bad encoding, the identity, zero.
    if scalar == ZERO:
        raise InvalidInputError("multiplication by zero gives the identity element")
    where = "an element" if position is None else f"element {position}"
    raise DeserializeError(f"{where} is the identity or not canonical")


def add(left: Element, right: Element) -> Element:
    """Return ``left + right``; either, and the sum, may be the identity.

    Raises:
        DeserializeError: One of them is not canonical.
    """
    _check_element_length(left)
    _check_element_length(right)
    out = ctypes.create_string_buffer(ELEMENT_LENGTH)
    if _sodium.add(out, left, right) != 0:
        raise DeserializeError(_NOT_AN_ELEMENT)
    return out.raw


def subtract(left: Element, right: Element) -> Element:
    """Return ``left - right``; either, and the difference, may be the identity.

    Raises:
        DeserializeError: One of them is not canonical.
    """
    _check_element_length(left)
    _check_element_length(right)
    out = ctypes.create_string_buffer(ELEMENT_LENGTH)
    if _sodium.sub(out, left, right) != 0:
        raise DeserializeError(_NOT_AN_ELEMENT)
    return out.raw


def scalarmult(scalar: Scalar, element: Element) -> Element:
    """Return ``scalar * element``.

    Args:
        scalar: A canonical scalar, not zero.
        element: An element, not the identity.

    Raises:
        DeserializeError: The element is not canonical, or is the identity.
        InvalidInputError: The scalar is zero.
    """
    _check_scalar_length(scalar)
    _check_element_length(element)
    out = ctypes.create_string_buffer(ELEMENT_LENGTH)
    if _sodium.scalarmult(out, scalar, element) != 0:
        _refuse_product(scalar)
    return out.raw


def scalarmult_base(scalar: Scalar) -> Element:
    """Return ``scalar * G`` (RFC 9497, section 2.1, ScalarMultGen).

    Raises:
        InvalidInputError: The scalar is zero.
    """
    _check_scalar_length(scalar)
    out = ctypes.create_string_buffer(ELEMENT_LENGTH)
    if _sodium.scalarmult_base(out, scalar) != 0:
        _refuse_product(scalar)
    return out.raw


def scalarmult_batch(scalar: Scalar, elements: bytes) -> bytes:
    """Multiply every element of a batch by one scalar.

    Raises:
        DeserializeError: An element is not canonical or the identity; names its position.
        InvalidInputError: The scalar is zero.
    """
    _check_scalar_length(scalar)
    count_elements(elements)
    source, factor, multiply = bytes(elements), bytes(scalar), _sodium.scalarmult
    out_buffer = ctypes.create_string_buffer(len(source))
    out, given, by = ctypes.addressof(out_buffer), _sodium.address(source), _sodium.address(factor)
    for at in range(0, len(source), ELEMENT_LENGTH):
        if multiply(out + at, by, given + at) != 0:
            _refuse_product(factor, at // ELEMENT_LENGTH)
    return out_buffer.raw


def scalarmult_each(scalars: bytes, elements: bytes) -> bytes:
    """Multiply the elements of a batch by a scalar each.

    Raises:
        DeserializeError: The lengths differ, or an element is not canonical or the identity.
        InvalidInputError: A scalar is zero.
    """
    count_elements(elements)
    if len(scalars) != len(elements):
        raise DeserializeError("there are not as many scalars as elements")
    source, factors, multiply = bytes(elements), bytes(scalars), _sodium.scalarmult
    out_buffer = ctypes.create_string_buffer(len(source))
    out, given, by = ctypes.addressof(out_buffer), _sodium.address(source), _sodium.address(factors)
    for at in range(0, len(source), ELEMENT_LENGTH):
        if multiply(out + at, by + at, given + at) != 0:
            _refuse_product(factors[at : at + SCALAR_LENGTH], at // ELEMENT_LENGTH)
    return out_buffer.raw


def add_each(left: bytes, right: bytes) -> bytes:
    """Add two batches element by element; identities are allowed.

    Raises:
        DeserializeError: The lengths differ, or an element is not canonical.
    """
    if count_elements(left) != count_elements(right):
        raise DeserializeError("the batches differ in length")
    first, second, plus = bytes(left), bytes(right), _sodium.add
    out_buffer = ctypes.create_string_buffer(len(first))
    out, one, two = ctypes.addressof(out_buffer), _sodium.address(first), _sodium.address(second)
    for at in range(0, len(first), ELEMENT_LENGTH):
        if plus(out + at, one + at, two + at) != 0:
            raise DeserializeError(f"element {at // ELEMENT_LENGTH} is not canonical")
    return out_buffer.raw


def random_elements(count: int) -> bytes:
    """Draw uniform elements of unknown discrete logarithm, for padding."""
    out_buffer = ctypes.create_string_buffer(count * ELEMENT_LENGTH)
    out = ctypes.addressof(out_buffer)
    for at in range(0, count * ELEMENT_LENGTH, ELEMENT_LENGTH):
        _sodium.random_element(out + at)
    return out_buffer.raw


def hash_to_group(message: bytes, dst: bytes) -> Element:
    """Hash to a group element (RFC 9380, appendix B; RFC 9497, section 4.1, HashToGroup).

    Args:
        message: Any octets.
        dst: The domain-separation tag, 1 to 255 octets.

    Raises:
        InvalidInputError: The tag is empty or too long, or the result is the identity.
    """
    return hash_to_group_batch([message], dst)


def hash_to_group_batch(messages: list[bytes], dst: bytes) -> bytes:
    """Hash every message to a group element; see `hash_to_group`.

    Returns:
        The elements, concatenated.
    """
    out_buffer = ctypes.create_string_buffer(len(messages) * ELEMENT_LENGTH)
    out = ctypes.addressof(out_buffer)
    map_to_group = _sodium.from_hash
    for position, message in enumerate(messages):
        map_to_group(out + position * ELEMENT_LENGTH, expand_message_xmd(message, dst, _WIDE))
    elements = out_buffer.raw
    # Cannot be met by chance; RFC 9497, section 3.3.1 asks for the check all the same.
    for at in range(0, len(elements), ELEMENT_LENGTH):
        if elements[at : at + ELEMENT_LENGTH] == IDENTITY:
            raise InvalidInputError("an input maps to the identity element")
    return elements


def hash_to_scalar(message: bytes, dst: bytes) -> Scalar:
    """Hash to a scalar (RFC 9497, section 4.1, HashToScalar).

    Args:
        message: Any octets.
        dst: The domain-separation tag, 1 to 255 octets.

    Raises:
        InvalidInputError: The tag is empty or too long.
    """
    return reduce_scalar(expand_message_xmd(message, dst, _WIDE))
