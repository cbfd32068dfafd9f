# SPDX-License-Identifier: Apache-2.0
"""Changing what the charter says about one member."""

from federation.charter import (
    Charter,
    Member,
    open_update,
    request_update,
    with_member,
    with_suspension,
)
from federation.member import StaffAction
from federation_node.actions.federate import in_force, own_entry
from federation_node.actions.roles import action
from federation_node.context import NodeContext, now

__all__ = ["change", "read_change", "request_change", "suspend"]


@action(StaffAction.FEDERATION_SUSPEND)
def suspend(context: NodeContext, member_id: str, *, lift: bool = False) -> Charter:
    """Propose a charter in which a member is suspended, or is so no longer.

    Args:
        context: the node.
        member_id: whom it is about.
        lift: end a suspension instead.

    Returns:
        The proposed charter; it takes effect when enough stewards have signed.

    Raises:
        MembershipError: there is no such member, it is so already, or this is no steward.
    """
    current = in_force(context)
    charter = with_suspension(
        current.charter, current.digest, member_id, suspended=not lift, at=now()
    )
    context.member.propose_charter(charter, context.by)
    return charter


@action(StaffAction.FEDERATION_UPDATE)
def request_change(context: NodeContext) -> bytes:
    """Write down what the charter is to say about this organisation from now on.

    Args:
        context: the node; its configuration and keystore hold the changes.

    Returns:
        The content of the file for a steward.

    Raises:
        MembershipError: nothing changes, or something that needs a new membership.
    """
    current = in_force(context)
    return request_update(context.keystore.identity, own_entry(context), current.charter, at=now())


@action(StaffAction.FEDERATION_APPLY)
def read_change(context: NodeContext, update: bytes) -> Member:
    """Look at a member's changes, before they are proposed.

    Args:
        context: the node.
        update: the content of the file.

    Returns:
        The member's entry with its changes.

    Raises:
        VerifyError: the member that it is about has not signed it.
        MembershipError: it is old, or changes what it may not.
    """
    return open_update(update, in_force(context).charter, at=now())


@action(StaffAction.FEDERATION_APPLY)
def change(context: NodeContext, entry: Member) -> Charter:
    """Propose a charter with a member's changes.

    Args:
        context: the node.
        entry: what `read_change` gave and a person saw.

    Returns:
        The proposed charter; it takes effect when enough stewards have signed.

    Raises:
        MembershipError: this member is no steward.
    """
    current = in_force(context)
    charter = with_member(current.charter, current.digest, entry, at=now())
    context.member.propose_charter(charter, context.by)
    return charter
