# SPDX-License-Identifier: Apache-2.0
"""Who acts in a command: whom ``--staff`` names, the operator, or who is signed in.

Technical commands need no sign-in: who opens the node with its passphrase is a technician, and
scripts and services go on while somebody happens to be signed in. What takes a person is done
by the person that ``--staff`` names, or by the only one who is signed in, which is said.
"""

from contextlib import suppress

import click

from federation.audit import OPERATOR, Actor
from federation.errors import AuthenticationError, MalformedError, PolicyError
from federation.member import ACTION_ROLES, SELF_SERVICE, StaffAction
from federation_node import sessions
from federation_node.context import NodeContext

__all__ = ["actor_of_command", "signed_in"]

_OWN_ACCOUNT = frozenset({StaffAction.STAFF_PASSWORD, StaffAction.STAFF_ENROL})
"""Takes a person, though everybody may."""


def actor_of_command(context: NodeContext) -> Actor:
    """Choose who acts in the command that runs.

    Args:
        context: the opened node.

    Returns:
        Who may do what the command is named after. What is done checks it again.

    Raises:
        AuthenticationError: whom ``--staff`` names is not signed in, or nobody is.
        PolicyError: they may not; or several are signed in, and it must be said which acts.
    """
    command = click.get_current_context()
    action = _action(command)
    if action is None or action in SELF_SERVICE - _OWN_ACCOUNT:
        return OPERATOR
    name = command.find_root().params.get("staff")
    if name is not None:
        # Asked now, so that nothing is read or shown before.
        return context.member.staff.admit(_named(context, name), action)
    if action not in _OWN_ACCOUNT and _operator_may(context, action):
        return OPERATOR
    present = signed_in(context)
    if len(present) > 1:
        raise PolicyError(
            "several people are signed in here",
            next_step="say who you are: casethread --staff NAME ...; "
            "'casethread staff who' lists them",
        )
    if not present:
        roles = " or ".join(sorted(ACTION_ROLES[action]))
        raise AuthenticationError(
            f"this takes a person who is signed in: {roles}",
            next_step="sign in: 'casethread staff sign-in NAME'",
        )
    (account, actor), *_ = present.items()
    who = next(one.name for one in context.member.staff.people() if one.id == account)
    click.echo(f"as {who}", err=True)
    return context.member.staff.admit(actor, action)


def signed_in(context: NodeContext) -> dict[bytes, Actor]:
    """Return who is signed in on the command line of this home, and forget who is no more.

    Args:
        context: the opened node.

    Returns:
        Actors by account.
    """
    found = {}
    for account, token in sessions.kept(context.home).items():
        actor = _of_token(context, account, token)
        if actor is None:
            sessions.drop(context.home, account)
        else:
            found[account] = actor
    return found


def _named(context: NodeContext, name: str) -> Actor:
    account = context.member.staff.find(name).id
    actor = signed_in(context).get(account)
    if actor is None:
        raise AuthenticationError(
            "whom --staff names is not signed in here",
            next_step="sign in: 'casethread staff sign-in NAME'",
        )
    return actor


def _of_token(context: NodeContext, account: bytes, token: str) -> Actor | None:
    with suppress(AuthenticationError, MalformedError):
        actor = context.member.sign_ins.actor(token)
        if actor.id == f"staff:{account.hex()}":
            return actor
    return None


def _operator_may(context: NodeContext, action: StaffAction) -> bool:
    with suppress(PolicyError):
        context.member.staff.admit(OPERATOR, action)
        return True
    return False


def _action(command: click.Context) -> StaffAction | None:
    """Return the action that a command is named after; None for one that is none."""
    words = []
    while command.parent is not None:
        words.append(command.info_name or "")
        command = command.parent
    try:
        return StaffAction(" ".join(reversed(words)))
    except ValueError:
        return None
