# SPDX-License-Identifier: Apache-2.0
"""Terms deny by default, and say which clause decides."""

from datetime import timedelta
from typing import Any

import pytest

from federation.agreements import (
    Detail,
    EuropolCode,
    Flow,
    Handling,
    Marking,
    MatchBudget,
    Purpose,
    QueryTerms,
    Terms,
)
from federation.charter import Role, with_member
from federation.errors import AgreementError, MalformedError, MembershipError
from federation.indicators import Kind, Lane, Subject
from tests.agreements.support import NOW, terms
from tests.charter.support import charter, charter_digest, member


def test_round_trip() -> None:
    """Terms read back from the bytes that are signed."""
    assert Terms.from_bytes(terms().to_bytes()) == terms()


@pytest.mark.parametrize(
    "changes",
    [
        {"parties": ("hope",)},
        {"parties": ("hope", "amparo")},
        {"parties": ("hope", "hope")},
        {"lanes": ()},
        {"kinds": ()},
        {"kinds": (Kind.PHONE, Kind.EMAIL)},
        {"kinds": (Kind.PHONE, Kind.PHONE)},
        {"subjects": ()},
        {"subjects": (Subject.SURVIVOR,)},
        {"lanes": (Lane.NETWORK, Lane.SURVIVOR)},
        {"purposes": ()},
        {"purposes": ("immigration",)},
        {"retention_days": 0},
        {"retention_days": 3651},
        {"approvers": 0},
        {"approvers": 3},
        {"legal_basis": ""},
        {"valid_until": NOW},
        {"valid_until": NOW + timedelta(days=2000)},
        {"disclosure": (Flow(giver="hope", receiver="hope"),)},
        {"disclosure": (Flow(giver="hope", receiver="stranger"),)},
        {"query": (Flow(giver="hope", receiver="amparo"), Flow(giver="amparo", receiver="hope"))},
        {"handling": "secret"},
        {"match_budget": None},
        {"paper_sha256": bytes(31)},
        {"purpose_note": ""},
        {"purpose_note": "two\nlines"},
        {"details": (Detail.NOTE, Detail.CONTACT)},
        {"details": ("diary",)},
        {"disclosed_days": 0},
        {"disclosed_days": 3651},
        {"europol": (EuropolCode.H1, EuropolCode.H0)},
        {"europol": ("h4",)},
        {"queries": None},
        {"supersedes": bytes(31)},
        {"unknown": True},
    ],
)
def test_refused_terms(changes: dict[str, Any]) -> None:
    """Terms that are empty, unsorted, contradictory or unknown are not even made."""
    with pytest.raises(MalformedError):
        terms().replace(**changes)


def test_defaults_are_narrow() -> None:
    """Without a clause nothing is disclosed, nothing queried, and handling is strict."""
    one = terms()

    assert (one.disclosure, one.query, one.details) == ((), (), ())
    assert one.marking == Marking(Handling.AMBER_STRICT)
    assert (one.queries.daily, one.queries.window_hours) == (20, 72)
    assert one.supersedes is None


def test_pairs() -> None:
    """Every two parties compare, each pair once."""
    assert terms().pairs == (("amparo", "hope"), ("amparo", "licht"), ("hope", "licht"))


def test_match_budget() -> None:
    """A party answers 20 matches a day and one for each hundred of its own cases."""
    assert MatchBudget().daily(0) == 20
    assert MatchBudget().daily(250) == 22
    with pytest.raises(MalformedError):
        MatchBudget(daily_percent=101)


def test_what_was_disclosed_may_be_kept_for_another_time() -> None:
    """Without a figure of its own it is kept as long as a match."""
    assert terms(retention_days=365).days_disclosed == 365
    assert terms(retention_days=365, disclosed_days=30).days_disclosed == 30


@pytest.mark.parametrize(
    "changes", [{"daily": 0}, {"daily": 1001}, {"window_hours": 0}, {"window_hours": 337}]
)
def test_bounds_of_queries(changes: dict[str, int]) -> None:
    """Who is asked has between an hour and a fortnight, and at most a thousand questions a day."""
    QueryTerms(daily=1000, window_hours=336)
    with pytest.raises(MalformedError):
        QueryTerms(**changes)


def test_new_terms_with_police() -> None:
    """Law enforcement takes a handling code, and an investigation takes law enforcement."""
    base = charter()
    police = with_member(
        base, charter_digest(base), member("licht", role=Role.LAW_ENFORCEMENT), at=NOW
    )
    inquiry = terms(purposes=(Purpose.INVESTIGATION, Purpose.NETWORK))
    terms(europol=(EuropolCode.H0,)).check_new(police)
    inquiry.replace(europol=(EuropolCode.H0,)).check_new(police)

    with pytest.raises(AgreementError, match="clause 'europol'"):
        terms().check_new(police)
    with pytest.raises(AgreementError, match="clause 'paper_sha256'"):
        terms(europol=(EuropolCode.H3,)).check_new(police)
    terms(europol=(EuropolCode.H3,), paper_sha256=bytes(32)).check_new(police)
    with pytest.raises(AgreementError, match="clause 'purposes'"):
        inquiry.check_new(base)
    # What was signed before stays what it is; `authorise` allows less under it.
    inquiry.check_against(base)
    terms().check_against(police)


def test_parties_are_members() -> None:
    """All parties are members of this federation, and none is suspended."""
    base = charter()
    terms().check_new(base)

    with pytest.raises(AgreementError, match="another federation"):
        terms(federation_id=bytes([9]) * 16).check_against(base)
    with pytest.raises(MembershipError):
        terms(parties=("hope", "stranger")).check_against(base)
    suspended = with_member(base, charter_digest(base), member("licht", suspended=True), at=NOW)
    with pytest.raises(AgreementError, match="suspended"):
        terms().check_new(suspended)
    terms().check_against(suspended)


@pytest.mark.parametrize(
    ("role", "clause"), [(Role.LAW_ENFORCEMENT, "lanes"), (Role.OVERSIGHT, "parties")]
)
def test_roles(role: Role, clause: str) -> None:
    """Law enforcement is no party to the survivor lane; oversight is no party at all."""
    base = charter()
    changed = with_member(base, charter_digest(base), member("licht", role=role), at=NOW)
    survivors = terms(
        lanes=(Lane.NETWORK, Lane.SURVIVOR), subjects=(Subject.RECRUITER, Subject.SURVIVOR)
    )

    with pytest.raises(AgreementError, match=f"clause '{clause}'"):
        survivors.check_against(changed)
    if role is Role.LAW_ENFORCEMENT:
        terms().check_against(changed)


def test_purposes_do_not_include_immigration_control() -> None:
    """The list of purposes is closed."""
    assert {purpose.value for purpose in Purpose} == {
        "support",
        "network",
        "prevention",
        "referral",
        "investigation",
    }
