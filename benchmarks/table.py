# SPDX-License-Identifier: Apache-2.0
"""What a measurement hands back, and how all of them are printed and kept."""

import json
import os
import platform
import resource
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass
from datetime import UTC, datetime
from pathlib import Path

__all__ = ["Row", "machine", "markdown", "peak_mib", "save", "timed"]

MIB = 1024 * 1024


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    what: str
    measured: str
    aim: str = ""


def markdown(rows: Iterable[Row]) -> Iterator[str]:
    """Write a table, line by line as the rows come."""
    yield _line("measured", "result", "aim")
    yield _line("-" * 66, "-" * 25 + ":", "-" * 19 + ":")
    for row in rows:
        yield _line(row.what, row.measured, row.aim)


def _line(what: str, measured: str, aim: str) -> str:
    return f"| {what:<66} | {measured:>26} | {aim:>20} |"


def machine() -> str:
    """Say in one line on what the figures were taken."""
    processor = platform.machine()
    known = Path("/proc/cpuinfo")
    if known.exists():
        named = (line.partition(":") for line in known.read_text().splitlines())
        names = {name.strip(): text.strip() for name, _, text in named}
        processor = f"{processor} ({names.get('model name', 'unnamed')})"
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    return (
        f"{processor}, {os.cpu_count()} processors, {memory:.0f} GiB, {platform.system()}, "
        f"Python {platform.python_version()}, load at the start {os.getloadavg()[0]:.1f}"
    )


def save(path: Path, on: str, scale: float, seconds: float, rows: Iterable[Row]) -> None:
    """Keep a run, so that a page can show it."""
    run = {
        "date": datetime.now(UTC).date().isoformat(),
        "machine": on,
        "scale": scale,
        "seconds": round(seconds),
        "rows": [asdict(row) for row in rows],
    }
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(json.dumps(run, indent=1, ensure_ascii=False) + "\n", encoding="utf-8")


def timed(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """Seconds that some work takes on a clock."""
    start = clock()
    work()
    return clock() - start


def peak_mib() -> float:
    """The most memory that this process has held."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 / MIB
