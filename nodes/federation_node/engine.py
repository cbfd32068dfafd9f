# SPDX-License-Identifier: Apache-2.0
"""What a serving node does by itself: drives what is pending, and synchronises.

The engine is a loop in one thread. A turn drives charters, ceremonies and
agreements one round further, and synchronises when that is due. While something
moves, the next turn follows at once; when nothing does, the pauses grow up to the
configured length. What moves is read from the database, so that the message of
another member and the command of an operator in another process count alike. An
error is logged and retried later with growing pauses: the loop ends only when it
is told to.
"""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from federation.errors import CasethreadError
from federation.member.ports import Log

__all__ = ["Engine", "Rhythm"]

_SHORTEST = 0.1
_GLANCE = 1.0
"""Seconds between two looks at whether something moved, within a pause."""

_LONGEST_BACKOFF = 300.0


@dataclass(frozen=True, slots=True)
class Rhythm:
    """How often the engine works, in seconds."""

    drive: float
    """Longest pause between two looks at what is pending."""
    sync: float
    """Between two synchronisations."""


class Engine:
    """Runs `drive` and `sync` in a thread until it is stopped."""

    def __init__(
        self,
        drive: Callable[[], object],
        sync: Callable[[], object],
        state: Callable[[], object],
        *,
        rhythm: Rhythm,
        log: Log,
        monotonic: Callable[[], float],
    ) -> None:
        """Prepare the engine; `start` starts it.

        Args:
            drive: one round of everything pending.
            sync: one synchronisation with all partners.
            state: what is pending, as a value that differs when something moved.
            rhythm: how often.
            log: where failures are reported.
            monotonic: seconds on a clock that never goes back.
        """
        self._drive = drive
        self._sync = sync
        self._state = state
        self._seen: object = None
        self._rhythm = rhythm
        self._log = log
        self._monotonic = monotonic
        self._stopping = threading.Event()
        self._pause = _SHORTEST
        self._failures = 0
        self._next_sync = monotonic()
        self._thread = threading.Thread(target=self._run, name="engine", daemon=True)

    def start(self) -> None:
        """Start the loop."""
        self._thread.start()

    def stop(self, timeout: float) -> bool:
        """Ask the loop to end after its current turn, and wait for it.

        Args:
            timeout: seconds to wait.

        Returns:
            True if it ended.
        """
        self._stopping.set()
        self._thread.join(timeout)
        return not self._thread.is_alive()

    def turn(self) -> float:
        """Do what is due.

        Returns:
            Seconds to wait before the next turn.
        """
        if not self._guard("drive", self._drive):
            return self._backoff()
        if self._monotonic() >= self._next_sync:
            if not self._guard("sync", self._sync):
                return self._backoff()
            self._next_sync = self._monotonic() + self._rhythm.sync
        self._failures = 0
        self._pause = _SHORTEST if self._moved() else min(self._pause * 2, self._rhythm.drive)
        return min(self._pause, max(_SHORTEST, self._next_sync - self._monotonic()))

    def _run(self) -> None:
        while not self._stopping.is_set():
            self._rest(self.turn())

    def _rest(self, pause: float) -> None:
        """Wait, but not longer than until something moves."""
        end = self._monotonic() + pause
        while (left := end - self._monotonic()) > 0:
            if self._stopping.wait(min(left, _GLANCE)) or self._moved():
                self._pause = _SHORTEST
                return

    def _moved(self) -> bool:
        """Tell whether the state is another one than at the last look."""
        moved = False

        def look() -> None:
            nonlocal moved
            seen, self._seen = self._seen, self._state()
            moved = seen != self._seen

        self._guard("state", look)
        return moved

    def _guard(self, stage: str, work: Callable[[], object]) -> bool:
        """Run one task; False if it failed."""
        try:
            work()
        except CasethreadError as error:
            self._log.warning("engine_failed", stage=stage, exc_info=error)
        except Exception as error:  # noqa: BLE001 - the loop must outlive any fault; none is hidden
            self._log.warning("engine_fault", stage=stage, exc_info=error)
        else:
            return True
        return False

    def _backoff(self) -> float:
        """Double the pause with each failure in a row."""
        self._failures += 1
        return min(self._rhythm.drive * 2.0 ** min(self._failures, 16), _LONGEST_BACKOFF)
