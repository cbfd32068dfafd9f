# SPDX-License-Identifier: Apache-2.0
"""Referrals: putting a survivor into another organisation's hands, and taking one on."""

from typing import Any

from federation.disclosure import DeclineReason, Referral, ReferralChoice
from federation.member import (
    ReferralPreview,
    ReferralStatus,
    ReferralView,
    StaffAction,
    ToldReferral,
)
from federation_node.actions.prefixes import referral_named, source_of
from federation_node.actions.roles import action
from federation_node.context import NodeContext

__all__ = [
    "accept",
    "approve",
    "decline",
    "document",
    "letter_document",
    "listed",
    "preview",
    "preview_waiting",
    "read",
    "recall",
    "send",
]


@action(StaffAction.REFERRAL_LIST)
def listed(context: NodeContext) -> list[ReferralView]:
    """List the referrals, own and received, newest first.

    Args:
        context: the node.

    Returns:
        The referrals.
    """
    return context.member.referrals.list(by=context.by)


@action(StaffAction.REFERRAL_PREVIEW)
def preview(
    context: NodeContext,
    case_id: str,
    member: str,
    choice: ReferralChoice,
    source: str | None = None,
) -> ReferralPreview:
    """Show exactly what would leave; that the case was read is recorded.

    Args:
        context: the node.
        case_id: id of the own case in its source.
        member: to whom.
        choice: what is to be let go.
        source: of the case; may be left out if only one has such a case.

    Returns:
        The referral as it would be sent.

    Raises:
        InputError: there is no such case, or it lacks what was chosen.
        PolicyError: it is not permitted now.
        AgreementError: there is no agreement with this member.
    """
    where = source_of(context.store, case_id, source)
    return context.member.referrals.preview(case_id, member, choice, source=where, by=context.by)


@action(StaffAction.REFERRAL_PREVIEW)
def preview_waiting(context: NodeContext, prefix: str) -> ReferralPreview:
    """Show the second person what the first one approved.

    Args:
        context: the node.
        prefix: at least 8 hex digits of the referral's id.

    Returns:
        The referral as it would be sent.

    Raises:
        InputError: no such referral waits for a second person.
        PolicyError: it is not permitted now.
    """
    return context.member.referrals.waiting(referral_named(context.store, prefix), context.by)


@action(StaffAction.REFERRAL_SEND)
def send(
    context: NodeContext,
    case_id: str,
    member: str,
    choice: ReferralChoice,
    seen: bytes,
    source: str | None = None,
) -> tuple[str, ReferralStatus]:
    """Refer exactly what was seen.

    Args:
        context: the node.
        case_id: id of the own case in its source.
        member: to whom.
        choice: what is let go.
        seen: from the preview.
        source: of the case; may be left out if only one has such a case.

    Returns:
        Id of the referral, and whether it leaves or waits for a second person.

    Raises:
        InputError: there is no such case.
        PolicyError: it has changed since, or is not permitted now.
    """
    where = source_of(context.store, case_id, source)
    referral, status = context.member.referrals.send(
        case_id, member, choice, seen, source=where, by=context.by
    )
    return referral.hex(), status


@action(StaffAction.REFERRAL_APPROVE)
def approve(context: NodeContext, prefix: str, seen: bytes) -> None:
    """Approve a referral as the second person; it leaves.

    Args:
        context: the node.
        prefix: at least 8 hex digits of its id.
        seen: from the preview.

    Raises:
        InputError: no such referral waits for a second person.
        PolicyError: it has changed since, or is not permitted now.
    """
    context.member.referrals.approve(referral_named(context.store, prefix), seen, context.by)


@action(StaffAction.REFERRAL_RECALL)
def recall(context: NodeContext, prefix: str) -> None:
    """Take a referral back; what the other side holds of it is deleted there.

    Args:
        context: the node.
        prefix: at least 8 hex digits of its id.

    Raises:
        InputError: there is no such own referral, or it is over.
    """
    context.member.referrals.recall(referral_named(context.store, prefix), context.by)


@action(StaffAction.REFERRAL_READ)
def read(context: NodeContext, prefix: str) -> ToldReferral:
    """Read what a referral says; that it was read is recorded.

    Args:
        context: the node.
        prefix: at least 8 hex digits of its id.

    Returns:
        The referral, own or received, and its answer.

    Raises:
        InputError: there is no such referral, or nothing of it is kept.
    """
    return context.member.referrals.read(referral_named(context.store, prefix), context.by)


@action(StaffAction.REFERRAL_ACCEPT)
def accept(context: NodeContext, prefix: str, contact: str | None = None) -> None:
    """Take on a survivor whom a partner refers.

    Args:
        context: the node.
        prefix: at least 8 hex digits of the referral's id.
        contact: who does, for the other side.

    Raises:
        InputError: no such referral waits for an answer.
    """
    referral = referral_named(context.store, prefix)
    context.member.referred.accept(referral, contact, context.by)


@action(StaffAction.REFERRAL_DECLINE)
def decline(
    context: NodeContext, prefix: str, reason: DeclineReason, contact: str | None = None
) -> None:
    """Do not take one on; what was told of the survivor is deleted here.

    Args:
        context: the node.
        prefix: at least 8 hex digits of the referral's id.
        reason: why not.
        contact: whom to ask instead.

    Raises:
        InputError: no such referral waits for an answer.
    """
    referral = referral_named(context.store, prefix)
    context.member.referred.decline(referral, reason, contact, context.by)


def document(view: ReferralView) -> dict[str, Any]:
    """Put a referral into one object for programs; nothing of the survivor is in it.

    Args:
        view: the referral.
    """
    return {
        "referral": view.id,
        "side": view.side.value,
        "member": view.member,
        "status": view.status.value,
        "services": [one.value for one in view.services],
        "urgency": None if view.urgency is None else view.urgency.value,
        "case": view.case,
        "made": view.made.isoformat(),
        "due": view.due.isoformat(),
        "by": view.by,
        "reason": None if view.reason is None else view.reason.value,
        "contact": view.contact,
        "keep_until": None if view.keep_until is None else view.keep_until.isoformat(),
        "agreement": view.agreement.hex(),
    }


def letter_document(letter: Referral) -> dict[str, Any]:
    """Put what a referral says into one object for programs; what is about safety comes first.

    Args:
        letter: the referral.
    """
    return {
        "flags": [one.value for one in letter.flags],
        "safety": letter.safety,
        "urgency": letter.urgency.value,
        "services": [one.value for one in letter.services],
        "handling": letter.handling.value,
        "contact": letter.contact,
        "note": letter.note,
        "values": [{"kind": one.kind.value, "value": one.value} for one in letter.values],
        "consent": {
            "basis": letter.consent_basis,
            "sha256": None if letter.consent_sha256 is None else letter.consent_sha256.hex(),
            "until": letter.consent_until.isoformat(),
        },
        "keep_until": letter.keep_until.isoformat(),
    }
