# SPDX-License-Identifier: Apache-2.0
"""What both sides of a disclosure see of a request, and what the signed paper says of it."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import datetime

from federation.agreements import AccessRequest, Action, Detail, Purpose, explain
from federation.disclosure import DisclosureRequest
from federation.indicators import Kind, Lane, Subject
from federation.member.core import Core
from federation.member.naming import named_match
from federation.member.standing import Standing
from federation.storage import Direction, DisclosureStatus, Named, StoredDisclosure, Tx

__all__ = ["DisclosureView", "check_listed", "named_matches", "request_of", "view_of"]


@dataclass(frozen=True, slots=True)
class DisclosureView:
    """A request and where it stands, for people."""

    id: str
    """Of the request; the same on both sides."""
    direction: Direction
    member: str
    """The other side."""
    status: DisclosureStatus
    lane: Lane
    kinds: tuple[Kind, ...]
    details: tuple[Detail, ...]
    purpose: Purpose
    note: str | None = field(repr=False)
    matches: tuple[str, ...]
    """Own ids of the matches that are known here."""
    agreement: bytes = field(repr=False)
    asked: datetime
    due: datetime
    by: str
    """Who asked, or approved first, as the record names them."""
    keep_until: datetime | None


def check_listed(
    core: Core,
    standing: Standing,
    tx: Tx,
    request: DisclosureRequest,
    subjects: Iterable[Subject],
) -> None:
    """Refuse what the signed paper does not list, whatever a survivor's consent may say.

    Only the giver knows of consents and restrictions; it asks for them when it answers.

    Args:
        core: The member.
        standing: Its agreements.
        tx: An open transaction.
        request: What is asked.
        subjects: About whom.

    Raises:
        PolicyError: Names the clause that denies it.
    """
    assert request.agreement is not None  # checked when it was made or read
    state = standing.state(tx, request.agreement)
    charter = core.require_charter(tx).charter
    for item in sorted(request.items):
        for subject in subjects:
            access = AccessRequest(
                Action.DISCLOSE,
                giver=request.recipient,
                receiver=request.sender,
                lane=request.lane,
                kind=item,
                subject=subject,
                purpose=request.purpose,
            )
            for clause in explain(access, state, None, charter=charter, at=core.clock()):
                if not clause.allows and clause.name != "consent":
                    raise clause.error()


def request_of(tx: Tx, stored: StoredDisclosure) -> DisclosureRequest:
    """Return the letter that asks."""
    if stored.direction is Direction.ASKED:
        sent = tx.letters.get_out(stored.request)
        assert sent is not None  # written in one transaction
        return DisclosureRequest.from_envelope(sent.envelope)
    came = tx.letters.get_in(stored.member, stored.request)
    assert came is not None  # written in one transaction
    return DisclosureRequest.from_envelope(came.envelope)


def named_matches(tx: Tx, stored: StoredDisclosure, request: DisclosureRequest) -> list[Named]:
    """Name the own matches that a request is about."""
    known = (tx.matches.known_as(stored.member, one) for one in request.matches)
    return [named_match(one.uuid) for one in known if one is not None]


def view_of(tx: Tx, stored: StoredDisclosure) -> DisclosureView:
    """Put together what people see of a request."""
    request = request_of(tx, stored)
    known = [tx.matches.known_as(stored.member, one) for one in request.matches]
    return DisclosureView(
        id=stored.request.hex(),
        direction=stored.direction,
        member=stored.member,
        status=stored.status,
        lane=request.lane,
        kinds=request.kinds,
        details=request.details,
        purpose=request.purpose,
        note=request.note,
        matches=tuple(one.uuid.hex() for one in known if one is not None),
        agreement=stored.agreement,
        asked=stored.asked,
        due=stored.due,
        by=stored.by,
        keep_until=stored.keep_until,
    )
