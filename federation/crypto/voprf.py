# SPDX-License-Identifier: Apache-2.0
"""Mode VOPRF (0x01): the answer comes with a proof that the committed key made it."""

from federation.crypto import dleq
from federation.crypto.group import GENERATOR, Element, scalarmult_batch
from federation.crypto.oprf import KeyPair, Mode, finalize_batch

__all__ = ["blind_evaluate", "finalize"]


def blind_evaluate(key: KeyPair, blinded: bytes) -> tuple[bytes, bytes]:
    """Evaluate blinded elements and prove it (RFC 9497, section 3.3.2, BlindEvaluate).

    Args:
        key: The server's key.
        blinded: Batch of blinded elements.

    Returns:
        The evaluated elements, concatenated, and one proof for all.

    Raises:
        DeserializeError: An element is not canonical, or is the identity.
    """
    evaluated = scalarmult_batch(key.secret, blinded)
    proof = dleq.generate_proof(
        key.secret, GENERATOR, key.public, blinded, evaluated, mode=Mode.VOPRF
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
) -> list[bytes]:
    """Check the proof, then unblind and hash (RFC 9497, section 3.3.2, Finalize).

    Args:
        values: The private inputs.
        blinds: Their blinds, concatenated.
        blinded: The blinded elements that were sent.
        evaluated: The server's answers.
        public: The server's public key.
        proof: The server's proof.

    Returns:
        One output of 64 octets per input.

    Raises:
        VerifyError: The proof does not hold.
    """
    dleq.verify_proof(GENERATOR, public, blinded, evaluated, proof, mode=Mode.VOPRF)
    return finalize_batch(values, blinds, evaluated)
