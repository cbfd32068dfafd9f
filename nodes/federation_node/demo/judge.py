# SPDX-License-Identifier: Apache-2.0
"""Compares what the nodes report with what the generator planted.

The way back from a reported match to an identity is the cell: organisation, own case id
and column. No value is read, let alone normalised.
"""

from collections import Counter
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from federation_node.demo.truth import Cell, ExpectedMatch, Truth


@dataclass(frozen=True, slots=True)
class FoundMatch:
    """One row of a node's match list.

    Attributes:
        case: the node's own case id.
        field: column that the matching observation came from.
        kind: kind of indicator.
        partner: the other organisation.
        lane: lane of the match.
    """

    case: str
    field: str
    kind: str
    partner: str
    lane: str


@dataclass(frozen=True, slots=True)
class NotTokenised:
    """A cell that never became a token, and why: refused, screened, pending, ..."""

    organisation: str
    case: str
    field: str
    reason: str


@dataclass(frozen=True, slots=True)
class Missed:
    """An expected match that was not found."""

    match: ExpectedMatch
    reason: str


@dataclass(frozen=True, slots=True)
class FalseMatch:
    """A reported match that is not true."""

    organisation: str
    match: FoundMatch
    reason: str


@dataclass(frozen=True, slots=True)
class Verdict:
    """The judgement: every expected match is either found or missed."""

    expected: frozenset[ExpectedMatch]
    found: frozenset[ExpectedMatch]
    missed: tuple[Missed, ...]
    false: tuple[FalseMatch, ...]

    @property
    def ok(self) -> bool:
        """Whether nothing is missed and nothing is false."""
        return not self.missed and not self.false

    def missed_by_reason(self) -> dict[str, int]:
        """Count what is missed by reason, most frequent first."""
        return dict(Counter(missed.reason for missed in self.missed).most_common())


def judge(
    truth: Truth,
    found: Mapping[str, Iterable[FoundMatch]],
    not_tokenised: Iterable[NotTokenised] = (),
) -> Verdict:
    """Judge what the nodes found.

    An expected match is found when *both* organisations report it: a match that only one
    of them sees helps nobody to call the other.

    Args:
        truth: what the generator planted.
        found: organisation -> its match list.
        not_tokenised: cells that never became a token.

    Returns:
        Expected, found and missed matches, and reported matches that are not true.
    """
    expected = truth.expected()
    holders = truth.holders()
    seen_by: dict[ExpectedMatch, set[str]] = {}
    false: list[FalseMatch] = []
    for organisation, matches in found.items():
        for match in matches:
            reason = _why_false(truth, holders, organisation, match)
            if reason is not None:
                false.append(FalseMatch(organisation, match, reason))
                continue
            identity = truth.cells[Cell(organisation, match.case, match.field)]
            first, second = sorted((organisation, match.partner))
            key = ExpectedMatch((first, second), match.lane, match.kind, identity)
            seen_by.setdefault(key, set()).add(organisation)
    both = frozenset(key for key in expected if len(seen_by.get(key, ())) == len(key.organisations))
    reasons = {Cell(n.organisation, n.case, n.field): n.reason for n in not_tokenised}
    missed = tuple(
        Missed(key, _why_missed(truth, key, seen_by.get(key, set()), reasons))
        for key in sorted(expected - both)
    )
    return Verdict(expected, both, missed, tuple(false))


def _why_false(
    truth: Truth,
    holders: Mapping[str, frozenset[str]],
    organisation: str,
    match: FoundMatch,
) -> str | None:
    """Say why a reported match is untrue, or return None when it is true."""
    planted = truth.cells.get(Cell(organisation, match.case, match.field))
    if planted is None:
        return "nothing was planted in this cell"
    identity = truth.identities[planted]
    if identity.kind != match.kind:
        return "another kind was planted in this cell"
    if identity.lane != match.lane or match.lane != "network":
        return "this identity must not match in this lane"
    if match.partner == organisation or match.partner not in holders[planted]:
        return "the partner does not hold this identity"
    return None


def _why_missed(
    truth: Truth,
    key: ExpectedMatch,
    seen_by: set[str],
    reasons: Mapping[Cell, str],
) -> str:
    """Say what stopped a match: the organisation whose every cell was not tokenised, if any."""
    cells = truth.planted(key.identity)
    for organisation in key.organisations:
        own = [cell for cell in cells if cell.organisation == organisation]
        why = sorted({reasons[cell] for cell in own if cell in reasons})
        if all(cell in reasons for cell in own):
            return f"{organisation}: {', '.join(why)}"
    if seen_by:
        return f"reported by {', '.join(sorted(seen_by))} only"
    partly = sorted({reasons[cell] for cell in cells if cell in reasons})
    return f"not found; some cells: {', '.join(partly)}" if partly else "not found"
