# SPDX-License-Identifier: Apache-2.0
"""Sharing: any t shares give the secret, commitments give everybody's public share."""

import itertools
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.crypto import group, scalars, shares
from federation.errors import DeserializeError, InvalidInputError, VerifyError
from tests.crypto.helpers import deal_key

indices = st.sets(st.integers(1, shares.MAX_INDEX), min_size=1, max_size=6).map(
    lambda chosen: tuple(sorted(chosen))
)


@settings(max_examples=25, deadline=None)
@given(indices, st.data())
def test_any_quorum_gives_the_secret(chosen: tuple[int, ...], data: st.DataObject) -> None:
    """T shares or more give the secret, in the clear and in the exponent."""
    threshold = data.draw(st.integers(1, len(chosen)))
    size = data.draw(st.integers(threshold, len(chosen)))
    quorum = data.draw(st.permutations(chosen))[:size]
    secret = scalars.random_scalar()
    held, key = deal_key(threshold, chosen, secret)

    assert secret == shares.combine_shares({index: held[index].secret for index in quorum})
    assert key.public_key == shares.interpolate(
        {index: key.public_shares[index] for index in quorum}
    )
    shares.check_group_key(key)


def test_fewer_shares_do_not_give_the_secret() -> None:
    """t-1 shares interpolate to something else."""
    secret = scalars.random_scalar()
    held, _ = deal_key(3, (1, 2, 3, 4, 5), secret)
    for pair in itertools.combinations(held, 2):
        assert secret != shares.combine_shares({index: held[index].secret for index in pair})


def test_public_shares_are_the_shares() -> None:
    """What follows from the commitments is the share times the generator."""
    held, key = deal_key(3, (1, 2, 9, 65535))
    for index, share in held.items():
        assert key.public_shares[index] == group.scalarmult_base(share.secret)


def test_lagrange_coefficients_sum_to_one() -> None:
    """A constant polynomial is interpolated to itself, at zero and elsewhere."""
    for at in (0, 5, 77):
        total = scalars.ZERO
        for index in (2, 3, 11):
            total = scalars.add_scalars(total, shares.lagrange(index, (2, 3, 11), at))
        assert total == scalars.ONE


@pytest.mark.parametrize("bad", [(), (0,), (0, 1), (1, 1), (2, 1), (1, 65536), (-1, 1)])
def test_malformed_index_sets(bad: tuple[int, ...]) -> None:
    """Indices are ascending, distinct, from 1 to 65535."""
    with pytest.raises(InvalidInputError):
        shares.check_indices(bad)
    with pytest.raises(InvalidInputError):
        shares.lagrange(1, bad)


def test_a_coefficient_needs_a_member_of_the_quorum() -> None:
    """There is no coefficient for a stranger."""
    with pytest.raises(InvalidInputError):
        shares.lagrange(3, (1, 2))


@pytest.mark.parametrize("threshold", [0, -1, 65536])
def test_thresholds_out_of_range(threshold: int) -> None:
    """A polynomial has at least one coefficient."""
    with pytest.raises(InvalidInputError):
        shares.random_polynomial(threshold)


def test_commitments_that_cancel_at_one_index_are_still_evaluated() -> None:
    """A dealer cannot make the arithmetic fail for one chosen participant."""
    c_2 = group.scalarmult_base(scalars.random_scalar())
    c_1 = group.scalarmult(scalars.negate(scalars.scalar_from_int(4)), c_2)
    c_0 = group.GENERATOR

    assert c_0 == shares.evaluate_commitments((c_0, c_1, c_2), 4)


def test_an_identity_commitment_is_refused() -> None:
    """Evaluation multiplies every commitment, and so refuses the identity."""
    with pytest.raises(DeserializeError):
        shares.evaluate_commitments((group.GENERATOR, group.IDENTITY), 1)


def test_inconsistent_public_shares_are_found() -> None:
    """A public share off the polynomial, or another public key, is refused."""
    _, key = deal_key(2, (1, 2, 3))
    for index in (1, 2, 3):
        altered = dict(key.public_shares) | {index: group.GENERATOR}
        with pytest.raises(VerifyError):
            shares.check_group_key(replace(key, public_shares=altered))
    with pytest.raises(VerifyError):
        shares.check_group_key(replace(key, public_key=group.GENERATOR))
    with pytest.raises(InvalidInputError):
        shares.check_group_key(replace(key, threshold=4))
    identity = dict(key.public_shares) | {3: group.IDENTITY}
    with pytest.raises(DeserializeError):
        shares.check_group_key(replace(key, public_shares=identity))


def test_shares_are_not_printed() -> None:
    """A share's repr shows nothing of it."""
    held, _ = deal_key(2, (1, 2))

    assert held[1].secret.hex() not in repr(held[1])
    assert repr(held[1].secret) not in repr(held[1])
