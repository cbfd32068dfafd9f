# SPDX-License-Identifier: Apache-2.0
"""Threads that are about to be stored: what they are made of, and what is new about them."""

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from dataclasses import dataclass
from datetime import datetime

from federation.storage.thread_records import StoredThread, Told

__all__ = ["Piece", "joined", "keep_numbers"]


@dataclass(slots=True, eq=False)
class Piece:
    """A thread that is about to be stored."""

    cases: int
    anchor: bytes
    """Its oldest case."""
    fresh: AbstractSet[bytes]
    """Cases to put into it."""
    sources: Sequence[StoredThread]
    """Threads that it is made of, or a part of."""
    reach: AbstractSet[str]
    """Members that are part of it."""
    minor: bool
    number: int | None = None
    """Of the source that it goes on from; None for a new thread."""
    absorbed: Sequence[int] = ()
    """Other sources, which end: all their cases come into this one."""
    split: bool = False
    stale: bool = False
    head: "Piece | None" = None
    """The first thread of its component, if that is another."""

    @property
    def is_thread(self) -> bool:
        """Whether it is one to people; else a single case, put apart from all that it met."""
        return self.cases > 1 or bool(self.reach)

    @property
    def has_news(self) -> bool:
        """Whether there is anything to tell that was not told of a source."""
        told = [source.told for source in self.sources]
        reached = {member for one in told for member in one.reach}
        return self.is_thread and (
            not any(one.new for one in told)
            or not self.reach <= reached
            or (self.minor and not any(one.minor for one in told))
        )

    @property
    def is_new(self) -> bool:
        """Whether anything must be stored, of a thread to which something is added."""
        return bool(self.fresh or self.absorbed) or self.has_news

    def thread(self, change: int, at: datetime) -> StoredThread:
        """Return the thread, once it and its head have their numbers.

        Args:
            change: Number of the change that tells the news.
            at: Now.
        """
        head = self if self.head is None else self.head
        assert self.number is not None
        assert head.number is not None
        return StoredThread(
            number=self.number,
            component=head.number,
            anchor=self.anchor,
            cases=self.cases,
            begun=min([source.begun for source in self.sources], default=at),
            split=self.split,
            stale=self.stale,
            told=self._told(change) if self.is_thread else Told(0, {}),
        )

    def _told(self, change: int) -> Told:
        told = [source.told for source in self.sources]
        return Told(
            new=_first((one.new for one in told), change),
            reach={
                member: _first((one.reach.get(member) for one in told), change)
                for member in sorted(self.reach)
            },
            minor=_first((one.minor for one in told), change) if self.minor else None,
        )


def joined(
    sources: Sequence[StoredThread],
    fresh: AbstractSet[bytes],
    reach: set[str],
    *,
    minor: bool,
) -> Piece:
    """Make one thread of whole threads and further cases.

    Args:
        sources: The threads.
        fresh: Cases that are in none.
        reach: Members, besides those that are part of the threads.
        minor: Whether a further case involves a minor.
    """
    # The longest goes on, so that few rows change.
    largest = max(sources, key=lambda one: (one.cases, -one.number), default=None)
    return Piece(
        cases=sum(source.cases for source in sources) + len(fresh),
        anchor=min([source.anchor for source in sources] + sorted(fresh)),
        fresh=fresh,
        sources=sources,
        reach=reach.union(*(source.told.reach for source in sources)),
        minor=minor or any(source.told.minor is not None for source in sources),
        number=None if largest is None else largest.number,
        absorbed=[source.number for source in sources if source is not largest],
        stale=any(source.stale for source in sources),
    )


def keep_numbers(pieces: Sequence[Piece], places: Mapping[bytes, int]) -> None:
    """Let each piece go on from the thread with which it shares most cases, each thread once.

    A thread from which none goes on ends in the first piece that has a case of it.

    Args:
        pieces: Threads of which ``fresh`` holds every case.
        places: The thread in which each case is now; leaves in ``fresh`` those that move.
    """
    shares = [
        (-count, number, index)
        for index, piece in enumerate(pieces)
        for number, count in Counter(places[c] for c in piece.fresh if c in places).items()
    ]
    taken: set[int] = set()
    for _, number, index in sorted(shares):
        if pieces[index].number is None and number not in taken:
            pieces[index].number = number
            taken.add(number)
    for piece in pieces:
        piece.fresh = {
            case for case in piece.fresh if case not in places or places[case] != piece.number
        }
        piece.absorbed = [one.number for one in piece.sources if one.number not in taken]
        taken.update(piece.absorbed)


def _first(told: Iterable[int | None], change: int) -> int:
    """When something was told: of a source, else now."""
    return min([number for number in told if number], default=change)
