# SPDX-License-Identifier: Apache-2.0
"""Why the cases of a thread hang together: its strands (spec page ``threads``)."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from enum import StrEnum
from itertools import combinations

from federation.matching.threads import Evidence, Meeting, bond_of, meetings_of

__all__ = ["Strand", "Why", "strands"]


class Why(StrEnum):
    """Why a strand counts; most telling first."""

    SAME = "same"
    """The same value ties alone."""
    CONFIRMED = "confirmed"
    """It would not tie alone, but a person confirmed the match."""
    TOGETHER = "together"
    """Weak, and the same two share another weak fact that is independent of it."""
    BESIDE = "beside"
    """Weak, and the same two share something that ties alone."""


_RANKS = {why: rank for rank, why in enumerate(Why)}


@dataclass(frozen=True, slots=True)
class Strand:
    """One thing that cases of a thread have in common, with each other or with members."""

    values: tuple[int, ...]
    """Usually one; several where the same thing has a value in several ways."""
    why: Why
    cases: tuple[bytes, ...]
    """Those for which it counts, oldest first."""
    meetings: tuple[Meeting, ...]
    """Members that hold it too, by name; each once."""


@dataclass(slots=True, eq=False)
class _Draft:
    values: list[int]
    why: Why
    cases: set[bytes] = field(default_factory=set)
    meetings: set[Meeting] = field(default_factory=set)

    @property
    def members(self) -> set[str]:
        return {meeting.member for meeting in self.meetings}

    def finish(self) -> Strand:
        by_member = {meeting.member: meeting for meeting in sorted(self.meetings, reverse=True)}
        met = tuple(by_member[member] for member in sorted(by_member))
        return Strand(tuple(sorted(self.values)), self.why, tuple(sorted(self.cases)), met)


def strands(evidence: Evidence, cases: Sequence[bytes]) -> list[Strand]:
    """Explain a thread.

    What is the same fact of the same cases is said once, by the value that says most: the
    number of an office, and not its name as well.

    Args:
        evidence: All that is known about the cases.
        cases: The cases of one thread, or of a part of it.

    Returns:
        The strands, most telling first. Each case of a thread is in at least one.
    """
    drafts: dict[int, _Draft] = {}

    def note(value: int, why: Why, holders: Iterable[bytes]) -> _Draft:
        draft = drafts.setdefault(value, _Draft([value], why))
        draft.cases.update(holders)
        draft.why = min(draft.why, why, key=_RANKS.__getitem__)
        return draft

    for value, why, pair in _shared(evidence, cases):
        note(value, why, pair)
    for case in cases:
        for value, why, meeting in _met(evidence, case):
            note(value, why, [case]).meetings.add(meeting)
    return [draft.finish() for draft in _told_once(evidence, drafts.values())]


def _shared(
    evidence: Evidence, cases: Sequence[bytes]
) -> Iterator[tuple[int, Why, Sequence[bytes]]]:
    """Yield what own cases share with each other, and why it counts."""
    unsure = evidence.weak | evidence.common
    doubtful: set[tuple[bytes, bytes]] = set()
    for value, held in evidence.holders(cases).items():
        if len(held) > 1 and value not in unsure:
            yield value, Why.SAME, held
        elif value not in evidence.common or _is_confirmed(evidence, value, held):
            doubtful.update(combinations(held, 2))
    for pair in doubtful:
        bond = bond_of(evidence, *pair)
        if bond is not None:
            yield from ((value, Why.CONFIRMED, pair) for value in bond.same & unsure)
            further = Why.BESIDE if bond.same else Why.TOGETHER
            yield from ((value, further, pair) for value in bond.further)


def _met(evidence: Evidence, case: bytes) -> Iterator[tuple[int, Why, Meeting]]:
    """Yield the matches by which a case is shared with members, and why each counts."""
    found = [(value, one) for value, met in meetings_of(evidence, case).items() for one in met]
    agreed = evidence.confirmed.get(case, {})
    sure = {one.member for value, one in found if one.match in agreed or value not in evidence.weak}
    for value, meeting in found:
        if value not in evidence.weak and value not in evidence.common:
            yield value, Why.SAME, meeting
        elif meeting.match in agreed:
            yield value, Why.CONFIRMED, meeting
        else:
            yield value, Why.BESIDE if meeting.member in sure else Why.TOGETHER, meeting


def _is_confirmed(evidence: Evidence, value: int, cases: Iterable[bytes]) -> bool:
    return any(value in evidence.confirmed.get(case, {}).values() for case in cases)


def _told_once(evidence: Evidence, drafts: Iterable[_Draft]) -> list[_Draft]:
    """Leave out what says nothing new: the same facts of the same cases, by a weaker value."""
    kept: list[_Draft] = []
    about: dict[tuple[bytes, int], list[tuple[_Draft, set[tuple[bytes, int]]]]] = {}
    # Strongest first, then widest, so that who comes later can only say less.
    for draft in sorted(drafts, key=lambda one: (_RANKS[one.why], -len(one.cases), one.values)):
        facts = {(case, evidence.held[case][draft.values[0]]) for case in draft.cases}
        for said, told in about.get(next(iter(facts)), ()):
            # Nobody may be said to hold more than it does.
            if facts <= told and (said.why is draft.why or draft.members <= said.members):
                said.values += draft.values
                said.meetings |= draft.meetings
                break
        else:
            kept.append(draft)
            for fact in facts:
                about.setdefault(fact, []).append((draft, facts))
    return kept
