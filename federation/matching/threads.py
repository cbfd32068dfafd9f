# SPDX-License-Identifier: Apache-2.0
"""Tie own cases into threads, and say which members they are shared with (spec page ``threads``).

Pure: what comes out depends on nothing but the evidence, and not on the order in which it
came. A case is its row's UUID, a value the row number of its token; neither means anything
elsewhere. Smaller UUIDs are older.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass, field
from itertools import combinations

from federation.matching.groups import Groups

__all__ = [
    "Bond",
    "Component",
    "Evidence",
    "Meeting",
    "ThreadRules",
    "bond_of",
    "facts_of",
    "meetings_of",
    "partition",
    "weak_candidates",
]

_ENOUGH = 2
"""Weak facts that count only together: so many, independent of each other."""


@dataclass(frozen=True, slots=True)
class ThreadRules:
    """When a value is so common that it ties nothing by itself."""

    cases: int = 50
    """A value may tie so many own cases, however few there are."""
    per_thousand: int = 2
    """... or so many of a thousand own cases, where that is more. Weak values may not."""
    entities: int = 8
    """A value may be held by so many other legal entities, each counted once."""

    def most_cases(self, own: int) -> int:
        """Return how many own cases a value may tie.

        Args:
            own: Own cases in all.
        """
        return max(self.cases, own * self.per_thousand // 1000)


@dataclass(frozen=True, slots=True, order=True)
class Meeting:
    """A proven match: this member holds the value too."""

    match: bytes
    """UUID of the match here."""
    member: str


@dataclass(slots=True)
class Evidence:
    """Which values some cases hold, and who holds them too."""

    held: dict[bytes, dict[int, int]] = field(default_factory=dict)
    """By case and value: which fact of the case the value belongs to (`facts_of`)."""
    weak: set[int] = field(default_factory=set)
    """Values whose equality only says "namesake" or "nearby"."""
    common: set[int] = field(default_factory=set)
    """Values that too many hold."""
    meetings: dict[int, tuple[Meeting, ...]] = field(default_factory=dict)
    """Proven matches by value."""
    confirmed: dict[bytes, dict[bytes, int]] = field(default_factory=dict)
    """By case and match: the value of a match that a person says is right for the case."""
    rejected: set[tuple[bytes, bytes]] = field(default_factory=set)
    """(match, case) where a person says that it is none."""

    def holders(self, cases: Iterable[bytes] | None = None) -> dict[int, list[bytes]]:
        """Return the cases by value, oldest first; of all cases or of some."""
        found: dict[int, list[bytes]] = {}
        for case in sorted(self.held if cases is None else cases):
            for value in self.held[case]:
                found.setdefault(value, []).append(case)
        return found


@dataclass(frozen=True, slots=True)
class Bond:
    """What ties two own cases to each other."""

    same: frozenset[int]
    """Values that tie alone, or that a person confirmed for both."""
    further: frozenset[int]
    """Weak values that count because they are not alone."""
    strength: tuple[int, int]
    """Number of facts in ``same`` and in ``further``."""


@dataclass(frozen=True, slots=True)
class Component:
    """Cases that hang together, in the threads that people left of them."""

    threads: tuple[tuple[bytes, ...], ...]
    """Each with its cases, oldest first; ordered by their oldest cases."""


def facts_of(links: Iterable[tuple[bytes, int]]) -> dict[int, int]:
    """Group the values of one case into facts.

    Observations that share a value are one fact: the number of an office and its name, two
    points a street apart. Two values of one fact are no independent evidence.

    Args:
        links: (observation, value) of the case.

    Returns:
        The fact of each value, named by its smallest value.
    """
    groups: Groups[int] = Groups()
    first: dict[bytes, int] = {}
    for observation, value in links:
        groups.join(first.setdefault(observation, value), value)
    return {value: fact for fact, values in groups.all().items() for value in values}


def bond_of(evidence: Evidence, one: bytes, other: bytes) -> Bond | None:
    """Say what ties two cases, or None.

    A value that is not weak ties alone. Weak ones count beside it if they are about other
    facts, and without it if there are two that are independent at both ends.
    """
    mine, theirs = evidence.held[one], evidence.held[other]
    if len(theirs) < len(mine):
        mine, theirs = theirs, mine
    both = [value for value in mine if value in theirs]
    agreed = _confirmed_for_both(evidence, one, other)
    usable = [value for value in both if value not in evidence.common]
    same = agreed.union(value for value in usable if value not in evidence.weak)
    told = {mine[value] for value in same}, {theirs[value] for value in same}
    further = {
        value: (mine[value], theirs[value])
        for value in usable
        if value not in same and mine[value] not in told[0] and theirs[value] not in told[1]
    }
    if not same and not _independent(further.values()):
        return None
    strength = min(map(len, told)), _count(further.values())
    return Bond(frozenset(same), frozenset(further), strength)


def meetings_of(evidence: Evidence, case: bytes) -> dict[int, list[Meeting]]:
    """Return the matches by which a case is shared with other members, by value.

    The same rule as between two own cases: a match on a weak value counts only beside
    another one with the same member. What the member's own cases are is not known, so
    independence is judged at this end.
    """
    by_member: dict[str, dict[int, Meeting]] = {}
    certain: dict[str, set[int]] = {}
    agreed = evidence.confirmed.get(case, {})
    for value, fact in evidence.held[case].items():
        for meeting in evidence.meetings.get(value, ()):
            is_confirmed = meeting.match in agreed
            if (meeting.match, case) in evidence.rejected:
                continue
            if value in evidence.common and not is_confirmed:
                continue
            by_member.setdefault(meeting.member, {})[value] = meeting
            if is_confirmed or value not in evidence.weak:
                certain.setdefault(meeting.member, set()).add(fact)
    found: dict[int, list[Meeting]] = {}
    for member, met in by_member.items():
        sure = certain.get(member, set())
        facts = {evidence.held[case][value] for value in met}
        if not sure and len(facts) < _ENOUGH:
            continue
        for value, meeting in met.items():
            is_certain = value not in evidence.weak or meeting.match in agreed
            if is_certain or evidence.held[case][value] not in sure:
                found.setdefault(value, []).append(meeting)
    return found


def partition(evidence: Evidence, apart: Collection[tuple[bytes, bytes]] = ()) -> list[Component]:
    """Divide cases into threads.

    Cases that are tied hang together, and so do those that are tied to them. Where a person
    said that two of them do not belong together, the ties of their component are followed
    from the strongest to the weakest, and each is left out that would bring two such cases
    into one thread.

    Args:
        evidence: All that is known about the cases in it.
        apart: Pairs of cases that do not belong together; others' do not matter.

    Returns:
        Every case in exactly one thread; alone where nothing ties it.
    """
    groups = _tied(evidence)
    foes: dict[bytes, list[tuple[bytes, bytes]]] = {}
    for one, other in apart:
        if one in evidence.held and other in evidence.held:
            root = groups.find(one)
            if root == groups.find(other):
                foes.setdefault(root, []).append((one, other))
    return [
        Component(_kept_apart(evidence, cases, foes[root]) if root in foes else (tuple(cases),))
        for root, cases in groups.all().items()
    ]


def weak_candidates(
    evidence: Evidence,
    holders: Mapping[int, Sequence[bytes]],
    about: AbstractSet[bytes] | None = None,
) -> set[tuple[bytes, bytes]]:
    """Return the pairs of cases that share so many weak values that these may tie them.

    Args:
        evidence: Says which values are weak.
        holders: Cases by value.
        about: Only pairs with one of these cases; all pairs without.
    """
    met: set[tuple[bytes, bytes]] = set()
    again: set[tuple[bytes, bytes]] = set()
    for value, cases in holders.items():
        if value not in evidence.weak or value in evidence.common:
            continue
        for one in cases if about is None else about & set(cases):
            for other in cases:
                # Where both are asked about, one of the two finds the pair.
                if one < other or (about is not None and other < one and other not in about):
                    pair = (one, other) if one < other else (other, one)
                    (again if pair in met else met).add(pair)
    return again


def _tied(evidence: Evidence) -> Groups[bytes]:
    groups = Groups(evidence.held)
    holders = evidence.holders()
    for value, cases in holders.items():
        if value not in evidence.weak and value not in evidence.common:
            groups.join_all(cases)
    for cases in _confirmed_cases(evidence).values():
        groups.join_all(cases)
    for one, other in weak_candidates(evidence, holders):
        if groups.find(one) != groups.find(other) and bond_of(evidence, one, other) is not None:
            groups.join(one, other)
    return groups


def _kept_apart(
    evidence: Evidence, cases: Sequence[bytes], apart: Sequence[tuple[bytes, bytes]]
) -> tuple[tuple[bytes, ...], ...]:
    """Divide one component by its ties, from the strongest to the weakest."""
    groups = Groups(cases)
    ranked = []
    for one, other in _neighbours(evidence, cases):
        bond = bond_of(evidence, one, other)
        if bond is not None:
            same, further = bond.strength
            ranked.append((-same, -further, one, other))
    for _, _, one, other in sorted(ranked):
        ends = {groups.find(one), groups.find(other)}
        if not any({groups.find(first), groups.find(second)} == ends for first, second in apart):
            groups.join(one, other)
    return tuple(tuple(members) for members in groups.all().values())


def _neighbours(evidence: Evidence, cases: Sequence[bytes]) -> set[tuple[bytes, bytes]]:
    """Pairs of cases that share anything which may tie."""
    holders = evidence.holders(cases)
    sharing: list[Iterable[bytes]] = [
        found for value, found in holders.items() if value not in evidence.common
    ]
    within = set(cases)
    sharing += [within.intersection(found) for found in _confirmed_cases(evidence).values()]
    return {pair for found in sharing for pair in combinations(sorted(found), 2)}


def _confirmed_cases(evidence: Evidence) -> dict[bytes, list[bytes]]:
    """Cases by the match that a person confirmed for them."""
    found: dict[bytes, list[bytes]] = {}
    for case, matches in evidence.confirmed.items():
        if case in evidence.held:
            for match in matches:
                found.setdefault(match, []).append(case)
    return found


def _confirmed_for_both(evidence: Evidence, one: bytes, other: bytes) -> set[int]:
    mine, theirs = evidence.confirmed.get(one, {}), evidence.confirmed.get(other, {})
    held = evidence.held[one].keys() & evidence.held[other].keys()
    return held.intersection(mine[match] for match in mine.keys() & theirs.keys())


def _independent(pairs: Iterable[tuple[int, int]]) -> bool:
    """Whether two facts differ at both ends."""
    return any(
        first[0] != second[0] and first[1] != second[1]
        for first, second in combinations(set(pairs), 2)
    )


def _count(pairs: Iterable[tuple[int, int]]) -> int:
    """How many facts there are, at the end that has fewer."""
    found = list(pairs)
    return min(len({one for one, _ in found}), len({other for _, other in found}))
