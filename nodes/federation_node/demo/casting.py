# SPDX-License-Identifier: Apache-2.0
"""The three invented organisations of the demonstration, and the invented people in them."""

from dataclasses import dataclass

from federation.audit import StaffRole
from federation.charter import Role

__all__ = ["CAST", "Employee", "Player"]


@dataclass(frozen=True, slots=True)
class Employee:
    """One person of an organisation."""

    name: str
    """Of the account."""
    full_name: str
    roles: tuple[StaffRole, ...]


@dataclass(frozen=True, slots=True)
class Player:
    """One organisation as it appears in the charter."""

    member: str
    name: str
    legal_entity: str
    role: Role
    technician: Employee
    lead: Employee
    """Works on cases, and decides what leaves the organisation."""


def _technician(name: str, full_name: str) -> Employee:
    return Employee(name, full_name, (StaffRole.TECHNICIAN,))


def _lead(name: str, full_name: str) -> Employee:
    # In a small organisation one person does all of this.
    roles = (StaffRole.CASEWORKER, StaffRole.REVIEWER, StaffRole.DATA_PROTECTION)
    return Employee(name, full_name, roles)


CAST = (
    Player(
        "hope",
        "Hope Line",
        "DEMO:1 (invented)",
        Role.HOTLINE,
        _technician("sam", "Sam Whitlock"),
        _lead("june", "June Abernathy"),
    ),
    Player(
        "amparo",
        "Casa Amparo",
        "DEMO:2 (invented)",
        Role.HOTLINE,
        _technician("beto", "Beto Landeros"),
        _lead("carmen", "Carmen Ibarrola"),
    ),
    Player(
        "licht",
        "Licht",
        "DEMO:3 (invented)",
        Role.NGO,
        _technician("jannis", "Jannis Feldhoff"),
        _lead("ute", "Ute Brandner"),
    ),
)
"""In founding order; the first one founds."""
