# SPDX-License-Identifier: Apache-2.0
"""Two members of any roles, agreements in any state between them, and consents in any state."""

from collections.abc import Mapping
from dataclasses import replace
from datetime import timedelta
from functools import cache
from typing import Any

from federation.agreements import (
    AccessRequest,
    Action,
    AgreementState,
    Consent,
    Detail,
    EuropolCode,
    Flow,
    Purpose,
    Status,
    Terms,
)
from federation.charter import Charter, Role, found
from federation.indicators import Kind, Lane, Subject
from tests.agreements.support import NOW, terms
from tests.charter.support import DAY, FEDERATION, member

__all__ = [
    "GIVER",
    "RECEIVER",
    "STATUSES",
    "broad_terms",
    "charter_of",
    "consents",
    "in_status",
    "request",
]

GIVER, RECEIVER = "hope", "amparo"
CONSENTING = frozenset({Purpose.SUPPORT, Purpose.NETWORK, Purpose.PREVENTION, Purpose.REFERRAL})
CIVIL = frozenset({Role.NGO, Role.HOTLINE, Role.AGENCY})
STATUSES: Mapping[str, Status | None] = {
    "none": None,
    **{status.value.replace("_", "-"): status for status in Status},
}
"""States of an agreement by the names of the table."""


@cache
def charter_of(giver: Role, receiver: Role) -> Charter:
    """Return a charter in which the two members have these roles."""
    members = (member(GIVER, role=giver), member(RECEIVER, role=receiver))
    return found("Carnival", members, federation_id=FEDERATION, at=NOW)


def broad_terms(*roles: Role, **changes: Any) -> Terms:
    """Return terms between the two that list all that the roles let them list, but for a kind."""
    survivors = Role.LAW_ENFORCEMENT not in roles
    subjects = [one for one in Subject if survivors or one is not Subject.SURVIVOR]
    flow = (Flow(giver=GIVER, receiver=RECEIVER),)
    fields: dict[str, Any] = {
        "parties": (RECEIVER, GIVER),
        "lanes": tuple(sorted({one.lane for one in subjects})),
        "kinds": tuple(sorted(set(Kind) - {Kind.DEVICE})),
        "subjects": tuple(sorted(subjects)),
        "purposes": tuple(sorted(Purpose)),
        "details": tuple(sorted(Detail)),
        "europol": (EuropolCode.H0,),
        "disclosure": flow,
        "query": flow,
    }
    return terms(**(fields | changes))


def in_status(agreed: Terms, status: Status | None) -> AgreementState | None:
    """Return an agreement with these terms that stands so now."""
    if status is None:
        return None
    if status is Status.EXPIRED:
        agreed = agreed.replace(valid_from=NOW - 2 * DAY, valid_until=NOW - DAY)
    return AgreementState(
        hash=bytes(32),
        terms=agreed,
        envelope=b"",
        signers=frozenset(agreed.parties[: 1 if status is Status.PROPOSED else None]),
        offers={},
        revocations={GIVER: b""} if status is Status.REVOKED else {},
        replaced=NOW if status is Status.REPLACED else None,
    )


def consents(purpose: Purpose, recipient: Role) -> dict[str, Consent | None]:
    """Return a consent for each state that the table knows."""
    valid = Consent(CONSENTING, CIVIL, given=NOW - DAY, expires=NOW + DAY)
    return {
        "none": None,
        "not-yet": replace(valid, given=NOW + timedelta(seconds=1)),
        "valid": valid,
        "expired": replace(valid, expires=NOW),
        "withdrawn": valid.withdraw(NOW),
        "other-purpose": replace(valid, purposes=CONSENTING - {purpose}),
        "other-recipient": replace(valid, recipients=CIVIL - {recipient}),
    }


def request(**changes: Any) -> AccessRequest:
    """Return the question whether the two compare a recruiter's phone, with changes."""
    fields: dict[str, Any] = {
        "action": Action.COMPARE,
        "giver": GIVER,
        "receiver": RECEIVER,
        "lane": Lane.NETWORK,
        "kind": Kind.PHONE,
        "subject": Subject.RECRUITER,
        "purpose": Purpose.NETWORK,
    }
    return AccessRequest(**(fields | changes))
