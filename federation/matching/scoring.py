# SPDX-License-Identifier: Apache-2.0
"""What equal slots say about two persons (spec page ``person-keys``).

Similarity is read only from which slots are equal. Nothing here leaves the node but the class
of an answer: not the score, not its reasons.

- before the partner opens anything: `is_candidate`, `prospect`, `to_return`; on
  the partner's side, `choose`
- when it is known which of a partner's person's slots are equal: `compare`
- when each side's records are known to be about different people: `assign`
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from enum import StrEnum
from math import exp
from typing import Final

from federation.errors import ExchangeError
from federation.indicators.person import GROUP_OF, PLAN, Family, Group
from federation.matching.weights import INTERCEPT, LEVELS, WEIGHTS

__all__ = [
    "DEFAULT_THRESHOLD",
    "MATCH_SCORE",
    "POSSIBLE_SCORE",
    "RETURNED",
    "Comparison",
    "MatchClass",
    "Scored",
    "assign",
    "choose",
    "compare",
    "is_candidate",
    "parts_of",
    "prospect",
    "to_return",
]

DEFAULT_THRESHOLD: Final = 3
"""Equal slots that make a candidate, where an agreement does not say otherwise."""
RETURNED: Final = 4
"""For each slot of the threshold, how many equal ones a partner is told of at most."""
MATCH_SCORE: Final = 0.8
"""Score from which two persons are called a match."""
POSSIBLE_SCORE: Final = 0.2
"""Score from which they are called a possible one."""

_SPECIFICITY: Final = {name: position for position, name in enumerate(GROUP_OF)}


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


def is_candidate(hits: Collection[str], threshold: int) -> bool:
    """Tell whether equal slots are enough to ask about a person.

    Args:
        hits: The names of the own person's slots that are among the partner's.
        threshold: How many the agreement asks for.

    Returns:
        Whether there are that many, from two of name, date and place. A rule is from two.

    Raises:
        ExchangeError: There is no slot of that name.
    """
    families = {_family(name) for name in hits}
    return len(set(hits)) >= threshold and (Family.RULE in families or len(families) > 1)


def prospect(own: Collection[str], hits: Collection[str]) -> float:
    """Guess how well a question would end, from hits in what a partner sent flat.

    The hits may come from several people, and nothing says which slots the partner does not
    have; so this only orders questions, and leaves out those not worth the match budget.

    Args:
        own: The names of the own person's slots.
        hits: Those that are among the partner's.

    Returns:
        The score of a person who had all of these slots; below `POSSIBLE_SCORE` it is not
        worth asking.

    Raises:
        ExchangeError: A hit is no slot of the own person.
    """
    return compare(own, own, hits).score


def to_return(hits: Iterable[str], threshold: int) -> tuple[str, ...]:
    """Choose which equal slots to tell a partner about, so that it finds the person meant.

    Hits in flat tags come from several people, so exactly `threshold` of them would mostly
    not belong to one. One of each group is taken in turn, the least specific group first: a
    partner who sent namesakes and guessed dates learns names, places and windows of years.

    Args:
        hits: The names of the own person's slots that are among the partner's.
        threshold: How many the agreement asks for.

    Returns:
        Up to `RETURNED` times as many names. One that gives a birth year or date away is among
        them only where there would otherwise be fewer than `threshold`.

    Raises:
        ExchangeError: There is no slot of that name.
    """
    turns: dict[str, int] = {}
    plain: list[tuple[int, int, str]] = []
    telling: list[str] = []
    for name in sorted(set(hits), key=_specificity):
        group = GROUP_OF[name]
        if group.tells_birth:
            telling.append(name)
        else:
            turn = turns[group.name] = turns.get(group.name, -1) + 1
            plain.append((turn, _specificity(name), name))
    chosen = [name for *_, name in sorted(plain)][: RETURNED * threshold]
    return (*chosen, *telling[: max(threshold - len(chosen), 0)])


def choose(
    returned: Collection[str], held: Mapping[str, Collection[str]], threshold: int
) -> str | None:
    """Choose which own person a partner means.

    Args:
        returned: The names of the slots that the partner returned for one of its people.
        held: For each own person, by an id, which of these it holds.
        threshold: How many the agreement asks for.

    Returns:
        The person who holds most of them, of equals the one with the least id; None if nobody
        holds `threshold` of them.

    Raises:
        ExchangeError: More slots were returned than a partner may, or the agreement's
            threshold was not reached, or somebody holds one that was not returned.
    """
    names = set(returned)
    if len(names) != len(returned) or not threshold <= len(names) <= RETURNED * threshold:
        raise ExchangeError("a partner returned too many slots of a person, or too few")
    if any(not names.issuperset(slots) for slots in held.values()):
        raise ExchangeError("a slot is held that was not returned")
    best = min(held, key=lambda person: (-len(set(held[person])), person), default=None)
    return best if best is not None and len(set(held[best])) >= threshold else None


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


def _family(name: str) -> Family:
    group = GROUP_OF.get(name)
    if group is None:
        raise ExchangeError("there is no slot of that name")
    return group.family


def _specificity(name: str) -> int:
    position = _SPECIFICITY.get(name)
    if position is None:
        raise ExchangeError("there is no slot of that name")
    return position


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
