# SPDX-License-Identifier: Apache-2.0
"""What is true about generated data, known from drawing it and not from reading it."""

from collections.abc import Mapping
from dataclasses import dataclass
from itertools import combinations

from federation_node.demo.people import Identity


@dataclass(frozen=True, slots=True, order=True)
class Cell:
    """One cell of one spreadsheet: organisation, case id, column header."""

    organisation: str
    case: str
    field: str


@dataclass(frozen=True, slots=True, order=True)
class ExpectedMatch:
    """One identity that two organisations hold: the unit in which matches are counted.

    Attributes:
        organisations: the unordered pair, written in alphabetical order.
        lane: lane in which they hold it.
        kind: kind of indicator.
        identity: the generator's identity.
    """

    organisations: tuple[str, str]
    lane: str
    kind: str
    identity: str


@dataclass(frozen=True, slots=True)
class Truth:
    """Which identity was planted in which cell; a cell holds at most one.

    Attributes:
        organisations: the organisations, in founding order.
        identities: identity id -> identity.
        cells: cell -> identity id; placeholders and blanks are not in it.
    """

    organisations: tuple[str, ...]
    identities: Mapping[str, Identity]
    cells: Mapping[Cell, str]

    def holders(self) -> dict[str, frozenset[str]]:
        """Return for each identity the organisations where it was planted."""
        found: dict[str, set[str]] = {}
        for cell, identity in self.cells.items():
            found.setdefault(identity, set()).add(cell.organisation)
        return {identity: frozenset(names) for identity, names in found.items()}

    def expected(self, lane: str = "network") -> frozenset[ExpectedMatch]:
        """Return every match that a perfect federation finds in `lane`."""
        return frozenset(
            ExpectedMatch(pair, lane, self.identities[identity].kind, identity)
            for identity, names in self.holders().items()
            if self.identities[identity].lane == lane
            for pair in combinations(sorted(names), 2)
        )

    def planted(self, identity: str) -> tuple[Cell, ...]:
        """Return the cells that hold `identity`."""
        return tuple(sorted(cell for cell, held in self.cells.items() if held == identity))
