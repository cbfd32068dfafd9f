# SPDX-License-Identifier: Apache-2.0
"""Matches: what an own case shares with another member."""

from typing import Any

from federation.errors import InputError
from federation.member import Match, MatchStatus
from federation_node.actions.prefixes import beginning_with
from federation_node.context import NodeContext

__all__ = ["document", "find", "listed", "release"]


def listed(context: NodeContext, status: MatchStatus | None = MatchStatus.PROVEN) -> list[Match]:
    """List the matches, one row for each own observation.

    Args:
        context: the node.
        status: only those that have come this far; None for all.

    Returns:
        The rows.
    """
    return context.member.matches(status=status)


def find(context: NodeContext, prefix: str) -> list[Match]:
    """Find the rows of one match by the beginning of its id.

    Args:
        context: the node.
        prefix: at least 8 hex digits.

    Returns:
        The rows: one for each own observation that matches.

    Raises:
        InputError: no match begins so, or several do.
    """
    found = beginning_with(prefix, ((match.id, match) for match in listed(context, None)))
    if not found:
        raise InputError(
            "no single match begins with these digits", next_step="see 'casethread match list'"
        )
    return found


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
    context.member.release(bytes.fromhex(found[0].id))
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
        "agreement": match.agreement.hex(),
        "found": match.found.isoformat(),
    }
