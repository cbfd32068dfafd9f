# SPDX-License-Identifier: Apache-2.0
"""Batches leave in stated sizes and a random order, and come back as tokens in the old one."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.crypto import oprf
from federation.crypto.group import split_elements, validate_elements
from federation.crypto.scalars import random_scalar
from federation.crypto.shares import KeyShare
from federation.crypto.toprf import ShareEvaluation, evaluate
from federation.errors import InvalidInputError, ShareVerifyError
from federation.tokens import (
    MAX_BATCH,
    Batch,
    charge_for,
    check_proved,
    guess_budget,
    largest_batch,
    oprf_input,
    padded_size,
)
from federation.tokens.inputs import token_of
from tests.crypto.helpers import KEY_ID, deal_key

QUORUM = (1, 3)
SECRET = random_scalar()
SHARES, GROUP = deal_key(2, (1, 2, 3), SECRET)


def inputs(count: int) -> list[bytes]:
    """OPRF inputs of invented values."""
    return [
        oprf_input(1, "network", "identifier", "phone", f"+4915{number:08}")
        for number in range(count)
    ]


def answer(share: KeyShare, elements: bytes) -> ShareEvaluation:
    """What an honest custodian answers."""
    return evaluate(share, QUORUM, elements, KEY_ID, 1, prove=False)


def answers(elements: bytes) -> dict[int, ShareEvaluation]:
    """What an honest quorum answers."""
    return {index: answer(SHARES[index], elements) for index in QUORUM}


@given(st.integers(1, MAX_BATCH))
def test_a_stated_size_holds_its_inputs(count: int) -> None:
    """8, 64 or a multiple of 512, never smaller than the batch, and stable."""
    size = padded_size(count)

    assert count <= size <= MAX_BATCH
    assert size in {8, 64} or size % 512 == 0
    assert size == padded_size(size)


@pytest.mark.parametrize("count", [0, -1, MAX_BATCH + 1])
def test_sizes_outside_are_refused(count: int) -> None:
    """Nothing, and more than 4,096, is no batch."""
    with pytest.raises(InvalidInputError):
        padded_size(count)


@pytest.mark.parametrize(
    ("budget", "size"),
    [(0, 0), (7, 0), (8, 8), (63, 8), (64, 64), (512, 64), (513, 512), (2000, 1536), (10**9, 4096)],
)
def test_the_largest_batch_that_a_budget_holds(budget: int, size: int) -> None:
    """A batch above 64 is charged one more, for its check."""
    assert size == largest_batch(budget)
    assert charge_for(max(size, 8)) <= max(budget, 8)


@settings(max_examples=10, deadline=None)
@given(st.integers(1, 70))
def test_tokens_come_in_the_order_of_the_inputs(count: int) -> None:
    """Shuffled and padded on the way, each input gets its own token."""
    given_inputs = inputs(count)
    batch = Batch(given_inputs)
    answered = {index: one.elements for index, one in answers(batch.elements).items()}
    got = batch.finish(batch.combine(answered))

    assert [token_of(oprf.evaluate(SECRET, one)) for one in given_inputs] == got
    assert padded_size(count) == batch.size == len(batch.elements) // 32
    assert (count > 64) == batch.needs_check


def test_padding_and_blinds_are_fresh() -> None:
    """The same inputs again share no element with the batch before: padding looks like the rest."""
    first, second = Batch(inputs(5)), Batch(inputs(5))

    assert 8 == validate_elements(first.elements)
    assert 16 == len({*split_elements(first.elements), *split_elements(second.elements)})
    assert first.request_id != second.request_id


def test_the_order_is_shuffled() -> None:
    """Where an element stands says nothing about its input."""
    values = inputs(64)

    assert values != Batch(values)._values


def test_all_culprits_of_a_proved_batch_are_named() -> None:
    """Two custodians that both lie are both found."""
    batch = Batch(inputs(3))
    honest = answers(batch.elements)
    swapped = {
        index: ShareEvaluation(
            one.elements[32:64] + one.elements[:32] + one.elements[64:], one.proof
        )
        for index, one in honest.items()
    }
    check_proved(GROUP, QUORUM, batch.elements, honest)

    with pytest.raises(ShareVerifyError) as caught:
        check_proved(GROUP, QUORUM, batch.elements, swapped)
    assert frozenset(QUORUM) == caught.value.culprits


@pytest.mark.parametrize("change", ["too few", "too many", "unreadable", "no proof"])
def test_a_broken_proved_answer_names_who_sent_it(change: str) -> None:
    """Whatever is wrong with one answer, its sender is to blame, and nobody else."""
    batch = Batch(inputs(3))
    given_answers = answers(batch.elements)
    good = given_answers[3]
    given_answers[3] = {
        "too few": ShareEvaluation(good.elements[:-32], good.proof),
        "too many": ShareEvaluation(good.elements + good.elements[:32], good.proof),
        "unreadable": ShareEvaluation(good.elements[:-32] + b"\xff" * 32, good.proof),
        "no proof": ShareEvaluation(good.elements, None),
    }[change]

    with pytest.raises(ShareVerifyError) as caught:
        check_proved(GROUP, QUORUM, batch.elements, given_answers)
    assert frozenset({3}) == caught.value.culprits


@pytest.mark.parametrize("length", [-32, 32])
def test_a_large_answer_of_another_size_names_who_sent_it(length: int) -> None:
    """Too few and too many elements are found before anything is added up."""
    batch = Batch(inputs(65))
    elements = {index: one.elements for index, one in answers(batch.elements).items()}
    elements[1] = elements[1][:length] if length < 0 else elements[1] + elements[1][:length]

    with pytest.raises(ShareVerifyError) as caught:
        batch.check(elements)
    assert frozenset({1}) == caught.value.culprits


def test_published_guess_budgets() -> None:
    """SECURITY.md: 3,000 a day with 2 of 3 and 2,000 each; 4,000 for a custodian-member."""
    assert 3_000 == guess_budget(3, 2, 2_000)
    assert 4_000 == guess_budget(3, 2, 2_000, colluding=1)


@pytest.mark.parametrize("colluding", [-1, 2, 3])
def test_with_a_quorum_in_collusion_there_is_no_budget(colluding: int) -> None:
    """T colluding custodians compute what they like."""
    with pytest.raises(InvalidInputError):
        guess_budget(3, 2, 2_000, colluding=colluding)
