# SPDX-License-Identifier: Apache-2.0
"""Matches that ended here: which partners were told, and who has acknowledged it."""

from typing import Any

from federation.member import StaffAction
from federation.storage import Owed
from federation_node.actions.roles import action
from federation_node.context import NodeContext

__all__ = ["document", "listed", "on_case"]


@action(StaffAction.MATCH_RETRACTIONS)
def listed(context: NodeContext) -> list[Owed]:
    """List whom this node had to tell that matches ended, the oldest first.

    Args:
        context: the node.

    Returns:
        One entry for each partner, agreement and letter.
    """
    return context.member.retracting.owed()


@action(StaffAction.CASE_SHOW)
def on_case(context: NodeContext, case_id: str, source: str) -> list[Owed]:
    """List whom this node had to tell that matches of one case ended.

    Args:
        context: the node.
        case_id: its id in its source.
        source: the source.

    Returns:
        As `listed`; nothing if there is no such case.
    """
    with context.store.read() as tx:
        case = tx.consents.case_of(case_id, source)
    return [] if case is None else context.member.retracting.owed(case)


def document(one: Owed) -> dict[str, Any]:
    """Put it into one object for programs.

    Args:
        one: the entry.
    """
    return {
        "member": one.partner,
        "agreement": one.agreement.hex(),
        "matches": one.matches,
        "letter": None if one.letter is None else one.letter.hex(),
        "acknowledged": None if one.acknowledged is None else one.acknowledged.isoformat(),
    }
