# SPDX-License-Identifier: Apache-2.0
"""Matches: what an own case shares with another member."""

from typing import Any

from federation.member import Ground, Match, MatchStatus, StaffAction, Verdict
from federation_node.actions.prefixes import match_named
from federation_node.actions.roles import action
from federation_node.context import NodeContext

__all__ = ["confirm", "document", "find", "listed", "reject", "release", "undo", "unsure"]


@action(StaffAction.MATCH_LIST)
def listed(
    context: NodeContext,
    status: MatchStatus | None = MatchStatus.PROVEN,
    *,
    rejected: bool = True,
) -> list[Match]:
    """List the matches, one row for each own observation.

    Args:
        context: the node.
        status: only those that have come this far; None for all.
        rejected: also those that a person rejected.

    Returns:
        The rows.
    """
    found = context.member.matches(status=status, by=context.by)
    return [one for one in found if rejected or one.verdict is not Verdict.REJECTED]


@action(StaffAction.MATCH_SHOW)
def find(context: NodeContext, prefix: str) -> list[Match]:
    """Find the rows of one match by the beginning of its id; that it was read is recorded.

    Args:
        context: the node.
        prefix: at least 8 hex digits.

    Returns:
        The rows: one for each own observation that matches.

    Raises:
        InputError: no match begins so, or several do.
    """
    return context.member.deciding.show(match_named(context.store, prefix), context.by)


@action(StaffAction.MATCH_CONFIRM)
def confirm(context: NodeContext, prefix: str, ground: Ground, *, case: str = "") -> None:
    """Say that a match is right.

    Args:
        context: the node.
        prefix: at least 8 hex digits of its id.
        ground: why.
        case: mark of the own case that it is about, or its beginning; all without.

    Raises:
        InputError: there is no such match or case, or the ground is none for it.
        MembershipError: it is not proven.
    """
    _decide(context, prefix, Verdict.CONFIRMED, ground, case)


@action(StaffAction.MATCH_REJECT)
def reject(context: NodeContext, prefix: str, ground: Ground, *, case: str = "") -> None:
    """Say that a match is none; it stays so when it is found again.

    Args:
        context: the node.
        prefix: at least 8 hex digits of its id.
        ground: why.
        case: mark of the own case that it is about, or its beginning; all without.

    Raises:
        InputError: there is no such match or case, or the ground is none for it.
    """
    _decide(context, prefix, Verdict.REJECTED, ground, case)


@action(StaffAction.MATCH_UNSURE)
def unsure(context: NodeContext, prefix: str, ground: Ground, *, case: str = "") -> None:
    """Say that somebody looked at a match and cannot say.

    Args:
        context: the node.
        prefix: at least 8 hex digits of its id.
        ground: why.
        case: mark of the own case that it is about, or its beginning; all without.

    Raises:
        InputError: there is no such match or case, or the ground is none for it.
    """
    _decide(context, prefix, Verdict.UNSURE, ground, case)


@action(StaffAction.MATCH_UNDO)
def undo(context: NodeContext, prefix: str, *, case: str = "") -> None:
    """Take back what was decided about a match.

    Args:
        context: the node.
        prefix: at least 8 hex digits of its id.
        case: mark of the own case that it is about, or its beginning; all without.

    Raises:
        InputError: there is no such match or case, or nothing was decided.
    """
    context.member.deciding.undo(match_named(context.store, prefix), case=case, by=context.by)


@action(StaffAction.MATCH_RELEASE)
def release(context: NodeContext, prefix: str) -> list[Match]:
    """Answer a match that was held back until a person looked at it.

    Args:
        context: the node.
        prefix: at least 8 hex digits of its id.

    Returns:
        Its rows, as they were before.

    Raises:
        InputError: there is no such match.
        MembershipError: it is not held.
    """
    found = find(context, prefix)
    context.member.release(bytes.fromhex(found[0].id), by=context.by)
    return found


def document(match: Match) -> dict[str, Any]:
    """Put a match into one object for programs.

    Args:
        match: the row.

    Returns:
        The own case and the other member; nothing of the other's cases.
    """
    return {
        "match": match.id,
        "case": match.case,
        "source": match.source,
        "field": match.field,
        "kind": match.kind.value,
        "subject": match.subject.value,
        "weak": match.weak,
        "lane": match.lane.value,
        "member": match.member,
        "status": match.status.value,
        "reason": match.reason,
        "decision": None if match.verdict is None else match.verdict.value,
        "ground": None if match.ground is None else match.ground.value,
        "mark": match.mark,
        "agreement": match.agreement.hex(),
        "found": match.found.isoformat(),
    }


def _decide(context: NodeContext, prefix: str, verdict: Verdict, ground: Ground, case: str) -> None:
    match = match_named(context.store, prefix)
    context.member.deciding.decide(match, verdict, ground, case=case, by=context.by)
