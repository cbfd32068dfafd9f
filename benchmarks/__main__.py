# SPDX-License-Identifier: Apache-2.0
"""Run every measurement and print one table: ``python -m benchmarks [--scale 0.01]``."""

import argparse
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

from benchmarks import (
    console,
    crypto,
    exchange,
    importing,
    million,
    psi,
    record,
    threads,
    tokenising,
)
from benchmarks.table import RESULTS, Row, Run, machine, markdown

MEASUREMENTS: dict[str, Callable[[float], Iterable[Row]]] = {
    "crypto": crypto.measure,
    "tokenising": tokenising.measure,
    "exchange": exchange.measure,
    "importing": importing.measure,
    "record": record.measure,
    "threads": threads.measure,
    "console": console.measure,
    "psi": psi.measure,
    "million": million.measure,
}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="part of the full size")
    parser.add_argument("--only", choices=MEASUREMENTS, action="append", help="repeatable")
    parser.add_argument(
        "--save",
        type=Path,
        nargs="?",
        const=RESULTS,
        metavar="FOLDER",
        help="keep each part in a file as soon as it is done, for the page in the docs",
    )
    options = parser.parse_args()
    print(f"{machine()}, scale {options.scale:g}")

    def measured() -> Iterator[Row]:
        for name in options.only or MEASUREMENTS:
            began, on, rows = time.monotonic(), machine(), []
            for row in MEASUREMENTS[name](options.scale):
                rows.append(row)
                yield row
            if options.save is not None:
                run = Run(on, options.scale, round(time.monotonic() - began), rows)
                run.save(options.save / f"{name}.json")

    for line in markdown(measured()):
        print(line, flush=True)


if __name__ == "__main__":
    main()
