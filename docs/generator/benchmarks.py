# SPDX-License-Identifier: Apache-2.0
"""The page of benchmarks, from the runs that are kept in ``benchmarks/results``."""

import inspect
from pathlib import Path

from benchmarks.__main__ import MEASUREMENTS
from benchmarks.table import RESULTS, Run
from generator.source import table

_HEAD = """\
# Benchmarks

`make bench` takes all of this. `make bench ARGS=--save` keeps each part in `benchmarks/results/`,
and `make docs` writes this page from there. Other machines give other seconds: compare what
stands in one table, because it was taken in one run. The load tells what else the machine did.
Where it is above the number of processors, seconds on the clock say little; those of CPU say more.

[Where the time goes](../explanation/speed.md) tells what is behind the figures, and why an aim is
missed where one is. [Beside private set intersection](../explanation/intersection.md) says what
that comparison is worth.

"""


def page(results: Path = RESULTS) -> str:
    """Write the page.

    Args:
        results: Folder with a file for each part that was kept.
    """
    text = _HEAD
    for name, measure in MEASUREMENTS.items():
        kept = results / f"{name}.json"
        if kept.exists():
            text += _part(inspect.getdoc(inspect.getmodule(measure)) or name, Run.load(kept))
    return text.rstrip() + "\n"


def _part(about: str, run: Run) -> str:
    title, _, taken = about.partition("\n\n")
    title = title.partition(":")[0].rstrip(".")
    rows = [(row.what, row.measured, row.aim) for row in run.rows]
    return (
        f"## {title}\n\n{taken.replace('``', '`')}\n\n"
        f"{run.date}, {run.machine}; {_share(run.scale)}, {_duration(run.seconds)}.\n\n"
        + table(("measured", "result", "aim"), rows)
    )


def _share(scale: float) -> str:
    return "full size" if scale == 1 else f"{scale:g} of the full size"


def _duration(seconds: int) -> str:
    return f"{seconds} s" if seconds < 120 else f"{seconds / 60:.0f} minutes"
