# SPDX-License-Identifier: Apache-2.0
"""Matches: what an own case shares with another member."""

import re
from dataclasses import dataclass
from typing import Any, Final

from federation.audit import Event
from federation.errors import InputError
from federation.member import (
    Ground,
    Match,
    MatchStatus,
    StaffAction,
    Verdict,
    rows_of,
    without_weaker,
)
from federation_node.actions.prefixes import match_named
from federation_node.actions.roles import action
from federation_node.context import NodeContext

__all__ = [
    "MatchPage",
    "by_id",
    "confirm",
    "document",
    "find",
    "listed",
    "next_undecided",
    "page",
    "reject",
    "release",
    "undo",
    "unsure",
]

_ID: Final = re.compile("[0-9a-f]{32}")


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
    context: NodeContext,
    status: MatchStatus | None,
    number: int,
    size: int = 25,
    *,
    undecided: bool = False,
) -> MatchPage:
    """List some matches.

    Args:
        context: the node.
        status: only those that have come this far; None for all.
        number: of the page, from 1; the last one if there are fewer.
        size: matches on a page.
        undecided: the proven ones about which nobody has decided, whatever `status` says.

    Returns:
        The page.
    """
    context.member.record.looked(Event.MATCH_READ, context.by)
    with context.store.read() as tx:
        if undecided:
            count = tx.verdicts.count_undecided()
        else:
            counts = tx.matches.counts()
            count = sum(counts.values()) if status is None else counts[status]
        pages = max(1, -(-count // size))
        number = min(max(1, number), pages)
        skip = (number - 1) * size
        if undecided:
            found = tx.verdicts.undecided(skip, size)
        else:
            found = tx.matches.page(status, skip, size)
        rows = [row for one in found for row in rows_of(tx, one)]
    return MatchPage(without_weaker(rows), count, pages, number)


@action(StaffAction.MATCH_LIST)
def next_undecided(context: NodeContext, match: str) -> str | None:
    """Return the id of the next match to be reviewed, or None when none is left.

    Args:
        context: the node.
        match: id of the one that was looked at last; it does not come again.
    """
    with context.store.read() as tx:
        ids = [one.uuid.hex() for one in tx.verdicts.undecided(0, 2)]
    return next((one for one in ids if one != match), None)


@action(StaffAction.MATCH_SHOW)
def by_id(context: NodeContext, match: str) -> list[Match]:
    """Find the rows of one match by the whole of its id, however many there are.

    Args:
        context: the node.
        match: its id, 32 hex digits.

    Returns:
        The rows: one for each own observation that matches.

    Raises:
        InputError: this is no id of a match.
        MembershipError: there is no such match.
    """
    if not _ID.fullmatch(match):
        raise InputError("there is no such match", next_step="go back to the list of matches")
    return context.member.deciding.show(bytes.fromhex(match), context.by)


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
