# SPDX-License-Identifier: Apache-2.0
"""A proof holds for what it was made for and for nothing else."""

from typing import Any

import pytest

from federation.crypto import dleq, group, scalars
from federation.crypto.oprf import Mode
from federation.errors import DeserializeError, InvalidInputError, VerifyError

K = scalars.random_scalar()
B = group.scalarmult_base(K)
C = group.random_elements(3)
D = group.scalarmult_batch(K, C)
GOOD: dict[str, Any] = {"a": group.GENERATOR, "b": B, "c": C, "d": D, "ctx": b"context"}
PROOF = dleq.generate_proof(K, **GOOD)


def test_a_proof_holds() -> None:
    """What was proved is accepted."""
    dleq.verify_proof(proof=PROOF, **GOOD)


def test_proofs_are_randomised() -> None:
    """Two proofs of one statement share no octets: a repeated nonce reveals the key."""
    again = dleq.generate_proof(K, **GOOD)

    assert PROOF[:32] != again[:32]
    assert PROOF[32:] != again[32:]


@pytest.mark.parametrize(
    "change",
    [
        {"ctx": b""},
        {"ctx": b"contexu"},
        {"mode": Mode.POPRF},
        {"b": group.GENERATOR},
        {"a": B},
        {"c": C[32:] + C[:32]},
        {"d": D[32:] + D[:32]},
        {"c": C[:64], "d": D[:64]},
        {"d": D[:64]},
        {"d": D[:-1]},
        {"d": D[:64] + group.IDENTITY},
        {"d": b""},
        {"proof": PROOF[32:] + PROOF[:32]},
        {"proof": bytes(64)},
        {"proof": PROOF[:32] + bytes(32)},
        {"proof": PROOF + b"\x00"},
        {"proof": b""},
        {"proof": PROOF[:63] + bytes([PROOF[63] ^ 0x80])},
    ],
    ids=lambda change: " ".join(
        f"{name}:{len(value)}" if isinstance(value, bytes) else name
        for name, value in change.items()
    ),
)
def test_any_change_is_refused(change: dict[str, Any]) -> None:
    """Context, mode, statement and proof are all bound."""
    with pytest.raises(VerifyError):
        dleq.verify_proof(**(GOOD | {"proof": PROOF} | change))


def test_an_empty_context_appends_nothing() -> None:
    """Without context the transcripts are the RFC's."""
    r = scalars.random_scalar()
    bare = {name: value for name, value in GOOD.items() if name != "ctx"}

    assert dleq._generate_with(K, r=r, **bare) == dleq._generate_with(K, r=r, ctx=b"", **bare)


def test_the_own_list_is_the_callers_responsibility() -> None:
    """An empty or malformed list of one's own is not blamed on the prover."""
    with pytest.raises(InvalidInputError):
        dleq.verify_proof(**(GOOD | {"proof": PROOF, "c": b"", "d": b""}))
    with pytest.raises(DeserializeError):
        dleq.verify_proof(**(GOOD | {"proof": PROOF, "c": C[:-1]}))
    with pytest.raises(InvalidInputError):
        dleq.generate_proof(K, group.GENERATOR, B, b"", b"")
    with pytest.raises(DeserializeError):
        dleq.generate_proof(K, group.GENERATOR, B, C, D[:32])
    with pytest.raises(InvalidInputError):
        dleq.generate_proof(K, group.GENERATOR, B, bytes(32 * 65536), bytes(32 * 65536))
