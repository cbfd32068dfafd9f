# SPDX-License-Identifier: Apache-2.0
"""Run every measurement and print one table: ``python -m benchmarks [--scale 0.01]``."""

import argparse
import os
import platform
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from benchmarks import crypto, exchange, record, threads, tokenising
from benchmarks.table import Row, print_row

ROWS_OF_IMPORT = 1_000_000


def importing(scale: float) -> Iterator[Row]:
    """Importing a CSV sheet, in a process of its own so that its peak is its own."""
    rows = max(1_000, int(ROWS_OF_IMPORT * scale))
    script = Path(__file__).parent / "import_rows.py"
    with tempfile.TemporaryDirectory(prefix="casethread-bench-"):
        done = subprocess.run(
            [sys.executable, script, str(rows), "csv"], capture_output=True, check=True, text=True
        )
    words = done.stdout.split()
    at, rate = words.index("peak"), words.index("rows/s")
    yield Row(
        f"importing {rows:,} rows of a sheet, most memory",
        f"{words[at + 1]} MiB, {words[rate - 1]} rows/s",
        "<= 500 MiB",
    )


MEASUREMENTS: dict[str, Callable[[float], Iterable[Row]]] = {
    "crypto": crypto.measure,
    "tokenising": tokenising.measure,
    "exchange": exchange.measure,
    "importing": importing,
    "record": record.measure,
    "threads": threads.measure,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="part of the full size")
    parser.add_argument("--only", choices=MEASUREMENTS, action="append", help="repeatable")
    options = parser.parse_args()
    print(
        f"{platform.machine()}, {os.cpu_count()} processors, {platform.system()}, "
        f"Python {platform.python_version()}, scale {options.scale:g}, "
        f"load at the start {os.getloadavg()[0]:.1f}"
    )
    print_row(Row("measured", "result", "aim"))
    print_row(Row("-" * 66, "-" * 26, "-" * 20))
    for name in options.only or MEASUREMENTS:
        for row in MEASUREMENTS[name](options.scale):
            print_row(row)


if __name__ == "__main__":
    main()
