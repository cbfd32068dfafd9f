# SPDX-License-Identifier: Apache-2.0
"""Which cases hang together, and with whom a thread is shared."""

import dataclasses
import random
from itertools import combinations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.matching.threads import (
    Evidence,
    ThreadRules,
    bond_of,
    facts_of,
    meetings_of,
    partition,
    weak_candidates,
)
from tests.matching.yarn import (
    Observations,
    case,
    connected,
    evidence,
    names,
    pairs_of,
    written,
)


def threads(found: Evidence, *apart: str) -> list[str]:
    """Threads as words whose letters are the cases."""
    pairs = [(case(one), case(other)) for one, other in apart]
    return [names(thread) for one in partition(found, pairs) for thread in one.threads]


def shared(found: Evidence, name: str) -> dict[int, list[str]]:
    """Members by value, as a case is shared with them."""
    met = meetings_of(found, case(name))
    return {value: sorted(one.member for one in meetings) for value, meetings in met.items()}


def test_a_value_ties_all_who_hold_it() -> None:
    """And those who hold another value with one of them; who holds neither is alone."""
    found = evidence({"a": [{1}], "b": [{1}, {2}], "c": [{2}], "d": [{3}], "e": []})

    assert ["abc", "d", "e"] == threads(found)


@pytest.mark.parametrize(
    ("one", "other", "tied"),
    [
        pytest.param([{5}], [{5}], False, id="one name"),
        pytest.param([{5}, {6}], [{5}, {6}], True, id="a name and a place"),
        pytest.param([{5}, {6}], [{5}, {7}], False, id="another place"),
        pytest.param([{5, 6}], [{5, 6}], False, id="two cells of one place"),
        pytest.param([{5, 6}], [{5}, {6}], False, id="one place between two"),
        pytest.param([{5, 7}, {6, 7}], [{5}, {6}], False, id="two points that overlap"),
        pytest.param([{5}, {5}], [{5}, {5}], False, id="the same name in two columns"),
        pytest.param([{1, 5}], [{1, 5}], True, id="an office by number and name"),
    ],
)
def test_weak_values_tie_only_together(
    one: Observations, other: Observations, *, tied: bool
) -> None:
    """Two of them do, if they are about different things at both ends."""
    assert tied is (threads(evidence({"a": one, "b": other})) == ["ab"])


def test_weak_values_do_not_chain() -> None:
    """Two links of one namesake each make no thread of three."""
    found = evidence({"a": [{5}], "b": [{5}, {6}], "c": [{6}]})

    assert ["a", "b", "c"] == threads(found)


def test_what_too_many_hold_ties_nothing() -> None:
    """Neither a value that would tie alone, nor one that counts with others."""
    cases = {"a": [{1}, {5}, {6}], "b": [{1}, {5}, {6}]}

    assert ["ab"] == threads(evidence(cases))
    assert ["a", "b"] == threads(evidence(cases, common={1, 5}))


def test_what_a_person_confirmed_ties() -> None:
    """Two cases for which the same match is right, however common its value is."""
    cases = {"a": [{1}], "b": [{1}], "c": [{1}]}
    right = [(1, "amparo", "a"), (1, "amparo", "b")]
    other = [(1, "amparo", "a"), (1, "licht", "b")]
    met = {1: ["amparo", "licht"]}

    assert ["ab", "c"] == threads(evidence(cases, common={1}, met=met, confirmed=right))
    assert ["a", "b", "c"] == threads(evidence(cases, common={1}, met=met, confirmed=other))


def test_a_case_goes_with_the_side_that_it_has_more_in_common_with() -> None:
    """Where a person put two cases apart, the strongest ties hold."""
    cases = {"a": [{1}], "b": [{1}, {2}, {3}], "c": [{2}, {3}, {4}], "d": [{4}]}
    found = evidence(cases)

    assert ["abcd"] == threads(found)
    assert ["a", "bcd"] == threads(found, "ac")
    assert ["abc", "d"] == threads(found, "bd")
    # As strong at both ends: with the older one.
    assert ["abc", "d"] == threads(found, "ad")
    assert ["ab", "cd"] == threads(found, "ad", "bc")
    assert ["abcd"] == threads(found, "xy")


def test_split_threads_stay_one_component() -> None:
    """Threads that people split are told as belonging to one component."""
    found = evidence({"a": [{1}], "b": [{1}, {2}], "c": [{2}], "x": [{3}]})
    components = partition(found, [(case("a"), case("b"))])

    assert [["a", "bc"], ["x"]] == [[names(one) for one in each.threads] for each in components]


def test_members_by_what_they_hold_too() -> None:
    """Strong values count, weak ones beside them or together, about different things."""
    cases = {"a": [{1, 5}, {6}], "b": [{5}, {6}], "c": [{5}], "d": [{5, 6}], "e": [{1}]}
    met = {1: ["amparo"], 5: ["amparo", "licht"], 6: ["amparo", "licht"]}
    found = evidence(cases, met=met)

    # The name of the office whose number they share is not said again.
    assert {1: ["amparo"], 5: ["licht"], 6: ["amparo", "licht"]} == shared(found, "a")
    assert {5: ["amparo", "licht"], 6: ["amparo", "licht"]} == shared(found, "b")
    assert {} == shared(found, "c")
    assert {} == shared(found, "d")
    assert {1: ["amparo"]} == shared(found, "e")


def test_what_a_person_rejected_is_no_match_for_that_case() -> None:
    """And for no other."""
    cases = {"a": [{1}], "b": [{1}]}
    found = evidence(cases, met={1: ["amparo"]}, rejected=[(1, "amparo", "a")])

    assert ({}, {1: ["amparo"]}) == (shared(found, "a"), shared(found, "b"))
    assert ["ab"] == threads(found)


def test_a_confirmed_match_is_never_too_common_nor_too_weak() -> None:
    """It stays in view whatever others hold."""
    cases = {"a": [{1}, {5}], "b": [{1}, {5}]}
    right = [(1, "amparo", "a"), (5, "licht", "a")]
    met = {1: ["amparo"], 5: ["licht"]}
    found = evidence(cases, common={1}, met=met, confirmed=right)

    assert {1: ["amparo"], 5: ["licht"]} == shared(found, "a")
    assert {} == shared(found, "b")


def test_the_limit_follows_the_number_of_cases() -> None:
    """Never below the floor."""
    rules = ThreadRules(cases=50, per_thousand=2)

    assert [50, 50, 50, 52] == [rules.most_cases(own) for own in (0, 500, 25_499, 26_000)]


def test_facts_are_named_by_their_smallest_values() -> None:
    """Observations that share a value are one fact."""
    links = [(b"x", 7), (b"x", 3), (b"y", 9), (b"z", 9), (b"z", 4)]

    assert {3: 3, 7: 3, 4: 4, 9: 4} == facts_of(links)
    assert facts_of(links) == facts_of(links[::-1])


@given(found=written(), data=st.data())
def test_the_order_in_which_evidence_came_does_not_matter(
    found: Evidence, data: st.DataObject
) -> None:
    """Not for the threads, not for their order, and not for what is shared with whom."""
    apart = data.draw(pairs_of(found))
    order = random.Random(data.draw(st.integers()))
    shuffled = dataclasses.replace(
        found,
        held=dict(order.sample(list(found.held.items()), len(found.held))),
        meetings=dict(order.sample(list(found.meetings.items()), len(found.meetings))),
    )

    assert partition(found, sorted(apart)) == partition(
        shuffled, order.sample([pair[::-1] for pair in sorted(apart)], len(apart))
    )


@given(found=written(), data=st.data())
def test_threads_are_as_large_as_people_let_them(found: Evidence, data: st.DataObject) -> None:
    """Bonds hold each together; no more could be one without two cases that were put apart."""
    apart = data.draw(pairs_of(found))
    foes = {frozenset(pair) for pair in apart}
    components = partition(found, apart)
    parts = [thread for one in components for thread in one.threads]

    assert sorted(found.held) == sorted(one for thread in parts for one in thread)
    for thread in parts:
        assert list(thread) == sorted(thread)
        assert connected(found, thread)
        assert not any(frozenset(pair) in foes for pair in combinations(thread, 2))
    for one, other in combinations(parts, 2):
        if any(bond_of(found, first, second) for first in one for second in other):
            assert any({first, second} in foes for first in one for second in other)


@given(found=written())
def test_pairs_that_weak_values_may_tie_are_all_found(found: Evidence) -> None:
    """Whoever is tied by weak values alone is a candidate, from either end."""
    tied = {
        pair
        for pair in combinations(sorted(found.held), 2)
        if (bond := bond_of(found, *pair)) is not None and not bond.same
    }
    holders = found.holders()

    assert tied <= weak_candidates(found, holders)
    for name in found.held:
        assert {pair for pair in weak_candidates(found, holders) if name in pair} == (
            weak_candidates(found, holders, {name})
        )


@given(found=written())
def test_a_bond_is_the_same_from_both_ends(found: Evidence) -> None:
    """Cases are not ordered by it."""
    for one, other in combinations(found.held, 2):
        assert bond_of(found, one, other) == bond_of(found, other, one)


@given(found=written(), data=st.data())
def test_more_evidence_of_a_strong_kind_never_takes_a_thread_apart(
    found: Evidence, data: st.DataObject
) -> None:
    """A new case joins threads, and changes none that it does not touch."""
    values = data.draw(st.sets(st.integers(1, 4), max_size=3))
    before = [one.threads[0] for one in partition(found)]
    grown = dataclasses.replace(
        found, held={**found.held, case("z"): {value: value for value in values}}
    )
    after = [set(one.threads[0]) for one in partition(grown)]

    assert all(any(set(thread) <= each for each in after) for thread in before)
