# SPDX-License-Identifier: Apache-2.0
"""Importing a sheet.

A sheet through intake into a new database on disk, each import in a process of its own; each
row has a phone and an e-mail address, and what the import replaces is kept. The workbook has its
texts in a table of texts, as spreadsheet programs write them. The million rows further down are
imported by the real command.
"""

import json
import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from benchmarks.memory import most_held
from benchmarks.network import Quiet
from benchmarks.sheets import WRITERS, calls
from benchmarks.table import Row
from federation.charter import Identity
from federation.member import Member
from federation.storage import AtRest, Store
from federation_node.context import now
from federation_node.intake import guess, open_rows, read_cases
from federation_node.workers.pool import WorkerPool, default_processes

__all__ = ["measure"]

AIM = "<= 500 MiB"
_ROWS = 100_000


def measure(scale: float) -> Iterator[Row]:
    """CSV and XLSX, in the process and with workers."""
    count, workers = max(1_000, int(_ROWS * scale)), default_processes()
    with tempfile.TemporaryDirectory(prefix="casethread-bench-") as folder:
        for form, write in WRITERS.items():
            sheet = Path(folder) / f"calls.{form}"
            write(sheet, calls(count))
            alone, beside = (_imported(sheet, number) for number in (0, workers))
            yield Row(
                f"importing {count:,} rows of {form.upper()}: in the process; {workers} workers",
                f"{alone['rate']:,.0f}; {beside['rate']:,.0f} rows/s",
            )
            yield Row(
                f"processor time for a row: in the process; beside {workers} workers",
                f"{alone['cpu']:.0f}; {beside['cpu']:.0f} µs",
            )
            yield Row(
                f"the same of {form.upper()}, most memory of the process",
                f"{alone['peak']:.0f} MiB",
                AIM,
            )


def _imported(sheet: Path, workers: int) -> dict[str, float]:
    database = sheet.with_name(f"{workers} {sheet.suffix}.db")
    command = [sys.executable, "-m", "benchmarks.importing", sheet, database, str(workers)]
    done = subprocess.run(command, check=True, capture_output=True, text=True)
    figures: dict[str, float] = json.loads(done.stdout)
    return figures


def _import(sheet: Path, database: Path, workers: int) -> dict[str, Any]:
    """Import a sheet into a new database.

    This is the process that is measured: ``python -m benchmarks.importing FILE DATABASE WORKERS``.
    """
    pool = WorkerPool(workers, Quiet())
    began, used = time.perf_counter(), time.process_time()
    with Store.create(f"sqlite:///{database}", AtRest(os.urandom(32))) as store:
        member = Member(
            Identity.generate("bench"),
            store,
            clock=now,
            connect=lambda _: _unreachable(),
            compute=pool,
        )
        with store.write() as tx:
            number = tx.imports.begin("bench", b"", now(), keep=True).number
        opened = open_rows(sheet)
        items = read_cases(opened, guess(opened.headers, opened.sample()))
        result = member.put_cases(items, source="bench", run=str(number), keep=True)  # type: ignore[arg-type]
    pool.close()
    return {
        "rate": result.new / (time.perf_counter() - began),
        "cpu": (time.process_time() - used) / result.new * 1e6,
        "peak": most_held(),
    }


def _unreachable() -> None:
    raise RuntimeError("an import asks nobody")


if __name__ == "__main__":
    print(json.dumps(_import(Path(sys.argv[1]), Path(sys.argv[2]), int(sys.argv[3]))))
