# SPDX-License-Identifier: Apache-2.0
"""What a process and its workers hold in memory while they work, from ``/proc``."""

import os
import threading
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import Self

__all__ = ["Watch", "children", "most_held"]

_PAUSE = 0.25
_MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class _Sample:
    done: int
    """How far the work was."""
    own: float
    """MiB of the process itself."""
    workers: float
    """MiB of the largest of its workers."""


class Watch:
    """Looks at a process four times a second, from a thread of its own.

    Memory is the resident set, libraries that are shared with other processes included.
    """

    def __init__(self, pid: int, done: Callable[[], int]) -> None:
        """Prepare to look.

        Args:
            pid: The process.
            done: How far its work is.
        """
        self._pid = pid
        self._done = done
        self._samples: list[_Sample] = []
        self._ending = threading.Event()
        self._thread = threading.Thread(target=self._look, daemon=True)

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._ending.set()
        self._thread.join()

    @property
    def peak(self) -> float:
        """The most that the process itself held, in MiB."""
        return max((one.own for one in self._samples), default=0.0)

    @property
    def worker_peak(self) -> float:
        """The most that one of its workers held, in MiB."""
        return max((one.workers for one in self._samples), default=0.0)

    def between(self, first: float, last: float) -> float:
        """Return the most that the process held while its work was within two bounds, in MiB."""
        held = [one.own for one in self._samples if first <= one.done <= last]
        return max(held, default=0.0)

    def _look(self) -> None:
        while not self._ending.wait(_PAUSE):
            own = _resident(self._pid)
            if own:
                workers = max((_resident(pid) for pid in children(self._pid)), default=0.0)
                self._samples.append(_Sample(self._done(), own, workers))


def children(pid: int) -> Iterator[int]:
    """Find the processes that a process has started."""
    for thread in Path(f"/proc/{pid}/task").glob("*/children"):
        try:
            yield from map(int, thread.read_text().split())
        except OSError:
            continue  # it ended meanwhile


def most_held() -> float:
    """Return the most that this process has held, in MiB.

    ``getrusage`` would also count what the process that started this one held at that moment.
    """
    lines = Path("/proc/self/status").read_text().splitlines()
    told = dict(line.split(":", maxsplit=1) for line in lines)
    return int(told["VmHWM"].split()[0]) / 1024


def _resident(pid: int) -> float:
    """MiB that a process holds, 0 if it is gone."""
    try:
        pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    except (OSError, IndexError):
        return 0.0
    return pages * os.sysconf("SC_PAGE_SIZE") / _MIB
