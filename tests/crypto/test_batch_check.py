# SPDX-License-Identifier: Apache-2.0
"""The check of large batches: what it always finds, and what escapes how often."""

from collections import Counter

import pytest

from federation.crypto import group, oprf, toprf
from federation.crypto.scalars import random_scalar, scalar_from_int
from federation.crypto.weighted import weighted_sum
from federation.errors import DeserializeError, InvalidInputError, ShareVerifyError
from tests.crypto.helpers import KEY_ID, deal_key

COUNT = 256
HELD, KEY = deal_key(2, (1, 2, 3))
QUORUM = (1, 3)
BLINDED = group.random_elements(COUNT)
ANSWERS = {
    index: toprf.evaluate(HELD[index], QUORUM, BLINDED, KEY_ID, 1, prove=False).elements
    for index in QUORUM
}


def prove(element: bytes) -> dict[int, bytes]:
    """Get proved answers to the check element."""
    proved = {}
    for index in QUORUM:
        answer = toprf.evaluate(HELD[index], QUORUM, element, KEY_ID, 1, prove=True)
        toprf.verify_share(KEY, QUORUM, index, element, answer)
        proved[index] = answer.elements
    return proved


def altered(answer: bytes, position: int, element: bytes) -> bytes:
    """Replace one element of a batch."""
    return answer[: 32 * position] + element + answer[32 * position + 32 :]


def check(answers: dict[int, bytes]) -> None:
    """Run the whole check."""
    batch = toprf.BatchCheck(BLINDED, answers)
    batch.verify(toprf.combine(answers), prove(batch.element))


def test_an_honest_batch_passes() -> None:
    """Right answers pass the check."""
    check(ANSWERS)


@pytest.mark.parametrize("position", [0, 1, 100, COUNT - 1])
def test_one_wrong_element_is_always_found(position: int) -> None:
    """A single altered element fails for every draw, and its sender is named."""
    bad = altered(ANSWERS[3], position, group.GENERATOR)
    for _ in range(3):
        with pytest.raises(ShareVerifyError) as caught:
            check({1: ANSWERS[1], 3: bad})

        assert frozenset({3}) == caught.value.culprits


def test_one_wrong_element_is_found_with_certainty_over_all_weights() -> None:
    """No weight from 1 to 255 hides a difference, not even one of small multiples."""
    difference = group.scalarmult_base(scalar_from_int(7))

    assert group.IDENTITY not in {
        weighted_sum(bytes([weight]), difference) for weight in range(1, 256)
    }


def test_coefficients_are_uniform_and_never_zero() -> None:
    """Weights are drawn from 1..255, all of them, none far too often."""
    drawn = Counter(toprf._coefficients(100_000))

    assert set(range(1, 256)) == set(drawn)
    assert max(drawn.values()) < 2 * min(drawn.values())


def test_two_cheats_are_both_named() -> None:
    """Each custodian whose answer differs from its proof is a culprit."""
    bad = {index: altered(answer, 5, group.GENERATOR) for index, answer in ANSWERS.items()}
    with pytest.raises(ShareVerifyError) as caught:
        check(bad)

    assert frozenset(QUORUM) == caught.value.culprits


def test_cheats_that_cancel_do_no_harm() -> None:
    """Two custodians whose errors cancel leave the sum right, and pass."""
    extra = group.GENERATOR
    first = group.add(ANSWERS[1][:32], extra)
    second = group.subtract(ANSWERS[3][:32], extra)

    check({1: altered(ANSWERS[1], 0, first), 3: altered(ANSWERS[3], 0, second)})


def test_swapped_elements_are_found_unless_their_weights_agree() -> None:
    """Two swapped elements escape only when both draw the same weight: 1 in 255."""
    swapped = ANSWERS[3][32:64] + ANSWERS[3][:32] + ANSWERS[3][64:]
    answers = {1: ANSWERS[1], 3: swapped}
    escaped = 0
    for _ in range(3):
        batch = toprf.BatchCheck(BLINDED, answers)
        same = batch.weights[0] == batch.weights[1]
        try:
            batch.verify(toprf.combine(answers), prove(batch.element))
        except ShareVerifyError:
            assert not same
        else:
            assert same
            escaped += 1

    assert escaped < 3


def test_answers_must_be_in_before_the_draw() -> None:
    """The check keeps the answers it was made with: later ones are held against those."""
    batch = toprf.BatchCheck(BLINDED, ANSWERS)
    late = {1: ANSWERS[1], 3: altered(ANSWERS[3], 9, group.GENERATOR)}
    with pytest.raises(ShareVerifyError):
        batch.verify(toprf.combine(late), prove(batch.element))


def test_wrong_sizes_and_quorums() -> None:
    """Answers of another size name their sender; another quorum is the caller's mistake."""
    with pytest.raises(ShareVerifyError) as caught:
        toprf.BatchCheck(BLINDED, {1: ANSWERS[1], 3: ANSWERS[3][:-32]})
    assert frozenset({3}) == caught.value.culprits

    batch = toprf.BatchCheck(BLINDED, ANSWERS)
    proved = prove(batch.element)
    with pytest.raises(InvalidInputError):
        batch.verify(toprf.combine(ANSWERS), {1: proved[1]})
    with pytest.raises(InvalidInputError):
        batch.verify(toprf.combine(ANSWERS)[:-32], proved)
    for blinded, answers in ((b"", {1: b""}), (BLINDED, {})):
        with pytest.raises(InvalidInputError):
            toprf.BatchCheck(blinded, answers)


def test_weighted_sum_is_the_sum_of_products() -> None:
    """Buckets give what multiplying and adding gives."""
    weights = bytes([1, 255, 0, 7, 7, 128, 2, 1])
    elements = group.random_elements(len(weights))
    expected = group.IDENTITY
    for weight, element in zip(weights, group.split_elements(elements), strict=True):
        if weight:
            expected = group.add(expected, group.scalarmult(scalar_from_int(weight), element))

    assert expected == weighted_sum(weights, elements)
    assert weighted_sum(b"", b"") == group.IDENTITY
    assert weighted_sum(bytes(3), elements[:96]) == group.IDENTITY
    with pytest.raises(DeserializeError):
        weighted_sum(b"\x01", elements)
    with pytest.raises(DeserializeError):
        weighted_sum(b"\x01", b"\xff" * 32)


def test_outputs_of_a_checked_batch_are_the_keys() -> None:
    """Blind, evaluate in two places, combine, unblind: the whole key's output."""
    secret = random_scalar()
    held, _ = deal_key(2, (1, 2, 3), secret)
    values = [b"%d" % number for number in range(70)]
    blinded = oprf.blind_batch(values)
    answers = {
        index: toprf.evaluate(
            held[index], (2, 3), blinded.elements, KEY_ID, 1, prove=False
        ).elements
        for index in (2, 3)
    }
    outputs = oprf.finalize_batch(values, blinded.blinds, toprf.combine(answers))

    assert [oprf.evaluate(secret, value) for value in values] == outputs
