# SPDX-License-Identifier: Apache-2.0
"""What survivors allowed: recording it, seeing it, ending it."""

import hashlib
from collections.abc import Collection
from datetime import UTC, date, datetime, time, timedelta
from typing import IO, Any, Final

from federation.agreements import Consent, Purpose
from federation.charter import Role
from federation.errors import InputError
from federation.member import CaseConsent, StaffAction
from federation.storage import Owed, StoredConsent
from federation_node.actions.prefixes import source_of
from federation_node.actions.roles import action
from federation_node.context import NodeContext, now

__all__ = [
    "PURPOSES",
    "ROLES",
    "document",
    "evidence_of",
    "find",
    "history",
    "listed",
    "named",
    "of_days",
    "on_case",
    "record",
    "told",
    "withdraw",
]

PURPOSES: Final = tuple(one for one in Purpose if one is not Purpose.INVESTIGATION)
"""For what a consent can be."""
ROLES: Final = tuple(one for one in Role if one not in {Role.LAW_ENFORCEMENT, Role.OVERSIGHT})
"""Towards organisations of which role it can be."""
_CHUNK: Final = 1 << 20


def of_days(
    purposes: Collection[Purpose],
    roles: Collection[Role],
    *,
    given: date | None,
    last: date,
    basis: str,
    evidence_sha256: bytes | None = None,
) -> Consent:
    """Make a consent of days, as people write them.

    Args:
        purposes: what it allows sharing for.
        roles: with organisations of which role.
        given: the day on which it was given; now without.
        last: the last day on which it holds.
        basis: code of the text that was read.
        evidence_sha256: of the signed form or the recording, 32 bytes.

    Raises:
        InputError: there can be no such consent.
    """
    return Consent(
        purposes=frozenset(purposes),
        recipients=frozenset(roles),
        given=now() if given is None else datetime.combine(given, time(), UTC),
        expires=datetime.combine(last, time(), UTC) + timedelta(days=1),
        basis=basis,
        evidence_sha256=evidence_sha256,
    )


def evidence_of(file: IO[bytes]) -> bytes:
    """Return what is kept of a signed form or a recording: its SHA-256, 32 bytes.

    Args:
        file: open for reading; it is read to its end.
    """
    whole = hashlib.sha256()
    while chunk := file.read(_CHUNK):
        whole.update(chunk)
    return whole.digest()


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


@action(StaffAction.CONSENT_SHOW)
def find(context: NodeContext, case_id: str, source: str | None = None) -> str:
    """Find an own case by what it is called.

    Args:
        context: the node.
        case_id: its id in its source.
        source: the source; may be left out if only one has such a case.

    Returns:
        Its UUID in 32 hex digits, which names it without saying which it is.

    Raises:
        InputError: there is no such case.
    """
    where = source_of(context.store, case_id, source)
    with context.store.read() as tx:
        case = tx.consents.case_of(case_id, where)
    assert case is not None  # its source was found
    return case.hex()


@action(StaffAction.CONSENT_SHOW)
def named(context: NodeContext, case: str) -> tuple[str, str]:
    """Say what an own case is called.

    Args:
        context: the node.
        case: from `find`.

    Returns:
        Its id and its source.

    Raises:
        InputError: there is no such case.
    """
    try:
        uuid = bytes.fromhex(case)
    except ValueError:
        uuid = b""
    with context.store.read() as tx:
        found = tx.consents.names([uuid]).get(uuid)
    if found is None:
        raise InputError("there is no such case", next_step="see the list of consents")
    source, case_id = found
    return case_id, source


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
