# SPDX-License-Identifier: Apache-2.0
"""A disclosure from the match to the reading, and everything that ends one on the way."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from federation.agreements import Consent, Detail, EuropolCode, Flow, Handling, Purpose
from federation.audit import OPERATOR, Event, Outcome, StaffRole
from federation.audit.bundle import Bundle
from federation.charter import Role
from federation.disclosure import AnswerOutcome, Choice, DisclosureAnswer, DisclosureRequest
from federation.documents import digest
from federation.errors import (
    AgreementError,
    ExchangeError,
    InputError,
    PolicyError,
    QuotaError,
)
from federation.indicators import Case, Kind, Subject
from federation.letters import seal_letter, sign_letter
from federation.member import Direction, DisclosureStatus, Ground, Verdict
from federation.member.evidence import Selection
from federation.messages import DeliverLetter
from federation.storage import Named
from federation.testing import Federation
from tests.member import asking, support
from tests.member.asking import ALL, approve, ask, statuses, story, team
from tests.member.people import entries

OPEN, ONCE = DisclosureStatus.OPEN, DisclosureStatus.ONCE


@pytest.fixture
def fed() -> Iterator[Federation]:
    """Amparo and Hope hold the same phone, and two people approve a disclosure."""
    with support.federation() as federation:
        asking.agree(federation)
        asking.match(federation)
        yield federation


def read(fed: Federation, request: bytes) -> DisclosureAnswer:
    """What Amparo reads."""
    return fed["amparo"].requests.read(request).answer


def test_two_people_approve_and_the_other_side_reads(fed: Federation) -> None:
    """It holds what was asked of the case, nothing of the survivor, and the codes to keep to."""
    people = team(fed)
    request = ask(fed)
    assert (OPEN, OPEN) == statuses(fed, request)
    assert ONCE is approve(fed, request, people["rosa"])
    fed.drive()
    assert (OPEN, ONCE) == statuses(fed, request)
    assert ALL == fed["hope"].disclosures.chosen(request, people["ruth"])
    assert DisclosureStatus.APPROVED is approve(fed, request, people["ruth"])
    fed.drive()
    told = fed["amparo"].requests.read(request)
    values = [(one.kind, one.value) for case in told.answer.cases for one in case.values]

    assert (DisclosureStatus.APPROVED,) * 2 == statuses(fed, request)
    assert [Kind.PHONE, Kind.PHONE, Kind.VEHICLE] == [kind for kind, _ in values]
    assert support.phone(500) not in {value for _, value in values}
    assert (Handling.AMBER_STRICT, "Hope, night desk") == (
        told.answer.handling,
        told.answer.contact,
    )
    assert fed.clock() + timedelta(days=90) == told.view.keep_until
    assert "H-1" not in told.answer.to_bytes().decode()
    assert ["A-1"] == [one.case for one in fed["amparo"].matches()]
    with fed.seats["amparo"].store.read() as tx:
        assert ["A-1"] == [one.id for one in tx.cases.list()]


def test_the_record_of_both_sides_tells_the_same(fed: Federation) -> None:
    """Who asked, who approved, under what, what kinds and how much; no value, no case."""
    people = team(fed)
    request = ask(fed)
    approve(fed, request, people["rosa"])
    approve(fed, request, people["ruth"])
    fed.drive()
    read(fed, request)
    hope, amparo = story(fed, "hope"), story(fed, "amparo")
    answered, arrived = hope[-1], amparo[-1]
    (reading,) = entries(fed, Event.DISCLOSURE_READ, member="amparo")
    with fed.seats["hope"].store.read() as tx:
        about = tx.audit.about(Named("letter", request))

    assert [
        Event.DISCLOSURE_RECEIVED,
        Event.DISCLOSURE_DECIDED,
        Event.DISCLOSURE_ANSWERED,
    ] == [one.event for one in hope]
    assert [Event.DISCLOSURE_ASKED, Event.DISCLOSURE_ARRIVED] == [one.event for one in amparo]
    assert {people["rosa"].id, people["ruth"].id} == {answered.actor, answered.second_actor}
    assert answered.documents == arrived.documents
    assert (answered.kinds, answered.counts, answered.outcome) == (
        arrived.kinds,
        arrived.counts,
        arrived.outcome,
    )
    assert hope[0].documents == amparo[0].documents
    assert reading.agreement == answered.agreement
    assert len(about) >= 4
    log = b"".join(one.to_bytes() for one in (*hope, *amparo, reading))
    for secret in ("H-1", "A-1", support.phone(1), "night desk", "two women"):
        assert secret.encode() not in log


def test_one_person_is_not_two(fed: Federation) -> None:
    """The first approval stays one, however often it is given; nobody without an account."""
    with pytest.raises(PolicyError, match="two people"):
        approve(fed, ask(fed), OPERATOR)
    people = team(fed)
    request = ask(fed)
    approve(fed, request, people["rosa"])
    with pytest.raises(PolicyError, match="you were the first"):
        approve(fed, request, people["rosa"])
    for who in ("tom", "cara"):
        with pytest.raises(PolicyError, match="reviewer"):
            approve(fed, request, people[who])
    fed.drive()

    assert (OPEN, ONCE) == statuses(fed, request)


def test_an_approval_is_for_what_was_seen(fed: Federation) -> None:
    """When the case changes, or the second person chooses less, it begins anew."""
    people = team(fed)
    request = ask(fed)
    hope = fed["hope"].disclosures
    seen = hope.preview(request, ALL, people["rosa"]).seen
    hope.approve(request, ALL, seen, people["rosa"])
    changed = asking.case("H-1").add(Kind.PHONE, support.phone(9), Subject.RECRUITER, field="new")
    fed["hope"].put_cases([changed], by=people["cara"])
    with pytest.raises(PolicyError, match="changed since"):
        hope.approve(request, ALL, seen, people["ruth"])
    assert ONCE is approve(fed, request, people["ruth"])
    less = Choice(kinds=(Kind.VEHICLE,))
    assert ONCE is approve(fed, request, people["rosa"], less)
    assert DisclosureStatus.NARROWED is approve(fed, request, people["ruth"], less)
    fed.drive()
    answer = read(fed, request)

    assert AnswerOutcome.NARROWED is answer.outcome
    assert [Kind.VEHICLE] == [one.kind for case in answer.cases for one in case.values]
    assert answer.contact is None


def test_a_denial_and_silence_look_alike(fed: Federation) -> None:
    """No content, no reason; an answer comes in both cases, and there is nothing to read."""
    rosa = team(fed)["rosa"]
    denied, silent = ask(fed), ask(fed)
    fed["hope"].disclosures.deny(denied, rosa)
    with pytest.raises(InputError, match="waits for a decision"):
        approve(fed, denied, rosa)
    fed.drive()
    fed.clock.advance(days=14)
    fed.drive()
    fed.drive()

    assert (DisclosureStatus.DENIED,) * 2 == statuses(fed, denied)
    assert (DisclosureStatus.EXPIRED,) * 2 == statuses(fed, silent)
    for request in (denied, silent):
        with pytest.raises(InputError, match="holds nothing"):
            read(fed, request)
    assert [Outcome.DENIED, Outcome.EXPIRED] == [one.outcome for one in story(fed, "hope")[-2:]]


def test_a_member_that_is_away_is_not_waited_for_for_ever(fed: Federation) -> None:
    """The asker gives up some days after the answer was due."""
    fed.faults.down = {"hope"}
    request = ask(fed)
    fed.clock.advance(days=14 + 7)
    fed["amparo"].drive()
    with fed.seats["amparo"].store.read() as tx:
        stored = tx.disclosures.get(Direction.ASKED, "hope", request)

    assert stored is not None
    assert DisclosureStatus.EXPIRED is stored.status
    assert Outcome.UNDECIDED is entries(fed, Event.DISCLOSURE_ARRIVED, member="amparo")[-1].outcome


@pytest.mark.parametrize("when", ["asked", "approved-once", "answered"])
@pytest.mark.parametrize("what", ["agreement", "case", "match"])
def test_what_ends_in_the_middle_ends_the_disclosure(fed: Federation, when: str, what: str) -> None:
    """Revoked, erased or rejected before it was delivered: nothing leaves, whoever approved it."""
    people = team(fed)
    officer = fed.person("hope", "olga", StaffRole.DATA_PROTECTION)
    request = ask(fed)
    if when != "asked":
        approve(fed, request, people["rosa"])
    if when == "answered":
        fed.faults.down = {"amparo"}
        approve(fed, request, people["ruth"])
        fed.drive(2)
    if what == "agreement":
        fed["hope"].revoke_agreement(support.agreement_of(fed), "over", by=officer)
    elif what == "case":
        fed["hope"].forget("H-1", by=officer)
    else:
        (found,) = fed["hope"].matches(by=people["cara"])
        fed["hope"].deciding.decide(
            bytes.fromhex(found.id), Verdict.REJECTED, Ground.SHARED, by=people["cara"]
        )
    fed.faults.down = set()
    if when != "answered":
        with pytest.raises((PolicyError, InputError)):
            approve(fed, request, people["ruth"])
    fed.clock.advance(days=13)
    fed.drive()
    fed.drive()
    fed.clock.advance(days=1)
    fed.drive()
    fed.drive()

    assert DisclosureStatus.EXPIRED is statuses(fed, request)[0]
    with pytest.raises(InputError):
        read(fed, request)
    gone = story(fed, "hope")
    assert ("withheld" in {one.reason for one in gone}) == (when == "answered")
    assert gone[-1].outcome in {Outcome.WITHHELD, Outcome.EXPIRED, None}
    assert not [one for one in story(fed, "amparo") if one.kinds and one.outcome]


@pytest.fixture
def survivors() -> Iterator[Federation]:
    """Amparo and Hope may tell each other of survivors, with one person's approval."""
    with support.federation() as federation:
        asking.agree(
            federation,
            subjects=tuple(sorted({Subject.RECRUITER, Subject.SURVIVOR})),
            details=(Detail.SAFETY,),
            approvers=1,
        )
        asking.match(federation)
        yield federation


def test_consent_is_asked_when_it_is_decided_and_when_it_leaves(survivors: Federation) -> None:
    """A survivor's own; withdrawn in the middle nothing leaves."""
    fed, at = survivors, survivors.clock()
    covered = Consent(
        frozenset({Purpose.SUPPORT}),
        frozenset({Role.HOTLINE}),
        given=at,
        expires=at + timedelta(days=60),
    )
    asked, choice = frozenset({Kind.PHONE}), Choice(kinds=(Kind.PHONE,))
    core = fed["hope"]._core
    # Compared as a recruiter's, so that there is a match before there is a consent.
    _as_survivor(fed)
    request = ask(fed, asked)
    with pytest.raises(PolicyError, match="consent"):
        fed["hope"].disclosures.preview(request, choice)
    fed["hope"].consents.record("H-1", covered, source="api")
    approve(fed, request, OPERATOR, choice)
    fed.drive()

    # Two survivors' numbers; the recruiter's other phone stays.
    assert {support.phone(1), support.phone(500)} == {
        one.value for case in read(fed, request).cases for one in case.values
    }
    again = ask(fed, asked)
    core.restricted = lambda _tx, _case: True
    with pytest.raises(PolicyError, match="kept out"):
        fed["hope"].disclosures.preview(again, choice)
    core.restricted = lambda _tx, _case: False
    fed.faults.down = {"amparo"}
    approve(fed, again, OPERATOR, choice)
    fed.drive(2)
    fed["hope"].consents.withdraw("H-1", source="api")
    fed.faults.down = set()
    fed.clock.advance(hours=2)
    fed.drive()
    fed.drive()
    assert DisclosureStatus.EXPIRED is statuses(fed, again)[0]


def _as_survivor(fed: Federation) -> None:
    for name in ("amparo", "hope"):
        with fed.seats[name].store.write() as tx:
            session = tx.matches._session.connection()
            session.exec_driver_sql("UPDATE matches SET lane = 'survivor'")
            session.exec_driver_sql(
                "UPDATE observations SET subject = 'survivor' WHERE uuid IN"
                " (SELECT observation FROM token_links WHERE token IN (SELECT token FROM matches))"
            )


@pytest.mark.parametrize(
    ("changes", "clause"),
    [
        ({"disclosure": (Flow(giver="amparo", receiver="hope"),)}, "disclosure"),
        ({"details": ()}, "details"),
        ({"purposes": (Purpose.NETWORK,)}, "purposes"),
    ],
)
def test_what_no_agreement_lists_cannot_be_asked(changes: dict[str, Any], clause: str) -> None:
    """Refused at home with the clause, before anything leaves; and again by the other side."""
    with support.federation() as fed:
        asking.agree(fed, **changes)
        asking.match(fed)
        with pytest.raises(AgreementError) as caught:
            ask(fed)
        fed["amparo"].requests._under = lambda _done, draft, _found: draft  # type: ignore[method-assign]
        ask(fed)

        assert clause == caught.value.clause
        assert [] == entries(fed, Event.DISCLOSURE_RECEIVED)


def test_only_a_match_that_stands_can_be_asked_about(fed: Federation) -> None:
    """Not one that was rejected here, none at all, and not by who may not ask."""
    (found,) = fed["amparo"].matches()
    match = bytes.fromhex(found.id)
    with pytest.raises(InputError, match="proven"):
        fed["amparo"].requests.ask([bytes(16)], {Kind.PHONE}, Purpose.SUPPORT)
    with pytest.raises(InputError, match="one member"):
        fed["amparo"].requests.ask([], {Kind.PHONE}, Purpose.SUPPORT)
    fed["amparo"].deciding.decide(match, Verdict.REJECTED, Ground.SHARED)
    with pytest.raises(InputError, match="rejected"):
        fed["amparo"].requests.ask([match], {Kind.PHONE}, Purpose.SUPPORT)
    people = team(fed, "amparo")
    with pytest.raises(PolicyError, match="caseworker"):
        fed["amparo"].requests.ask([match], {Kind.PHONE}, Purpose.SUPPORT, by=people["rosa"])

    assert [] == entries(fed, Event.DISCLOSURE_ASKED, member="amparo")


def _deliver(fed: Federation, sender: str, recipient: str, letter: Any) -> None:
    """Deliver a letter as a modified program would."""
    seats = fed.seats
    sealed = seal_letter(
        sign_letter(seats[sender].identity, letter),
        sender=sender,
        recipient=recipient,
        sealing_key=seats[recipient].identity.sealing_key,
    )
    fed[recipient].handle(sender, DeliverLetter(sealed))


def _sent(fed: Federation) -> DisclosureRequest:
    """Let Amparo ask, and return the letter."""
    request = ask(fed)
    with fed.seats["amparo"].store.read() as tx:
        letter = tx.letters.get_out(request)
    assert letter is not None
    return DisclosureRequest.from_envelope(letter.envelope)


def test_a_request_about_nothing_tells_nothing(fed: Federation) -> None:
    """A made-up match is taken like any other, and nobody can let anything go for it."""
    rosa = team(fed)["rosa"]
    sent = _sent(fed)
    guessed = sent.replace(id=bytes([7] * 16), matches=(bytes([9] * 16),))
    _deliver(fed, "amparo", "hope", guessed)
    with pytest.raises(PolicyError):
        approve(fed, guessed.id, rosa)

    assert () == view_at(fed, guessed.id)
    assert len(view_at(fed, sent.id)) == 1


def view_at(fed: Federation, request: bytes) -> tuple[str, ...]:
    """Own matches that Hope sees behind a request."""
    olga = fed.person("hope", f"olga-{request.hex()[:4]}", StaffRole.DATA_PROTECTION)
    return fed["hope"].requests.show(request, olga).matches


def test_many_requests_are_refused(fed: Federation) -> None:
    """Nobody buries the people of another organisation in work."""
    sent = _sent(fed)
    for number in range(99):
        _deliver(fed, "amparo", "hope", sent.replace(id=number.to_bytes(16)))
    with pytest.raises(QuotaError):
        _deliver(fed, "amparo", "hope", sent.replace(id=bytes([8] * 16)))


@pytest.mark.parametrize("attack", ["unasked", "kind", "text", "match", "lane", "again"])
def test_nobody_pushes_content(fed: Federation, attack: str) -> None:
    """An answer that was not asked for, or that tells more or other things than asked."""
    people = team(fed)
    request = ask(fed)
    approve(fed, request, people["rosa"])
    approve(fed, request, people["ruth"])
    with fed.seats["hope"].store.read() as tx:
        stored = tx.disclosures.get(Direction.RECEIVED, "amparo", request)
        assert stored is not None
        sent = tx.letters.get_out(stored.answer or b"")
    assert sent is not None
    answer = DisclosureAnswer.from_envelope(sent.envelope)
    (case,) = answer.cases
    value = case.values[0]
    forged = {
        "unasked": answer.replace(request=bytes(16)),
        "kind": answer.replace(cases=(case.replace(values=(value.replace(kind=Kind.EMAIL),)),)),
        "text": answer.replace(note="look here"),
        "match": answer.replace(cases=(case.replace(matches=(bytes(16),)),)),
        "lane": answer.replace(
            cases=(case.replace(values=(value.replace(subject=Subject.SURVIVOR),)),)
        ),
        "again": answer.replace(id=bytes([5] * 16)),
    }[attack]
    if attack == "again":
        fed.drive()
    with pytest.raises(ExchangeError):
        _deliver(fed, "hope", "amparo", forged)


def test_red_is_for_the_person_who_asked(fed: Federation) -> None:
    """Nobody else of the organisation reads it, whatever their role."""
    with support.federation() as red:
        asking.agree(red, handling=Handling.RED, approvers=1)
        asking.match(red)
        people = team(red, "amparo")
        request = ask(red, by=people["cara"])
        approve(red, request, OPERATOR)
        red.drive()
        for who in ("rosa", "tom"):
            with pytest.raises(PolicyError):
                red["amparo"].requests.read(request, people[who])
        with pytest.raises(PolicyError, match="nobody else"):
            red["amparo"].requests.export(request, permitted=True, by=people["rosa"])

        assert red["amparo"].requests.read(request, people["cara"]).answer.cases


def test_what_was_disclosed_is_deleted_in_time(fed: Federation) -> None:
    """After the days of the agreement, also if the giver says more; the record stays."""
    people = team(fed)
    request = ask(fed)
    approve(fed, request, people["rosa"])
    approve(fed, request, people["ruth"])
    fed.drive()
    read(fed, request)
    fed.clock.advance(days=90)
    fed["amparo"].drive()
    with pytest.raises(InputError, match="kept for long enough"):
        read(fed, request)
    with fed.seats["amparo"].store.read() as tx:
        stored = tx.disclosures.get(Direction.ASKED, "hope", request)
        assert stored is not None
        letter = tx.letters.get_in("hope", stored.answer or b"")

    assert letter is not None
    assert b"" == letter.envelope
    assert DisclosureStatus.DELETED is stored.status
    assert 1 == len(entries(fed, Event.RETENTION_ENFORCED, member="amparo"))


def test_what_screening_keeps_out_is_not_disclosed(fed: Federation) -> None:
    """A number that is also a survivor's waits for a person; it is not told meanwhile."""
    people = team(fed)
    sister = Case("H-9").add(
        Kind.PHONE, support.phone(asking.OTHER_PHONE), Subject.SURVIVOR, field="own"
    )
    fed["hope"].put_cases([sister], by=people["cara"])
    answer = fed["hope"].disclosures.preview(ask(fed), ALL, people["rosa"]).answer

    assert [support.phone(1)] == [
        one.value for case in answer.cases for one in case.values if one.kind is Kind.PHONE
    ]


@pytest.mark.parametrize("code", [EuropolCode.H0, EuropolCode.H1, EuropolCode.H2])
def test_what_may_not_be_used_in_court_stays(code: EuropolCode) -> None:
    """An export takes the giver's permission, which is recorded; a bundle never shows it."""
    with support.federation() as fed:
        asking.agree(fed, europol=(code,), approvers=1)
        asking.match(fed)
        request = ask(fed)
        approve(fed, request, OPERATOR)
        fed.drive()
        free = code is not EuropolCode.H1
        amparo = fed["amparo"].requests
        if not free:
            with pytest.raises(PolicyError, match="court"):
                amparo.export(request)
        told = amparo.export(request, permitted=not free)
        fed.clock.advance(hours=6)
        fed.drive()
        exported = fed["amparo"].record.export(Selection(letter=told.answer.id), reveal=True)
        enclosed = {one.digest: one for one in Bundle.from_bytes(exported.bundle).enclosures}
        letter = enclosed[digest(told.answer.to_bytes())]
        written = entries(fed, Event.RECORD_EXPORTED, member="amparo")

        assert (letter.envelope is not None) == free
        assert letter.receipt is not None
        assert [None if free else "with-permission", "revealed"] == [one.reason for one in written]


def test_an_erased_case_leaves_no_copy_of_what_was_told(fed: Federation) -> None:
    """The giver's own outbox holds nothing of it; what the receiver has it keeps for its time."""
    people = team(fed)
    officer = fed.person("hope", "olga", StaffRole.DATA_PROTECTION)
    request = ask(fed)
    approve(fed, request, people["rosa"])
    approve(fed, request, people["ruth"])
    fed.drive()
    fed["hope"].forget("H-1", by=officer)
    with fed.seats["hope"].store.read() as tx:
        stored = tx.disclosures.get(Direction.RECEIVED, "amparo", request)
        assert stored is not None
        sent = tx.letters.get_out(stored.answer or b"")
    assert sent is not None

    assert (b"", None) == (sent.envelope, stored.choice)
    assert DisclosureStatus.DELETED is stored.status
    assert read(fed, request).cases
