# SPDX-License-Identifier: Apache-2.0
"""From hits in flat slots to a question, and from a question to who is meant."""

import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import ExchangeError
from federation.indicators.person import GROUP_OF
from federation.matching.candidates import (
    DEFAULT_THRESHOLD,
    RETURNED,
    choose,
    is_candidate,
    prospect,
    to_return,
)
from federation.matching.scoring import POSSIBLE_SCORE, compare

VECTORS = json.loads(
    (Path(__file__).parents[1] / "vectors" / "person.json").read_text(encoding="utf-8")
)["returned"]
NAMES = list(GROUP_OF)
SETS = st.sets(st.sampled_from(NAMES))


def names_of(*groups: str) -> tuple[str, ...]:
    """The names of all slots of some groups."""
    return tuple(name for group in groups for name in NAMES if GROUP_OF[name].name == group)


def test_two_families_make_a_candidate() -> None:
    """Names alone, however many, are none; with a date or place, or in a rule, they are."""
    letters = names_of("letters")

    assert not is_candidate(letters, DEFAULT_THRESHOLD)
    assert is_candidate((*letters[:2], "birth"), 3)
    assert is_candidate((*letters[:2], "address/0"), 3)
    assert is_candidate(("month/0", "month/1", "month/2"), 3)


def test_fewer_than_the_threshold_make_none() -> None:
    """One slot too few is too few, and the same one twice is one."""
    assert not is_candidate(("letters/0", "birth"), 3)
    assert not is_candidate(("letters/0", "birth", "birth"), 3)


@given(SETS, st.integers(1, 8))
def test_what_tells_a_birth_is_never_returned(hits: set[str], threshold: int) -> None:
    """Enough slots are returned, or none; never one that gives a birth year or date away."""
    returned = to_return(hits, threshold)
    plain = {name for name in hits if not GROUP_OF[name].tells_birth}
    expected = min(len(plain), RETURNED * threshold) if len(plain) >= threshold else 0

    assert set(returned) <= plain
    assert expected == len(returned) == len(set(returned))


@pytest.mark.parametrize("vector", VECTORS, ids=lambda vector: vector["comment"])
def test_what_is_returned(vector: dict[str, list[str]]) -> None:
    """Of a candidate the slots of the vector are returned, in its order; of others none."""
    hits = vector["hits"]
    asked = is_candidate(hits, DEFAULT_THRESHOLD)

    assert vector["returned"] == list(to_return(hits, DEFAULT_THRESHOLD) if asked else ())


def test_a_name_with_every_date_buys_none() -> None:
    """Who sends a name with all years and days, and nothing else of it, is not asked at all."""
    hits = names_of("year", "day")

    assert is_candidate(hits, DEFAULT_THRESHOLD)
    assert prospect(hits, hits) >= POSSIBLE_SCORE
    assert to_return(hits, DEFAULT_THRESHOLD) == ()


def test_the_person_with_most_returned_slots_is_chosen() -> None:
    """The best is opened, of equals the least id, and nobody below the threshold."""
    returned = ("letters/0", "letters/1", "years/0", "town/0")
    held = {"c": returned[:3], "b": returned, "a": returned[:2]}

    assert choose(returned, held, 3) == "b"
    assert choose(returned, {"c": returned[:3], "b": returned[1:]}, 3) == "b"
    assert choose(returned, {"a": returned[:2]}, 3) is None
    assert choose(returned, {}, 3) is None


@pytest.mark.parametrize(
    "returned",
    [NAMES[:2], NAMES[: 3 * RETURNED + 1], [*NAMES[:3], NAMES[0]], [*NAMES[:3], "birth"]],
    ids=["too few", "too many", "one twice", "one that tells a birth date"],
)
def test_a_group_that_nobody_may_return_is_refused(returned: list[str]) -> None:
    """A partner that asks with more or fewer slots than agreed, or with a date, is refused."""
    with pytest.raises(ExchangeError):
        choose(returned, {"a": returned}, 3)


def test_slots_that_were_not_returned_do_not_count() -> None:
    """Nobody is chosen by a slot that the partner did not name."""
    with pytest.raises(ExchangeError):
        choose(NAMES[:3], {"a": NAMES[:4]}, 3)


@pytest.mark.parametrize(
    "call", [is_candidate, to_return, lambda names, least: choose(names, {}, least)]
)
def test_unknown_slots_are_refused(call: object) -> None:
    """A slot's name that the plan does not have is refused, not passed over."""
    with pytest.raises(ExchangeError):
        call({"letters/0", "soundex"}, 1)  # type: ignore[operator]


@given(SETS)
def test_prospect_is_the_score_of_who_has_all_hits(hits: set[str]) -> None:
    """Of what was sent flat only the best can be thought."""
    assert prospect(NAMES, hits) == compare(NAMES, NAMES, hits).score
