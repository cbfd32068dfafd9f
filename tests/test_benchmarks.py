# SPDX-License-Identifier: Apache-2.0
"""The benchmarks run. How fast anything is, no test says."""

import os
import subprocess
import sys
from pathlib import Path

import pytest

from benchmarks.table import Run

ROOT = Path(__file__).parents[1]
QUICK = ("crypto", "tokenising", "exchange", "importing")
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
    "the same of CSV, most memory",
    "importing 1,000 rows of XLSX",
    "processor time for a row",
    "the same of XLSX, most memory",
)
THROUGH_NODES = (
    "importing 6,000 rows of XLSX",
    "importing 6,000 rows of XLSX, most memory",
    "importing 6,000 rows of XLSX, of a worker",
    "importing 6,000 rows of CSV (killed once)",
    "importing 6,000 rows of CSV, most memory",
    "importing 6,000 rows of CSV, of a worker",
    "killed after",
    "tokenising 6,000, t = 2",
    "tokenising 6,000, t = 2, most memory",
    "tokenising 6,000, t = 2, of a worker",
    "killed after",
    "first exchange of 6,000 a side over gRPC and TLS",
    "1,000 new against amparo's 6,000",
    "the serving node meanwhile, most memory",
    "hope: cases, placeholders, tokens, matches; missing or double",
    "amparo: cases, placeholders, tokens, matches; missing or double",
)


def run(*arguments: str, **more: str) -> "subprocess.CompletedProcess[str]":
    """Run a benchmark as people do."""
    return subprocess.run(
        [sys.executable, "-m", *arguments],
        cwd=ROOT,
        env=os.environ | more,
        capture_output=True,
        check=False,
        text=True,
        timeout=900,
    )


def table(printed: str) -> list[tuple[str, str]]:
    """Return what was measured, and the result, of each row."""
    rows = [line.split("|")[1:3] for line in printed.splitlines() if line.startswith("|")][2:]
    return [(what.strip(), result.strip()) for what, result in rows]


@pytest.mark.slow
def test_every_row_of_the_table_is_printed_and_kept(tmp_path: Path) -> None:
    """A thousandth of each measurement goes through, in the order of the table."""
    chosen = [word for name in QUICK for word in ("--only", name)]
    done = run("benchmarks", "--scale", "0.001", *chosen, "--save", str(tmp_path))
    rows = table(done.stdout)
    kept = [row for name in QUICK for row in Run.load(tmp_path / f"{name}.json").rows]

    assert (0, "") == (done.returncode, done.stderr)
    assert [(row.what, row.measured) for row in kept] == rows
    assert len(MEASURED) == len(rows)
    for beginning, (what, result) in zip(MEASURED, rows, strict=True):
        assert what.startswith(beginning)
        assert result


@pytest.mark.slow
def test_rows_go_through_real_nodes_that_are_killed_and_nothing_is_lost() -> None:
    """The million's run, with few rows: it counts the databases itself, and fails on a loss."""
    done = run("benchmarks.million", "--rows", "6000")
    # How memory went is only said when the run took long enough to look at it often.
    rows = [row for row in table(done.stdout) if "from a quarter" not in row[0]]

    assert 0 == done.returncode, done.stderr
    assert len(THROUGH_NODES) == len(rows)
    for beginning, (what, result) in zip(THROUGH_NODES, rows, strict=True):
        assert what.startswith(beginning)
        assert result
    assert ["7,000; 1; 6,999; 110; 0", "6,000; 0; 6,000; 110; 0"] == [
        result for _, result in rows[-2:]
    ]


@pytest.mark.slow
def test_a_comparison_that_cannot_be_installed_says_why() -> None:
    """Without a package index the other program is missing, and the table goes on."""
    done = run("benchmarks.psi", "--scale", "0.001", PIP_NO_INDEX="1", PIP_FIND_LINKS="")
    ((what, result),) = table(done.stdout)

    assert (0, "") == (done.returncode, done.stderr)
    assert "openmined-psi==2.0.6 does not install here" == what
    assert "No matching distribution" in result
