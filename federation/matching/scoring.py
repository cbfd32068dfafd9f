# SPDX-License-Identifier: Apache-2.0
"""What equal slots say about two persons (spec page ``person-keys``).

Similarity is read only from which slots are equal. Nothing here leaves the node but the class
of an answer: not the score, not its reasons.

- when it is known which slots of a partner's person are equal: `compare`
- when each side's records are known to be about different people: `assign`
"""

from collections.abc import Collection, Iterable
from dataclasses import dataclass
from enum import StrEnum
from math import exp
from typing import Final

from federation.errors import ExchangeError
from federation.indicators.person import GROUP_OF, PLAN, Family, Group
from federation.matching.weights import INTERCEPT, LEVELS, WEIGHTS

__all__ = [
    "MATCH_SCORE",
    "POSSIBLE_SCORE",
    "Comparison",
    "MatchClass",
    "Scored",
    "assign",
    "compare",
    "parts_of",
]

MATCH_SCORE: Final = 0.8
"""Score from which two persons are called a match."""
POSSIBLE_SCORE: Final = 0.2
"""Score from which they are called a possible one."""


class MatchClass(StrEnum):
    """What a partner is told."""

    MATCH = "match"
    """Probably the same person."""
    POSSIBLE = "possible"
    """Perhaps the same person."""


@dataclass(frozen=True, slots=True)
class Comparison:
    """What two persons' slots say; all but the class stays at home."""

    score: float
    """From 0 to 1: of candidates with this score, about this part were the same person."""
    match_class: MatchClass | None
    """None: say that there is no match."""
    weak: bool
    """Whether no strong slot is equal: it counts only together with another indicator."""
    reasons: tuple[str, ...]
    """What is equal or alike, in words for a caseworker, the strongest first."""

    @property
    def reason(self) -> str:
        """The reasons in one line."""
        return "; ".join(self.reasons)


@dataclass(frozen=True, slots=True, order=True)
class Scored:
    """One pair of records and its score, for `assign`."""

    score: float
    own: str
    """An id of the own record."""
    theirs: str
    """An id of the partner's."""


def compare(own: Collection[str], theirs: Collection[str], equal: Collection[str]) -> Comparison:
    """Score two persons.

    Args:
        own: The names of the own person's slots.
        theirs: The names of the partner's person's slots.
        equal: Those whose tokens are equal.

    Returns:
        Score, class and reasons. Another equal slot never lowers the score.

    Raises:
        ExchangeError: A slot is equal that one side does not have, or that does not exist.
    """
    shared = set(own) & set(theirs)
    if not set(equal) <= shared or not shared <= GROUP_OF.keys():
        raise ExchangeError("slots are equal that one side does not have")
    parts = parts_of(shared, set(equal))
    evidence = INTERCEPT + sum(_weight(group, part) for group, part in parts.items())
    score = 1 / (1 + exp(-evidence))
    weak = all(GROUP_OF[name].weak for name in equal)
    return Comparison(score, _class(score, equal), weak, tuple(_reasons(parts)))


def parts_of(
    shared: Collection[str], equal: Collection[str], plan: Iterable[Group] = PLAN
) -> dict[str, float]:
    """Return how much of each group is equal.

    Args:
        shared: The names of the slots that both persons have.
        equal: Those that are equal.
        plan: The groups; the experiment has others.

    Returns:
        For each group that both have, the part of its slots that is equal, from 0 to 1.
    """
    parts = {}
    for group in plan:
        both = [name for name in group.names if name in shared]
        if both:
            parts[group.name] = sum(name in equal for name in both) / len(both)
    return parts


def assign(pairs: Iterable[Scored]) -> tuple[Scored, ...]:
    """Keep for each record at most one partner, where each side's records are distinct people.

    The best pair first, and so on (greedy): on the measured data sets this is as good as the
    assignment of the greatest sum, and it needs no more than the pairs.

    Args:
        pairs: Candidates; equal scores are taken in the order of their ids.

    Returns:
        The pairs that are kept, the best first.
    """
    kept: list[Scored] = []
    owns: set[str] = set()
    theirs: set[str] = set()
    for pair in sorted(pairs, key=lambda pair: (-pair.score, pair.own, pair.theirs)):
        if pair.own not in owns and pair.theirs not in theirs:
            owns.add(pair.own)
            theirs.add(pair.theirs)
            kept.append(pair)
    return tuple(kept)


def _weight(group: str, part: float) -> float:
    """Return the weight of evidence of a group, by how much of it is equal."""
    return WEIGHTS[group][sum(part > level for level in LEVELS)]


def _class(score: float, equal: Collection[str]) -> MatchClass | None:
    families = {GROUP_OF[name].family for name in equal}
    if not families or families <= {Family.NAME}:
        return None  # a name alone is never a match
    if score >= MATCH_SCORE:
        return MatchClass.MATCH
    return MatchClass.POSSIBLE if score >= POSSIBLE_SCORE else None


def _reasons(parts: dict[str, float]) -> Iterable[str]:
    equal = {group for group, part in parts.items() if part}
    yield from _of_birth(equal)
    yield from _of_names(parts, equal)
    if parts.get("address", 0) > LEVELS[-1]:
        yield "same address"
    elif parts.get("address", 0) > LEVELS[1]:
        yield "addresses are alike"
    if "town" in equal:
        yield "same town of origin"


def _of_birth(equal: set[str]) -> Iterable[str]:
    date_parts = equal & {"day", "month", "year-day"}
    if "birth" in equal:
        exact = date_parts or equal & {"birth-sex", "birth-nationality"}
        yield "same birth date" if exact else "same birth date, perhaps day and month exchanged"
    elif "month" in date_parts:
        yield "same year and month of birth"
    elif "year-day" in date_parts:
        yield "same year and day of birth"
    elif "day" in date_parts:
        yield "same day and month of birth"
    elif "year" in equal:
        yield "same birth year"
    elif equal & {"years", "years-shifted"}:
        yield "about the same age"


def _of_names(parts: dict[str, float], equal: set[str]) -> Iterable[str]:
    letters = parts.get("letters", 0)
    if letters == 1:
        yield "same names"
    elif letters > LEVELS[2]:
        yield "names are spelled alike"
    elif equal - {"letters", "address", "birth", "birth-nationality", "birth-sex"}:
        yield "a name sounds alike"
