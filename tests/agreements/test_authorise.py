# SPDX-License-Identifier: Apache-2.0
"""Denied by default; a permission is evidence that nobody can forge; less never allows more."""

import copy
import dataclasses
import itertools
import pickle
from collections.abc import Iterator
from dataclasses import replace
from datetime import timedelta
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.agreements import (
    AccessRequest,
    Action,
    AgreementState,
    Consent,
    Detail,
    EuropolCode,
    Flow,
    Grant,
    Handling,
    Marking,
    Purpose,
    Status,
    Terms,
    authorise,
    comparisons,
    explain,
)
from federation.charter import Charter, Role, with_member
from federation.errors import AgreementError, MalformedError, PolicyError
from federation.indicators import Kind, Lane, Subject
from tests.agreements.access import (
    GIVER,
    RECEIVER,
    STATUSES,
    broad_terms,
    charter_of,
    consents,
    in_status,
    request,
)
from tests.agreements.support import NOW, terms
from tests.charter.support import DAY, charter, charter_digest, member

NGOS = charter_of(Role.NGO, Role.HOTLINE)
POLICE = charter_of(Role.NGO, Role.LAW_ENFORCEMENT)
VALID = consents(Purpose.INVESTIGATION, Role.OVERSIGHT)["valid"]
SURVIVOR = {"lane": Lane.SURVIVOR, "subject": Subject.SURVIVOR, "purpose": Purpose.SUPPORT}


def allowed(
    asked: AccessRequest,
    agreed: Terms | AgreementState | None,
    consent: Consent | None = None,
    *,
    charter: Charter = NGOS,
    restricted: bool = False,
) -> Grant:
    """Ask for something under terms that are in force."""
    agreement = in_status(agreed, Status.IN_FORCE) if isinstance(agreed, Terms) else agreed
    return authorise(asked, agreement, consent, charter=charter, at=NOW, restricted=restricted)


def denied(*arguments: Any, **options: Any) -> str | None:
    """Ask for something that is refused; returns the clause that decides."""
    with pytest.raises(PolicyError) as caught:
        allowed(*arguments, **options)
    assert f"clause '{caught.value.clause}': " in str(caught.value)
    return caught.value.clause


# What decides


@pytest.mark.parametrize(
    ("changes", "clause"),
    [
        ({"kind": Kind.DEVICE}, "kinds"),
        ({"subject": Subject.SURVIVOR}, "lanes"),
        ({"lane": Lane.SURVIVOR}, "lanes"),
        ({"purpose": Purpose.REFERRAL}, "purposes"),
        ({"purpose": Purpose.INVESTIGATION}, "purposes"),
        ({"kind": Detail.NOTE}, "kinds"),
        ({"kind": Detail.SAFETY, "action": Action.DISCLOSE}, "details"),
        ({"action": Action.QUERY, **SURVIVOR}, "query"),
        ({"action": Action.REFER, **SURVIVOR}, "purposes"),
        ({"giver": RECEIVER}, "parties"),
        ({"giver": RECEIVER, "receiver": GIVER, "action": Action.QUERY}, "query"),
        ({"giver": RECEIVER, "receiver": GIVER, "action": Action.DISCLOSE}, "disclosure"),
        ({"giver": "licht"}, "parties"),
        (SURVIVOR, "consent"),
    ],
)
def test_the_refusal_names_the_clause(changes: dict[str, Any], clause: str) -> None:
    """Whoever is refused learns which clause to look at."""
    assert clause == denied(request(**changes), broad_terms())


@pytest.mark.parametrize(
    ("changes", "asked", "clause"),
    [
        ({"kinds": (Kind.EMAIL,)}, {}, "kinds"),
        ({"details": ()}, {"action": Action.DISCLOSE, "kind": Detail.CONTACT}, "details"),
        ({"subjects": (Subject.PLACE,), "lanes": (Lane.NETWORK,)}, {}, "subjects"),
        ({"subjects": (Subject.RECRUITER,), "lanes": (Lane.NETWORK,)}, SURVIVOR, "lanes"),
        ({"subjects": (Subject.SURVIVOR,), "lanes": (Lane.SURVIVOR,)}, {}, "lanes"),
        ({"purposes": (Purpose.SUPPORT,)}, {}, "purposes"),
        ({"disclosure": ()}, {"action": Action.DISCLOSE}, "disclosure"),
        ({"query": ()}, {"action": Action.QUERY}, "query"),
        ({"federation_id": bytes(16)}, {}, "federation_id"),
    ],
)
def test_what_is_not_listed_is_denied(
    changes: dict[str, Any], asked: dict[str, Any], clause: str
) -> None:
    """Each list of the terms decides on its own."""
    allowed(request(**asked), broad_terms(), VALID)

    assert clause == denied(request(**asked), broad_terms(**changes), VALID)


@pytest.mark.parametrize(("name", "status"), STATUSES.items())
def test_only_in_force(name: str, status: Status | None) -> None:
    """Nothing is done under an agreement that is not in force now."""
    agreement = in_status(broad_terms(), status)

    if status is Status.IN_FORCE:
        allowed(request(), agreement)
    else:
        assert "status" == denied(request(), agreement)


def test_a_restriction_beats_everything() -> None:
    """A case that is kept out is kept out of every act."""
    for action in Action:
        asked = request(action=action)
        assert "restricted" == denied(asked, broad_terms(), VALID, restricted=True)


def test_everything_else_about_an_unlisted_value_is_denied() -> None:
    """Whatever the act, the roles and the consent: lane, subject and purpose must be listed."""
    subjects, lanes = (Subject.RECRUITER,), (Lane.NETWORK,)
    narrow = in_status(
        broad_terms(subjects=subjects, lanes=lanes, purposes=(Purpose.NETWORK,)), Status.IN_FORCE
    )
    for giver, receiver in itertools.product(Role, Role):
        charter = charter_of(giver, receiver)
        for action, lane, subject, purpose, kind in itertools.product(
            Action, Lane, Subject, Purpose, (Kind.PHONE, Detail.NOTE)
        ):
            if (lane, subject, purpose) != (Lane.NETWORK, Subject.RECRUITER, Purpose.NETWORK):
                asked = AccessRequest(action, GIVER, RECEIVER, lane, kind, subject, purpose)
                denied(asked, narrow, VALID, charter=charter)


def test_an_agreement_with_police_that_names_survivors_is_void() -> None:
    """Even what it lists about recruiters is denied; nobody gains by signing such a thing."""
    for action in Action:
        assert "lanes" == denied(request(action=action), broad_terms(), VALID, charter=POLICE)


def test_an_agreement_with_police_needs_a_handling_code() -> None:
    """Without a code nothing goes to law enforcement, or comes from it."""
    agreed = broad_terms(Role.LAW_ENFORCEMENT)
    asked = request(action=Action.DISCLOSE)
    allowed(asked, agreed, charter=POLICE)

    assert "europol" == denied(asked, agreed.replace(europol=()), charter=POLICE)


def test_tokens_are_never_compared_with_police() -> None:
    """Such a pair works by query."""
    agreed = broad_terms(Role.LAW_ENFORCEMENT)
    allowed(request(action=Action.QUERY), agreed, charter=POLICE)

    for action in (Action.COMPARE, Action.RELEASE):
        assert "law-enforcement" == denied(request(action=action), agreed, charter=POLICE)


def test_a_suspended_third_party_stops_only_itself() -> None:
    """The others go on; the agreement waits for the one that is suspended."""
    agreed = terms(parties=(RECEIVER, GIVER, "licht"))
    base = charter()
    changed = with_member(base, charter_digest(base), member("licht", suspended=True), at=NOW)

    allowed(request(), agreed, charter=changed)
    assert "parties" == denied(request(giver="licht"), agreed, charter=changed)


@pytest.mark.parametrize("change", [{"role": Role.OVERSIGHT}, None])
def test_a_third_party_that_may_not_act_stops_all(change: dict[str, Any] | None) -> None:
    """One overseeing or departed party, and the agreement allows nothing."""
    agreed = terms(parties=(RECEIVER, GIVER, "licht"))
    allowed(request(), agreed, charter=charter())

    if change is None:
        changed = charter(GIVER, RECEIVER)
    else:
        base = charter()
        changed = with_member(base, charter_digest(base), member("licht", **change), at=NOW)
    assert "parties" == denied(request(), agreed, charter=changed)


def test_what_was_received_is_passed_on_only_as_marked() -> None:
    """Green and clear may go to another member; H2 and H3 stop it whatever the colour."""
    codes = [tuple(some) for size in range(5) for some in itertools.combinations(EuropolCode, size)]
    for handling, europol in itertools.product(Handling, codes):
        asked = request(action=Action.DISCLOSE, received=Marking(handling, europol))
        free = handling in {Handling.GREEN, Handling.CLEAR} and not {
            EuropolCode.H2,
            EuropolCode.H3,
        } & set(europol)
        if free:
            allowed(asked, broad_terms())
        else:
            assert "handling" == denied(asked, broad_terms())


def test_agreement_errors_are_those_that_an_agreement_can_change() -> None:
    """A rule or a consent denies as policy; a missing clause as a matter of the agreement."""
    with pytest.raises(AgreementError):
        allowed(request(kind=Kind.DEVICE), broad_terms())
    for arguments in (
        (request(**SURVIVOR), broad_terms()),
        (request(purpose=Purpose.REFERRAL), broad_terms()),
    ):
        with pytest.raises(PolicyError) as caught:
            allowed(*arguments)
        assert not isinstance(caught.value, AgreementError)


# The permission


def test_what_a_grant_says() -> None:
    """It names what was asked, the terms, the clauses, who must approve, the codes, the end."""
    agreed = broad_terms(
        approvers=2, retention_days=400, disclosed_days=90, europol=(EuropolCode.H1,)
    )
    asked = request(action=Action.DISCLOSE, kind=Detail.SAFETY, **SURVIVOR)

    grant = allowed(asked, agreed, VALID)

    assert asked == grant.request
    assert (bytes(32), VALID) == (grant.agreement, grant.consent)
    assert (2, 90) == (grant.approvers, grant.days)
    assert Marking(Handling.AMBER_STRICT, (EuropolCode.H1,)) == grant.marking
    assert grant.clauses == (
        "restricted",
        "status",
        "parties",
        "lanes",
        "subjects",
        "details",
        "purposes",
        "disclosure",
        "consent",
    )


@pytest.mark.parametrize(
    ("action", "approvers", "days"),
    [(Action.COMPARE, 0, 400), (Action.RELEASE, 1, 400), (Action.QUERY, 2, 90)],
)
def test_people_and_days_of_each_act(action: Action, approvers: int, days: int) -> None:
    """Comparing takes nobody, releasing one person, the rest as many as agreed."""
    agreed = broad_terms(approvers=2, retention_days=400, disclosed_days=90)

    grant = allowed(request(action=action), agreed, VALID)

    assert (approvers, days, None) == (grant.approvers, grant.days, grant.consent)


def test_a_grant_is_for_now() -> None:
    """It ends after minutes, or with the agreement, or with the consent, and begins when made."""
    asked = request(**SURVIVOR)
    grant = allowed(asked, broad_terms(), VALID)
    assert VALID is not None
    short = replace(VALID, expires=NOW + timedelta(seconds=9))
    ending = broad_terms(valid_until=NOW + timedelta(seconds=7))

    assert NOW + timedelta(minutes=5) == grant.expires
    assert NOW + timedelta(seconds=9) == allowed(asked, broad_terms(), short).expires
    assert NOW + timedelta(seconds=7) == allowed(asked, ending, short).expires
    grant.check(NOW)
    grant.check(grant.expires - timedelta(seconds=1))
    for at in (grant.expires, NOW - timedelta(seconds=1)):
        with pytest.raises(PolicyError, match="asked for again"):
            grant.check(at)


def test_nobody_else_makes_a_grant() -> None:
    """It is not constructed, copied with changes, altered, or read from bytes."""
    grant = allowed(request(), broad_terms())
    wider = request(kind=Kind.DEVICE)

    for forge in (
        Grant,
        lambda: dataclasses.replace(grant, request=wider),
        lambda: copy.copy(grant),
        lambda: pickle.dumps(grant),
    ):
        with pytest.raises(TypeError):
            forge()
    with pytest.raises(dataclasses.FrozenInstanceError):
        grant.request = wider  # type: ignore[misc] # that it cannot be done is the test


def test_comparing_asks_for_every_purpose_that_it_serves() -> None:
    """A match may be used for each purpose of the agreement, so each must be allowed."""
    agreed = broad_terms()
    asked = comparisons(
        agreed, giver=GIVER, receiver=RECEIVER, kind=Kind.PHONE, subject=Subject.SURVIVOR
    )

    assert [Purpose.NETWORK, Purpose.PREVENTION, Purpose.SUPPORT] == [one.purpose for one in asked]
    assert {(Action.COMPARE, Lane.SURVIVOR, GIVER)} == {
        (one.action, one.lane, one.giver) for one in asked
    }
    for one in asked:
        allowed(one, agreed, VALID)


# Properties

parts_of_terms = {
    "kinds": st.sets(st.sampled_from([Kind.PHONE, Kind.EMAIL]), min_size=1),
    "purposes": st.sets(st.sampled_from(list(Purpose)), min_size=1),
    "details": st.sets(st.sampled_from(list(Detail))),
    "europol": st.sets(st.sampled_from(list(EuropolCode))),
    "subjects": st.sets(st.sampled_from([Subject.RECRUITER, Subject.SURVIVOR]), min_size=1),
}
flows = st.sets(
    st.sampled_from([(GIVER, RECEIVER), (RECEIVER, GIVER)]).map(
        lambda pair: Flow(giver=pair[0], receiver=pair[1])
    )
)


def make_terms(disclosure: set[Flow], query: set[Flow], **lists: set[Any]) -> Terms:
    """Sort what was drawn."""
    return broad_terms(
        lanes=tuple(sorted({one.lane for one in lists["subjects"]})),
        disclosure=tuple(sorted(disclosure, key=lambda flow: flow.giver)),
        query=tuple(sorted(query, key=lambda flow: flow.giver)),
        **{name: tuple(sorted(values)) for name, values in lists.items()},
    )


some_terms = st.builds(make_terms, flows, flows, **parts_of_terms)
some_requests = st.builds(
    AccessRequest,
    st.sampled_from(Action),
    st.just(GIVER),
    st.just(RECEIVER),
    st.sampled_from(Lane),
    st.sampled_from([Kind.PHONE, Detail.NOTE, Detail.SAFETY]),
    st.sampled_from([Subject.RECRUITER, Subject.SURVIVOR]),
    st.sampled_from(Purpose),
    st.sampled_from([None, Marking(Handling.GREEN), Marking(Handling.RED)]),
)
some_charters = st.builds(charter_of, st.sampled_from(Role), st.sampled_from(Role))
some_consents = st.one_of(
    st.none(),
    st.builds(
        Consent,
        st.sets(st.sampled_from([Purpose.SUPPORT, Purpose.REFERRAL]), min_size=1),
        st.sets(st.sampled_from([Role.NGO, Role.HOTLINE, Role.AGENCY]), min_size=1),
        given=st.sampled_from([NOW - DAY, NOW + DAY]),
        expires=st.sampled_from([NOW + 2 * DAY]),
        withdrawn=st.sampled_from([None, None, None, NOW]),
    ),
)
some_statuses = st.sampled_from([Status.IN_FORCE, *STATUSES.values()])


def answer(
    asked: AccessRequest,
    agreement: AgreementState | None,
    consent: Consent | None,
    charter: Charter,
    restricted: bool,
) -> bool:
    """Whether it is allowed; `authorise` and `explain` say the same."""
    options: dict[str, Any] = {"charter": charter, "at": NOW, "restricted": restricted}
    clauses = explain(asked, agreement, consent, **options)
    granted = all(clause.allows for clause in clauses)
    if granted:
        grant = authorise(asked, agreement, consent, **options)
        assert set(grant.clauses) == {clause.name for clause in clauses}
    else:
        with pytest.raises(PolicyError) as caught:
            authorise(asked, agreement, consent, **options)
        first = next(clause for clause in clauses if not clause.allows)
        assert (first.name, str(first.error())) == (caught.value.clause, str(caught.value))
    return granted


def without(agreed: Terms) -> Iterator[Terms]:
    """Yield terms that permit one thing less."""
    for name in (*parts_of_terms, "disclosure", "query"):
        listed = getattr(agreed, name)
        for gone in range(len(listed)):
            changes = {name: listed[:gone] + listed[gone + 1 :]}
            if name == "subjects":
                changes["lanes"] = tuple(sorted({one.lane for one in changes[name]}))
            try:
                yield agreed.replace(**changes)
            except MalformedError:
                continue  # nothing would be left
    yield agreed.replace(valid_until=agreed.valid_from + timedelta(seconds=1))


def narrower(consent: Consent | None) -> Iterator[Consent | None]:
    """Yield consents that permit less."""
    if consent is None:
        return
    yield None
    yield consent.withdraw(NOW)
    yield replace(consent, given=NOW - 3 * DAY, expires=NOW)
    for purpose in consent.purposes:
        if len(consent.purposes) > 1:
            yield replace(consent, purposes=consent.purposes - {purpose})
    for role in consent.recipients:
        if len(consent.recipients) > 1:
            yield replace(consent, recipients=consent.recipients - {role})


@settings(deadline=None, max_examples=400)
@given(some_requests, some_terms, some_statuses, some_consents, some_charters, st.booleans())
def test_less_never_allows_more(
    asked: AccessRequest,
    agreed: Terms,
    status: Status | None,
    consent: Consent | None,
    charter: Charter,
    restricted: bool,
) -> None:
    """Taking any one permission away never turns a refusal into a permission.

    Terms that name survivors and law enforcement are no permission to take away from: as a
    whole they allow nothing.
    """
    agreement = in_status(agreed, status)
    before = answer(asked, agreement, consent, charter, restricted)
    police = any(one.role is Role.LAW_ENFORCEMENT for one in charter.members)
    lawful = not (police and Lane.SURVIVOR in agreed.lanes)
    suspended = charter.replace(
        members=tuple(one.replace(suspended=one.id == GIVER) for one in charter.members)
    )
    after = [
        answer(asked, agreement, consent, charter, True),
        answer(asked, None, consent, charter, restricted),
        answer(asked, agreement, consent, suspended, restricted),
        answer(
            replace(asked, received=Marking(Handling.RED)), agreement, consent, charter, restricted
        ),
        *(answer(asked, agreement, less, charter, restricted) for less in narrower(consent)),
        *(
            answer(asked, in_status(less, status), consent, charter, restricted)
            for less in without(agreed)
            if lawful
        ),
    ]

    assert before or not any(after)
    assert lawful or not before


@settings(deadline=None)
@given(some_requests, some_consents, some_charters)
def test_with_nothing_configured_the_answer_is_deny(
    asked: AccessRequest, consent: Consent | None, charter: Charter
) -> None:
    """No agreement, nothing; a consent alone opens nothing."""
    assert not answer(asked, None, consent, charter, restricted=False)
