# SPDX-License-Identifier: Apache-2.0
"""The benchmarks run. How fast anything is, no test says."""

import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[1]
MEASURED = (
    "raw libsodium",
    "client, per indicator",
    "custodian, per indicator",
    "batch check",
    "client beside a busy thread",
    "custodian beside a busy thread",
    "evaluations a second",
    "the same beside a busy Python thread",
    "tokenising",
    "the same with",
    "speed-up of tokenising",
    "first exchange",
    "bytes per indicator",
    "most memory of both members",
    "110 new against 1,000, 100 common: the evaluations",
    "110 new against 1,000: import and exchange",
    "importing 1,000 rows of CSV",
    "processor time for a row",
    "most memory of the importing process",
    "importing 1,000 rows of XLSX",
    "processor time for a row",
    "most memory of the importing process",
)


def rows_of(*names: str) -> list[tuple[str, str]]:
    """Run some measurements at a thousandth; return what was measured and the result."""
    only = [word for name in names for word in ("--only", name)]
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--scale", "0.001", *only],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, done.stderr
    lines = [line.split("|")[1:3] for line in done.stdout.splitlines() if line.startswith("|")]
    return [(what.strip(), result.strip()) for what, result in lines[2:]]


@pytest.mark.slow
def test_every_row_of_the_table_is_printed() -> None:
    """A thousandth of each measurement goes through, in the order of the table.

    Without the comparison with another package, which is fetched for it.
    """
    rows = rows_of("crypto", "tokenising", "exchange", "importing")

    assert len(MEASURED) == len(rows)
    for beginning, (what, result) in zip(MEASURED, rows, strict=True):
        assert what.startswith(beginning)
        assert result


@pytest.mark.slow
def test_the_long_run_loses_and_doubles_nothing() -> None:
    """Some thousand rows through real nodes: killed once importing, once tokenising."""
    rows = dict(rows_of("million"))

    assert 2 == sum(what.startswith("killed after") for what in rows)
    assert {"7,000; 7,000; 110; 0", "6,000; 6,000; 110; 0"} == {
        result for what, result in rows.items() if "missing or double" in what
    }
