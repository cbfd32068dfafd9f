# SPDX-License-Identifier: Apache-2.0
"""A referral from the consent to the answer, and everything that ends one on the way."""

from collections.abc import Iterator
from datetime import timedelta
from typing import Any

import pytest

from federation.agreements import Consent, Detail, Flow, Handling, Purpose
from federation.audit import OPERATOR, Actor, Event, Outcome, StaffRole
from federation.charter import Role
from federation.disclosure import (
    DeclineReason,
    Referral,
    ReferralAnswer,
    ReferralChoice,
    ReferralRecall,
    SafetyFlag,
    Service,
    Urgency,
)
from federation.errors import (
    AgreementError,
    ExchangeError,
    InputError,
    PolicyError,
    QuotaError,
)
from federation.indicators import Case, Kind, Subject
from federation.letters import seal_letter, sign_letter
from federation.member import ReferralSide, ReferralStatus, ReferralView
from federation.member.referral_view import referral_view
from federation.messages import DeliverLetter
from federation.testing import Federation
from tests.member import asking, support
from tests.member.people import entries

HER_PHONE = support.phone(500)
CHOICE = ReferralChoice(
    services=(Service.LEGAL, Service.SHELTER),
    urgency=Urgency.DAY,
    kinds=(Kind.PHONE,),
    contact="Hope, night desk",
    safety="only between 10 and 12, say that it is the pharmacy",
    flags=(SafetyFlag.DANGER,),
)
TERMS: dict[str, Any] = {
    "disclosure": (Flow(giver="hope", receiver="amparo"),),
    "subjects": tuple(sorted(Subject)),
    "details": tuple(sorted(Detail)),
    "purposes": (Purpose.REFERRAL,),
    "approvers": 1,
    "disclosed_days": 30,
}


def case(name: str = "S-1") -> Case:
    """Return a case with a survivor's phone and a recruiter's."""
    made = Case(name, region="MX")
    made = made.add(Kind.PHONE, HER_PHONE, Subject.SURVIVOR, field="own tel")
    return made.add(Kind.PHONE, support.phone(1), Subject.RECRUITER, field="tel")


def consent(fed: Federation, name: str = "S-1", **changes: Any) -> None:
    """Record that the survivor wants to be referred to a hotline."""
    fields: dict[str, Any] = {
        "purposes": frozenset({Purpose.REFERRAL}),
        "recipients": frozenset({Role.HOTLINE, Role.NGO}),
        "given": fed.clock(),
        "expires": fed.clock() + timedelta(days=365),
        "basis": "intake-form-3",
        "evidence_sha256": bytes(range(32)),
    }
    fed["hope"].consents.record(name, Consent(**(fields | changes)), source="api")


@pytest.fixture
def fed() -> Iterator[Federation]:
    """Hope may refer survivors to Amparo, and one of its survivors wants that."""
    with support.federation() as federation:
        federation.agree("amparo", "hope", **TERMS)
        federation["hope"].put_cases([case()])
        consent(federation)
        yield federation


def send(
    fed: Federation, choice: ReferralChoice = CHOICE, by: Actor = OPERATOR
) -> tuple[bytes, ReferralStatus]:
    """Look at what would leave, and refer."""
    hope = fed["hope"].referrals
    seen = hope.preview("S-1", "amparo", choice, source="api", by=by).seen
    return hope.send("S-1", "amparo", choice, seen, source="api", by=by)


def view(fed: Federation, name: str, referral: bytes) -> ReferralView:
    """What a member sees of a referral."""
    with fed.seats[name].store.read() as tx:
        (found,) = [one for one in tx.referrals.list() if one.referral == referral]
        return referral_view(tx, found)


def statuses(fed: Federation, referral: bytes) -> tuple[ReferralStatus, ReferralStatus]:
    """Where it stands at Hope, and at Amparo."""
    return view(fed, "hope", referral).status, view(fed, "amparo", referral).status


def kept(fed: Federation, referral: bytes) -> tuple[bool, bool]:
    """Whether Hope, and Amparo, still hold what it says."""
    with fed.seats["hope"].store.read() as tx:
        sent = tx.letters.get_out(referral)
    with fed.seats["amparo"].store.read() as tx:
        came = tx.letters.get_in("hope", referral)
    return bool(sent and sent.envelope), bool(came and came.envelope)


def test_a_survivor_is_referred_and_taken_on(fed: Federation) -> None:
    """The other side reads what was chosen of the survivor, and answers whom to call."""
    referral, status = send(fed)
    assert ReferralStatus.OPEN is status
    fed.drive()
    told = fed["amparo"].referrals.read(referral)
    fed["amparo"].referred.accept(referral, "Ines, Amparo")
    fed.drive()

    assert (ReferralStatus.ACCEPTED,) * 2 == statuses(fed, referral)
    assert [(Kind.PHONE, HER_PHONE)] == [(one.kind, one.value) for one in told.letter.values]
    assert (CHOICE.safety, CHOICE.flags) == (told.letter.safety, told.letter.flags)
    assert Handling.AMBER_STRICT is told.letter.handling
    assert fed.clock() + timedelta(days=30) == told.view.keep_until
    assert "Ines, Amparo" == view(fed, "hope", referral).contact
    assert ("S-1", None) == (
        view(fed, "hope", referral).case,
        view(fed, "amparo", referral).case,
    )
    assert b"S-1" not in told.letter.to_bytes()
    assert support.phone(1).encode() not in told.letter.to_bytes()
    with fed.seats["amparo"].store.read() as tx:
        assert [] == tx.cases.list()


def test_the_record_of_both_sides_tells_the_same(fed: Federation) -> None:
    """Who referred and who accepted, what kinds and how much; no value, no case, no text."""
    referral, _ = send(fed)
    fed.drive()
    fed["amparo"].referred.accept(referral, "Ines, Amparo")
    fed.drive()
    kinds = (
        Event.REFERRAL_SENT, Event.REFERRAL_RECEIVED, Event.REFERRAL_DECIDED,
        Event.REFERRAL_ARRIVED,
    )  # fmt: skip
    hope = entries(fed, *kinds, member="hope")
    amparo = entries(fed, *kinds, member="amparo")
    log = b"".join(one.to_bytes() for one in (*hope, *amparo))

    assert [Event.REFERRAL_SENT, Event.REFERRAL_ARRIVED] == [one.event for one in hope]
    assert [Event.REFERRAL_RECEIVED, Event.REFERRAL_DECIDED] == [one.event for one in amparo]
    assert (hope[0].documents, hope[0].counts) == (amparo[0].documents, amparo[0].counts)
    assert (hope[1].documents, hope[1].outcome) == (amparo[1].documents, amparo[1].outcome)
    for secret in ("S-1", HER_PHONE, "night desk", "pharmacy", "Ines"):
        assert secret.encode() not in log


def test_declining_deletes_what_was_told(fed: Federation) -> None:
    """Both sides keep that it was referred and why it was declined, and nothing of the person."""
    referral, _ = send(fed)
    fed.drive()
    fed["amparo"].referred.decline(referral, DeclineReason.CAPACITY, "ask Licht")
    fed.drive()
    seen = view(fed, "hope", referral)

    assert (ReferralStatus.DECLINED,) * 2 == statuses(fed, referral)
    assert (DeclineReason.CAPACITY, "ask Licht") == (seen.reason, seen.contact)
    assert (False, False) == kept(fed, referral)
    with pytest.raises(InputError, match="nothing of it is kept"):
        fed["amparo"].referrals.read(referral)


@pytest.mark.parametrize(
    ("changes", "clause"),
    [
        ({"purposes": frozenset({Purpose.SUPPORT})}, "consent-purposes"),
        ({"recipients": frozenset({Role.AGENCY})}, "consent-recipients"),
    ],
)
def test_the_consent_must_cover_it(fed: Federation, changes: dict[str, Any], clause: str) -> None:
    """A consent to something else is none to a referral."""
    fed["hope"].put_cases([case("S-2")])
    consent(fed, "S-2", **changes)
    with pytest.raises(PolicyError) as refused:
        fed["hope"].referrals.preview("S-2", "amparo", CHOICE, source="api")
    fed["hope"].put_cases([case("S-3")])
    with pytest.raises(PolicyError) as missing:
        fed["hope"].referrals.preview("S-3", "amparo", CHOICE, source="api")

    assert (clause, "consent") == (refused.value.clause, missing.value.clause)


def test_without_an_agreement_nobody_is_referred(fed: Federation) -> None:
    """Not to a stranger, not the other way, and not with a detail that is not listed."""
    with pytest.raises((AgreementError, PolicyError)):
        fed["hope"].referrals.preview("S-1", "licht", CHOICE, source="api")
    fed["amparo"].put_cases([case("A-1")])
    with pytest.raises(PolicyError):
        fed["amparo"].referrals.preview("A-1", "hope", CHOICE, source="api")
    lacking = CHOICE.model_copy(update={"kinds": (Kind.EMAIL,)})
    with pytest.raises((InputError, PolicyError)):
        fed["hope"].referrals.preview("S-1", "amparo", lacking, source="api")
    with pytest.raises(InputError, match="no such case"):
        fed["hope"].referrals.preview("S-9", "amparo", CHOICE, source="api")


def test_two_people_approve_exactly_the_same() -> None:
    """A caseworker proposes, a reviewer approves; a changed case begins anew."""
    with support.federation() as fed:
        fed.agree("amparo", "hope", **(TERMS | {"approvers": 2}))
        fed["hope"].put_cases([case()])
        consent(fed)
        people = asking.team(fed)
        hope = fed["hope"].referrals
        with pytest.raises(PolicyError, match="caseworker"):
            send(fed, by=people["tom"])
        referral, status = send(fed, by=people["cara"])
        assert ReferralStatus.ONCE is status
        fed.drive()
        assert [] == fed["amparo"].referrals.list()
        seen = hope.waiting(referral, people["rosa"]).seen
        with pytest.raises(PolicyError, match="reviewer"):
            hope.approve(referral, seen, people["cara"])
        changed = case().add(Kind.PHONE, support.phone(501), Subject.SURVIVOR, field="new")
        fed["hope"].put_cases([changed], by=people["cara"])
        with pytest.raises(PolicyError, match="changed"):
            hope.approve(referral, seen, people["rosa"])
        anew = hope.waiting(referral, people["rosa"]).seen
        with pytest.raises(PolicyError, match="changed"):
            hope.approve(referral, anew, people["rosa"])
        fed["hope"].put_cases([case()], by=people["cara"])
        hope.approve(referral, seen, people["rosa"])
        fed.drive()
        (sent,) = entries(fed, Event.REFERRAL_SENT, member="hope")

        assert (ReferralStatus.OPEN,) * 2 == statuses(fed, referral)
        assert {people["cara"].id, people["rosa"].id} == {sent.actor, sent.second_actor}


def test_one_reviewer_is_not_two() -> None:
    """Who was the first is not the second."""
    with support.federation() as fed:
        fed.agree("amparo", "hope", **(TERMS | {"approvers": 2}))
        fed["hope"].put_cases([case()])
        consent(fed)
        people = asking.team(fed)
        referral, _ = send(fed, by=people["rosa"])
        seen = fed["hope"].referrals.waiting(referral, people["rosa"]).seen
        with pytest.raises(PolicyError, match="you were the first"):
            fed["hope"].referrals.approve(referral, seen, people["rosa"])
        fed["hope"].referrals.recall(referral, people["cara"])
        fed.drive()

        assert ReferralStatus.RECALLED is view(fed, "hope", referral).status
        assert [] == fed["amparo"].referrals.list()


def test_a_withdrawn_consent_stops_what_has_not_left(fed: Federation) -> None:
    """Nothing reaches the other side, and the own copy is destroyed."""
    referral, _ = send(fed)
    fed["hope"].consents.withdraw("S-1", source="api")
    fed.drive()

    assert ReferralStatus.RECALLED is view(fed, "hope", referral).status
    assert (False, False) == kept(fed, referral)


def test_a_revoked_agreement_withholds_what_has_not_left(fed: Federation) -> None:
    """It is asked again right before delivery."""
    referral, _ = send(fed)
    fed["hope"].revoke_agreement(support.agreement_of(fed), "over")
    fed.drive()

    assert ReferralStatus.WITHHELD is view(fed, "hope", referral).status
    assert [] == fed["amparo"].referrals.list()
    assert (False, False) == kept(fed, referral)


@pytest.mark.parametrize("how", ["withdrawn", "erased", "by hand", "run out"])
def test_what_was_delivered_is_taken_back(fed: Federation, how: str) -> None:
    """Also after it was accepted: the other node deletes what it holds of the survivor."""
    referral, _ = send(fed)
    fed.drive()
    fed["amparo"].referred.accept(referral)
    fed.drive()
    assert (True, True) == kept(fed, referral)
    if how == "withdrawn":
        fed["hope"].consents.withdraw("S-1", source="api")
    elif how == "erased":
        fed["hope"].forget("S-1")
    elif how == "by hand":
        fed["hope"].referrals.recall(referral)
    else:
        consent(fed, expires=fed.clock() + timedelta(days=2))
        fed.clock.advance(days=3)
    fed.drive()
    fed.drive()

    assert (ReferralStatus.RECALLED,) * 2 == statuses(fed, referral)
    assert (False, False) == kept(fed, referral)
    (received,) = [
        one
        for one in entries(fed, Event.REFERRAL_RECEIVED, member="amparo")
        if one.outcome is Outcome.WITHDRAWN
    ]
    assert "hope" == received.member


def test_a_recall_that_comes_first_counts(fed: Federation) -> None:
    """A referral whose receipt was lost may come again after it was taken back."""
    referral, _ = send(fed)
    with fed.seats["hope"].store.read() as tx:
        sent = tx.letters.get_out(referral)
        assert sent is not None
    fed["hope"].referrals.recall(referral)
    fed.drive()
    hope, amparo = fed.seats["hope"], fed.seats["amparo"]
    sealed = seal_letter(
        sent.envelope,
        sender="hope",
        recipient="amparo",
        sealing_key=amparo.identity.sealing_key,
    )
    amparo.member.handle("hope", DeliverLetter(sealed))

    assert hope.identity.member_id == "hope"
    assert ReferralStatus.RECALLED is view(fed, "amparo", referral).status
    assert (False, False) == kept(fed, referral)
    with pytest.raises(InputError, match="waits for an answer"):
        fed["amparo"].referred.accept(referral)


def test_a_partner_that_is_down_gets_the_recall_later(fed: Federation) -> None:
    """The recall waits in the outbox."""
    referral, _ = send(fed)
    fed.drive()
    fed.faults.down = {"amparo"}
    fed["hope"].consents.withdraw("S-1", source="api")
    fed.drive()
    assert (False, True) == kept(fed, referral)
    fed.faults.down = set()
    fed.clock.advance(hours=2)
    fed.drive()

    assert (False, False) == kept(fed, referral)


def test_nobody_answers_in_time(fed: Federation) -> None:
    """Both sides end it, and nothing of the survivor is left."""
    referral, _ = send(fed)
    fed.drive()
    fed.clock.advance(days=22)
    fed.drive()

    assert (ReferralStatus.EXPIRED,) * 2 == statuses(fed, referral)
    assert (False, False) == kept(fed, referral)


def test_it_is_kept_for_as_long_as_was_agreed(fed: Federation) -> None:
    """Afterwards that it was accepted stays known, and nothing else."""
    referral, _ = send(fed)
    fed.drive()
    fed["amparo"].referred.accept(referral)
    fed.drive()
    fed.clock.advance(days=31)
    fed.drive()

    assert (ReferralStatus.ACCEPTED,) * 2 == statuses(fed, referral)
    assert (False, False) == kept(fed, referral)


def _letter(fed: Federation, kind: type[Any], sender: str, recipient: str, **fields: Any) -> Any:
    """Return a letter that one member writes to another as it likes."""
    at = fed.clock()
    return kind(
        id=bytes([9] * 16),
        federation_id=fed[sender].require_charter().federation_id,
        sender=sender,
        recipient=recipient,
        issued=at,
        expires=at + timedelta(days=14),
        **fields,
    )


def _deliver(fed: Federation, letter: Any) -> None:
    sender, recipient = fed.seats[letter.sender], fed.seats[letter.recipient]
    sealed = seal_letter(
        sign_letter(sender.identity, letter),
        sender=letter.sender,
        recipient=letter.recipient,
        sealing_key=recipient.identity.sealing_key,
    )
    recipient.member.handle(letter.sender, DeliverLetter(sealed))


def test_a_member_that_is_not_listed_pushes_nothing(fed: Federation) -> None:
    """Amparo may receive and not refer: its letter is refused, and nothing of it is kept."""
    (agreement,) = [one.hash for one in fed["hope"].agreements()]
    until = fed.clock() + timedelta(days=10)
    pushed = _letter(
        fed, Referral, "amparo", "hope",
        agreement=agreement, services=(Service.LEGAL,), urgency=Urgency.NOW,
        contact="call me", handling=Handling.GREEN, consent_basis="none",
        consent_until=until, keep_until=until,
    )  # fmt: skip
    with pytest.raises(PolicyError):
        _deliver(fed, pushed)

    assert [] == fed["hope"].referrals.list()
    with fed.seats["hope"].store.read() as tx:
        assert None is tx.letters.get_in("amparo", pushed.id)


def test_nobody_else_answers_or_recalls(fed: Federation) -> None:
    """An answer counts from who was asked, once; a stranger's recall touches nothing."""
    referral, _ = send(fed)
    fed.drive()
    with pytest.raises(ExchangeError):
        _deliver(
            fed, _letter(fed, ReferralAnswer, "licht", "hope", referral=referral, accepted=True)
        )
    _deliver(fed, _letter(fed, ReferralRecall, "licht", "amparo", referral=referral))
    fed["amparo"].referred.accept(referral)
    fed.drive()
    with pytest.raises(ExchangeError):
        _deliver(
            fed, _letter(fed, ReferralAnswer, "amparo", "hope", referral=referral, accepted=True)
        )
    mine = [one for one in fed["amparo"].referrals.list() if one.member == "hope"]

    assert [ReferralStatus.ACCEPTED] == [one.status for one in mine]
    assert (True, True) == kept(fed, referral)


def test_too_many_open_referrals_are_refused(
    fed: Federation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A member cannot fill another one's desk."""
    monkeypatch.setattr("federation.member.referred._MOST_OPEN", 1)
    send(fed)
    fed.drive()
    second, _ = send(fed)
    with fed.seats["hope"].store.read() as tx:
        sent = tx.letters.get_out(second)
        assert sent is not None
    with pytest.raises(QuotaError):
        _deliver(fed, Referral.from_envelope(sent.envelope))

    assert 1 == len(fed["amparo"].referrals.list())


def test_a_lost_receipt_doubles_nothing(fed: Federation) -> None:
    """The letter comes twice and is one referral."""
    referral, _ = send(fed)
    with fed.seats["hope"].store.read() as tx:
        sent = tx.letters.get_out(referral)
        assert sent is not None
    _deliver(fed, Referral.from_envelope(sent.envelope))
    fed.drive()

    assert [referral.hex()] == [one.id for one in fed["amparo"].referrals.list()]


def test_reading_stays_in_the_record(fed: Federation) -> None:
    """On either side; and who may not read is refused."""
    people = {
        "aud": fed.person("amparo", "aud", StaffRole.AUDITOR),
        "cara": fed.person("amparo", "cara", StaffRole.CASEWORKER),
    }
    referral, _ = send(fed)
    fed.drive()
    with pytest.raises(PolicyError):
        fed["amparo"].referrals.read(referral, people["aud"])
    fed["amparo"].referrals.read(referral, people["cara"])
    reading = [
        one
        for one in entries(fed, Event.DISCLOSURE_READ, member="amparo")
        if one.actor == people["cara"].id and one.member == "hope"
    ]

    assert 1 == len(reading)
    assert ReferralSide.RECEIVED is view(fed, "amparo", referral).side
