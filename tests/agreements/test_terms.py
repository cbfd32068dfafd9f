# SPDX-License-Identifier: Apache-2.0
"""Terms deny by default, and say which clause decides."""

from datetime import timedelta
from typing import Any

import pytest

from federation.agreements import Flow, Handling, MatchBudget, Purpose, Terms
from federation.charter import Role, with_member
from federation.errors import AgreementError, MalformedError, MembershipError
from federation.indicators import Kind, Lane, Subject
from tests.agreements.support import NOW, terms
from tests.charter.support import charter, charter_digest, member


def test_round_trip() -> None:
    """Terms read back from the bytes that are signed."""
    assert Terms.from_bytes(terms().to_bytes()) == terms()


def test_what_is_listed_is_allowed() -> None:
    """An indicator is compared if its kind, subject and lane are listed."""
    terms().allows(Kind.PHONE, Subject.RECRUITER, Lane.NETWORK)


@pytest.mark.parametrize(
    ("kind", "subject", "lane", "clause"),
    [
        (Kind.EMAIL, Subject.RECRUITER, Lane.NETWORK, "kinds"),
        (Kind.PHONE, Subject.PLACE, Lane.NETWORK, "subjects"),
        (Kind.PHONE, Subject.SURVIVOR, Lane.SURVIVOR, "lanes"),
        (Kind.PHONE, Subject.SURVIVOR, Lane.NETWORK, "subjects"),
        (Kind.PHONE, Subject.RECRUITER, Lane.SURVIVOR, "lanes"),
    ],
)
def test_what_is_not_listed_is_denied(
    kind: Kind, subject: Subject, lane: Lane, clause: str
) -> None:
    """Everything else is refused, with the name of the clause."""
    with pytest.raises(AgreementError, match=f"clause '{clause}'"):
        terms().allows(kind, subject, lane)


def test_survivors_never_pass_the_network_lane() -> None:
    """Even if both lanes are agreed, a survivor's indicator stays in the survivor lane."""
    both = terms(
        lanes=(Lane.NETWORK, Lane.SURVIVOR), subjects=(Subject.RECRUITER, Subject.SURVIVOR)
    )

    both.allows(Kind.PHONE, Subject.SURVIVOR, Lane.SURVIVOR)
    with pytest.raises(AgreementError, match="does not belong"):
        both.allows(Kind.PHONE, Subject.SURVIVOR, Lane.NETWORK)
    with pytest.raises(AgreementError, match="does not belong"):
        both.allows(Kind.PHONE, Subject.RECRUITER, Lane.SURVIVOR)


def test_explanation_names_every_clause() -> None:
    """The explanation says of each clause whether it allows, and why."""
    clauses = terms().explain(Kind.EMAIL, Subject.RECRUITER, Lane.NETWORK)

    assert [(one.name, one.allows) for one in clauses] == [
        ("lanes", True),
        ("subjects", True),
        ("kinds", False),
        ("lanes", True),
    ]
    assert clauses[2].reason == "kind email is not listed"


def test_time() -> None:
    """Terms hold from their first second to before their last."""
    one = terms()

    one.covers_time(one.valid_from)
    one.covers_time(one.valid_until - timedelta(seconds=1))
    with pytest.raises(AgreementError, match="valid_from"):
        one.covers_time(one.valid_from - timedelta(seconds=1))
    with pytest.raises(AgreementError, match="valid_until"):
        one.covers_time(one.valid_until)


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

    assert (one.disclosure, one.query) == ((), ())
    assert one.handling is Handling.AMBER_STRICT


def test_pairs() -> None:
    """Every two parties compare, each pair once."""
    assert terms().pairs == (("amparo", "hope"), ("amparo", "licht"), ("hope", "licht"))


def test_match_budget() -> None:
    """A party answers 20 matches a day and one for each hundred of its own cases."""
    assert MatchBudget().daily(0) == 20
    assert MatchBudget().daily(250) == 22
    with pytest.raises(MalformedError):
        MatchBudget(daily_percent=101)


def test_parties_are_members() -> None:
    """All parties are members of this federation, and none is suspended."""
    base = charter()
    terms().check_signable(base)

    with pytest.raises(AgreementError, match="another federation"):
        terms(federation_id=bytes([9]) * 16).check_against(base)
    with pytest.raises(MembershipError):
        terms(parties=("hope", "stranger")).check_against(base)
    suspended = with_member(base, charter_digest(base), member("licht", suspended=True), at=NOW)
    with pytest.raises(AgreementError, match="suspended"):
        terms().check_signable(suspended)
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
