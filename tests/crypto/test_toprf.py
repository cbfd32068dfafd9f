# SPDX-License-Identifier: Apache-2.0
"""Threshold evaluation: every quorum answers as the whole key, and cheats are named."""

import itertools
from typing import Any

import pytest

from federation.crypto import dleq, group, oprf, scalars, shares, toprf
from federation.errors import GenerationError, InvalidInputError, ShareVerifyError
from tests.crypto.helpers import KEY_ID, deal_key, load, octets, run, setting, split_octets, suite

RFC = suite(1)
BATCH = RFC["vectors"][2]
SECRET = bytes.fromhex(RFC["skSm"])
SHARINGS = [(2, (1, 2, 3)), (3, (1, 2, 3, 4, 5)), (2, (7, 300, 65535)), (1, (1, 2))]


def answer_all(
    held: dict[int, shares.KeyShare], quorum: tuple[int, ...], blinded: bytes
) -> dict[int, toprf.ShareEvaluation]:
    """Let every custodian of a quorum answer."""
    return {
        index: toprf.evaluate(
            held[index], quorum, blinded, held[index].key_id, held[index].generation, prove=False
        )
        for index in quorum
    }


def outputs_of(
    held: dict[int, shares.KeyShare], key: shares.GroupKey, quorum: tuple[int, ...]
) -> list[bytes]:
    """Run the RFC's batch of two through a quorum, checking every proof."""
    blinded = octets(BATCH["BlindedElement"])
    answers = answer_all(held, quorum, blinded)
    for index, answer in answers.items():
        toprf.verify_share(key, quorum, index, blinded, answer)
    combined = toprf.combine({index: answer.elements for index, answer in answers.items()})
    return oprf.finalize_batch(split_octets(BATCH["Input"]), octets(BATCH["Blind"]), combined)


@pytest.mark.parametrize(("threshold", "indices"), SHARINGS)
def test_every_quorum_gives_the_rfc_outputs(threshold: int, indices: tuple[int, ...]) -> None:
    """A.1.2's outputs come out of every quorum of the split key, also after a resharing."""
    held, key = deal_key(threshold, indices, SECRET)
    expected = split_octets(BATCH["Output"])

    for quorum in itertools.combinations(indices, threshold):
        assert expected == outputs_of(held, key, quorum)
    assert expected == outputs_of(held, key, indices)
    assert RFC["pkSm"] == key.public_key.hex()


@pytest.mark.parametrize(
    ("new_threshold", "participants"), [(2, (1, 2, 3)), (3, (2, 3, 4, 5, 6)), (2, (8, 9))]
)
def test_outputs_stay_after_refresh_and_resharing(
    new_threshold: int, participants: tuple[int, ...]
) -> None:
    """A refresh or a resharing to other custodians keeps every output and the public key."""
    held, key = deal_key(2, (1, 2, 3), SECRET)
    frame = setting(
        previous=key, old_dealers=(1, 3), threshold=new_threshold, participants=participants
    )
    held, renewed = run(frame, held)

    for quorum in itertools.combinations(participants, new_threshold):
        assert split_octets(BATCH["Output"]) == outputs_of(held, renewed, quorum)
    assert (key.public_key, key.key_id, 2) == (
        renewed.public_key,
        renewed.key_id,
        renewed.generation,
    )


@pytest.mark.parametrize("sharing", load("threshold.json")["sharings"])
def test_published_vectors(sharing: Any) -> None:
    """The published evaluations are reproduced: lambda, context, elements and proof."""
    given = load("threshold.json")
    blinded, key_id = bytes.fromhex(given["blinded"]), bytes.fromhex(sharing["key_id"])
    secrets_by_index = {item["index"]: bytes.fromhex(item["secret"]) for item in sharing["shares"]}
    commitments = [bytes.fromhex(item) for item in sharing["commitments"]]

    for item in sharing["shares"]:
        public = shares.evaluate_commitments(commitments, item["index"])
        assert item["public_share"] == public.hex()
    for vector in sharing["evaluations"]:
        quorum, custodian = vector["quorum"], vector["custodian"]
        weight = shares.lagrange(custodian, quorum)
        scalar = scalars.mul_scalars(weight, secrets_by_index[custodian])
        elements = group.scalarmult_batch(scalar, blinded)
        ctx = toprf.evaluation_context(key_id, sharing["generation"], quorum, custodian)
        public = group.scalarmult_base(scalar)
        proof = dleq._generate_with(
            scalar,
            group.GENERATOR,
            public,
            blinded,
            elements,
            r=bytes.fromhex(vector["r"]),
            ctx=ctx,
        )
        assert vector["lambda"] == weight.hex()
        assert vector["ctx"] == ctx.hex()
        assert vector["elements"] == elements.hex()
        assert vector["proof"] == proof.hex()


def test_small_batches_are_always_proved() -> None:
    """Up to 64 elements a proof comes unasked; above, when it is asked for."""
    held, _ = deal_key(2, (1, 2, 3))
    batch = group.random_elements(65)

    for count, prove, proved in ((1, False, True), (64, False, True), (65, False, False)):
        answer = toprf.evaluate(held[1], (1, 2), batch[: 32 * count], KEY_ID, 1, prove=prove)
        assert proved == (answer.proof is not None)


def test_a_large_batch_can_be_proved() -> None:
    """A proof that is asked for holds for a large batch as well."""
    held, key = deal_key(2, (1, 2, 3))
    batch = group.random_elements(65)
    answer = toprf.evaluate(held[2], (1, 2), batch, KEY_ID, 1, prove=True)

    toprf.verify_share(key, (1, 2), 2, batch, answer)


def test_combine_names_who_sent_what_is_not_an_element() -> None:
    """Octets that are no element, or too few, are blamed on their sender."""
    held, _ = deal_key(2, (1, 2, 3))
    batch = group.random_elements(3)
    answers = {i: a.elements for i, a in answer_all(held, (1, 3), batch).items()}

    for bad in (answers[3][:32] + b"\xff" * 32 + answers[3][64:], answers[3][:64]):
        with pytest.raises(ShareVerifyError) as caught:
            toprf.combine({1: answers[1], 3: bad})
        assert frozenset({3}) == caught.value.culprits
    with pytest.raises(InvalidInputError):
        toprf.combine({})
    with pytest.raises(ShareVerifyError):
        toprf.combine({1: b"\xff" * 32})


def test_verify_share_refuses_a_foreign_quorum() -> None:
    """A quorum with an index that the key does not have is the caller's mistake."""
    held, key = deal_key(2, (1, 2, 3))
    batch = group.random_elements(1)
    answer = toprf.evaluate(held[1], (1, 9), batch, KEY_ID, 1, prove=True)

    with pytest.raises(InvalidInputError):
        toprf.verify_share(key, (1, 9), 1, batch, answer)


def test_a_stale_share_refuses() -> None:
    """After a resharing the old share answers nothing of the new generation."""
    held, key = deal_key(2, (1, 2, 3))
    renewed, _ = run(setting(previous=key, old_dealers=(1, 2)), held)
    batch = group.random_elements(1)

    for share, generation in ((held[1], 2), (renewed[1], 1)):
        with pytest.raises(GenerationError):
            toprf.evaluate(share, (1, 2), batch, KEY_ID, generation, prove=True)


def test_an_evaluation_context_is_unambiguous() -> None:
    """Key, generation, quorum and custodian are all in the context."""
    contexts = {
        toprf.evaluation_context(key_id, generation, quorum, custodian)
        for key_id in (KEY_ID, bytes(16))
        for generation in (1, 2)
        for quorum in ((1, 2), (1, 3), (1, 2, 3))
        for custodian in (1, 2)
    }

    assert len(contexts) == 24
