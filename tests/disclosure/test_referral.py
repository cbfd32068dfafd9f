# SPDX-License-Identifier: Apache-2.0
"""Referrals: what leaves, what it takes, and the published bytes."""

import json
from dataclasses import replace
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest

from federation.agreements import Consent, Detail, Grant, Purpose, authorise
from federation.charter import Role
from federation.disclosure import (
    DeclineReason,
    Referral,
    ReferralAnswer,
    ReferralChoice,
    ReferralRecall,
    Referred,
    Service,
    Urgency,
    refer,
    referral_accesses,
)
from federation.documents import digest
from federation.errors import InputError, MalformedError, PolicyError
from federation.indicators import Kind, Subject
from federation.letters import Letter, sign_letter
from tests.agreements.access import GIVER, RECEIVER, charter_of
from tests.charter.support import identity
from tests.disclosure.support import (
    ANA,
    BEA,
    NOW,
    PHONE,
    SURVIVOR,
    agreement,
    letter,
    referral,
    value,
)

VECTORS = json.loads(
    (Path(__file__).parent.parent / "vectors" / "referral.json").read_text(encoding="utf-8")
)
SPEC = Path(__file__).parent.parent.parent / "proto" / "spec" / "referral.md"
BACK = letter(id=bytes([5] * 16), sender=RECEIVER, recipient=GIVER)
ACCEPTED = ReferralAnswer(**BACK, referral=bytes([4] * 16), accepted=True, contact="Ines, Amparo")
DECLINED = ReferralAnswer(
    **BACK, referral=bytes([4] * 16), accepted=False, reason=DeclineReason.CAPACITY
)
RECALL = ReferralRecall(**letter(id=bytes([6] * 16)), referral=bytes([4] * 16))
CHOICE = ReferralChoice(
    services=(Service.SHELTER,), urgency=Urgency.NOW, kinds=(Kind.PHONE,), contact="Hope"
)
CONSENT = Consent(
    frozenset({Purpose.REFERRAL}),
    frozenset({Role.HOTLINE}),
    given=NOW,
    expires=NOW + timedelta(days=40),
    basis="intake-form-3",
)


def grants(choice: ReferralChoice = CHOICE, **terms: Any) -> list[Grant]:
    """Return what the terms and the consent allow now."""
    return [
        authorise(
            access, agreement(**terms), CONSENT,
            charter=charter_of(Role.HOTLINE, Role.HOTLINE), at=NOW,
        )
        for access in referral_accesses(GIVER, RECEIVER, choice)
    ]  # fmt: skip


def made(choice: ReferralChoice = CHOICE, **changes: Any) -> Referred:
    """Make a referral of a case with the survivor's phone and a recruiter's."""
    fields: dict[str, Any] = {
        "values": [PHONE, SURVIVOR],
        "grants": grants(choice),
        "approved": [ANA, BEA],
        "letter": letter(),
        "at": NOW,
    }
    return refer(choice, **(fields | changes))


def test_only_the_survivors_own_values_leave() -> None:
    """Not the recruiter's of the same kind; and not for longer than the consent holds."""
    told = made().letter

    assert (SURVIVOR,) == told.values
    assert (CONSENT.expires, "intake-form-3") == (told.consent_until, told.consent_basis)
    assert told.keep_until <= CONSENT.expires


def test_it_takes_a_grant_for_each_thing() -> None:
    """One too few, one for something else, or one of yesterday lets nothing leave."""
    told = CHOICE.model_copy(update={"note": "speaks Tigrinya"})
    for wrong in (grants(), [*grants(told), *grants(told)][1:3], grants(told)[:1]):
        with pytest.raises(PolicyError):
            made(told, grants=wrong[:2])
    with pytest.raises(PolicyError, match="used at once"):
        made(at=NOW + timedelta(days=1))
    with pytest.raises(PolicyError):
        made(letter=letter(recipient="licht"))

    assert made(told, grants=grants(told)).letter.note == "speaks Tigrinya"


def test_it_takes_the_people_that_the_agreement_says() -> None:
    """Two are two different ones."""
    two = grants(approvers=2)
    for approved in ([ANA], [ANA, ANA], []):
        with pytest.raises(PolicyError):
            made(grants=two, approved=approved)

    assert made(grants=two).letter.services == CHOICE.services


def test_what_the_case_does_not_hold_is_said() -> None:
    """A survivor is not referred with less than was agreed with them."""
    with pytest.raises(InputError, match="no 'phone'"):
        made(values=[PHONE])


def test_no_consent_no_grant() -> None:
    """Withdrawn, over, or to somebody else: nobody can make the referral."""
    (access, *_) = referral_accesses(GIVER, RECEIVER, CHOICE)
    for consent in (
        None,
        CONSENT.withdraw(NOW),
        replace(CONSENT, recipients=frozenset({Role.AGENCY})),
        replace(CONSENT, purposes=frozenset({Purpose.SUPPORT})),
    ):
        with pytest.raises(PolicyError):
            authorise(
                access, agreement(), consent,
                charter=charter_of(Role.HOTLINE, Role.HOTLINE), at=NOW,
            )  # fmt: skip


@pytest.mark.parametrize(
    ("name", "one", "sender"),
    [
        ("referral", referral(), "hope"),
        ("accepted", ACCEPTED, "amparo"),
        ("declined", DECLINED, "amparo"),
        ("recall", RECALL, "hope"),
    ],
)
def test_bytes_hash_and_signature(name: str, one: Letter, sender: str) -> None:
    """The same letter gives the same bytes, hash and signature, for ever."""
    vector = VECTORS[name]

    assert one.to_bytes() == vector["payload"].encode()
    assert digest(one.to_bytes()).hex() == vector["sha256"]
    assert sign_letter(identity(sender), one) == vector["envelope"].encode()


def test_what_is_approved_has_a_published_hash() -> None:
    """It is the same at another time, and another one with another word."""
    later = referral(id=bytes(16), issued=NOW + timedelta(hours=1), keep_until=NOW)

    assert referral().seen().hex() == VECTORS["referral"]["seen"]
    assert referral().seen() == later.seen()
    assert referral().seen() != referral(contact="Hope, day desk").seen()


@pytest.mark.parametrize("vector", VECTORS["refused_payloads"], ids=lambda one: one["comment"])
def test_refused_payloads(vector: dict[str, Any]) -> None:
    """What another parser might accept is refused."""
    cls = {one.TYPE: one for one in (Referral, ReferralAnswer)}[vector["document"]]
    with pytest.raises(MalformedError):
        cls.from_bytes(vector["payload"].encode())


def test_the_spec_shows_these_bytes() -> None:
    """The example on the page is the vector, but for its line breaks."""
    page = SPEC.read_text(encoding="utf-8")
    shown = "".join(line.strip() for line in page.split("```")[1].splitlines())

    assert VECTORS["referral"]["payload"].replace(" ", "") == shown.replace(" ", "")
    assert VECTORS["referral"]["sha256"] in page


def test_details_are_those_of_agreements() -> None:
    """Whatever text a referral carries can be listed in an agreement."""
    told = CHOICE.model_copy(update={"note": "n", "safety": "s"})

    assert set(Detail) == set(told.details)
    assert {Subject.SURVIVOR} == {one.subject for one in referral_accesses(GIVER, RECEIVER, told)}
    assert value(Kind.PHONE, "+1", Subject.SURVIVOR).subject is Subject.SURVIVOR
