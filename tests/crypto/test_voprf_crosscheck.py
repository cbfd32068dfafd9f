# SPDX-License-Identifier: Apache-2.0
"""An independent implementation (`voprf`, Rust) agrees on random inputs, both ways round."""

import secrets

from voprf import ristretto

from federation.crypto import dleq, group, oprf, toprf, voprf
from tests.crypto.helpers import KEY_ID, deal_key

SEED = secrets.token_bytes(32)
THEIRS = ristretto.Evaluator.from_seed(SEED, b"cross-check")
KEY = oprf.derive_key_pair(SEED, b"cross-check")
PUBLIC = THEIRS.public_key
INPUTS = [secrets.token_bytes(length) for length in (1, 5, 16, 64, 300)]


def test_key_derivation_agrees() -> None:
    """One seed gives one key."""
    assert PUBLIC.serialize() == KEY.public


def test_outputs_in_the_clear_agree() -> None:
    """One key and one input give one output."""
    for value in INPUTS:
        assert THEIRS.evaluate_known_input(value) == oprf.evaluate(KEY.secret, value)


def test_our_client_accepts_their_server() -> None:
    """Their batch with their proof passes our check and gives the right outputs."""
    blinded = oprf.blind_batch(INPUTS)
    messages = [
        ristretto.BlindedInput.deserialize(element)
        for element in group.split_elements(blinded.elements)
    ]
    answer = THEIRS.evaluate_batch(messages).serialize()
    proof, evaluated = answer[: dleq.PROOF_LENGTH], answer[dleq.PROOF_LENGTH :]
    outputs = voprf.finalize(
        INPUTS, blinded.blinds, blinded.elements, evaluated, public=KEY.public, proof=proof
    )

    assert [THEIRS.evaluate_known_input(value) for value in INPUTS] == outputs


def test_their_client_accepts_our_server() -> None:
    """Our batch with our proof passes their check and gives the right outputs."""
    clients, messages = zip(*(ristretto.Client.blind(value) for value in INPUTS), strict=True)
    evaluated, proof = voprf.blind_evaluate(KEY, b"".join(m.serialize() for m in messages))
    output = ristretto.VerifiableBatchOutput.deserialize(proof + evaluated)

    assert [THEIRS.evaluate_known_input(value) for value in INPUTS] == (
        ristretto.Client.finalize_batch(list(clients), output, PUBLIC)
    )


def test_a_quorum_gives_their_outputs() -> None:
    """Their key, split between custodians, gives their outputs."""
    held, _ = deal_key(2, (1, 2, 3), KEY.secret)
    blinded = oprf.blind_batch(INPUTS)
    answers = {
        index: toprf.evaluate(held[index], (2, 3), blinded.elements, KEY_ID, 1, prove=True)
        for index in (2, 3)
    }
    combined = toprf.combine({index: answer.elements for index, answer in answers.items()})

    assert [THEIRS.evaluate_known_input(value) for value in INPUTS] == (
        oprf.finalize_batch(INPUTS, blinded.blinds, combined)
    )
