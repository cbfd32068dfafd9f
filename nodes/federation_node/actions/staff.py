# SPDX-License-Identifier: Apache-2.0
"""Accounts of the people who work with the node, and their roles."""

from collections.abc import Collection
from typing import Any

from federation.audit import StaffRole
from federation.member import Invited, Person, StaffAction
from federation_node.actions.roles import action
from federation_node.context import NodeContext

__all__ = [
    "add",
    "change",
    "disable",
    "document",
    "enable",
    "names",
    "people",
    "reset",
]


@action(StaffAction.STAFF_ADD)
def add(
    context: NodeContext,
    name: str,
    roles: Collection[StaffRole],
    *,
    full_name: str = "",
    password: str | None = None,
) -> Invited:
    """Make an account.

    Args:
        context: the node.
        name: what the person signs in with.
        roles: at least one.
        full_name: for lists.
        password: chosen by the person; None to make a first one that is handed over.

    Returns:
        The account, and the first password if one was made.

    Raises:
        InputError: a name, the roles or the password cannot be used.
        PolicyError: the first account must be a technician's.
    """
    return context.member.staff.add(
        name, roles, full_name=full_name, password=password, by=context.by
    )


@action(StaffAction.STAFF_LIST)
def people(context: NodeContext) -> list[Person]:
    """List everybody who has an account, by name, the disabled ones too.

    Args:
        context: the node.
    """
    return context.member.staff.people()


@action(StaffAction.STAFF_LIST)
def names(context: NodeContext) -> dict[str, str]:
    """Return the names of those whom the record names by account.

    Args:
        context: the node.

    Returns:
        Name by actor: ``staff:`` and 16 hex digits.
    """
    return {one.actor: one.full_name or one.name for one in context.member.staff.people()}


@action(StaffAction.STAFF_CHANGE)
def change(
    context: NodeContext,
    name: str,
    *,
    roles: Collection[StaffRole] | None = None,
    full_name: str | None = None,
) -> None:
    """Give somebody these roles and no others, or another full name.

    Args:
        context: the node.
        name: of the account.
        roles: all of them; None to leave them.
        full_name: None to leave it.

    Raises:
        InputError: there is no such account.
        PolicyError: no technician would be left.
    """
    account = context.member.staff.find(name).id
    context.member.staff.change(account, roles=roles, full_name=full_name, by=context.by)


@action(StaffAction.STAFF_DISABLE)
def disable(context: NodeContext, name: str) -> None:
    """Disable an account, and end its sessions.

    Args:
        context: the node.
        name: of the account.

    Raises:
        InputError: there is no such account, or it is disabled.
        PolicyError: no technician would be left.
    """
    context.member.staff.disable(context.member.staff.find(name).id, by=context.by)


@action(StaffAction.STAFF_ENABLE)
def enable(context: NodeContext, name: str) -> None:
    """Enable an account again.

    Args:
        context: the node.
        name: of the account.

    Raises:
        InputError: there is no such account, or it is not disabled.
    """
    context.member.staff.enable(context.member.staff.find(name).id, by=context.by)


@action(StaffAction.STAFF_RESET)
def reset(context: NodeContext, name: str, *, second_factor: bool = False) -> Invited:
    """Make a new first password for somebody who has forgotten theirs, or has to wait.

    Args:
        context: the node.
        name: of the account.
        second_factor: remove the second factor too.

    Returns:
        The account and its new first password.

    Raises:
        InputError: there is no such account.
    """
    account = context.member.staff.find(name).id
    return context.member.staff.reset(account, second_factor=second_factor, by=context.by)


def document(person: Person) -> dict[str, Any]:
    """Put an account into one object for programs.

    Args:
        person: who.
    """
    waits = person.locked_until
    return {
        "name": person.name,
        "full_name": person.full_name,
        "account": person.id.hex(),
        "roles": sorted(person.roles),
        "second_factor": person.second_factor,
        "recovery_codes": person.recovery_codes,
        "first_password": person.password_once,
        "created": person.created.isoformat(),
        "disabled": None if person.disabled is None else person.disabled.isoformat(),
        "failures": person.failures,
        "waits_until": None if waits is None else waits.isoformat(),
    }
