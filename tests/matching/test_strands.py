# SPDX-License-Identifier: Apache-2.0
"""Why cases hang together, each thing said once."""

from hypothesis import given
from hypothesis import strategies as st

from federation.matching.strands import Strand, Why, strands
from federation.matching.threads import Evidence, meetings_of, partition
from tests.matching.yarn import case, evidence, names, pairs_of, written


def told(found: Evidence, cases: str) -> list[tuple[Why, str, str]]:
    """Why, which cases, which members."""
    return [
        (one.why, names(one.cases), " ".join(met.member for met in one.meetings))
        for one in strands(found, [case(name) for name in cases])
    ]


def test_a_phone_and_an_office() -> None:
    """Own cases with each other, and members at the same thing."""
    found = evidence(
        {"a": [{1}], "b": [{1}, {2}], "c": [{2}]}, met={1: ["amparo", "licht"], 2: ["licht"]}
    )

    assert [(Why.SAME, "ab", "amparo licht"), (Why.SAME, "bc", "licht")] == told(found, "abc")


def test_an_office_by_number_and_name_is_said_once() -> None:
    """By its number; who knows only the name is told apart."""
    cases = {"a": [{1, 5}], "b": [{1, 5}]}

    assert [(Why.SAME, "ab", "amparo")] == told(evidence(cases, met={1: ["amparo"]}), "ab")
    assert [(Why.SAME, "ab", "")] == told(evidence(cases, met={5: ["licht"]}), "ab")


def test_nobody_is_said_to_hold_more_than_it_does() -> None:
    """Licht shares the name of the office and its place, and not its number."""
    found = evidence({"a": [{1, 5}, {6}], "b": [{1, 5}]}, met={5: ["licht"], 6: ["licht"]})

    assert [
        (Why.SAME, "ab", ""),
        (Why.TOGETHER, "a", "licht"),
        (Why.TOGETHER, "a", "licht"),
    ] == told(found, "ab")


def test_weak_values_say_why_they_count() -> None:
    """Beside something certain, or together."""
    beside = evidence({"a": [{1}, {5}], "b": [{1}, {5}]})
    together = evidence({"a": [{5}, {6}], "b": [{5}, {6}]}, met={5: ["amparo"], 6: ["amparo"]})

    assert [(Why.SAME, "ab", ""), (Why.BESIDE, "ab", "")] == told(beside, "ab")
    assert [
        (Why.TOGETHER, "ab", "amparo"),
        (Why.TOGETHER, "ab", "amparo"),
    ] == told(together, "ab")


def test_a_confirmed_match_says_that_a_person_confirmed_it() -> None:
    """Where it would not count without."""
    right = [(1, "amparo", "a"), (1, "amparo", "b")]
    cases = {"a": [{1}], "b": [{1}]}
    common = evidence(cases, common={1}, met={1: ["amparo"]}, confirmed=right)
    usual = evidence(cases, met={1: ["amparo"]}, confirmed=right)

    assert [(Why.CONFIRMED, "ab", "amparo")] == told(common, "ab")
    assert [(Why.SAME, "ab", "amparo")] == told(usual, "ab")


def test_one_value_under_two_keys_is_said_once() -> None:
    """While keys are replaced, everything has two values."""
    found = evidence(
        {"a": [{1, 2}], "b": [{1, 2}], "c": [{2}]}, met={1: ["amparo"], 2: ["amparo", "licht"]}
    )
    (only,) = strands(found, [case(name) for name in "abc"])

    assert ((1, 2), b"2/licht") == (only.values, only.meetings[1].match)
    assert [(Why.SAME, "abc", "amparo licht")] == told(found, "abc")


def reached(found: list[Strand], cases: tuple[bytes, ...]) -> set[bytes]:
    """Cases that strands lead to from the first one."""
    seen = {cases[0]}
    while True:
        more = {one for strand in found if seen & set(strand.cases) for one in strand.cases}
        if more <= seen:
            return seen
        seen |= more


@given(found=written(), data=st.data())
def test_every_thread_is_explained(found: Evidence, data: st.DataObject) -> None:
    """Strands lead from each of its cases to every other, and to each member."""
    for component in partition(found, data.draw(pairs_of(found))):
        for thread in component.threads:
            explained = strands(found, thread)
            members = {
                met.member
                for one in thread
                for meetings in meetings_of(found, one).values()
                for met in meetings
            }

            assert set(thread) == reached(explained, thread)
            assert members == {met.member for one in explained for met in one.meetings}
            assert all(set(one.cases) <= set(thread) for one in explained)


@given(found=written())
def test_the_order_of_the_cases_does_not_matter(found: Evidence) -> None:
    """Nor does anything else but the evidence."""
    cases = sorted(found.held)

    assert strands(found, cases) == strands(found, cases[::-1])
