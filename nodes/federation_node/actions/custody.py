# SPDX-License-Identifier: Apache-2.0
"""Taking part in the generation and resharing of the federation's keys."""

from typing import Any

from federation.errors import CeremonyError
from federation.member import CeremonyPlan, CeremonyView
from federation_node.actions.prefixes import beginning_with
from federation_node.context import NodeContext

__all__ = ["accept", "ceremonies", "document", "find", "start"]


def start(context: NodeContext, plan: CeremonyPlan | None = None) -> bytes:
    """Propose a key ceremony to all custodians, and take part in it.

    Args:
        context: the node.
        plan: new keys, or a resharing, for whom; None means new keys by a majority of all.

    Returns:
        The ceremony's id.

    Raises:
        MembershipError: this member is no custodian, or there are fewer than two.
        CeremonyError: a resharing does not fit the keys in force.
    """
    return context.member.start_ceremony(plan=plan)


def accept(context: NodeContext, ceremony: bytes) -> None:
    """Take part in a ceremony that another custodian proposed.

    Args:
        context: the node.
        ceremony: its id.

    Raises:
        CeremonyError: there is no such ceremony, or it is over.
    """
    context.member.accept_ceremony(ceremony)


def ceremonies(context: NodeContext) -> list[CeremonyView]:
    """List the ceremonies that this node knows.

    Args:
        context: the node.

    Returns:
        Where each stands.
    """
    return context.member.ceremonies()


def find(context: NodeContext, prefix: str) -> CeremonyView:
    """Find a ceremony by the beginning of its id.

    Args:
        context: the node.
        prefix: at least 8 hex digits.

    Returns:
        The ceremony.

    Raises:
        CeremonyError: none begins so, or several do.
    """
    found = beginning_with(prefix, ((view.id.hex(), view) for view in ceremonies(context)))
    if not found:
        error = CeremonyError("no single ceremony begins with these digits")
        error.next_step = "see 'casethread custodian ceremony status'"
        raise error
    return found[0]


def document(view: CeremonyView) -> dict[str, Any]:
    """Put a ceremony into one object for programs.

    Args:
        view: where it stands.

    Returns:
        Its state, without anything secret.
    """
    return {
        "ceremony": view.id.hex(),
        "status": view.status.value,
        "phase": view.phase,
        "initiator": view.initiator,
        "threshold": view.threshold,
        "kind": "reshare" if view.reshares else "generate",
        "participants": list(view.participants),
        "dealers": list(view.dealers),
        "custodians": list(view.custodians),
        "keys": [
            {"lane": key.lane.value, "class": key.cls.value, "epoch": key.epoch}
            for key in view.keys
        ],
        "waiting_for": sorted(view.waiting_for),
        "failure": view.failure,
        "culprits": sorted(view.culprits),
    }
