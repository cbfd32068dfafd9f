# SPDX-License-Identifier: Apache-2.0
"""Client and custodian beside raw libsodium.

4,096 elements, two custodians, best of five rounds in which the raw calls and ours take turns;
processor time of the measuring thread. The raw calls of a client are one hash to group, two
multiplications and one addition, those of a custodian one multiplication. Beside a busy thread the
clock is the wall's, for the raw calls too. Evaluations a second are a custodian's work alone.
"""

import ctypes
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from benchmarks.table import Row, timed
from federation.crypto import _sodium, group, oprf, scalars, shares, toprf
from federation.tokens import Compute, InProcess
from federation_node.workers.pool import WorkerPool, default_processes

__all__ = ["measure"]

QUORUM = (1, 2)
AIM = "<= 1.15"
_POLYNOMIAL = shares.random_polynomial(len(QUORUM))
HELD = {
    index: shares.KeyShare(
        index, shares.evaluate_polynomial(_POLYNOMIAL, index), bytes(16), 1, len(QUORUM)
    )
    for index in QUORUM
}


def measure(scale: float) -> Iterator[Row]:
    """Ratios to raw libsodium alone, then what a busy thread beside costs."""
    count, rounds = max(128, int(4096 * scale)), 5
    # The time of this thread alone: what else the machine does is no cost of ours.
    costs = _costs(count, rounds, time.thread_time)
    client_raw = 2 * costs["raw scalarmult"] + costs["raw from_hash"] + costs["raw add"]
    client = costs["blind"] + costs["combine"] + costs["finalize"]
    custodian = costs["custodian"]
    yield Row(
        "raw libsodium: multiplication, addition, hash to group",
        f"{costs['raw scalarmult']:.1f}, {costs['raw add']:.1f}, {costs['raw from_hash']:.1f} µs",
    )
    yield Row("client, per indicator", f"{client:.0f} µs, ratio {client / client_raw:.2f}", AIM)
    yield Row(
        "custodian, per indicator",
        f"{custodian:.0f} µs, ratio {custodian / costs['raw scalarmult']:.2f}",
        AIM,
    )
    yield Row(
        "batch check, on top of the client's work", f"{costs['check'] / client:.0%}", "<= 22%"
    )
    with _busy_thread():
        beside = _costs(count, rounds, time.perf_counter)
        raw = 2 * beside["raw scalarmult"] + beside["raw from_hash"] + beside["raw add"]
        ours = beside["blind"] + beside["combine"] + beside["finalize"]
        ratio = beside["custodian"] / beside["raw scalarmult"]
    yield Row("client beside a busy thread, ratio to raw beside it", f"{ours / raw:.2f}", AIM)
    yield Row("custodian beside a busy thread, ratio to raw beside it", f"{ratio:.2f}", AIM)
    yield from _workers(count, rounds)


def _workers(count: int, rounds: int) -> Iterator[Row]:
    """Evaluations a second of one custodian: this process, then workers, then beside a thread."""
    elements = group.random_elements(count)
    pool = WorkerPool(default_processes(), _Silent())

    def rate(compute: Compute) -> float:
        def work() -> None:
            compute.evaluate(HELD[1], QUORUM, elements, prove=False)

        work()  # starts the workers
        return count / min(timed(work) for _ in range(rounds))

    try:
        alone, pooled = rate(InProcess()), rate(pool)
        with _busy_thread():
            disturbed, shielded = rate(InProcess()), rate(pool)
    finally:
        pool.close()
    name = f"{default_processes()} workers"
    yield Row(f"evaluations a second: in the process; {name}", f"{alone:,.0f}; {pooled:,.0f}")
    yield Row(f"the same beside a busy Python thread; {name}", f"{disturbed:,.0f}; {shielded:,.0f}")


def _costs(count: int, rounds: int, clock: Callable[[], float]) -> dict[str, float]:
    """Best cost of each step in microseconds per element; raw calls and ours take turns."""
    values = [b"benchmark %d" % number for number in range(count)]
    scalar, element, wide = scalars.random_scalar(), group.random_elements(1), bytes(range(64))
    best: dict[str, float] = {}

    def note(name: str, work: Callable[[], object]) -> None:
        cost = timed(work, clock) / count * 1e6
        best[name] = min(cost, best.get(name, cost))

    def evaluate(index: int, elements: bytes) -> bytes:
        return toprf.evaluate(HELD[index], QUORUM, elements, bytes(16), 1, prove=False).elements

    for _ in range(rounds):
        note("raw scalarmult", _raw(_sodium.scalarmult, scalar, element, count=count))
        note("raw add", _raw(_sodium.add, element, element, count=count))
        note("raw from_hash", _raw(_sodium.from_hash, wide, count=count))
        note("blind", lambda: oprf.blind_batch(values))
        blinded = oprf.blind_batch(values)
        note("custodian", lambda given=blinded.elements: evaluate(1, given))  # type: ignore[misc]
        answers = {index: evaluate(index, blinded.elements) for index in QUORUM}
        note("combine", lambda given=answers: toprf.combine(given))  # type: ignore[misc]
        combined = toprf.combine(answers)
        check = toprf.BatchCheck(blinded.elements, answers)
        proved = {index: evaluate(index, check.element) for index in QUORUM}

        def whole_check(
            elements: bytes = blinded.elements,
            given: dict[int, bytes] = answers,
            made: toprf.BatchCheck = check,
            total: bytes = combined,
            replies: dict[int, bytes] = proved,
        ) -> None:
            toprf.BatchCheck(elements, given)
            made.verify(total, replies)

        note("check", whole_check)
        note("finalize", lambda b=blinded, c=combined: oprf.finalize_batch(values, b.blinds, c))  # type: ignore[misc]
    return best


def _raw(function: Callable[..., int], *arguments: bytes, count: int) -> Callable[[], None]:
    """Call a libsodium function again and again on the same octets."""
    addresses = [_sodium.address(argument) for argument in arguments]
    out = ctypes.create_string_buffer(64)

    def work() -> None:
        into = ctypes.addressof(out)
        for _ in range(count):
            function(into, *addresses)

    return work


@contextmanager
def _busy_thread() -> Iterator[None]:
    """A thread that computes in Python all the time, as an import or a console would."""
    ending = threading.Event()

    def compute() -> None:
        while not ending.is_set():
            sum(range(1_000))

    thread = threading.Thread(target=compute)
    thread.start()
    try:
        yield
    finally:
        ending.set()
        thread.join()


class _Silent:
    def info(self, event: str, /, **fields: object) -> None:
        """Say nothing."""

    def warning(self, event: str, /, **fields: object) -> None:
        """Say nothing."""
