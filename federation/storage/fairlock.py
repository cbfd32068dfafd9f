# SPDX-License-Identifier: Apache-2.0
"""A lock that is given to those who wait in the order in which they came."""

from collections import deque
from threading import Lock
from types import TracebackType


class FairLock:
    """Mutual exclusion, first come first served.

    `threading.Lock` makes no promise about order: a bulk import that takes it again at
    once can starve a custodian's short counter update for minutes.
    """

    __slots__ = ("__weakref__", "_held", "_mutex", "_queue")

    def __init__(self) -> None:
        self._mutex = Lock()
        self._queue: deque[Lock] = deque()
        self._held = False

    def acquire(self) -> None:
        """Wait until it is this caller's turn."""
        with self._mutex:
            if not self._held:
                self._held = True
                return
            turn = Lock()
            turn.acquire()
            self._queue.append(turn)
        # Whoever releases hands the lock over, still held, so nobody can slip in between.
        turn.acquire()

    def release(self) -> None:
        """Hand the lock to whoever has waited longest."""
        with self._mutex:
            if self._queue:
                self._queue.popleft().release()
            else:
                self._held = False

    @property
    def waiting(self) -> int:
        """How many callers wait."""
        with self._mutex:
            return len(self._queue)

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        self.release()
