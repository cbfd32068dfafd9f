# SPDX-License-Identifier: Apache-2.0
"""What a measurement hands back, and how all of them are printed and kept."""

import json
import os
import platform
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import asdict, dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from typing import Self

__all__ = ["RESULTS", "Row", "Run", "machine", "markdown", "timed"]

RESULTS = Path(__file__).with_name("results")
"""Where the runs lie that the page in the docs shows."""


@dataclass(frozen=True, slots=True)
class Row:
    """One line of the table."""

    what: str
    measured: str
    aim: str = ""


@dataclass(frozen=True, slots=True)
class Run:
    """One part of the measurements, as it is kept for the page in the docs."""

    machine: str
    """What `machine` said before it."""
    scale: float
    """Part of the full size."""
    seconds: int
    """From its start to its end."""
    rows: list[Row]
    date: str = field(default_factory=lambda: datetime.now(UTC).date().isoformat())

    def save(self, path: Path) -> None:
        """Write the run to a JSON file."""
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(json.dumps(asdict(self), indent=1, ensure_ascii=False) + "\n", "utf-8")

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read what `save` wrote."""
        kept = json.loads(path.read_text("utf-8"))
        return cls(**kept | {"rows": [Row(**row) for row in kept["rows"]]})


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


def timed(work: Callable[[], object], clock: Callable[[], float] = time.perf_counter) -> float:
    """Seconds that some work takes on a clock."""
    start = clock()
    work()
    return clock() - start
