# SPDX-License-Identifier: Apache-2.0
"""Indicators with more than one key meet in whichever both sides have."""

from collections.abc import Mapping

import pytest

from federation.indicators import Case, Kind, Subject
from federation.member import Match
from tests.member.support import federation

Raw = str | Mapping[str, str]

OFFICE = {"name": "Carpas Vistamora SA de CV", "country": "MX"}
NUMBERED = OFFICE | {"register": "REG-778812"}


def meet(kind: Kind, here: Raw, there: Raw) -> list[Match]:
    """Let two members hold one spelling each; return what the first finds."""
    with federation("hope", "amparo") as fed:
        fed["hope"].put_cases([Case("H-1").add(kind, here, Subject.BUSINESS, field="x")])
        fed["amparo"].put_cases([Case("A-1").add(kind, there, Subject.BUSINESS, field="y")])
        fed.sync()
        matches = fed["hope"].matches()
        assert [one.weak for one in matches] == [one.weak for one in fed["amparo"].matches()]
    return matches


def test_provider_rules_join_two_spellings_of_a_mailbox() -> None:
    """Dots and tags that a provider ignores do not hide that it is one mailbox."""
    (match,) = meet(Kind.EMAIL, "circo.jobs@gmail.com", "circojobs+maria@gmail.com")

    assert not match.weak


def test_points_nearby_meet_weakly() -> None:
    """Two points some ten metres apart are a place nearby, said once and marked as weak."""
    here = {"lat": "19.432608", "lon": "-99.133209"}
    there = {"lat": "19.432708", "lon": "-99.133209"}
    matches = meet(Kind.PLACE, here, there)

    assert 1 == len(matches)


def test_distant_points_do_not_meet() -> None:
    """A kilometre away is another place."""
    here = {"lat": "19.432608", "lon": "-99.133209"}
    there = {"lat": "19.442608", "lon": "-99.133209"}

    assert [] == meet(Kind.PLACE, here, there)


def test_a_number_and_a_name_meet_weakly() -> None:
    """An office known by number here and by name there is a namesake until somebody asks."""
    matches = meet(Kind.COMPANY, NUMBERED, OFFICE)

    assert [True] == [one.weak for one in matches]


def test_a_certain_match_is_said_once() -> None:
    """Equal number and equal name are one line, and it is not weak."""
    (match,) = meet(Kind.COMPANY, NUMBERED, NUMBERED)

    assert not match.weak


@pytest.mark.parametrize("kind", [Kind.PHONE, Kind.HANDLE])
def test_kinds_with_one_key_are_never_weak(kind: Kind) -> None:
    """Most kinds have the one key, and equality means the same."""
    raw = {Kind.PHONE: "+52 55 1234 5678", Kind.HANDLE: "instagram:@circo_jobs"}[kind]
    (match,) = meet(kind, raw, raw)

    assert not match.weak
