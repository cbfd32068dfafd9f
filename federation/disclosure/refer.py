# SPDX-License-Identifier: Apache-2.0
"""Making a referral, and saying what the record is to say of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from federation.agreements import AccessRequest, Action, Grant, Purpose
from federation.audit import Actor, Count
from federation.disclosure.disclose import check_people
from federation.disclosure.letters import DisclosedValue, Item
from federation.disclosure.referral import Referral, ReferralChoice
from federation.errors import InputError, PolicyError
from federation.indicators import Lane, Subject

__all__ = ["Referred", "refer", "referral_accesses"]


@dataclass(frozen=True, slots=True)
class Referred:
    """A referral, and what its entry in the record says. One does not leave without the other."""

    letter: Referral = field(repr=False)
    facts: Mapping[str, Any]
    """Fields of `federation.audit.Record`."""


def referral_accesses(
    giver: str, receiver: str, choice: ReferralChoice
) -> tuple[AccessRequest, ...]:
    """Return everything that must be asked before what was chosen leaves.

    Args:
        giver: Who refers.
        receiver: To whom.
        choice: What a person lets go.
    """
    items: list[Item] = [*choice.kinds, *choice.details]
    return tuple(
        AccessRequest(
            Action.REFER,
            giver=giver,
            receiver=receiver,
            lane=Lane.SURVIVOR,
            kind=item,
            subject=Subject.SURVIVOR,
            purpose=Purpose.REFERRAL,
        )
        for item in items
    )


def refer(
    choice: ReferralChoice,
    values: Sequence[DisclosedValue],
    grants: Sequence[Grant],
    approved: Sequence[Actor],
    *,
    letter: Mapping[str, Any],
    at: datetime,
) -> Referred:
    """Make a referral of what a person chose.

    Args:
        choice: What leaves. Nothing of it is left out: a survivor is referred with all of what
            was agreed with them, or not.
        values: What the case holds of the survivor in normal form.
        grants: One of now for each of `referral_accesses`, under one agreement.
        approved: Who approved exactly this.
        letter: The fields that every letter begins with.
        at: Now.

    Returns:
        The letter and the facts for its entry.

    Raises:
        PolicyError: A grant is missing, or of another time or something else; or not enough
            different people have approved it.
        InputError: The case holds nothing of a kind that was chosen.
    """
    _check_grants(choice, grants, letter, at)
    check_people(approved, max(grant.approvers for grant in grants))
    told = {
        (one.kind, one.value): one
        for one in values
        if one.kind in choice.kinds and one.subject is Subject.SURVIVOR
    }
    if lacking := sorted(set(choice.kinds) - {kind for kind, _ in told}):
        raise InputError(
            f"the case holds no '{lacking[0].value}' of the survivor",
            next_step="leave that kind out",
        )
    consent = grants[0].consent
    assert consent is not None  # the survivor lane grants nothing without
    made = Referral(
        **letter,
        agreement=grants[0].agreement,
        services=choice.services,
        urgency=choice.urgency,
        flags=choice.flags,
        safety=choice.safety,
        contact=choice.contact,
        note=choice.note,
        values=tuple(told[key] for key in sorted(told)),
        handling=grants[0].marking.handling,
        consent_basis=consent.basis,
        consent_sha256=consent.evidence_sha256,
        consent_until=consent.expires,
        keep_until=min(at + timedelta(days=min(grant.days for grant in grants)), consent.expires),
    )
    facts = {
        "member": made.recipient,
        "agreement": made.agreement,
        "lane": Lane.SURVIVOR,
        "purpose": Purpose.REFERRAL,
        "kinds": tuple(sorted({kind for kind, _ in told})),
        "counts": {Count.FIELDS: made.fields},
    }
    return Referred(made, facts)


def _check_grants(
    choice: ReferralChoice, grants: Sequence[Grant], letter: Mapping[str, Any], at: datetime
) -> None:
    for grant in grants:
        grant.check(at)
    expected = referral_accesses(letter["sender"], letter["recipient"], choice)
    if {grant.request for grant in grants} != set(expected):
        raise PolicyError("a permission is missing, or for something else", clause="request")
    if len({grant.agreement for grant in grants}) != 1:
        raise PolicyError("a referral goes under one agreement", clause="request")
