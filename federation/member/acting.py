# SPDX-License-Identifier: Apache-2.0
"""What somebody may do at this moment, looked up in the transaction of what they do.

An `Actor` is only a claim. A person may have been disabled, signed out, or have lost a role
since it was made; so nothing is done on the word of an actor alone.
"""

from federation.audit import OPERATOR, PROGRAM, Actor, StaffRole
from federation.errors import AuthenticationError, PolicyError
from federation.member.core import Core
from federation.staff import Account, StaffSession
from federation.storage import Tx

__all__ = ["admit", "require_session"]

_NO_ROLES: frozenset[StaffRole] = frozenset()


def admit(core: Core, tx: Tx, by: Actor, *needs: StaffRole) -> Actor:
    """Return who acts, with the roles of now.

    Args:
        core: The member.
        tx: The transaction of what is done.
        by: Who acts.
        needs: The roles of which it takes one; without, only that a session is not over.

    Raises:
        AuthenticationError: The session is over, or the account disabled.
        PolicyError: Who acts has none of the roles now.
    """
    if by.id == OPERATOR.id:
        roles = by.roles
        if tx.staff.exist():
            roles &= {StaffRole.TECHNICIAN}
        acting = Actor(by.id, roles)
    elif by.id == PROGRAM.id:
        acting = Actor(by.id, by.roles & PROGRAM.roles)
    elif by.id.startswith("staff:"):
        session, account = require_session(core, tx, by)
        acting = _person(core, by, session, account, needs)
    else:
        acting = Actor(by.id)  # the node, and other members
    if needs:
        acting.require(*needs)
    return acting


def require_session(core: Core, tx: Tx, by: Actor) -> tuple[StaffSession, Account]:
    """Return session and account of a person who acts.

    Raises:
        AuthenticationError: It is no person, the session is over, or the account disabled.
    """
    session = tx.staff_sessions.get(by.session)
    account = None if session is None else tx.staff.get(session.account)
    if (
        session is None
        or account is None
        or account.actor != by.id
        or account.disabled is not None
        or not session.lasts(core.clock())
    ):
        raise AuthenticationError(
            "nobody is signed in (any more)",
            next_step="sign in: 'casethread staff sign-in NAME'",
        )
    return session, account


def _person(
    core: Core,
    by: Actor,
    session: StaffSession,
    account: Account,
    needs: tuple[StaffRole, ...],
) -> Actor:
    roles = account.roles & by.roles
    if account.password_once:
        if needs:
            raise PolicyError(
                "somebody else knows your password, so it is only good for choosing another",
                next_step="run 'casethread staff password'",
            )
        roles = _NO_ROLES
    if not session.strong:
        weak = account.roles & core.strong_roles
        roles -= weak
        if weak.intersection(needs) and not roles.intersection(needs):
            raise PolicyError(
                "in this role you must sign in with a second factor",
                next_step="run 'casethread staff enrol', or sign in again with a code",
            )
    return Actor(by.id, roles, by.session)
