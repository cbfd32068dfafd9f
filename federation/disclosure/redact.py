# SPDX-License-Identifier: Apache-2.0
"""Of what is held on a match, exactly what a person chose and what is granted."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from federation.agreements import AccessRequest, Action, Grant
from federation.disclosure.choice import Choice
from federation.disclosure.letters import DisclosedCase, DisclosedValue, DisclosureRequest, Item
from federation.indicators import Subject

__all__ = ["Holding", "accesses", "granted", "redact"]


@dataclass(frozen=True, slots=True)
class Holding:
    """An own case that matches of a request are about, as far as it can be disclosed at all."""

    matches: tuple[bytes, ...]
    """Ids of those matches, as both sides know them; ascending."""
    about: frozenset[Subject]
    """Whom the matches are about here."""
    values: tuple[DisclosedValue, ...] = field(repr=False)
    """Everything of the request's lane that the case holds in normal form."""
    minor: bool = False
    """Whether the case involves a minor."""
    grants: tuple[Grant, ...] = ()
    """What `authorise` allowed about this case, just now."""


def accesses(
    request: DisclosureRequest, choice: Choice, holding: Holding
) -> tuple[AccessRequest, ...]:
    """Return everything that must be asked before what was chosen is told of a case.

    Args:
        request: Of the other member.
        choice: What a person lets go.
        holding: The case.
    """
    told: set[tuple[Item, Subject]] = {
        (one.kind, one.subject) for one in holding.values if one.kind in choice.kinds
    }
    details: set[tuple[Item, Subject]] = {
        (detail, subject) for detail in choice.details for subject in holding.about
    }
    return tuple(
        AccessRequest(
            Action.DISCLOSE,
            giver=request.recipient,
            receiver=request.sender,
            lane=request.lane,
            kind=item,
            subject=subject,
            purpose=request.purpose,
        )
        for item, subject in sorted(told | details)
    )


def granted(request: DisclosureRequest, holding: Holding) -> frozenset[AccessRequest]:
    """Return what the grants of a case allow of this request."""
    return frozenset(
        grant.request for grant in holding.grants if grant.agreement == request.agreement
    )


def redact(
    request: DisclosureRequest, choice: Choice, holdings: Sequence[Holding]
) -> tuple[DisclosedCase, ...]:
    """Pick what is chosen, asked and granted. Everything else stays.

    Args:
        request: Of the other member.
        choice: What a person lets go.
        holdings: Own cases.

    Returns:
        Cases of which there is something to tell, in the order of their matches.
    """
    found = []
    for holding in holdings:
        allowed = {(one.kind, one.subject) for one in granted(request, holding)}
        values = {
            (one.kind, one.subject, one.value): one
            for one in holding.values
            if one.kind in request.kinds
            and one.kind in choice.kinds
            and (one.kind, one.subject) in allowed
            and one.subject.lane is request.lane
        }
        if values:
            picked = tuple(values[key] for key in sorted(values))
            found.append(DisclosedCase(matches=holding.matches, values=picked))
    return tuple(sorted(found, key=lambda case: (case.matches, case.model_dump_json())))
