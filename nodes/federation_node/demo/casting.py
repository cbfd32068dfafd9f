# SPDX-License-Identifier: Apache-2.0
"""The three invented organisations of the demonstration."""

from dataclasses import dataclass

from federation.charter import Role

__all__ = ["CAST", "Player"]


@dataclass(frozen=True, slots=True)
class Player:
    """One organisation as it appears in the charter."""

    member: str
    name: str
    legal_entity: str
    role: Role


CAST = (
    Player("hope", "Hope Line", "DEMO:1 (invented)", Role.HOTLINE),
    Player("amparo", "Casa Amparo", "DEMO:2 (invented)", Role.HOTLINE),
    Player("licht", "Licht", "DEMO:3 (invented)", Role.NGO),
)
"""In founding order; the first one founds."""
