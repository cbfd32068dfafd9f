# SPDX-License-Identifier: Apache-2.0
"""The oblivious pseudorandom function of RFC 9497, suite ristretto255-SHA512.

Here are the operations that the three modes share, and mode OPRF (0x00) itself. The
product runs in mode VOPRF (0x01), which is therefore the default; the mode is part of
every domain-separation string. `voprf` and `poprf` add the proofs of their modes.

The names are the RFC's. No public function takes the blind: whoever can fix it can
link requests.
"""

import hashlib
from dataclasses import dataclass
from enum import IntEnum

from federation.crypto.encoding import LP, U16, i2osp
from federation.crypto.group import (
    ELEMENT_LENGTH,
    Element,
    hash_to_group,
    hash_to_group_batch,
    hash_to_scalar,
    scalarmult,
    scalarmult_base,
    scalarmult_each,
    split_elements,
)
from federation.crypto.scalars import ZERO, Scalar, invert, invert_batch, random_scalar
from federation.errors import DeriveKeyPairError, DeserializeError, InvalidInputError

__all__ = [
    "IDENTIFIER",
    "INPUT_LIMIT",
    "OUTPUT_LENGTH",
    "Blinded",
    "BlindedInput",
    "KeyPair",
    "Mode",
    "blind",
    "blind_batch",
    "blind_evaluate",
    "context_string",
    "derive_key_pair",
    "evaluate",
    "finalize",
    "finalize_batch",
    "hash_output",
    "unblind_batch",
]

IDENTIFIER = b"ristretto255-SHA512"
OUTPUT_LENGTH = 64
"""Octets of an output: RFC 9497 calls it Nh."""

INPUT_LIMIT = 0xFFFF
"""Longest private input, in octets (RFC 9497, section 1.2)."""


class Mode(IntEnum):
    """The protocol variants (RFC 9497, section 3.1)."""

    OPRF = 0x00
    VOPRF = 0x01
    POPRF = 0x02


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class KeyPair:
    """A server's key."""

    secret: Scalar
    public: Element


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class BlindedInput:
    """One input under its blind; the blind stays with the client."""

    blind: Scalar
    """Fresh for every input and request; unblinds the answer."""
    element: Element
    """Goes to the server; uniformly distributed whatever the input is."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Blinded:
    """Many inputs under a blind each, as contiguous buffers."""

    blinds: bytes
    """32 octets per input; secret."""
    elements: bytes
    """32 octets per input; what goes to the server."""


def context_string(mode: Mode) -> bytes:
    """Return contextString (RFC 9497, section 3.1, CreateContextString)."""
    return b"OPRFV1-" + i2osp(mode, 1) + b"-" + IDENTIFIER


def _group_dst(mode: Mode) -> bytes:
    return b"HashToGroup-" + context_string(mode)


def _check_input(value: bytes) -> None:
    if len(value) > INPUT_LIMIT:
        raise InvalidInputError("an input is longer than 65535 octets")


def derive_key_pair(seed: bytes, info: bytes, mode: Mode = Mode.VOPRF) -> KeyPair:
    """Derive a key pair from a seed (RFC 9497, section 3.2.1, DeriveKeyPair).

    Args:
        seed: 32 uniformly random octets.
        info: Public context, at most 65,535 octets.
        mode: The variant that the key is for.

    Raises:
        DeriveKeyPairError: The seed has a wrong length, or no counter gives a key.
    """
    if len(seed) != 32:
        raise DeriveKeyPairError("a seed is 32 octets long")
    derive_input = seed + LP(info)
    dst = b"DeriveKeyPair" + context_string(mode)
    for counter in range(256):
        secret = hash_to_scalar(derive_input + i2osp(counter, 1), dst)
        if secret != ZERO:
            return KeyPair(secret, scalarmult_base(secret))
    raise DeriveKeyPairError("no key could be derived from the seed")


def blind(value: bytes, mode: Mode = Mode.VOPRF) -> BlindedInput:
    """Blind an input with fresh randomness (RFC 9497, section 3.3.1, Blind).

    Args:
        value: The private input, at most 65,535 octets.
        mode: The variant.

    Raises:
        InvalidInputError: The input is too long, or maps to the identity.
    """
    return _blind_with(value, random_scalar(), mode)


def _blind_with(value: bytes, scalar: Scalar, mode: Mode = Mode.VOPRF) -> BlindedInput:
    # For vectors. A blind that is reused or guessable links the requests made with it.
    _check_input(value)
    return BlindedInput(scalar, scalarmult(scalar, hash_to_group(value, _group_dst(mode))))


def blind_evaluate(secret: Scalar, blinded_element: Element) -> Element:
    """Evaluate one blinded element (RFC 9497, section 3.3.1, BlindEvaluate).

    Raises:
        DeserializeError: The element is not canonical, or is the identity.
    """
    return scalarmult(secret, blinded_element)


def finalize(value: bytes, blind_scalar: Scalar, evaluated_element: Element) -> bytes:
    """Unblind an answer and hash it with the input (RFC 9497, section 3.3.1, Finalize).

    Args:
        value: The private input that was blinded.
        blind_scalar: Its blind.
        evaluated_element: The server's answer.

    Returns:
        The output, 64 octets.

    Raises:
        DeserializeError: The answer is not a group element, or is the identity.
        InverseError: The blind is zero.
    """
    return hash_output(value, scalarmult(invert(blind_scalar), evaluated_element))


def hash_output(value: bytes, element: Element) -> bytes:
    """Hash input and unblinded element to the output (the last step of Finalize)."""
    _check_input(value)
    return hashlib.sha512(
        U16(len(value)) + value + U16(len(element)) + element + b"Finalize"
    ).digest()


def evaluate(secret: Scalar, value: bytes, mode: Mode = Mode.VOPRF) -> bytes:
    """Compute the output in the clear, with the whole key (RFC 9497, section 3.3.1, Evaluate).

    Raises:
        InvalidInputError: The input is too long, or maps to the identity.
    """
    _check_input(value)
    return hash_output(value, scalarmult(secret, hash_to_group(value, _group_dst(mode))))


def blind_batch(values: list[bytes], mode: Mode = Mode.VOPRF) -> Blinded:
    """Blind many inputs, each with a blind of its own; see `blind`."""
    for value in values:
        _check_input(value)
    blinds = b"".join([random_scalar() for _ in values])
    return Blinded(blinds, scalarmult_each(blinds, hash_to_group_batch(values, _group_dst(mode))))


def unblind_batch(blinds: bytes, evaluated: bytes) -> bytes:
    """Take the blinds off the answers, with one inversion for all.

    Args:
        blinds: The blinds, 32 octets each.
        evaluated: The server's (or the combined custodians') answers in the same order.

    Returns:
        The unblinded elements, concatenated.

    Raises:
        DeserializeError: The lengths differ, or an answer is not a group element or the identity.
        InverseError: A blind is zero.
    """
    if len(blinds) != len(evaluated):
        raise DeserializeError("there are not as many answers as blinds")
    return scalarmult_each(invert_batch(blinds), evaluated)


def finalize_batch(values: list[bytes], blinds: bytes, evaluated: bytes) -> list[bytes]:
    """Finalize many answers; see `finalize`.

    Returns:
        One output of 64 octets per input, in order.
    """
    if len(values) * ELEMENT_LENGTH != len(blinds):
        raise DeserializeError("there are not as many blinds as inputs")
    elements = split_elements(unblind_batch(blinds, evaluated))
    return [hash_output(value, element) for value, element in zip(values, elements, strict=True)]
