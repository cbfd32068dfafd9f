# SPDX-License-Identifier: Apache-2.0
"""Disclosures: asking a partner what it holds on a match, deciding, reading."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from federation.agreements import Detail, Purpose, Status
from federation.disclosure import Choice, DisclosureAnswer, Item, SafetyFlag
from federation.documents import digest
from federation.errors import InputError
from federation.indicators import Kind
from federation.member import DisclosureStatus, DisclosureView, Preview, StaffAction, Told
from federation_node.actions.prefixes import match_named, request_named
from federation_node.actions.roles import action
from federation_node.context import NodeContext

__all__ = [
    "Offer",
    "answer_document",
    "approve",
    "ask",
    "choice",
    "deny",
    "document",
    "export",
    "exported_document",
    "first_choice",
    "listed",
    "narrow",
    "offered",
    "preview",
    "read",
    "show",
]


@dataclass(frozen=True, slots=True)
class Offer:
    """What can be asked of the partner of a match."""

    member: str
    kinds: tuple[Kind, ...]
    details: tuple[Detail, ...]
    purposes: tuple[Purpose, ...]


@action(StaffAction.DISCLOSURE_ASK)
def offered(context: NodeContext, match: str) -> Offer:
    """Say what can be asked of the partner of a match, before anything is asked.

    Args:
        context: the node.
        match: beginning of its id.

    Returns:
        What the agreement lists under which it was found; else another one that lets the
        partner disclose. Whether all of it is given the partner decides.

    Raises:
        InputError: there is no such match, or no agreement lets its partner disclose.
    """
    named = match_named(context.store, match)
    with context.store.read() as tx:
        found = tx.matches.get(named)
    assert found is not None  # it was named
    flow = (found.partner, context.member.id)
    open_now = [
        view
        for view in context.member.agreements()
        if view.status is Status.IN_FORCE
        and flow in {(one.giver, one.receiver) for one in view.terms.disclosure}
    ]
    for view in sorted(open_now, key=lambda view: view.hash != found.agreement):
        terms = view.terms
        return Offer(found.partner, terms.kinds, terms.details, terms.purposes)
    raise InputError(
        "no agreement lets this organisation tell you anything on a match",
        next_step="call them; an agreement with a 'disclosure' to you would allow it",
    )


@action(StaffAction.DISCLOSURE_ASK)
def ask(
    context: NodeContext,
    matches: Sequence[str],
    items: Iterable[Item],
    purpose: Purpose,
    note: str | None = None,
) -> str:
    """Ask the partner of a match what else it holds.

    Args:
        context: the node.
        matches: beginnings of ids of matches with one member.
        items: what is asked for.
        purpose: for what.
        note: why, for the people who decide there.

    Returns:
        Id of the request.

    Raises:
        InputError: there is no such match, or it cannot be asked about.
        AgreementError: no agreement lists it.
    """
    found = [match_named(context.store, one) for one in matches]
    request = context.member.requests.ask(
        found, frozenset(items), purpose, note=note, by=context.by
    )
    return request.hex()


@action(StaffAction.DISCLOSURE_LIST)
def listed(context: NodeContext) -> list[DisclosureView]:
    """List the requests, own and received, newest first.

    Args:
        context: the node.

    Returns:
        The requests.
    """
    return context.member.requests.list(by=context.by)


@action(StaffAction.DISCLOSURE_SHOW)
def show(context: NodeContext, prefix: str) -> DisclosureView:
    """Show one request; that it was read is recorded.

    Args:
        context: the node.
        prefix: at least 8 hex digits of its id.

    Returns:
        The request.

    Raises:
        InputError: there is no such request.
    """
    return context.member.requests.show(request_named(context.store, prefix), context.by)


@action(StaffAction.DISCLOSURE_PREVIEW)
def choice(
    context: NodeContext,
    prefix: str,
    only: Iterable[Item] | None = None,
    *,
    texts: dict[Detail, str] | None = None,
    flags: Iterable[SafetyFlag] = (),
    grade: str | None = None,
) -> Choice:
    """Put together what is let go; without anything said, what the first of two people chose.

    Args:
        context: the node.
        prefix: at least 8 hex digits of the request's id.
        only: these items; all that was asked without.
        texts: what is written for this answer, by detail.
        flags: what to know before anything is done.
        grade: source A to E and information 1 to 5.

    Returns:
        The choice.

    Raises:
        InputError: there is no such request, or a text is missing or was not asked for.
    """
    request = request_named(context.store, prefix)
    first = context.member.disclosures.chosen(request, context.by)
    written = texts or {}
    if first is not None and only is None and not (written or tuple(flags) or grade):
        return first
    asked = context.member.requests.show(request, context.by)
    items = {*asked.kinds, *asked.details} if only is None else set(only)
    if missing := sorted(one for one in items & set(Detail) if one not in written):
        raise InputError(
            f"'{missing[0]}' is to be told, and there is no text for it",
            next_step=f"give it with --{missing[0]} FILE, or leave it out: "
            "'casethread disclosure narrow'",
        )
    if set(written) - items:
        raise InputError("a text is given for what is not to be told")
    return Choice(
        kinds=tuple(sorted(one for one in items if isinstance(one, Kind))),
        contact=written.get(Detail.CONTACT),
        note=written.get(Detail.NOTE),
        safety=written.get(Detail.SAFETY),
        flags=tuple(sorted(set(flags))),
        grade=grade,
    )


@action(StaffAction.DISCLOSURE_PREVIEW)
def first_choice(context: NodeContext, prefix: str) -> Choice | None:
    """Return what the first of two people chose, for the second; None if nobody has.

    Args:
        context: the node.
        prefix: at least 8 hex digits of the request's id.

    Raises:
        InputError: there is no such request, or it is decided.
    """
    return context.member.disclosures.chosen(request_named(context.store, prefix), context.by)


@action(StaffAction.DISCLOSURE_PREVIEW)
def preview(context: NodeContext, prefix: str, chosen: Choice) -> Preview:
    """Show exactly what would leave; that the cases were read is recorded.

    Args:
        context: the node.
        prefix: at least 8 hex digits of the request's id.
        chosen: what is to be let go.

    Returns:
        The answer as it would be sent.

    Raises:
        InputError: there is no such request, or it is decided.
        PolicyError: nothing of it is permitted now.
    """
    return context.member.disclosures.preview(
        request_named(context.store, prefix), chosen, context.by
    )


@action(StaffAction.DISCLOSURE_APPROVE)
def approve(context: NodeContext, prefix: str, chosen: Choice, seen: bytes) -> DisclosureStatus:
    """Let go exactly what was seen.

    Args:
        context: the node.
        prefix: at least 8 hex digits of the request's id.
        chosen: what is let go.
        seen: from the preview.

    Returns:
        Whether it was sent, or another person must approve it too.

    Raises:
        InputError: there is no such request, or it is decided.
        PolicyError: it has changed since, or is not permitted now.
    """
    return context.member.disclosures.approve(
        request_named(context.store, prefix), chosen, seen, context.by
    )


@action(StaffAction.DISCLOSURE_NARROW)
def narrow(context: NodeContext, prefix: str, chosen: Choice, seen: bytes) -> DisclosureStatus:
    """Let go less than was asked.

    Args:
        context: the node.
        prefix: at least 8 hex digits of the request's id.
        chosen: what is let go.
        seen: from the preview.

    Returns:
        Whether it was sent, or another person must approve it too.

    Raises:
        InputError: there is no such request, or it is decided.
        PolicyError: it has changed since, or is not permitted now.
    """
    return context.member.disclosures.approve(
        request_named(context.store, prefix), chosen, seen, context.by
    )


@action(StaffAction.DISCLOSURE_DENY)
def deny(context: NodeContext, prefix: str) -> None:
    """Let nothing go. The asker is not told why.

    Args:
        context: the node.
        prefix: at least 8 hex digits of the request's id.

    Raises:
        InputError: there is no such request, or it is decided.
    """
    context.member.disclosures.deny(request_named(context.store, prefix), context.by)


@action(StaffAction.DISCLOSURE_READ)
def read(context: NodeContext, prefix: str) -> Told:
    """Read what a partner let go; that it was read is recorded.

    Args:
        context: the node.
        prefix: at least 8 hex digits of the request's id.

    Returns:
        The request and the answer.

    Raises:
        InputError: there is no such request, or nothing came of it.
        PolicyError: it is for the person who asked alone.
    """
    return context.member.requests.read(request_named(context.store, prefix), context.by)


@action(StaffAction.DISCLOSURE_EXPORT)
def export(context: NodeContext, prefix: str, *, permitted: bool = False) -> Told:
    """Return what a partner let go, to be written into a file; the record says that it was.

    Args:
        context: the node.
        prefix: at least 8 hex digits of the request's id.
        permitted: the giver has permitted to use it in court.

    Returns:
        The request and the answer.

    Raises:
        InputError: there is no such request, or nothing came of it.
        PolicyError: its handling codes forbid it.
    """
    request = request_named(context.store, prefix)
    return context.member.requests.export(request, permitted=permitted, by=context.by)


def document(view: DisclosureView) -> dict[str, Any]:
    """Put a request into one object for programs.

    Args:
        view: the request.
    """
    return {
        "request": view.id,
        "direction": view.direction.value,
        "member": view.member,
        "status": view.status.value,
        "lane": view.lane.value,
        "items": [*(one.value for one in view.kinds), *(one.value for one in view.details)],
        "purpose": view.purpose.value,
        "note": view.note,
        "matches": list(view.matches),
        "agreement": view.agreement.hex(),
        "asked": view.asked.isoformat(),
        "due": view.due.isoformat(),
        "by": view.by,
        "keep_until": None if view.keep_until is None else view.keep_until.isoformat(),
    }


def exported_document(told: Told, *, permitted: bool) -> dict[str, Any]:
    """Put what is taken out into one object, to be written into a file.

    Args:
        told: from `export`.
        permitted: as it was given there.
    """
    return {
        "answer": answer_document(told.answer),
        "sha256": digest(told.answer.to_bytes()).hex(),
        "with_permission": permitted,
        "request": document(told.view),
    }


def answer_document(answer: DisclosureAnswer) -> dict[str, Any]:
    """Put an answer into one object for programs; flags and codes come first.

    Args:
        answer: the answer.
    """
    kept = answer.keep_until
    return {
        "flags": [one.value for one in answer.flags],
        "handling": None if answer.handling is None else answer.handling.value,
        "europol": [one.value for one in answer.europol],
        "keep_until": None if kept is None else kept.isoformat(),
        "outcome": answer.outcome.value,
        "grade": answer.grade,
        "contact": answer.contact,
        "note": answer.note,
        "safety": answer.safety,
        "cases": [
            {
                "matches": [one.hex() for one in case.matches],
                "values": [
                    {"kind": one.kind.value, "subject": one.subject.value, "value": one.value}
                    for one in case.values
                ],
            }
            for case in answer.cases
        ],
    }
