# SPDX-License-Identifier: Apache-2.0
"""Tokenising over gRPC and TLS.

Two nodes in one process with real servers on loopback, databases in memory, both custodians needed
and both on this machine: a real requester has at most one of them beside it. Everything after the
import counts: reading, blinding, both evaluations, the check, finalising, storing. Without workers
and with them in turns, the better of two.
"""

from collections.abc import Iterator
from functools import cache

from benchmarks.network import Quiet, two_nodes
from benchmarks.table import Row, timed
from federation import Case, Kind, Member, Subject
from federation_node.workers.pool import WorkerPool, default_processes

__all__ = ["measure", "rates", "size"]

_ROUNDS = 2


def size(scale: float) -> int:
    """How many tokens are made."""
    return max(130, int(32_768 * scale))


def measure(scale: float) -> Iterator[Row]:
    """Two custodians on this machine, both needed; everything but the import counts."""
    count, workers = size(scale), default_processes()
    # In turns, and the better of each: both are to meet the same machine.
    taken = [rates(number, count, turn) for turn in range(_ROUNDS) for number in (0, workers)]
    alone, pooled = max(taken[::2]), max(taken[1::2])
    yield Row(
        f"tokenising {count:,} over gRPC and TLS, in the process", f"{alone[0]:,.0f} tokens/s"
    )
    yield Row(
        f"the same with {workers} workers, 2 custodians on this machine",
        f"{pooled[0]:,.0f} tokens/s",
    )
    yield Row(
        f"speed-up of tokenising with {workers} workers",
        f"{pooled[0] / alone[0]:.2f}",
        ">= 1.8" if workers == 2 else "",
    )


@cache
def rates(workers: int, count: int, turn: int = 0) -> tuple[float, float]:
    """Measure tokens and imported rows a second.

    Args:
        workers: Processes for the arithmetic; 0 computes in this one.
        count: Observations, each of another phone.
        turn: Tells a measurement from its repetition.
    """
    del turn
    cases = [
        Case(f"H-{number}", region="DE").add(
            Kind.PHONE, f"+49151{23_456_789 + 7 * number}", Subject.RECRUITER, field="phone"
        )
        for number in range(count)
    ]
    pool = WorkerPool(workers, Quiet())
    try:
        pool.blind([b"started"] * 1_000)
        with two_nodes(pool) as (hope, _):
            imported = timed(lambda: hope.put_cases(cases))
            seconds = timed(lambda: _tokenise(hope, count))
    finally:
        pool.close()
    return count / seconds, count / imported


def _tokenise(member: Member, count: int) -> None:
    report = member.tokenise()
    if report.tokens != count:
        raise RuntimeError("a benchmark that does not do its work measures nothing")
