# SPDX-License-Identifier: Apache-2.0
"""What leaves is what was asked, chosen and granted, and nothing else ever."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.agreements import Consent, Detail, EuropolCode, Flow, Handling, Purpose
from federation.audit import OPERATOR, Count, Outcome
from federation.charter import Role
from federation.disclosure import (
    AnswerOutcome,
    Choice,
    DisclosedCase,
    SafetyFlag,
    accesses,
    disclose,
    items_of,
    redact,
    refuse,
)
from federation.errors import InputError, MalformedError, PolicyError
from federation.indicators import Kind, Lane, Subject
from tests.agreements.access import GIVER, RECEIVER
from tests.charter.support import DAY
from tests.disclosure.support import (
    AGREEMENT,
    ALL,
    ANA,
    BEA,
    BOSS,
    MATCH,
    NOW,
    OTHER,
    PHONE,
    SURVIVOR,
    VEHICLE,
    answer,
    holding,
    letter,
    permitted,
    request,
    value,
)

MADE: dict[str, Any] = {"letter": letter(), "at": NOW}


def test_the_answer_holds_what_was_asked_chosen_and_granted() -> None:
    """No e-mail, which was not asked for; nothing of a survivor; the codes of the agreement."""
    told = disclose(request(), ALL, [permitted(holding(), ALL)], [ANA], **MADE)

    assert (DisclosedCase(matches=(MATCH,), values=(PHONE, BOSS, VEHICLE)),) == told.answer.cases
    assert AnswerOutcome.APPROVED is told.answer.outcome
    assert (Handling.AMBER_STRICT, (EuropolCode.H0,)) == (
        told.answer.handling,
        told.answer.europol,
    )
    assert NOW + 365 * DAY == told.answer.keep_until
    assert told.facts == {
        "member": RECEIVER,
        "agreement": AGREEMENT,
        "lane": Lane.NETWORK,
        "purpose": Purpose.SUPPORT,
        "outcome": Outcome.APPROVED,
        "kinds": (Kind.PHONE, Kind.VEHICLE),
        "counts": {Count.FIELDS: 4},
    }


def test_what_no_clause_allows_is_left_out() -> None:
    """Terms that list recruiters and not traffickers let the trafficker's phone stay."""
    one = permitted(holding(), ALL, lanes=(Lane.NETWORK,), subjects=(Subject.RECRUITER,))

    told = disclose(request(), ALL, [one], [ANA], **MADE)
    assert (PHONE, VEHICLE) == told.answer.cases[0].values


def test_narrowing_gives_less() -> None:
    """And says so, to the asker and in the record."""
    choice = Choice(kinds=(Kind.VEHICLE,), flags=(SafetyFlag.DANGER,), grade="A1")
    told = disclose(request(), choice, [permitted(holding(), choice)], [ANA], **MADE)

    assert (VEHICLE,) == told.answer.cases[0].values
    assert (AnswerOutcome.NARROWED, Outcome.NARROWED) == (
        told.answer.outcome,
        told.facts["outcome"],
    )
    assert (None, "A1", (SafetyFlag.DANGER,)) == (
        told.answer.contact,
        told.answer.grade,
        told.answer.flags,
    )


def test_nothing_leaves_without_a_grant() -> None:
    """A case without grants is not told of; without any there is no answer."""
    two = [permitted(holding(PHONE), ALL), holding(VEHICLE, matches=(OTHER,))]
    assert [(PHONE,)] == [case.values for case in redact(request(matches=(MATCH, OTHER)), ALL, two)]
    with pytest.raises(PolicyError):
        disclose(request(), ALL, [holding()], [ANA], **MADE)
    with pytest.raises(PolicyError, match="contact"):
        disclose(request(), ALL, two, [ANA], **MADE)
    nowhere = permitted(holding(), ALL, disclosure=(Flow(giver=RECEIVER, receiver=GIVER),))

    assert () == nowhere.grants


@pytest.mark.parametrize(
    "changes",
    [{"agreement": bytes([9] * 32)}, {"purpose": Purpose.NETWORK}, {"lane": Lane.SURVIVOR}],
    ids=["agreement", "purpose", "lane"],
)
def test_a_grant_for_something_else_is_refused(changes: dict[str, Any]) -> None:
    """Also if it is as new as can be."""
    with pytest.raises(PolicyError):
        disclose(request(**changes), ALL, [permitted(holding(), ALL)], [ANA], **MADE)


def test_a_grant_of_before_is_refused() -> None:
    """Who decided yesterday asks again today."""
    one = permitted(holding(), ALL)
    with pytest.raises(PolicyError, match="at once"):
        disclose(request(), ALL, [one], [ANA], letter=letter(), at=NOW + timedelta(minutes=5))


def test_two_people_are_two() -> None:
    """Not one account twice, not who only opened the node; and all the grants are asked."""
    one = permitted(holding(), ALL, approvers=2)
    for approved in ([], [ANA], [ANA, ANA], [OPERATOR, ANA], [ANA, OPERATOR]):
        with pytest.raises(PolicyError):
            disclose(request(), ALL, [one], approved, **MADE)

    assert disclose(request(), ALL, [one], [ANA, BEA], **MADE).answer.cases


def test_only_what_was_asked_can_be_given() -> None:
    """Not an e-mail that nobody asked for, and no answer without content."""
    unasked = Choice(kinds=(Kind.EMAIL,))
    with pytest.raises(InputError, match="asked"):
        disclose(request(), unasked, [permitted(holding(), unasked)], [ANA], **MADE)
    two = Choice(kinds=(Kind.PHONE, Kind.VEHICLE))
    bare = replace(permitted(holding(), two), values=())
    with pytest.raises(InputError, match="nothing to tell"):
        disclose(request(), two, [bare], [ANA], **MADE)


def test_a_survivor_is_told_of_with_their_own_consent() -> None:
    """In its own lane, for the purpose and receiver that the consent names."""
    asked = request(lane=Lane.SURVIVOR, kinds=(Kind.PHONE,), details=(Detail.SAFETY,))
    choice = Choice(kinds=(Kind.PHONE,), safety="Only by message, in the morning")
    one = holding(about=frozenset({Subject.SURVIVOR}))
    consent = Consent(
        frozenset({Purpose.SUPPORT}), frozenset({Role.HOTLINE}), given=NOW, expires=NOW + DAY
    )
    allowed = permitted(one, choice, asked, consent=consent)
    told = disclose(asked, choice, [allowed], [ANA], **MADE)

    assert [(SURVIVOR,)] == [case.values for case in told.answer.cases]
    assert () == permitted(one, choice, asked).grants
    assert () == permitted(one, choice, asked, consent=consent.withdraw(NOW)).grants


def test_a_refusal_says_nothing() -> None:
    """Denied and expired hold the same fields; nothing else fits in."""
    denied, expired = (
        refuse(request(), outcome, letter=letter())
        for outcome in (AnswerOutcome.DENIED, AnswerOutcome.EXPIRED)
    )

    assert denied.answer.replace(outcome=AnswerOutcome.EXPIRED) == expired.answer
    assert {"kinds", "counts"}.isdisjoint(denied.facts)
    with pytest.raises(MalformedError, match="says nothing else"):
        denied.answer.replace(flags=(SafetyFlag.MINOR,))


def test_what_a_person_saw_has_one_hash() -> None:
    """Whenever it is made; and another one as soon as anything in it differs."""
    later = answer(id=bytes(16), issued=NOW + DAY, expires=NOW + 5 * DAY, keep_until=NOW + 91 * DAY)

    assert answer().seen() == later.seen()
    assert answer().seen() != answer(contact="somebody else").seen()
    assert answer().seen() != answer(cases=()).seen()


def test_names_of_items() -> None:
    """In the words of agreements; what is none is refused and not quoted."""
    assert {Kind.PHONE, Detail.CONTACT} == items_of(["phone", "contact"])
    with pytest.raises(InputError) as caught:
        items_of(["phone", "Ana Gómez"])
    assert "Ana" not in str(caught.value)


VALUES = st.lists(
    st.builds(
        value,
        st.sampled_from(sorted(Kind)),
        st.sampled_from(["a1", "b2", "c3"]),
        st.sampled_from(sorted(Subject)),
    ),
    max_size=12,
)
KINDS = st.sets(st.sampled_from(sorted(Kind)))


@given(VALUES, KINDS, KINDS, st.sets(st.sampled_from(sorted(Subject)), min_size=1))
def test_redaction_lets_nothing_else_through(
    values: list[Any], asked: set[Kind], chosen: set[Kind], subjects: set[Subject]
) -> None:
    """Whatever is held, asked, chosen and granted: only what is in all four, each once."""
    lane = Lane.NETWORK
    wanted = request(kinds=tuple(sorted(asked)))
    choice = Choice(kinds=tuple(sorted(chosen)))
    listed = tuple(sorted(one for one in subjects if one.lane is lane)) or (Subject.RECRUITER,)
    one = permitted(holding(*values, PHONE), choice, lanes=(lane,), subjects=listed)
    expected = {
        (one.kind, one.subject, one.value)
        for one in (*values, PHONE)
        if one.kind in asked & chosen and one.subject in listed and one.kind is not Kind.DEVICE
    }
    found = [
        (one.kind, one.subject, one.value)
        for case in redact(wanted, choice, [one])
        for one in case.values
    ]

    assert sorted(expected) == found
    assert all(access.kind in chosen for access in accesses(wanted, choice, one))
