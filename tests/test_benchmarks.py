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
    "importing the same",
    "first exchange",
    "bytes per indicator",
    "most memory of both members",
    "110 new against 1,000, 100 common: the evaluations",
    "110 new against 1,000: import and exchange",
    "importing 1,000 rows",
    "one entry with a reference",
    "appending 640 entries",
    "proving one entry",
    "checking 832 entries",
    "putting all of it",
    "checking that bundle",
    "threads of 200 cases with 1,000 values",
    "following 1,000 matches",
    "most memory, 40 threads",
    "one thread that grows to 1,000 cases",
)


@pytest.mark.slow
def test_every_row_of_the_table_is_printed() -> None:
    """A thousandth of each measurement goes through, in the order of the table."""
    done = subprocess.run(
        [sys.executable, "-m", "benchmarks", "--scale", "0.001"],
        cwd=ROOT,
        capture_output=True,
        check=False,
        text=True,
        timeout=300,
    )
    rows = [line.split("|")[1:4] for line in done.stdout.splitlines() if line.startswith("|")][2:]

    assert (0, "") == (done.returncode, done.stderr)
    assert len(MEASURED) == len(rows)
    for beginning, (what, result, _) in zip(MEASURED, rows, strict=True):
        assert what.strip().startswith(beginning)
        assert result.strip()
