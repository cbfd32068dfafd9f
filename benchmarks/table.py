# SPDX-License-Identifier: Apache-2.0
"""What a measurement hands back, and how all of them are printed."""

import resource
import time
from collections.abc import Callable
from dataclasses import dataclass

__all__ = ["Row", "best_of", "peak_mib", "print_row", "timed"]

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    what: str
    measured: str
    aim: str = ""


def print_row(row: Row) -> None:
    print(f"| {row.what:<66} | {row.measured:>26} | {row.aim:>20} |", flush=True)


def timed(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """Seconds that some work takes on a clock."""
    start = clock()
    work()
    return clock() - start


def best_of(rounds: int, *works: Callable[[], object]) -> list[float]:
    """The best time of each work, the works taking turns so that all meet the same machine."""
    best = [float("inf")] * len(works)
    for _ in range(rounds):
        for number, work in enumerate(works):
            best[number] = min(best[number], timed(work))
    return best


def peak_mib() -> float:
    """The most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MIB
