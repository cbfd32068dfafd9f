# SPDX-License-Identifier: Apache-2.0
"""Union-find whose answer does not depend on the order in which things were joined."""

from collections.abc import Iterable
from typing import Any, Generic, Protocol, TypeVar

__all__ = ["Groups"]


class Ordered(Protocol):
    """What has a smallest one."""

    def __lt__(self, other: Any, /) -> bool:
        """Say whether this comes first."""
        ...


T = TypeVar("T", bound=Ordered)


class Groups(Generic[T]):
    """Disjoint groups of ordered things, each named by its smallest member.

    Joining takes amortised logarithmic time (path halving; R. E. Tarjan and J. van Leeuwen,
    Worst-case Analysis of Set Union Algorithms, 1984).
    """

    __slots__ = ("_above",)

    def __init__(self, things: Iterable[T] = ()) -> None:
        """Begin with every thing in a group of its own."""
        self._above: dict[T, T] = {thing: thing for thing in things}

    def find(self, thing: T) -> T:
        """Return the smallest member of a thing's group."""
        above = self._above
        while (next_one := above.setdefault(thing, thing)) != thing:
            above[thing] = thing = above[next_one]
        return thing

    def join(self, one: T, other: T) -> None:
        """Make one group of two."""
        first, second = self.find(one), self.find(other)
        if second < first:
            first, second = second, first
        self._above[second] = first

    def join_all(self, things: Iterable[T]) -> None:
        """Make one group of the groups of all these."""
        first: T | None = None
        for thing in things:
            if first is None:
                first = thing
            self.join(first, thing)

    def all(self) -> dict[T, list[T]]:
        """Return the groups by their smallest members, each in order."""
        found: dict[T, list[T]] = {}
        for thing in sorted(self._above):
            found.setdefault(self.find(thing), []).append(thing)
        return found
