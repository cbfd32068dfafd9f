# SPDX-License-Identifier: Apache-2.0
"""Mode POPRF (0x02): as VOPRF, with a public input that tweaks the key.

The product does not use this mode; it is here so that the group operations are held
against every vector of the RFC.
"""

import hashlib

from federation.crypto import dleq
from federation.crypto.encoding import LP
from federation.crypto.group import (
    GENERATOR,
    IDENTITY,
    Element,
    add,
    hash_to_group,
    hash_to_scalar,
    scalarmult,
    scalarmult_base,
    scalarmult_batch,
    split_elements,
    validate_element,
)
from federation.crypto.oprf import KeyPair, Mode, context_string, unblind_batch
from federation.crypto.scalars import ZERO, Scalar, add_scalars, invert
from federation.errors import DeserializeError, InvalidInputError, InverseError

__all__ = ["blind_evaluate", "evaluate", "finalize", "tweaked_key"]

_CONTEXT = context_string(Mode.POPRF)


def _tweak(info: bytes) -> Scalar:
    return hash_to_scalar(b"Info" + LP(info), b"HashToScalar-" + _CONTEXT)


def _tweaked_secret(secret: Scalar, info: bytes) -> Scalar:
    tweaked = add_scalars(secret, _tweak(info))
    if tweaked == ZERO:
        raise InverseError("the tweaked key has no inverse")
    return tweaked


def tweaked_key(public: Element, info: bytes) -> Element:
    """Compute the public key for one public input (RFC 9497, section 3.3.3, Blind).

    Args:
        public: The server's public key.
        info: The public input.

    Raises:
        InvalidInputError: The tweaked key is the identity: the client would learn the key.
    """
    tweaked = add(scalarmult_base(_tweak(info)), validate_element(public))
    if tweaked == IDENTITY:
        raise InvalidInputError("the tweaked key is the identity element")
    return tweaked


def blind_evaluate(key: KeyPair, blinded: bytes, info: bytes) -> tuple[bytes, bytes]:
    """Evaluate blinded elements under the tweaked key (RFC 9497, section 3.3.3, BlindEvaluate).

    Returns:
        The evaluated elements, concatenated, and one proof for all.

    Raises:
        InverseError: The tweaked key is zero.
        DeserializeError: An element is not canonical, or is the identity.
    """
    secret = _tweaked_secret(key.secret, info)
    evaluated = scalarmult_batch(invert(secret), blinded)
    proof = dleq.generate_proof(
        secret, GENERATOR, scalarmult_base(secret), evaluated, blinded, mode=Mode.POPRF
    )
    return evaluated, proof


def finalize(
    values: list[bytes],
    blinds: bytes,
    blinded: bytes,
    evaluated: bytes,
    *,
    public: Element,
    proof: bytes,
    info: bytes,
) -> list[bytes]:
    """Check the proof, then unblind and hash (RFC 9497, section 3.3.3, Finalize).

    Returns:
        One output of 64 octets per input.

    Raises:
        VerifyError: The proof does not hold.
        DeserializeError: There are not as many inputs as answers.
    """
    dleq.verify_proof(
        GENERATOR, tweaked_key(public, info), evaluated, blinded, proof, mode=Mode.POPRF
    )
    elements = split_elements(unblind_batch(blinds, evaluated))
    if len(elements) != len(values):
        raise DeserializeError("there are not as many answers as inputs")
    return [
        _hash_output(value, element, info) for value, element in zip(values, elements, strict=True)
    ]


def evaluate(secret: Scalar, value: bytes, info: bytes) -> bytes:
    """Compute the output in the clear (RFC 9497, section 3.3.3, Evaluate).

    Raises:
        InverseError: The tweaked key is zero.
    """
    element = hash_to_group(value, b"HashToGroup-" + _CONTEXT)
    return _hash_output(value, scalarmult(invert(_tweaked_secret(secret, info)), element), info)


def _hash_output(value: bytes, element: Element, info: bytes) -> bytes:
    return hashlib.sha512(LP(value) + LP(info) + LP(element) + b"Finalize").digest()
