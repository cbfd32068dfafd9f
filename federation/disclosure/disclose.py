# SPDX-License-Identifier: Apache-2.0
"""Making the answer to a request, and saying what the record is to say of it."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, Final

from federation.agreements import Action, Grant
from federation.audit import Actor, Count, Outcome, distinct
from federation.disclosure.choice import Choice
from federation.disclosure.letters import AnswerOutcome, DisclosureAnswer, DisclosureRequest, Item
from federation.disclosure.redact import Holding, accesses, granted, redact
from federation.errors import InputError, PolicyError

__all__ = ["Disclosure", "check_people", "disclose", "refuse"]

_TWO: Final = 2


@dataclass(frozen=True, slots=True)
class Disclosure:
    """An answer, and what its entry in the record says. One does not leave without the other."""

    answer: DisclosureAnswer = field(repr=False)
    facts: Mapping[str, Any]
    """Fields of `federation.audit.Record`."""


def disclose(
    request: DisclosureRequest,
    choice: Choice,
    holdings: Sequence[Holding],
    approved: Sequence[Actor],
    *,
    letter: Mapping[str, Any],
    at: datetime,
) -> Disclosure:
    """Answer a request with what a person chose.

    Args:
        request: Of the other member.
        choice: What a person lets go; nothing that was not asked for.
        holdings: Own cases, each with the grants of now. What none of them allows is left out.
        approved: Who approved exactly this.
        letter: The fields that every letter begins with; to the asker.
        at: Now.

    Returns:
        The answer and the facts for its entry.

    Raises:
        PolicyError: No grant, one that is not of now or of something else, or not enough
            different people have approved it.
        InputError: Something is chosen that was not asked for, or there is nothing to tell.
    """
    grants = list(_checked(request, holdings, at))
    if not grants:
        raise PolicyError("nothing of this is permitted", clause="disclosure")
    chosen: frozenset[Item] = frozenset[Item](choice.kinds) | frozenset[Item](choice.details)
    if not chosen <= request.items:
        raise InputError("only what was asked for can be disclosed")
    check_people(approved, max(grant.approvers for grant in grants))
    _check_details(request, choice, holdings)
    cases = redact(request, choice, holdings)
    if not cases and not choice.details:
        raise InputError("there is nothing to tell", next_step="deny the request")
    outcome = AnswerOutcome.APPROVED if chosen == request.items else AnswerOutcome.NARROWED
    answer = DisclosureAnswer(
        **letter,
        agreement=request.agreement,
        request=request.id,
        outcome=outcome,
        flags=choice.flags,
        handling=grants[0].marking.handling,
        europol=grants[0].marking.europol,
        keep_until=at + timedelta(days=min(grant.days for grant in grants)),
        grade=choice.grade,
        contact=choice.contact,
        note=choice.note,
        safety=choice.safety,
        cases=cases,
    )
    told = {value.kind for case in cases for value in case.values}
    facts = _facts(request, outcome) | {
        "kinds": tuple(sorted(told)),
        "counts": {Count.FIELDS: answer.fields},
    }
    return Disclosure(answer, facts)


def refuse(
    request: DisclosureRequest, outcome: AnswerOutcome, *, letter: Mapping[str, Any]
) -> Disclosure:
    """Answer a request with nothing. It does not say why.

    Args:
        request: Of the other member.
        outcome: DENIED or EXPIRED.
        letter: The fields that every letter begins with; to the asker.
    """
    answer = DisclosureAnswer(
        **letter, agreement=request.agreement, request=request.id, outcome=outcome
    )
    return Disclosure(answer, _facts(request, outcome))


def _facts(request: DisclosureRequest, outcome: AnswerOutcome) -> dict[str, Any]:
    return {
        "member": request.sender,
        "agreement": request.agreement,
        "lane": request.lane,
        "purpose": request.purpose,
        "outcome": Outcome(outcome.value),
    }


def _checked(
    request: DisclosureRequest, holdings: Sequence[Holding], at: datetime
) -> Iterator[Grant]:
    """Return the grants, and refuse one of another time, agreement, direction or purpose."""
    expected = (Action.DISCLOSE, request.recipient, request.sender, request.lane, request.purpose)
    for holding in holdings:
        for grant in holding.grants:
            grant.check(at)
            asked = grant.request
            about = (asked.action, asked.giver, asked.receiver, asked.lane, asked.purpose)
            if grant.agreement != request.agreement or about != expected:
                raise PolicyError("a permission is for something else", clause="request")
            yield grant


def check_people(approved: Sequence[Actor], needed: int) -> None:
    """Refuse what not enough different people have approved.

    Args:
        approved: Who has.
        needed: How many it takes, 2 at most.

    Raises:
        PolicyError: They are too few, or one person twice.
    """
    if len(approved) < needed:
        raise PolicyError(
            "this takes another person's approval",
            next_step="ask a colleague to approve it as well",
        )
    if needed >= _TWO:
        distinct(*approved[:_TWO])


def _check_details(request: DisclosureRequest, choice: Choice, holdings: Sequence[Holding]) -> None:
    """A text is about all the cases, so every one of them must allow it."""
    for holding in holdings:
        allowed = granted(request, holding)
        for one in accesses(request, choice, holding):
            if one.kind in choice.details and one not in allowed:
                raise PolicyError(f"'{one.kind.value}' is not permitted here", clause="details")
