# SPDX-License-Identifier: Apache-2.0
"""What people do with threads: see them, and put cases apart that do not belong together."""

import builtins
import re
from collections.abc import Sequence
from typing import Final

from federation.audit import Actor, Event
from federation.errors import InputError
from federation.member.core import Core
from federation.member.deeds import Deed, deed
from federation.member.roles import StaffAction, needs
from federation.member.thread_view import (
    OverCommon,
    Thread,
    ThreadSummary,
    by_reach,
    summaries,
    thread_view,
)
from federation.member.weaving import Weaver
from federation.storage import Named, Tx
from federation.storage.thread_records import Split

__all__ = ["Threads"]

_PAGE: Final = 500
_MARK: Final = re.compile(r"[0-9a-f]{8,32}")
_SPLITTERS: Final = needs(StaffAction.THREAD_SPLIT)
_READERS: Final = needs(StaffAction.THREAD_SHOW)


class Threads:
    """What people do with threads."""

    def __init__(self, core: Core, weaver: Weaver) -> None:
        self._core = core
        self._weaver = weaver

    def list(self) -> list[ThreadSummary]:
        """Return every thread, widest reach first, then longest, then oldest."""
        found: list[ThreadSummary] = []
        after = 0
        while True:
            page, after = self.page(after, _PAGE)
            found += page
            if len(page) < _PAGE:
                return sorted(found, key=by_reach)

    def page(self, after: int, limit: int) -> tuple[builtins.list[ThreadSummary], int]:
        """Return some threads in the order of the last thing that was told about each.

        Args:
            after: Number of that change, of the last thread of the page before; 0 at first.
            limit: At most so many; fewer means that there are no more.

        Returns:
            The threads, and the number to go on from.
        """
        self._weaver.catch_up()
        with self._core.store.read() as tx:
            found = tx.threads.list(after, limit)
            return summaries(tx, found), found[-1].told.last if found else after

    def newest(self, skip: int, limit: int) -> tuple[builtins.list[ThreadSummary], int]:
        """Return some threads, those first about which something was told last.

        Args:
            skip: How many to pass over.
            limit: At most so many.

        Returns:
            The threads, and how many there are in all.
        """
        self._weaver.catch_up()
        with self._core.store.read() as tx:
            return summaries(tx, tx.threads.newest(skip, limit)), tx.threads.count()

    def commons(self) -> builtins.list[OverCommon]:
        """Return the values that tie nothing because too many hold them, widest first."""
        self._weaver.catch_up()
        with self._core.store.read() as tx:
            found = [
                OverCommon(*about, one.cases, one.entities)
                for one in tx.threads.commons()
                if (about := tx.threads.value_of(one.token)) is not None
            ]
        return sorted(found, key=lambda one: (-one.cases, -one.entities, one.kind, one.value))

    def get(self, mark: str, by: Actor) -> Thread:
        """Return one thread; that it was read stands in the record.

        Args:
            mark: Id of the thread, or mark of any case in it; at least 8 hex digits.
            by: Who reads it.

        Raises:
            InputError: No single thread has it.
        """
        self._weaver.catch_up()
        with deed(self._core, by, *_READERS) as done:
            stored = done.tx.threads.find(_handle(done.tx, mark))
            if stored is None:
                raise _no_thread()
            thread = thread_view(done.tx, self._weaver.reader(done.tx), stored)
            done.record(Event.THREAD_READ, named=(Named("case", stored.anchor),))
        return thread

    def split(self, one: str, other: str, by: Actor) -> None:
        """Say that two cases of a thread do not belong together.

        Args:
            one: Mark of a case; at least 8 hex digits.
            other: Mark of another case of the same thread.
            by: Who says so.

        Raises:
            InputError: There are no such cases, or they are not in one thread.
        """
        self._weaver.catch_up()
        with deed(self._core, by, *_SPLITTERS) as done:
            first, second = (_handle(done.tx, mark) for mark in (one, other))
            threads = [done.tx.threads.find(handle) for handle in (first, second)]
            if first == second or threads[0] is None or threads[0] != threads[1]:
                raise InputError(
                    "these are not two cases of one thread",
                    next_step="take the marks of two cases from 'casethread thread show'",
                )
            done.tx.threads.put_split(Split.of(first, second, done.at))
            _record(done, Event.THREAD_SPLIT, (first, second))
        self._weaver.catch_up()

    def rejoin(self, one: str, other: str, by: Actor) -> None:
        """Undo that two cases were put apart.

        Args:
            one: Mark of a case; at least 8 hex digits.
            other: Mark of the other.
            by: Who undoes it.

        Raises:
            InputError: There are no such cases, or nobody put them apart.
        """
        self._weaver.catch_up()
        with deed(self._core, by, *_SPLITTERS) as done:
            split = _split(done.tx, one, other)
            done.tx.threads.delete_split(split)
            _record(done, Event.THREAD_REJOINED, (split.first, split.second))
        self._weaver.catch_up()


def _handle(tx: Tx, mark: str) -> bytes:
    """Find a case by its mark, or by its beginning."""
    found = tx.threads.resolve(mark) if _MARK.fullmatch(mark) else []
    if len(found) != 1:
        raise _no_thread()
    return found[0]


def _split(tx: Tx, one: str, other: str) -> Split:
    """Find a split by the marks of its cases, which may be in no thread any more."""
    found = [
        split
        for split in tx.threads.splits()
        for first, second in ((split.first.hex(), split.second.hex()),)
        if (first.startswith(one) and second.startswith(other))
        or (first.startswith(other) and second.startswith(one))
    ]
    if len(found) != 1 or not (_MARK.fullmatch(one) and _MARK.fullmatch(other)):
        raise InputError(
            "nobody put these two cases apart",
            next_step="take both marks from 'kept apart' in 'casethread thread show'",
        )
    return found[0]


def _record(done: Deed, event: Event, handles: Sequence[bytes]) -> None:
    cases = done.tx.threads.uuids(handles)
    done.record(event, named=[Named("case", cases[one]) for one in handles if one in cases])


def _no_thread() -> InputError:
    return InputError(
        "no single thread begins with these digits", next_step="see 'casethread thread list'"
    )
