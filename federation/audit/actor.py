# SPDX-License-Identifier: Apache-2.0
"""Who did something: a person of the organisation, its node or program, or another member."""

from dataclasses import dataclass, field
from enum import StrEnum
from typing import Final

from federation.errors import PolicyError

__all__ = [
    "NODE",
    "OPERATOR",
    "PERSONAL_ROLES",
    "PROGRAM",
    "Actor",
    "StaffRole",
    "distinct",
    "peer",
    "staff",
]


class StaffRole(StrEnum):
    """What somebody of the organisation may do with its node. One person may have several."""

    CASEWORKER = "caseworker"
    """Works on cases: decides on matches, asks for disclosure, records consent, refers."""
    REVIEWER = "reviewer"
    """Lets things out: releases held matches, approves disclosures and query answers."""
    DATA_PROTECTION = "data-protection"
    """Agreements, rights of the persons concerned, retention, the record."""
    TECHNICIAN = "technician"
    """Runs the node: federation, keys, imports, backups, accounts. Sees no case."""
    AUDITOR = "auditor"
    """Reads the record and nothing else."""
    PROGRAM = "program"
    """No person: a program of the organisation. Hands over and takes back cases, sees matches."""


PERSONAL_ROLES: Final = frozenset(StaffRole) - {StaffRole.PROGRAM}
"""What an account may have."""


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts, as the record names them."""

    id: str
    """``node``, ``operator``, ``program``, ``staff:`` with 16 hex digits, or ``member:`` with a
    member id."""
    roles: frozenset[StaffRole] = frozenset()
    session: bytes = field(default=b"", repr=False, compare=False)
    """Mark of the session in which a person acts; a deed looks it up again when it is done."""

    def require(self, *roles: StaffRole) -> None:
        """Refuse who has none of these roles.

        Args:
            roles: Any one of them is enough.

        Raises:
            PolicyError: Says which role it takes.
        """
        if not self.roles.intersection(roles):
            wanted = " or ".join(sorted(role.value for role in roles))
            raise PolicyError(
                f"this takes the role {wanted}",
                next_step="let somebody do it who has it, or ask a technician of your organisation",
            )


_STAFF: Final = "staff:"

NODE = Actor("node")
"""The node by itself: what it does on a schedule."""

OPERATOR = Actor("operator", frozenset(StaffRole))
"""Who holds the keys of a member. While nobody has an account it may do everything; from the
first account on it is a technician and no more."""

PROGRAM = Actor("program", frozenset({StaffRole.PROGRAM}))
"""An own program that has the secret of the serving node."""


def peer(member: str) -> Actor:
    """Return another member as the actor of what it asked for."""
    return Actor(f"member:{member}")


def staff(account: bytes, roles: frozenset[StaffRole], session: bytes = b"") -> Actor:
    """Return a person of the organisation as an actor.

    Args:
        account: Id of the account, 8 bytes; says nothing about the person.
        roles: What the account may do now.
        session: Mark of the session. Without one nothing can be done.
    """
    return Actor(f"{_STAFF}{account.hex()}", roles, session)


def distinct(first: Actor, second: Actor) -> None:
    """Refuse two approvals that are not those of two people.

    Args:
        first: Who approved before.
        second: Who approves now.

    Raises:
        PolicyError: They are one account, or one of them is none.
    """
    if not all(one.id.startswith(_STAFF) for one in (first, second)):
        raise PolicyError(
            "this takes two people who are signed in",
            next_step="give each an account: 'casethread staff add NAME'",
        )
    if first.id == second.id:
        raise PolicyError(
            "this takes two people, and you were the first",
            next_step="ask a colleague to approve it as well",
        )
