# SPDX-License-Identifier: Apache-2.0
"""What stands where in the drawing of a thread.

Three columns: own cases, what they have in common, other members. Cases that have the same in
common stand in one box, so that many of them stay readable. Everything stands near what it is
connected with: first in its place in the column, from one pass to the next (the barycentre
method of K. Sugiyama, S. Tagawa, M. Toda, Methods for Visual Understanding of Hierarchical
System Structures, 1981), then in height.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final

from federation.member import Edge, Share, Thread, ThreadCase
from federation_node.drawing.text import cut, printable, width

__all__ = ["Box", "Line", "Plan", "plan"]

MARGIN: Final = 24.0
ROW: Final = 20.0
"""Height of a line of text."""
PADDING: Final = 10.0
_GAP: Final = 14.0
"""Between two boxes of a column."""
_AISLE: Final = 130.0
"""Between two columns, for the lines."""
_LONGEST: Final = 240.0
"""Widest case id before it is cut."""
_TALLEST: Final = 12
"""Case ids under each other before a box gets another column."""
_PASSES: Final = 6


@dataclass(slots=True, eq=False)
class Box:
    """Something with text in it."""

    rows: list[list[str]]
    """Text, in rows of cells."""
    full: str
    """All of it, where something is cut."""
    cell: float
    """Width of a cell."""
    weak: bool = False
    x: float = 0.0
    y: float = 0.0

    @property
    def width(self) -> float:
        """Pixels."""
        return max(map(len, self.rows)) * self.cell + 2 * PADDING

    @property
    def height(self) -> float:
        """Pixels."""
        return len(self.rows) * ROW + 2 * PADDING

    @property
    def middle(self) -> float:
        """Where lines end, from the top."""
        return self.y + self.height / 2


@dataclass(frozen=True, slots=True)
class Line:
    """A connection from left to right."""

    start: Box
    end: Box
    weak: bool


@dataclass(slots=True)
class Plan:
    """A drawing, in pixels."""

    cases: list[Box] = field(default_factory=list)
    edges: list[Box] = field(default_factory=list)
    members: list[Box] = field(default_factory=list)
    lines: list[Line] = field(default_factory=list)
    width: float = 0.0
    height: float = 0.0

    @property
    def columns(self) -> tuple[list[Box], list[Box], list[Box]]:
        """Left to right."""
        return self.cases, self.edges, self.members


def plan(thread: Thread, word: Callable[[Edge], str], share: Callable[[Share], list[str]]) -> Plan:
    """Lay a thread out.

    Args:
        thread: the thread.
        word: says what an edge is.
        share: says who a member is and how much it has in common, line by line.

    Returns:
        The drawing without its margins, title and notes.
    """
    made = Plan()
    several = len({case.source for case in thread.cases}) > 1
    of_case: dict[str, Box] = {}
    for together in _alike(thread):
        names = [_name(case, several=several) for case in together]
        box = _case_box(names)
        made.cases.append(box)
        of_case.update((case.mark, box) for case in together)
    of_member: dict[str, Box] = {}
    for one in thread.members:
        lines = [printable(line) for line in share(one)]
        of_member[one.member] = _text_box(lines)
        made.members.append(of_member[one.member])
    for edge in thread.edges:
        box = _text_box([printable(word(edge))], weak=edge.weak)
        made.edges.append(box)
        ends = dict.fromkeys(of_case[end.case] for end in edge.ends)
        made.lines += [Line(end, box, edge.weak) for end in ends]
        made.lines += [Line(box, of_member[met.member], edge.weak) for met in edge.members]
    near: dict[Box, list[Box]] = {}
    for line in made.lines:
        near.setdefault(line.start, []).append(line.end)
        near.setdefault(line.end, []).append(line.start)
    _order(made, near)
    _place(made, near)
    return made


def _alike(thread: Thread) -> list[list[ThreadCase]]:
    """Group cases that have exactly the same in common; in the order of their oldest."""
    edges_of: dict[str, list[int]] = {case.mark: [] for case in thread.cases}
    for number, edge in enumerate(thread.edges):
        for mark in {end.case for end in edge.ends}:
            edges_of[mark].append(number)
    found: dict[tuple[int, ...], list[ThreadCase]] = {}
    for case in thread.cases:
        found.setdefault(tuple(edges_of[case.mark]), []).append(case)
    return list(found.values())


def _name(case: ThreadCase, *, several: bool) -> str:
    name = printable(f"{case.source}: {case.case}" if several else case.case)
    return f"{name} (minor)" if case.minor else name


def _case_box(names: Sequence[str]) -> Box:
    columns = -(-len(names) // _TALLEST)
    tall = -(-len(names) // columns)
    shown = [cut(name, _LONGEST) for name in names]
    rows = [shown[row::tall] for row in range(tall)]
    return Box(rows, "\n".join(names), max(map(width, shown)) + PADDING)


def _text_box(lines: list[str], *, weak: bool = False) -> Box:
    shown = [cut(line, _LONGEST) for line in lines]
    return Box([[line] for line in shown], "\n".join(lines), max(map(width, shown)), weak)


def _order(made: Plan, near: Mapping[Box, Sequence[Box]]) -> None:
    """Sort each column by where the neighbours of a box stand."""
    for turn in range(_PASSES):
        columns = made.columns if turn % 2 else made.columns[::-1]
        for column, before in zip(columns[1:], columns, strict=False):
            place = {box: float(at) for at, box in enumerate(before)}
            column.sort(key=lambda box, place=place: _mean(near, box, place))  # type: ignore[misc]


def _place(made: Plan, near: Mapping[Box, Sequence[Box]]) -> None:
    """Put the columns beside each other, and each box at the height of its neighbours."""
    heights = [sum(box.height + _GAP for box in column) - _GAP for column in made.columns]
    made.height = max(heights)
    left = 0.0
    middles: dict[Box, float] = {}
    for column, height in zip(made.columns, heights, strict=True):
        if not column:
            continue
        widest = max(box.width for box in column)
        spare = (made.height - height) / len(column)
        top = spare / 2
        for box in column:
            box.x, box.y = left + (widest - box.width) / 2, top
            top += box.height + _GAP + spare
        if middles:
            _settle(column, {box: _mean(near, box, middles) for box in column}, made.height)
        middles = {box: box.middle for box in column}
        left += widest + _AISLE
    made.width = left - _AISLE


def _settle(column: list[Box], wanted: Mapping[Box, float], height: float) -> None:
    """Move boxes as near to a height as those above and below let them."""
    column.sort(key=wanted.__getitem__)
    top = 0.0
    for box in column:
        box.y = max(top, wanted[box] - box.height / 2)
        top = box.y + box.height + _GAP
    bottom = height
    for box in reversed(column):
        box.y = min(box.y, bottom - box.height)
        bottom = box.y - _GAP


def _mean(near: Mapping[Box, Sequence[Box]], box: Box, place: Mapping[Box, float]) -> float:
    found = [place[one] for one in near.get(box, ()) if one in place]
    return sum(found) / len(found) if found else float("inf")
