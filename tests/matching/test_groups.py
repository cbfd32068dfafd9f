# SPDX-License-Identifier: Apache-2.0
"""Disjoint groups, named by their smallest members."""

from hypothesis import given
from hypothesis import strategies as st

from federation.matching.groups import Groups

pairs = st.lists(st.tuples(st.integers(0, 12), st.integers(0, 12)), max_size=20)


def grown(joined: list[tuple[int, int]]) -> dict[int, list[int]]:
    """Join pairs by the definition: whoever shares a group with somebody joins theirs."""
    groups = [{number} for number in range(13)]
    for one, other in joined:
        met = [group for group in groups if group & {one, other}]
        groups = [group for group in groups if group not in met] + [set().union(*met)]
    return {min(group): sorted(group) for group in groups}


@given(joined=pairs, order=st.randoms(use_true_random=False))
def test_the_order_of_joining_does_not_matter(
    joined: list[tuple[int, int]], order: "st.random.Random"
) -> None:
    """Groups are those of the definition, and each is named by its smallest member."""
    groups = Groups(range(13))
    shuffled = joined[:]
    order.shuffle(shuffled)
    for one, other in shuffled:
        groups.join(one, other)

    assert grown(joined) == groups.all()
    assert {number: groups.find(number) for number in range(13)} == {
        number: least for least, members in grown(joined).items() for number in members
    }


def test_a_long_chain_needs_no_recursion() -> None:
    """A hundred thousand in a row, joined from the far end."""
    groups: Groups[int] = Groups()
    for number in reversed(range(100_000)):
        groups.join(number, number + 1)

    assert groups.find(100_000) == 0


def test_joining_nothing_is_nothing() -> None:
    """No thing, and one thing."""
    groups: Groups[int] = Groups()
    groups.join_all([])
    groups.join_all([3])

    assert {3: [3]} == groups.all()
