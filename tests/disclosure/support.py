# SPDX-License-Identifier: Apache-2.0
"""A request of Amparo to Hope, and what Hope holds."""

from dataclasses import replace
from datetime import timedelta
from typing import Any

from federation.agreements import (
    AgreementState,
    Consent,
    Detail,
    EuropolCode,
    Grant,
    Handling,
    Purpose,
    Status,
    authorise,
)
from federation.audit import StaffRole, staff
from federation.charter import Role
from federation.disclosure import (
    AnswerOutcome,
    Choice,
    DisclosedCase,
    DisclosedValue,
    DisclosureAnswer,
    DisclosureRequest,
    Holding,
    Referral,
    SafetyFlag,
    Service,
    Urgency,
    accesses,
)
from federation.errors import PolicyError
from federation.indicators import Kind, Lane, Subject
from tests.agreements.access import GIVER, RECEIVER, broad_terms, charter_of, in_status
from tests.agreements.support import NOW
from tests.charter.support import FEDERATION

__all__ = [
    "AGREEMENT",
    "ALL",
    "ANA",
    "BEA",
    "BOSS",
    "EMAIL",
    "MATCH",
    "NOW",
    "OTHER",
    "PHONE",
    "SURVIVOR",
    "VEHICLE",
    "agreement",
    "answer",
    "holding",
    "letter",
    "permitted",
    "referral",
    "request",
    "value",
]

AGREEMENT = bytes(32)
MATCH, OTHER = bytes(range(16)), bytes(range(16, 32))
ANA = staff(b"a" * 8, frozenset({StaffRole.REVIEWER}))
BEA = staff(b"b" * 8, frozenset({StaffRole.REVIEWER}))


def agreement(**changes: Any) -> AgreementState:
    """Return an agreement between two hotlines in which Hope gives to Amparo."""
    state = in_status(broad_terms(Role.HOTLINE, Role.HOTLINE, **changes), Status.IN_FORCE)
    assert state is not None
    return state


def request(**changes: Any) -> DisclosureRequest:
    """Return a request for phones, vehicles and a contact."""
    fields: dict[str, Any] = {
        "id": bytes([1] * 16),
        "federation_id": FEDERATION,
        "sender": RECEIVER,
        "recipient": GIVER,
        "agreement": AGREEMENT,
        "issued": NOW,
        "expires": NOW + timedelta(days=14),
        "matches": (MATCH,),
        "lane": Lane.NETWORK,
        "kinds": (Kind.PHONE, Kind.VEHICLE),
        "details": (Detail.CONTACT,),
        "purpose": Purpose.SUPPORT,
        "note": "Two women were told to call this number",
    }
    return DisclosureRequest(**(fields | changes))


def letter(**changes: Any) -> dict[str, Any]:
    """Return the fields that Hope's letter begins with."""
    fields: dict[str, Any] = {
        "id": bytes([2] * 16),
        "federation_id": FEDERATION,
        "sender": GIVER,
        "recipient": RECEIVER,
        "issued": NOW,
        "expires": NOW + timedelta(days=30),
    }
    return fields | changes


def value(kind: Kind, text: str, subject: Subject = Subject.RECRUITER) -> DisclosedValue:
    """Return one indicator."""
    return DisclosedValue(kind=kind, subject=subject, value=text)


PHONE = value(Kind.PHONE, "+525512345678")
VEHICLE = value(Kind.VEHICLE, "MX:ABC123")
EMAIL = value(Kind.EMAIL, "jobs@carnival.example")
BOSS = value(Kind.PHONE, "+525500000001", Subject.TRAFFICKER)
SURVIVOR = value(Kind.PHONE, "+525599999999", Subject.SURVIVOR)


def holding(*values: DisclosedValue, **changes: Any) -> Holding:
    """Return a case with a recruiter's phone, vehicle and e-mail, and a survivor's phone."""
    told = values or (PHONE, VEHICLE, EMAIL, BOSS, SURVIVOR)
    return replace(Holding((MATCH,), frozenset({Subject.RECRUITER}), told), **changes)


def permitted(
    one: Holding,
    choice: Choice,
    asked: DisclosureRequest | None = None,
    *,
    consent: Consent | None = None,
    **terms: Any,
) -> Holding:
    """Return a case with a grant for everything that the terms allow of it."""
    grants: list[Grant] = []
    for access in accesses(asked or request(), choice, one):
        try:
            grants.append(
                authorise(
                    access,
                    agreement(**terms),
                    consent,
                    charter=charter_of(Role.HOTLINE, Role.HOTLINE),
                    at=NOW,
                )
            )
        except PolicyError:  # what is denied has no grant
            continue
    return replace(one, grants=tuple(grants))


def answer(**changes: Any) -> DisclosureAnswer:
    """Return an answer with one case."""
    fields: dict[str, Any] = letter() | {
        "agreement": AGREEMENT,
        "request": bytes([1] * 16),
        "outcome": AnswerOutcome.NARROWED,
        "flags": (SafetyFlag.MINOR,),
        "handling": Handling.AMBER_STRICT,
        "europol": (EuropolCode.H1,),
        "keep_until": NOW + timedelta(days=90),
        "grade": "B2",
        "contact": "Hope, night desk\n+52 55 0000 0000",
        "cases": (DisclosedCase(matches=(MATCH,), values=(PHONE, VEHICLE)),),
    }
    return DisclosureAnswer(**(fields | changes))


def referral(**changes: Any) -> Referral:
    """Return a referral of one survivor by Hope to Amparo."""
    fields: dict[str, Any] = letter(id=bytes([4] * 16)) | {
        "agreement": AGREEMENT,
        "services": (Service.LEGAL, Service.SHELTER),
        "urgency": Urgency.DAY,
        "flags": (SafetyFlag.DANGER,),
        "safety": "Only between 10 and 12; say that it is the pharmacy",
        "contact": "Hope, night desk",
        "values": (SURVIVOR,),
        "handling": Handling.AMBER_STRICT,
        "consent_basis": "intake-form-3",
        "consent_sha256": bytes(range(32)),
        "consent_until": NOW + timedelta(days=365),
        "keep_until": NOW + timedelta(days=90),
    }
    return Referral(**(fields | changes))


ALL = Choice(kinds=(Kind.PHONE, Kind.VEHICLE), contact="Hope, night desk")
