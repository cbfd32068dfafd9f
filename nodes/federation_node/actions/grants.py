# SPDX-License-Identifier: Apache-2.0
"""Bulk grants: a bigger budget for a member that brings in the cases it already has."""

from typing import Any

from federation.errors import MembershipError
from federation.member import GrantRequest, GrantView
from federation_node.actions.prefixes import beginning_with
from federation_node.context import NodeContext

__all__ = ["document", "find", "grants", "propose", "sign"]


def propose(context: NodeContext, request: GrantRequest) -> bytes:
    """Sign a bulk grant as a custodian, and offer it to the others.

    Args:
        context: the node.
        request: for whom, from which source, for how much.

    Returns:
        The grant's hash.

    Raises:
        PolicyError: the charter does not allow it, or another one is open.
        MembershipError: this member is no custodian, or is the one that it is for.
    """
    return context.member.propose_grant(request)


def sign(context: NodeContext, grant: bytes) -> None:
    """Sign a bulk grant that a person has read.

    Args:
        context: the node.
        grant: its hash.

    Raises:
        PolicyError: the charter does not allow it, it is over, or another one is open.
        MembershipError: this member's signature does not count, or is there.
    """
    context.member.sign_grant(grant)


def grants(context: NodeContext) -> list[GrantView]:
    """List the bulk grants of the last 30 days, whoever they are for.

    Args:
        context: the node.

    Returns:
        How far each is, and what was spent of it here.
    """
    return context.member.grants()


def find(context: NodeContext, prefix: str) -> GrantView:
    """Find a grant by the beginning of its hash.

    Args:
        context: the node.
        prefix: at least 8 hex digits.

    Returns:
        The grant.

    Raises:
        MembershipError: none begins so, or several do.
    """
    found = beginning_with(prefix, ((view.digest.hex(), view) for view in grants(context)))
    if not found:
        raise MembershipError(
            "no single bulk grant begins with these digits",
            next_step="see 'casethread custodian grant list'",
        )
    return found[0]


def document(view: GrantView) -> dict[str, Any]:
    """Put a grant into one object for programs.

    Args:
        view: how far it is.

    Returns:
        Its content, who has signed, and what was spent of it here.
    """
    return {
        "grant": view.digest.hex(),
        **view.grant.model_dump(mode="json", exclude={"nonce", "federation_id"}),
        "evaluations": view.grant.evaluations,
        "signed_by": sorted(view.approval.signers),
        "missing": view.approval.missing,
        "may_sign": sorted(view.approval.may_sign),
        "used_here": view.used,
    }
