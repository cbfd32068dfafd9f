# SPDX-License-Identifier: Apache-2.0
"""Signing in and out, and what people do with their own account."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from federation.crypto import totp
from federation.errors import CasethreadError
from federation.member import SignedIn, StaffAction
from federation.staff import SessionKind
from federation_node.actions.roles import action
from federation_node.context import NodeContext

__all__ = [
    "Secret",
    "Who",
    "change_password",
    "enrol",
    "new_second_factor",
    "sign_in",
    "sign_out",
    "who",
]


@dataclass(frozen=True, slots=True, repr=False)
class Secret:
    """What an authenticator app is to take in."""

    content: bytes
    """For `enrol`."""
    uri: str
    """The ``otpauth:`` address."""


@dataclass(frozen=True, slots=True)
class Who:
    """Somebody who is signed in."""

    account: bytes
    name: str
    roles: tuple[str, ...]
    """That count in this session."""
    expires: datetime

    def document(self) -> dict[str, Any]:
        """Put it into one object for programs."""
        return {
            "name": self.name,
            "account": self.account.hex(),
            "roles": list(self.roles),
            "expires": self.expires.isoformat(),
        }


@action(StaffAction.STAFF_SIGN_IN)
def sign_in(
    context: NodeContext,
    name: str,
    password: str,
    code: str = "",
    *,
    kind: SessionKind = SessionKind.CLI,
) -> SignedIn:
    """Begin a session.

    Args:
        context: the node.
        name: of the account.
        password: as typed.
        code: of the authenticator app, or a recovery code.
        kind: through what.

    Returns:
        The session with its token, which is the caller's to keep.

    Raises:
        AuthenticationError: something is wrong, or it is too early; it is not said what.
    """
    return context.member.sign_ins.sign_in(name, password, code, kind=kind)


@action(StaffAction.STAFF_SIGN_OUT)
def sign_out(context: NodeContext, token: str) -> None:
    """End a session; nothing happens if it is over.

    Args:
        context: the node.
        token: its token.
    """
    context.member.sign_ins.sign_out(token)


@action(StaffAction.STAFF_WHO)
def who(context: NodeContext, token: str) -> Who | None:
    """Say who has a token.

    Args:
        context: the node.
        token: of a session.

    Returns:
        The person, or None if the session is over.
    """
    try:
        actor = context.member.sign_ins.actor(token)
        expires = context.member.sign_ins.expires(actor)
    except CasethreadError:
        return None
    person = next(one for one in context.member.staff.people() if one.actor == actor.id)
    return Who(person.id, person.name, tuple(sorted(actor.roles)), expires)


@action(StaffAction.STAFF_PASSWORD)
def change_password(context: NodeContext, old: str, new: str) -> None:
    """Change the own password.

    Args:
        context: the node in the hands of who is signed in.
        old: the password until now.
        new: from now on.

    Raises:
        AuthenticationError: the old one is wrong, or nobody is signed in.
        InputError: the new one cannot be used.
    """
    context.member.sign_ins.change_password(context.by, old, new)


@action(StaffAction.STAFF_ENROL)
def new_second_factor(context: NodeContext) -> Secret:
    """Draw a secret for an authenticator app; nothing changes before `enrol`.

    Args:
        context: the node in the hands of who is signed in.

    Returns:
        The secret, to be shown to that person alone.
    """
    people = context.member.staff.people()
    names = [one.name for one in people if one.actor == context.by.id]
    secret = totp.new_secret()
    uri = totp.key_uri(secret, names[0] if names else "", context.config.organisation.name)
    return Secret(secret, uri)


@action(StaffAction.STAFF_ENROL)
def enrol(context: NodeContext, password: str, secret: Secret, code: str) -> tuple[str, ...]:
    """Add a second factor to the own account, or replace it.

    Args:
        context: the node in the hands of who is signed in.
        password: the own one once more.
        secret: what the app has taken in.
        code: what the app shows.

    Returns:
        Recovery codes, shown this once.

    Raises:
        AuthenticationError: the password is wrong, or nobody is signed in.
        InputError: the code does not fit.
    """
    return context.member.sign_ins.enrol(context.by, password, secret.content, code)
