# SPDX-License-Identifier: Apache-2.0
"""What both sides of a referral see of it."""

from dataclasses import dataclass, field
from datetime import datetime

from federation.disclosure import (
    DeclineReason,
    Referral,
    ReferralAnswer,
    ReferralChoice,
    Service,
    Urgency,
)
from federation.errors import InputError
from federation.storage import ReferralSide, StoredReferral, Tx
from federation.storage.referrals import ReferralStatus

__all__ = ["ReferralView", "answer_of", "chosen_in", "letter_of", "referral_view"]


@dataclass(frozen=True, slots=True)
class ReferralView:
    """A referral and where it stands, for people. Nothing of the survivor."""

    id: str
    """The same on both sides."""
    side: ReferralSide
    member: str
    """The other side."""
    status: ReferralStatus
    services: tuple[Service, ...]
    """Empty once nothing of it is kept."""
    urgency: Urgency | None
    case: str | None = field(repr=False)
    """The own case that is referred, while it is here."""
    made: datetime
    due: datetime
    by: str
    """Who made it, or decided, as the record names them."""
    reason: DeclineReason | None
    """Why it was declined."""
    contact: str | None = field(repr=False)
    """Who takes the survivor on, or whom to ask instead."""
    keep_until: datetime | None
    agreement: bytes = field(repr=False)


def letter_of(tx: Tx, stored: StoredReferral) -> Referral | None:
    """Return what a referral says, or None if nothing of it is kept here, or it never left."""
    if stored.side is ReferralSide.SENT:
        sent = tx.letters.get_out(stored.referral)
        envelope = b"" if sent is None else sent.envelope
    else:
        came = tx.letters.get_in(stored.member, stored.referral)
        envelope = b"" if came is None else came.envelope
    return Referral.from_envelope(envelope) if envelope else None


def answer_of(tx: Tx, stored: StoredReferral) -> ReferralAnswer | None:
    """Return the answer, or None without one."""
    if stored.answer is None:
        return None
    if stored.side is ReferralSide.SENT:
        came = tx.letters.get_in(stored.member, stored.answer)
        return None if came is None else ReferralAnswer.from_envelope(came.envelope)
    sent = tx.letters.get_out(stored.answer)
    return None if sent is None else ReferralAnswer.from_envelope(sent.envelope)


def chosen_in(stored: StoredReferral) -> ReferralChoice:
    """Return what a person chose.

    Raises:
        InputError: It is not kept any more.
    """
    if stored.choice is None:
        raise InputError("what was chosen is not kept any more")
    return ReferralChoice.model_validate_json(stored.choice)


def referral_view(tx: Tx, stored: StoredReferral) -> ReferralView:
    """Put together what people see of a referral."""
    said = chosen_in(stored) if stored.choice is not None else letter_of(tx, stored)
    answer = answer_of(tx, stored)
    names = tx.consents.names([] if stored.case is None else [stored.case])
    return ReferralView(
        id=stored.referral.hex(),
        side=stored.side,
        member=stored.member,
        status=stored.status,
        services=() if said is None else said.services,
        urgency=None if said is None else said.urgency,
        case=names[stored.case][1] if stored.case in names else None,
        made=stored.made,
        due=stored.due,
        by=stored.by,
        reason=None if answer is None else answer.reason,
        contact=None if answer is None else answer.contact,
        keep_until=stored.keep_until,
        agreement=stored.agreement,
    )
