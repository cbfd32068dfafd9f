# SPDX-License-Identifier: Apache-2.0
"""Proof that ``B = k*A`` and every ``D[i] = k*C[i]`` for one secret k (RFC 9497, section 2.2).

Beyond the RFC a context may be bound into both transcripts. It is appended as
``I2OSP(len(ctx), 2) || ctx``; an empty context appends nothing, so the RFC's vectors hold.
"""

import hashlib

from federation.crypto.encoding import LP, U16
from federation.crypto.group import (
    IDENTITY,
    Element,
    add,
    count_elements,
    hash_to_scalar,
    scalarmult,
    split_elements,
)
from federation.crypto.oprf import Mode, context_string
from federation.crypto.scalars import (
    Scalar,
    mul_scalars,
    random_scalar,
    sub_scalars,
    validate_scalar,
)
from federation.errors import CryptoError, DeserializeError, InvalidInputError, VerifyError

__all__ = ["MAX_BATCH", "PROOF_LENGTH", "generate_proof", "verify_proof"]

PROOF_LENGTH = 64
"""Octets of a proof: two scalars, c then s."""

MAX_BATCH = 0xFFFF
"""Largest batch: positions enter the transcript as two octets."""


def _appended(ctx: bytes) -> bytes:
    return LP(ctx) if ctx else b""


def _coefficients(b: Element, c: bytes, d: bytes, mode: Mode, ctx: bytes) -> list[Scalar]:
    # The loop of ComputeComposites (RFC 9497, section 2.2.1).
    if count_elements(c) != count_elements(d):
        raise DeserializeError("the two lists of the proof differ in length")
    context = context_string(mode)
    seed_transcript = LP(b) + LP(b"Seed-" + context) + _appended(ctx)
    seed = LP(hashlib.sha512(seed_transcript).digest())
    dst = b"HashToScalar-" + context
    return [
        hash_to_scalar(seed + U16(i) + LP(c_i) + LP(d_i) + b"Composite", dst)
        for i, (c_i, d_i) in enumerate(zip(split_elements(c), split_elements(d), strict=True))
    ]


def _check_batch(c: bytes) -> None:
    if not 0 < count_elements(c) <= MAX_BATCH:
        raise InvalidInputError("a proof covers 1 to 65535 elements")


def _weighted_sum(weights: list[Scalar], elements: bytes) -> Element:
    total = IDENTITY
    for weight, element in zip(weights, split_elements(elements), strict=True):
        total = add(total, scalarmult(weight, element))
    return total


def _challenge(b: Element, a: tuple[Element, ...], mode: Mode, ctx: bytes) -> Scalar:
    transcript = LP(b) + b"".join(LP(element) for element in a) + b"Challenge" + _appended(ctx)
    return hash_to_scalar(transcript, b"HashToScalar-" + context_string(mode))


def generate_proof(
    k: Scalar,
    a: Element,
    b: Element,
    c: bytes,
    d: bytes,
    *,
    ctx: bytes = b"",
    mode: Mode = Mode.VOPRF,
) -> bytes:
    """Prove that ``b = k*a`` and ``d = k*c`` throughout (RFC 9497, section 2.2.1, GenerateProof).

    Args:
        k: The secret scalar.
        a: The base element, usually the generator.
        b: The public element ``k*a``.
        c: Batch of elements.
        d: Batch of the same elements times k.
        ctx: Context to bind, at most 65,535 octets.
        mode: The variant; VOPRF or POPRF.

    Returns:
        The proof, 64 octets.

    Raises:
        DeserializeError: The batches differ in length or hold what is not an element.
        InvalidInputError: The batch is empty or too long.
    """
    return _generate_with(k, a, b, c, d, r=random_scalar(), ctx=ctx, mode=mode)


def _generate_with(
    k: Scalar,
    a: Element,
    b: Element,
    c: bytes,
    d: bytes,
    *,
    r: Scalar,
    ctx: bytes = b"",
    mode: Mode = Mode.VOPRF,
) -> bytes:
    # For vectors. Two proofs with one r reveal k.
    _check_batch(c)
    m = _weighted_sum(_coefficients(b, c, d, mode, ctx), c)
    z = scalarmult(k, m)  # ComputeCompositesFast (RFC 9497, section 2.2.1)
    challenge = _challenge(b, (m, z, scalarmult(r, a), scalarmult(r, m)), mode, ctx)
    return challenge + sub_scalars(r, mul_scalars(challenge, k))


def verify_proof(
    a: Element,
    b: Element,
    c: bytes,
    d: bytes,
    proof: bytes,
    *,
    ctx: bytes = b"",
    mode: Mode = Mode.VOPRF,
) -> None:
    """Check a proof (RFC 9497, section 2.2.2, VerifyProof).

    Args:
        a: The base element.
        b: The public element.
        c: Batch of elements.
        d: Batch of their images.
        proof: 64 octets.
        ctx: The context that the prover must have bound.
        mode: The variant.

    Raises:
        VerifyError: The proof does not hold, or is not one; whatever is wrong with `d` or
            the proof is the prover's doing and is reported this way.
        InvalidInputError: The verifier's own list is empty or too long.
        DeserializeError: The verifier's own list is not made of elements.
    """
    _check_batch(c)
    if len(proof) != PROOF_LENGTH:
        raise VerifyError("a proof is 64 octets long")
    try:
        weights = _coefficients(b, c, d, mode, ctx)
        challenge, s = validate_scalar(proof[:32]), validate_scalar(proof[32:])
        m, z = _weighted_sum(weights, c), _weighted_sum(weights, d)
        t2 = add(scalarmult(s, a), scalarmult(challenge, b))
        t3 = add(scalarmult(s, m), scalarmult(challenge, z))
    except CryptoError as error:
        # An honest proof has a zero scalar or composite with probability 2^-252.
        raise VerifyError("the proof holds values that no honest prover sends") from error
    if _challenge(b, (m, z, t2, t3), mode, ctx) != challenge:
        raise VerifyError("the proof does not hold")
