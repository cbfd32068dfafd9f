# SPDX-License-Identifier: Apache-2.0
"""Compares the threads that the nodes made with what the generator planted.

As in `judge`, the way back to an identity is the cell. Only what ties alone is judged: a
namesake that counts beside something certain is no claim that it is the same.
"""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from federation.member import Thread
from federation_node.demo.judge import NotTokenised
from federation_node.demo.truth import Cell, Truth

__all__ = ["FoundEdge", "FoundThread", "ThreadVerdict", "found_thread", "judge_threads"]


@dataclass(frozen=True, slots=True)
class FoundEdge:
    """One edge of a thread that a node made."""

    kind: str
    weak: bool
    cells: tuple[tuple[str, str], ...]
    """(own case, column)."""
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class FoundThread:
    """One thread that a node made."""

    organisation: str
    id: str
    cases: tuple[str, ...]
    edges: tuple[FoundEdge, ...]

    @property
    def organisations(self) -> list[str]:
        """Whoever is part of it, the node's own organisation included."""
        return sorted({self.organisation, *(name for edge in self.edges for name in edge.members)})


@dataclass(frozen=True, slots=True)
class ThreadVerdict:
    """The judgement on all threads."""

    missed: tuple[str, ...]
    """What is not tied though it is the same, in words."""
    false: tuple[str, ...]
    """What is tied though it is not the same."""

    @property
    def ok(self) -> bool:
        """Whether nothing is missed and nothing is false."""
        return not self.missed and not self.false


def found_thread(organisation: str, thread: Thread) -> FoundThread:
    """Read a thread as its organisation sees it.

    Args:
        organisation: whose node made it.
        thread: the thread.
    """
    names = {case.mark: case.case for case in thread.cases}
    edges = [
        FoundEdge(
            edge.kind.value,
            edge.weak,
            tuple((names[end.case], end.field) for end in edge.ends),
            tuple(met.member for met in edge.members),
        )
        for edge in thread.edges
    ]
    return FoundThread(organisation, thread.id, tuple(names.values()), tuple(edges))


def judge_threads(
    truth: Truth,
    found: Mapping[str, Sequence[FoundThread]],
    not_tokenised: Iterable[NotTokenised] = (),
) -> ThreadVerdict:
    """Judge the threads of every organisation.

    Args:
        truth: what the generator planted.
        found: organisation -> its threads.
        not_tokenised: cells that never became a token, and so tie nothing.

    Returns:
        What is missed and what is false.
    """
    out = {Cell(one.organisation, one.case, one.field) for one in not_tokenised}
    missed: list[str] = []
    false: list[str] = []
    for organisation, threads in found.items():
        false += [
            why
            for thread in threads
            for edge in thread.edges
            for why in _false(truth, thread, edge)
        ]
        missed += _missed(truth, organisation, threads, out)
    return ThreadVerdict(tuple(missed), tuple(false))


def _false(truth: Truth, thread: FoundThread, edge: FoundEdge) -> list[str]:
    if edge.weak:
        return []
    planted = {truth.cells.get(Cell(thread.organisation, *cell)) for cell in edge.cells}
    if len(planted) != 1 or None in planted:
        return [f"{thread.organisation}: cases are tied by a {edge.kind} that is not the same"]
    (identity,) = planted
    holders = truth.holders()[identity or ""]
    return [
        f"{thread.organisation}: {member} does not hold the {edge.kind} of a thread"
        for member in edge.members
        if member not in holders
    ]


def _missed(
    truth: Truth, organisation: str, threads: Sequence[FoundThread], out: set[Cell]
) -> list[str]:
    place = {case: thread for thread in threads for case in thread.cases}
    cases: dict[str, set[str]] = {}
    for cell, identity in truth.cells.items():
        lane = truth.identities[identity].lane
        if cell.organisation == organisation and lane == "network" and cell not in out:
            cases.setdefault(identity, set()).add(cell.case)
    lines = []
    for identity, held in cases.items():
        kind = truth.identities[identity].kind
        met = [place[case] for case in held if case in place]
        if len(held) > 1 and (len(met) < len(held) or len({one.id for one in met}) > 1):
            lines.append(f"{organisation}: cases with the same {kind} are in no one thread")
        partners = truth.holders()[identity] - {organisation}
        reached = {name for one in met for name in one.organisations}
        lines += [
            f"{organisation}: no thread with a {kind} reaches {partner}"
            for partner in sorted(partners - reached)
        ]
    return lines
