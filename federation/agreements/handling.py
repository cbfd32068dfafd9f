# SPDX-License-Identifier: Apache-2.0
"""How far something that was disclosed may travel, and what it may be used for.

Two schemes stand side by side: TLP 2.0 (FIRST, August 2022), which organisations of every
kind know, and the handling codes H0 to H3, with which police in Europe mark what they
exchange through Europol (Council document 6261/18, Manual on Law Enforcement Information
Exchange). The names are theirs; the sentences are ours.
"""

from dataclasses import dataclass
from enum import StrEnum
from typing import Final

__all__ = ["EuropolCode", "Handling", "Marking"]


class Handling(StrEnum):
    """How far what is disclosed may travel: TLP 2.0."""

    RED = "tlp:red"
    """Only the people who were given it."""
    AMBER_STRICT = "tlp:amber+strict"
    """Only the organisation that was given it, and there who needs it."""
    AMBER = "tlp:amber"
    """That organisation and its clients, where they need it."""
    GREEN = "tlp:green"
    """The community: other members of the federation."""
    CLEAR = "tlp:clear"
    """Everybody."""

    @property
    def meaning(self) -> str:
        """One sentence for people."""
        return _TLP[self]


class EuropolCode(StrEnum):
    """What law enforcement may do with what it is given; several may stand together."""

    H0 = "h0"
    """Only to prevent and fight crime, as the law on Europol allows it."""
    H1 = "h1"
    """Not in court without the giver's permission."""
    H2 = "h2"
    """Not passed on without the giver's permission."""
    H3 = "h3"
    """Further restrictions, which the signed paper states."""

    @property
    def meaning(self) -> str:
        """One sentence for people."""
        return _EUROPOL[self]


_TLP: Final = {
    Handling.RED: "only the people who were given it may see it",
    Handling.AMBER_STRICT: "it stays in the organisation that was given it",
    Handling.AMBER: "it stays in the organisation that was given it and with its clients",
    Handling.GREEN: "it may be passed on to other members of the federation",
    Handling.CLEAR: "it may be passed on to everybody",
}

_EUROPOL: Final = {
    EuropolCode.H0: "it may be used only to prevent and fight crime",
    EuropolCode.H1: "it may not be used in court unless the giver permits it",
    EuropolCode.H2: "it may not be passed on unless the giver permits it",
    EuropolCode.H3: "further restrictions stand in the signed paper",
}


@dataclass(frozen=True, slots=True)
class Marking:
    """The codes that something carries."""

    handling: Handling
    europol: tuple[EuropolCode, ...] = ()
    """Ascending."""

    @property
    def onward(self) -> bool:
        """Whether who was given it may give it to another member. H3 is read by people: no."""
        restricted = {EuropolCode.H2, EuropolCode.H3}.intersection(self.europol)
        return self.handling in {Handling.GREEN, Handling.CLEAR} and not restricted

    @property
    def in_court(self) -> bool:
        """Whether it may be used in court without asking the giver."""
        return not {EuropolCode.H1, EuropolCode.H3}.intersection(self.europol)
