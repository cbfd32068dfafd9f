# SPDX-License-Identifier: Apache-2.0
"""Looking at the own cases, and forgetting one."""

from dataclasses import dataclass
from typing import Any

from federation.audit import Event
from federation.errors import InputError
from federation.member import StaffAction
from federation.storage import Restriction, RestrictionGround, StoredCase
from federation_node.actions.prefixes import source_of
from federation_node.actions.roles import action
from federation_node.context import NodeContext

__all__ = [
    "LeftOut",
    "find_case",
    "forget_case",
    "left_out",
    "list_cases",
    "restrict",
    "restriction",
    "unrestrict",
]


@dataclass(frozen=True, slots=True)
class LeftOut:
    """One observation that takes no part in matching."""

    case: str
    field: str
    kind: str
    status: str
    reason: str

    def document(self) -> dict[str, Any]:
        """Put it into one object for programs."""
        return {
            "case": self.case,
            "field": self.field,
            "kind": self.kind,
            "status": self.status,
            "reason": self.reason,
        }


@action(StaffAction.CASE_LIST)
def list_cases(context: NodeContext, source: str | None = None) -> list[StoredCase]:
    """List the own cases.

    Args:
        context: the node.
        source: only those of this source.

    Returns:
        The cases by source and id.
    """
    context.member.record.looked(Event.CASE_READ, context.by)
    with context.store.read() as tx:
        return tx.cases.list(source)


@action(StaffAction.CASE_SHOW)
def find_case(context: NodeContext, case_id: str, source: str | None = None) -> StoredCase:
    """Find one case to look at it; the record counts who looked.

    Args:
        context: the node.
        case_id: its id in its source.
        source: the source; may be left out if only one has such a case.

    Returns:
        The case.

    Raises:
        InputError: if there is none, or several sources have one.
    """
    found = _find(context, case_id, source)
    context.member.record.looked(Event.CASE_READ, context.by)
    return found


def _find(context: NodeContext, case_id: str, source: str | None) -> StoredCase:
    with context.store.read() as tx:
        sources = [source] if source is not None else tx.cases.sources(case_id)
        found = [case for name in sources if (case := tx.cases.get(case_id, name)) is not None]
    if not found:
        raise InputError("there is no such case", next_step="see 'casethread case list'")
    if len(found) > 1:
        raise InputError(
            f"{len(found)} sources have a case with this id",
            next_step=f"name one with --source: {', '.join(sources)}",
        )
    return found[0]


@action(StaffAction.CASE_FORGET)
def forget_case(context: NodeContext, case_id: str, source: str | None = None) -> None:
    """Delete a case, its observations and the tokens that only they had.

    Args:
        context: the node.
        case_id: its id in its source.
        source: the source; may be left out if only one has such a case.

    Raises:
        InputError: if there is none, or several sources have one.
    """
    found = _find(context, case_id, source)
    context.member.forget(found.id, source=found.source, by=context.by)


@action(StaffAction.CASE_LIST)
def left_out(context: NodeContext) -> list[LeftOut]:
    """List the observations that take no part in matching, with the reason.

    Args:
        context: the node.

    Returns:
        One entry for each, by case and field.
    """
    return [
        LeftOut(seen.case_id, seen.field, seen.kind.value, seen.status.value, seen.reason)
        for seen in context.member.not_tokenised()
    ]


@action(StaffAction.CASE_RESTRICT)
def restrict(
    context: NodeContext, case_id: str, ground: RestrictionGround, source: str | None = None
) -> None:
    """Keep a case out of everything; partners that may know of a match on it are told it is over.

    Args:
        context: the node.
        case_id: its id in its source.
        ground: why.
        source: the source; may be left out if only one has such a case.

    Raises:
        InputError: there is no such case, or it is kept out already.
    """
    where = source_of(context.store, case_id, source)
    context.member.restrictions.restrict(case_id, ground, source=where, by=context.by)


@action(StaffAction.CASE_UNRESTRICT)
def unrestrict(context: NodeContext, case_id: str, source: str | None = None) -> None:
    """Let a case in again.

    Args:
        context: the node.
        case_id: its id in its source.
        source: the source; may be left out if only one has such a case.

    Raises:
        InputError: there is no such case, or it is not kept out.
    """
    where = source_of(context.store, case_id, source)
    context.member.restrictions.unrestrict(case_id, source=where, by=context.by)


@action(StaffAction.CASE_SHOW)
def restriction(context: NodeContext, case_id: str, source: str) -> Restriction | None:
    """Say why a case is kept out, for whoever looks at it.

    Args:
        context: the node.
        case_id: its id in its source.
        source: the source.

    Returns:
        None if it is not.
    """
    return context.member.restrictions.of(case_id, source=source)
