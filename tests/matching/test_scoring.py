# SPDX-License-Identifier: Apache-2.0
"""From equal slots to a score, a class and reasons."""

import json
from collections.abc import Collection
from itertools import pairwise, permutations
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import ExchangeError
from federation.indicators.person import GROUP_OF, PLAN, Person, read_person, slots
from federation.matching.scoring import (
    MATCH_SCORE,
    POSSIBLE_SCORE,
    Comparison,
    MatchClass,
    Scored,
    assign,
    compare,
)
from federation.matching.weights import LEVELS, WEIGHTS

NAMES = list(GROUP_OF)
LETTERS = PLAN[0].names
SETS = st.sets(st.sampled_from(NAMES))
MARIA = Person(given="María José", family="Hernández", birth_date="1987-03-05", sex="female")


def compared(one: Person, other: Person) -> Comparison:
    """Two persons compared by their values, which nodes do by tokens."""
    here, there = ({slot.name: slot.value for slot in slots(person)} for person in (one, other))
    equal = {name for name, value in here.items() if there.get(name) == value}
    return compare(here.keys(), there.keys(), equal)


@given(SETS, st.data())
def test_another_equal_slot_never_lowers_the_score(both: set[str], data: st.DataObject) -> None:
    """The score rises, or stays, with each slot that is equal too."""
    more = data.draw(st.sets(st.sampled_from(sorted(both)))) if both else set()
    less = data.draw(st.sets(st.sampled_from(sorted(more)))) if more else set()

    assert compare(both, both, less).score <= compare(both, both, more).score


@given(SETS, SETS, SETS)
def test_the_same_from_both_sides(one: set[str], other: set[str], equal: set[str]) -> None:
    """Both sides come to the same score and class."""
    equal &= one & other

    assert compare(one, other, equal) == compare(other, one, equal)


@given(st.sets(st.sampled_from(LETTERS)))
def test_names_alone_are_never_a_match(equal: set[str]) -> None:
    """However alike the names are, without a date or a place there is no class."""
    assert compare(NAMES, NAMES, equal).match_class is None
    assert compare(LETTERS, LETTERS, LETTERS).match_class is None


@pytest.mark.parametrize(
    ("own", "theirs", "equal"),
    [
        (["birth"], ["letters/0"], ["birth"]),
        (["birth"], ["birth"], ["month/0"]),
        (["name"], ["name"], ["name"]),
        (["letters/26"], ["letters/26"], []),
    ],
    ids=["theirs lacks it", "neither has it", "no such slot", "no such number"],
)
def test_surplus_slots_are_refused(
    own: Collection[str], theirs: Collection[str], equal: Collection[str]
) -> None:
    """A slot that one side does not have, or that there is not, cannot be equal."""
    with pytest.raises(ExchangeError):
        compare(own, theirs, equal)


def test_same_person_spelled_otherwise() -> None:
    """Another spelling and order with the same birth date is a match, and says why."""
    found = compared(MARIA, Person(full="HERNANDES Maria", birth_date="1987-03-05"))

    assert found.match_class is MatchClass.MATCH
    assert found.score >= MATCH_SCORE
    assert found.reasons[0] == "same birth date"
    assert not found.weak


def test_day_and_month_exchanged_is_said() -> None:
    """The caseworker reads that the date may be the other way round."""
    found = compared(MARIA, Person(full="Maria Jose Hernandez", birth_date="1987-05-03"))

    assert "same birth date, perhaps day and month exchanged; same names" == found.reason


def test_script_does_not_matter() -> None:
    """One person in Cyrillic and in Latin letters is a match."""
    one = Person(full="Юлия Кузнецова", birth_date="1999-07-21")
    other = Person(given="Yulia", family="Kuznetsova", birth_date="1999-07-21")

    assert compared(one, other).match_class is MatchClass.MATCH


def test_two_people_are_no_match() -> None:
    """Other names on one birth date, and one name on other dates, are nobody's match."""
    twin_date = Person(given="Binod", family="Thapa", birth_date="1987-03-05")
    namesake = Person(given="María José", family="Hernández", birth_date="1961-11-19")

    assert compared(MARIA, twin_date).match_class is None
    assert compared(MARIA, namesake).match_class is None


def test_an_alias_and_a_town_are_weak() -> None:
    """The same alias from the same town counts only beside another indicator."""
    one = Person(aliases=("El Chino",), birthplace="Tapachula")
    other = Person(full="el Chino", birthplace="TAPACHULA")

    assert compared(one, other).weak


def test_one_partner_for_each_record() -> None:
    """The best pair is kept first; the order in which pairs come does not matter."""
    pairs = [Scored(0.9, "a", "x"), Scored(0.8, "a", "y"), Scored(0.7, "b", "x")]
    pairs += [Scored(0.6, "b", "y"), Scored(0.9, "c", "z"), Scored(0.9, "c", "w")]
    expected = (Scored(0.9, "a", "x"), Scored(0.9, "c", "w"), Scored(0.6, "b", "y"))

    assert all(expected == assign(order) for order in permutations(pairs))


def test_weights_fit_the_plan() -> None:
    """Each group has a weight for each level, and none falls with its level."""
    assert [group.name for group in PLAN] == list(WEIGHTS)
    assert all(len(line) == len(LEVELS) + 1 for line in WEIGHTS.values())
    assert all(one <= other for line in WEIGHTS.values() for one, other in pairwise(line))
    assert 0 < POSSIBLE_SCORE < MATCH_SCORE < 1


def test_a_persons_own_vectors_match_themselves() -> None:
    """Whoever is in the vectors with a whole date is a match of themselves."""
    path = Path(__file__).parents[1] / "vectors" / "person.json"
    vectors = json.loads(path.read_text(encoding="utf-8"))["vectors"]
    whole = [read_person(vector["raw"]) for vector in vectors if vector["result"] == "valid"]
    dated = [person for person in whole if len(person.birth_date) == len("1987-03-05")]

    assert dated
    assert all(
        compared(person, person).match_class is MatchClass.MATCH
        for person in dated
        if not person.birth_date.endswith("-01-01")
    )
