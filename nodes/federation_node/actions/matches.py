# SPDX-License-Identifier: Apache-2.0
"""Matches: what an own case shares with another member."""

import re
from dataclasses import dataclass
from typing import Any, Final

from federation.audit import Event
from federation.errors import InputError
from federation.member import Match, MatchStatus, StaffAction, rows_of, without_weaker
from federation_node.actions.prefixes import beginning_with
from federation_node.actions.roles import action
from federation_node.context import NodeContext

__all__ = ["MatchPage", "by_id", "document", "find", "listed", "page", "release"]

_ID: Final = re.compile("[0-9a-f]{32}")


@action(StaffAction.MATCH_LIST)
def listed(context: NodeContext, status: MatchStatus | None = MatchStatus.PROVEN) -> list[Match]:
    """List the matches, one row for each own observation.

    Args:
        context: the node.
        status: only those that have come this far; None for all.

    Returns:
        The rows.
    """
    return context.member.matches(status=status, by=context.by)


@action(StaffAction.MATCH_SHOW)
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


@dataclass(frozen=True, slots=True)
class MatchPage:
    """Some matches of a listing."""

    rows: list[Match]
    """One for each own observation, the matches that changed last first."""
    count: int
    """Matches in the whole listing."""
    pages: int
    number: int
    """Of this page, from 1."""


@action(StaffAction.MATCH_LIST)
def page(
    context: NodeContext, status: MatchStatus | None, number: int, size: int = 25
) -> MatchPage:
    """List some matches.

    Args:
        context: the node.
        status: only those that have come this far; None for all.
        number: of the page, from 1; the last one if there are fewer.
        size: matches on a page.

    Returns:
        The page.
    """
    context.member.record.looked(Event.MATCH_READ, context.by)
    with context.store.read() as tx:
        counts = tx.matches.counts()
        count = sum(counts.values()) if status is None else counts[status]
        pages = max(1, -(-count // size))
        number = min(max(1, number), pages)
        found = tx.matches.page(status, (number - 1) * size, size)
        rows = [row for one in found for row in rows_of(tx, one)]
    return MatchPage(without_weaker(rows), count, pages, number)


@action(StaffAction.MATCH_SHOW)
def by_id(context: NodeContext, match: str) -> list[Match]:
    """Find the rows of one match by the whole of its id, however many there are.

    Args:
        context: the node.
        match: its id, 32 hex digits.

    Returns:
        The rows: one for each own observation that matches.

    Raises:
        InputError: there is no such match.
    """
    context.member.record.looked(Event.MATCH_READ, context.by)
    with context.store.read() as tx:
        stored = tx.matches.get(bytes.fromhex(match)) if _ID.fullmatch(match) else None
        rows = [] if stored is None else rows_of(tx, stored)
    if not rows:
        raise InputError("there is no such match", next_step="go back to the list of matches")
    return rows


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
        "agreement": match.agreement.hex(),
        "found": match.found.isoformat(),
    }
