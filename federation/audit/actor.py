# SPDX-License-Identifier: Apache-2.0
"""Who did something: a person of the organisation, its node, or another member."""

from dataclasses import dataclass
from enum import StrEnum

from federation.errors import PolicyError

__all__ = ["NODE", "OPERATOR", "Actor", "StaffRole", "peer", "staff"]


class StaffRole(StrEnum):
    """What a person of the organisation may do with its node. One person may have several."""

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


@dataclass(frozen=True, slots=True)
class Actor:
    """Somebody who acts, as the record names them."""

    id: str
    """``node``, ``operator``, ``staff:`` with 16 hex digits, or ``member:`` with a member id."""
    roles: frozenset[StaffRole] = frozenset()

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
                next_step="sign in as somebody who has it, or ask a technician of your "
                "organisation: 'casethread staff list'",
            )


NODE = Actor("node")
"""The node by itself: what it does on a schedule."""

OPERATOR = Actor("operator", frozenset(StaffRole))
"""Who holds the keys of a member, where nobody signs in: a program that uses the library."""


def peer(member: str) -> Actor:
    """Return another member as the actor of what it asked for."""
    return Actor(f"member:{member}")


def staff(account: bytes, roles: frozenset[StaffRole]) -> Actor:
    """Return a person of the organisation as an actor.

    Args:
        account: Id of the account, 8 bytes; says nothing about the person.
        roles: What the account may do now.
    """
    return Actor(f"staff:{account.hex()}", roles)
