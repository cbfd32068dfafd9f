# SPDX-License-Identifier: Apache-2.0
"""Changing what the charter says: how long it lasts, who is in it, how members are reached."""

from datetime import timedelta
from typing import Final

from federation.charter import (
    Applicant,
    Charter,
    Member,
    next_version,
    open_update,
    request_update,
    with_member,
    with_suspension,
    without_member,
)
from federation.errors import ConfigurationError, MembershipError
from federation.member import StaffAction
from federation_node.actions.federate import in_force, own_entry
from federation_node.actions.roles import action
from federation_node.context import NodeContext, now
from federation_node.credentials import KEYSTORE_LEASE
from federation_node.lease import holding
from federation_node.tls import check_certificates, expiry_of, make_certificate

__all__ = [
    "change",
    "own_change",
    "read_change",
    "remove",
    "renew",
    "replace_certificate",
    "request_change",
    "require_steward",
    "suspend",
    "withdraw",
]

_PATIENCE: Final = 10.0
_WORTHWHILE: Final = timedelta(days=365)
"""A certificate that waits to be listed and lasts this long is not made again."""


@action(StaffAction.FEDERATION_RENEW)
def renew(context: NodeContext) -> Charter:
    """Propose the same charter for another term, also when this one is over.

    Args:
        context: the node.

    Returns:
        The proposed charter; it takes effect when enough stewards have signed.

    Raises:
        ConfigurationError: this node belongs to no federation yet.
        MembershipError: this member is no steward.
    """
    current = context.member.in_force or in_force(context)
    charter = next_version(current.charter, current.digest, at=now())
    context.member.propose_charter(charter, context.by)
    return charter


@action(StaffAction.FEDERATION_REMOVE)
def remove(context: NodeContext, member_id: str) -> Charter:
    """Propose a charter without a member.

    Args:
        context: the node.
        member_id: who leaves.

    Returns:
        The proposed charter; it takes effect when enough stewards have signed.

    Raises:
        MembershipError: there is no such member, or too few custodians would remain.
    """
    current = in_force(context)
    charter = without_member(current.charter, current.digest, member_id, at=now())
    context.member.propose_charter(charter, context.by)
    return charter


@action(StaffAction.FEDERATION_WITHDRAW)
def withdraw(context: NodeContext, prefix: str | None) -> Charter:
    """Give a proposed charter up, so that this steward can sign another of its version.

    Args:
        context: the node.
        prefix: beginning of the proposal's hash; None if there is only one.

    Returns:
        What was given up here; the other stewards have to do the same.

    Raises:
        MembershipError: none, or several.
    """
    found = [one for one in context.member.proposals() if one.digest.hex().startswith(prefix or "")]
    if len(found) != 1:
        raise MembershipError(
            "no single proposal begins so" if prefix else "there is none, or more than one",
            next_step="see 'casethread federation show', and name one by its hash",
        )
    context.member.withdraw_charter(found[0].digest)
    return found[0].charter


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
def require_steward(context: NodeContext) -> None:
    """Say so early if this member cannot propose a charter itself.

    Args:
        context: the node.

    Raises:
        MembershipError: it is no steward.
    """
    if context.member.id not in {one.id for one in in_force(context).charter.stewards}:
        raise MembershipError(
            "only a steward proposes a charter",
            next_step="write a file for a steward: casethread federation update --out FILE",
        )


@action(StaffAction.FEDERATION_UPDATE)
def replace_certificate(context: NodeContext) -> None:
    """Make a TLS key and certificate that are to replace the present ones.

    The present ones stay in use until the charter lists the new certificate and the other
    members have heard of it (`federation_node.upkeep`). If a new one waits already, that is it.

    Args:
        context: the node.

    Raises:
        ConfigurationError: another process is changing the keystore.
    """
    at = now()
    with holding(context.store, KEYSTORE_LEASE, now, patience=_PATIENCE) as alone:
        if not alone:
            raise ConfigurationError(
                "another process of this node is changing the keystore", next_step="try again"
            )
        waiting = context.credentials.replacement()
        if waiting is not None and expiry_of(waiting.coming.certificate) > at + _WORTHWHILE:
            return
        context.credentials.add(make_certificate(context.member.id, at))


@action(StaffAction.FEDERATION_UPDATE)
def own_change(context: NodeContext, endpoint: str | None = None) -> Applicant:
    """Say what the charter is to list about this organisation from now on.

    Args:
        context: the node; its configuration and keystore hold the changes.
        endpoint: where it is reached from now on, if not as configured.

    Returns:
        Its entry, with the changes.

    Raises:
        MalformedError: that is no endpoint.
    """
    entry = own_entry(context)
    return entry if endpoint is None else entry.replace(endpoint=endpoint)


@action(StaffAction.FEDERATION_UPDATE)
def request_change(context: NodeContext, entry: Applicant) -> bytes:
    """Write the changes down for a steward.

    Args:
        context: the node.
        entry: what `own_change` gave.

    Returns:
        The content of the file, signed.

    Raises:
        MembershipError: nothing changes, or something that needs a new membership.
    """
    current = in_force(context)
    return request_update(context.keystore.identity, entry, current.charter, at=now())


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
        MalformedError: it lists a certificate that no node would accept.
    """
    entry = open_update(update, in_force(context).charter, at=now())
    check_certificates(entry.certificates)
    return entry


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
