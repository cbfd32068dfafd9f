# SPDX-License-Identifier: Apache-2.0
"""What survivors allowed: recording it, seeing it, ending it."""

from datetime import datetime
from typing import Any

from federation.agreements import Consent
from federation.member import CaseConsent, StaffAction
from federation.storage import Owed, StoredConsent
from federation_node.actions.prefixes import source_of
from federation_node.actions.roles import action
from federation_node.context import NodeContext, now

__all__ = ["document", "history", "listed", "on_case", "record", "told", "withdraw"]


@action(StaffAction.CONSENT_RECORD)
def record(
    context: NodeContext, case_id: str, consent: Consent, source: str | None = None
) -> StoredConsent:
    """Record what a survivor allowed for a case.

    Args:
        context: the node.
        case_id: its id in its source.
        consent: what was allowed.
        source: the source; may be left out if only one has such a case.

    Returns:
        The consent as it was recorded.

    Raises:
        InputError: there is no such case, or the consent does not count.
    """
    where = source_of(context.store, case_id, source)
    return context.member.consents.record(case_id, consent, source=where, by=context.by)


@action(StaffAction.CONSENT_WITHDRAW)
def withdraw(context: NodeContext, case_id: str, source: str | None = None) -> StoredConsent:
    """End the consent of a case, and everything that it allowed.

    Args:
        context: the node.
        case_id: its id in its source.
        source: the source; may be left out if only one has such a case.

    Returns:
        The consent as it is now.

    Raises:
        InputError: there is no such case, or it has no consent.
    """
    where = source_of(context.store, case_id, source)
    return context.member.consents.withdraw(case_id, source=where, by=context.by)


@action(StaffAction.CONSENT_SHOW)
def history(context: NodeContext, case_id: str, source: str | None = None) -> list[StoredConsent]:
    """See every consent that was recorded for a case.

    Args:
        context: the node.
        case_id: its id in its source.
        source: the source; may be left out if only one has such a case.

    Returns:
        The consents, the oldest first.

    Raises:
        InputError: there is no such case.
    """
    where = source_of(context.store, case_id, source)
    return context.member.consents.history(case_id, source=where)


@action(StaffAction.CONSENT_LIST)
def listed(context: NodeContext) -> list[CaseConsent]:
    """List the last consent of each case that has one, in the order of their end.

    Args:
        context: the node.
    """
    return context.member.consents.list()


@action(StaffAction.CASE_SHOW)
def on_case(context: NodeContext, case_id: str, source: str) -> StoredConsent | None:
    """Return the last consent of a case, for whoever looks at the case.

    Args:
        context: the node.
        case_id: its id in its source.
        source: the source.
    """
    history = context.member.consents.history(case_id, source=source)
    return history[-1] if history else None


@action(StaffAction.CONSENT_SHOW)
def told(context: NodeContext, case_id: str, source: str | None = None) -> list[Owed]:
    """List which partners were told that matches of a case ended, and who acknowledged it.

    Args:
        context: the node.
        case_id: its id in its source.
        source: the source; may be left out if only one has such a case.

    Returns:
        One entry for each partner, agreement and letter.

    Raises:
        InputError: there is no such case.
    """
    where = source_of(context.store, case_id, source)
    return context.member.consents.told(case_id, source=where)


def document(stored: StoredConsent, at: datetime | None = None) -> dict[str, Any]:
    """Put a consent into one object for programs.

    Args:
        stored: the consent.
        at: when; now without.
    """
    consent = stored.consent
    evidence = consent.evidence_sha256
    return {
        "version": stored.version,
        "state": "replaced" if stored.replaced else consent.state(at or now()).value,
        "purposes": sorted(consent.purposes),
        "roles": sorted(consent.recipients),
        "given": consent.given.isoformat(),
        "expires": consent.expires.isoformat(),
        "withdrawn": None if consent.withdrawn is None else consent.withdrawn.isoformat(),
        "basis": consent.basis,
        "evidence_sha256": None if evidence is None else evidence.hex(),
        "recorded": stored.recorded.isoformat(),
        "recorded_by": stored.actor,
    }
