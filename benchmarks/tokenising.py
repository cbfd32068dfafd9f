# SPDX-License-Identifier: Apache-2.0
"""Tokenising a large set: one process against workers, in memory and over gRPC and TLS."""

from collections.abc import Iterator

from benchmarks.network import Quiet, two_nodes
from benchmarks.table import Row, timed
from federation import Case, Kind, Member, Subject
from federation.tokens import Compute, InProcess
from federation_node.workers.pool import WorkerPool, default_processes

__all__ = ["measure"]


def measure(scale: float) -> Iterator[Row]:
    """Two custodians on this machine, both needed; everything but the import counts."""
    count = max(130, int(32_768 * scale))
    alone, _ = _rates(InProcess(), count)
    pool = WorkerPool(default_processes(), Quiet())
    try:
        pool.blind([b"started"] * 1_000)
        pooled, waiting = _rates(pool, count)
    finally:
        pool.close()
    aim = ">= 1.8" if default_processes() == 2 else ""
    yield Row(f"tokenising {count:,} over gRPC and TLS, in the process", f"{alone:,.0f} tokens/s")
    yield Row(
        f"the same with {default_processes()} workers, 2 custodians on this machine",
        f"{pooled:,.0f} tokens/s",
    )
    yield Row(
        f"speed-up of tokenising with {default_processes()} workers", f"{pooled / alone:.2f}", aim
    )
    yield Row("importing the same, normalised and screened", f"{waiting:,.0f} rows/s")


def _rates(compute: Compute, count: int) -> tuple[float, float]:
    """Tokens and imported rows a second."""
    cases = [
        Case(f"H-{number}", region="DE").add(
            Kind.PHONE, f"+49151{23_456_789 + 7 * number}", Subject.RECRUITER, field="phone"
        )
        for number in range(count)
    ]
    with two_nodes(compute) as (hope, _):
        imported = timed(lambda: hope.put_cases(cases))
        seconds = timed(lambda: _tokenise(hope, count))
    return count / seconds, count / imported


def _tokenise(member: Member, count: int) -> None:
    report = member.tokenise()
    if report.tokens != count:
        raise RuntimeError("a benchmark that does not do its work measures nothing")
