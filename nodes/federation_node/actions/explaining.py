# SPDX-License-Identifier: Apache-2.0
"""Why something may happen under an agreement, or may not."""

from dataclasses import dataclass
from datetime import timedelta

from federation.agreements import (
    AccessRequest,
    Action,
    Clause,
    Consent,
    Detail,
    Purpose,
    comparisons,
)
from federation.charter import Role
from federation.errors import InputError
from federation.indicators import Kind, Subject
from federation.member import AgreementView, StaffAction
from federation_node.actions.roles import action
from federation_node.context import NodeContext, now

__all__ = ["Question", "covering_consent", "explain"]


@dataclass(frozen=True, slots=True)
class Question:
    """What is to be explained. Whatever is not said is what usually is meant."""

    action: Action
    kind: Kind | Detail
    subject: Subject
    purpose: Purpose | None = None
    """Every purpose that comparing serves, or the agreement's only one, without."""
    giver: str | None = None
    """The own organisation without."""
    receiver: str | None = None
    """The only other party without."""


@action(StaffAction.AGREEMENT_EXPLAIN)
def explain(
    context: NodeContext, view: AgreementView, question: Question, consent: Consent | None = None
) -> list[Clause]:
    """Say clause by clause whether something may happen under an agreement.

    Args:
        context: the node.
        view: the agreement.
        question: what is to happen.
        consent: of the survivor, if there were one.

    Returns:
        All clauses that bear on it; it may happen if every one allows it.

    Raises:
        InputError: it is not clear who, or for what.
    """
    clauses: dict[Clause, None] = {}
    for request in _requests(context.member.id, view, question):
        clauses |= dict.fromkeys(context.member.explain(view.hash, request, consent))
    return list(clauses)


def covering_consent() -> Consent:
    """Return a consent that covers all that a consent can, to explain what depends on it."""
    at = now()
    return Consent(
        frozenset(Purpose) - {Purpose.INVESTIGATION},
        frozenset(Role) - {Role.LAW_ENFORCEMENT, Role.OVERSIGHT},
        given=at,
        expires=at + timedelta(days=1),
    )


def _requests(own: str, view: AgreementView, question: Question) -> tuple[AccessRequest, ...]:
    giver = question.giver or (own if question.receiver != own else _other(view, own, "--from"))
    receiver = question.receiver or _other(view, giver, "--to")
    terms, kind, subject = view.terms, question.kind, question.subject
    if question.purpose is None and question.action.compares and isinstance(kind, Kind):
        asked = comparisons(
            terms,
            giver=giver,
            receiver=receiver,
            kind=kind,
            subject=subject,
            action=question.action,
        )
        if asked:
            return asked
    purpose = question.purpose
    if purpose is None and len(terms.purposes) > 1:
        raise InputError("the agreement has several purposes; name one with --purpose")
    return (
        AccessRequest(
            question.action,
            giver,
            receiver,
            subject.lane,
            kind,
            subject,
            purpose or terms.purposes[0],
        ),
    )


def _other(view: AgreementView, party: str, option: str) -> str:
    others = [one for one in view.terms.parties if one != party]
    if len(others) != 1:
        raise InputError(f"the agreement has several other parties; name one with {option}")
    return others[0]
