# SPDX-License-Identifier: Apache-2.0
"""The node's `federation.tokens.Compute`: large batches are cut up among worker processes."""

import os
import threading
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from typing import Final, TypeVar

from federation.crypto.encoding import U16, U32
from federation.crypto.group import ELEMENT_LENGTH, IDENTITY, Element, add
from federation.crypto.oprf import OUTPUT_LENGTH, Blinded
from federation.crypto.shares import KeyShare
from federation.crypto.toprf import MAX_PROVED, ShareEvaluation
from federation.indicators import Assessment, Written
from federation.member.ports import Log
from federation.tokens import InProcess
from federation_node.workers.frames import Operation
from federation_node.workers.process import Worker, WorkerGoneError
from federation_node.workers.values import pack_values, unpack_assessments

__all__ = ["WorkerPool", "default_processes"]

T = TypeVar("T")

_LARGEST_PART: Final = 1_024
"""Elements in one job: tens of milliseconds of work, and little to do again after a crash."""
_SMALLEST_PART: Final = 128
"""More than 64, so that no part of a batch that goes unproved is proved by itself."""
_ATTEMPTS: Final = 2
_MOST_DEATHS: Final = 8
"""After so many in a row, with no answer between them, workers are given up."""

_Job = tuple[Operation, list[bytes]]


def default_processes() -> int:
    """One worker for each processor that this process may use."""
    if hasattr(os, "sched_getaffinity"):
        return len(os.sched_getaffinity(0))
    return os.cpu_count() or 1


class WorkerPool:
    """Does bulk computation in worker processes, started when they are first needed.

    Batches of up to 64 are computed in this process, where they are done before a worker
    would have read them. A worker that dies is replaced and its job done again; if that
    fails too, this process does it. Close the pool with the node.
    """

    def __init__(self, processes: int, log: Log) -> None:
        """Prepare a pool; no process is started yet.

        Args:
            processes: How many at most; 0 computes everything in this process.
            log: Told when a worker dies.
        """
        self._processes = processes
        self._log = log
        self._here = InProcess()
        self._own = threading.local()
        self._workers: list[Worker] = []
        self._lock = threading.Lock()
        self._deaths = 0
        # Each thread of this executor speaks to a worker of its own.
        self._askers = ThreadPoolExecutor(max(1, processes), thread_name_prefix="worker")

    def assess(self, values: Sequence[Written]) -> list[Assessment]:
        """See `federation.tokens.Compute.assess`."""
        jobs = [(Operation.ASSESS, [pack_values(values[a:b])]) for a, b in self._parts(len(values))]
        done = self._spread(jobs)
        if done is None:
            return self._here.assess(values)
        return [one for (part,) in done for one in unpack_assessments(part)]

    def blind(self, values: list[bytes]) -> Blinded:
        """See `federation.tokens.Compute.blind`."""
        jobs = [(Operation.BLIND, values[a:b]) for a, b in self._parts(len(values))]
        done = self._spread(jobs)
        if done is None:
            return self._here.blind(values)
        return Blinded(b"".join(one[0] for one in done), b"".join(one[1] for one in done))

    def evaluate(
        self, share: KeyShare, quorum: Sequence[int], elements: bytes, *, prove: bool
    ) -> ShareEvaluation:
        """See `federation.tokens.Compute.evaluate`."""
        jobs: list[_Job] = []
        if not prove:
            numbers = U32(share.index) + U32(share.generation) + U32(share.threshold)
            head = [numbers, share.secret, share.key_id, b"".join(U16(index) for index in quorum)]
            jobs = [(Operation.EVALUATE, [*head, part]) for part in self._cut(elements)]
        done = self._spread(jobs)
        if done is None:
            return self._here.evaluate(share, quorum, elements, prove=prove)
        return ShareEvaluation(b"".join(one[0] for one in done), None)

    def combine(self, answers: Mapping[int, bytes]) -> bytes:
        """See `federation.tokens.Compute.combine`."""
        lengths = {len(answer) for answer in answers.values()}
        jobs: list[_Job] = []
        if len(lengths) == 1:
            cut = zip(*(self._cut(answer) for answer in answers.values()), strict=True)
            jobs = [(Operation.COMBINE, list(parts)) for parts in cut]
        done = self._spread(jobs)
        if done is None:
            return self._here.combine(answers)
        return b"".join(one[0] for one in done)

    def weigh(self, weights: bytes, elements: bytes) -> Element:
        """See `federation.tokens.Compute.weigh`."""
        jobs: list[_Job] = []
        if len(weights) * ELEMENT_LENGTH == len(elements):
            ranges = self._parts(len(weights), most=len(weights))
            jobs = [(Operation.WEIGH, [weights[a:b], elements[32 * a : 32 * b]]) for a, b in ranges]
        done = self._spread(jobs)
        if done is None:
            return self._here.weigh(weights, elements)
        total = IDENTITY
        for one in done:
            total = add(total, one[0])
        return total

    def finalize(self, values: list[bytes], blinds: bytes, evaluated: bytes) -> list[bytes]:
        """See `federation.tokens.Compute.finalize`."""
        jobs: list[_Job] = []
        if len(values) * ELEMENT_LENGTH == len(blinds) == len(evaluated):
            jobs = [
                (
                    Operation.FINALIZE,
                    [blinds[32 * a : 32 * b], evaluated[32 * a : 32 * b], *values[a:b]],
                )
                for a, b in self._parts(len(values))
            ]
        done = self._spread(jobs)
        if done is None:
            return self._here.finalize(values, blinds, evaluated)
        joined = b"".join(one[0] for one in done)
        return [joined[at : at + OUTPUT_LENGTH] for at in range(0, len(joined), OUTPUT_LENGTH)]

    def gather(self, calls: Sequence[Callable[[], T]]) -> list[T]:
        """See `federation.tokens.Compute.gather`."""
        if len(calls) < 2:
            return self._here.gather(calls)
        waiting = [_begin(call) for call in calls]
        # Also those behind one that failed: nothing is left running behind the caller's back.
        wait(waiting)
        return [one.result() for one in waiting]

    def ahead(self, call: Callable[[], T]) -> Callable[[], T]:
        """See `federation.tokens.Compute.ahead`."""
        return _begin(call).result

    def close(self) -> None:
        """Let running jobs finish, then end all workers. The pool cannot be used afterwards."""
        self._askers.shutdown()
        with self._lock:
            workers, self._workers = self._workers, []
        for worker in workers:
            worker.end()

    def pids(self) -> list[int]:
        """The process ids of the workers that run now."""
        with self._lock:
            return [worker.pid for worker in self._workers]

    def _parts(self, count: int, most: int = _LARGEST_PART) -> Iterator[tuple[int, int]]:
        """Cut a batch evenly, into parts for all workers alike."""
        if count <= MAX_PROVED or not self._processes:
            return
        parts = max(1, min(-(-count // most), count // _SMALLEST_PART))
        # A number of parts that all workers share evenly, if the batch is large enough.
        parts = min(-(-parts // self._processes) * self._processes, count // _SMALLEST_PART) or 1
        for part in range(parts):
            yield count * part // parts, count * (part + 1) // parts

    def _cut(self, elements: bytes) -> list[bytes]:
        if len(elements) % ELEMENT_LENGTH:
            return []
        count = len(elements) // ELEMENT_LENGTH
        return [elements[ELEMENT_LENGTH * a : ELEMENT_LENGTH * b] for a, b in self._parts(count)]

    def _spread(self, jobs: Sequence[_Job]) -> list[list[bytes]] | None:
        """Do jobs in workers; None if they are to be done here, or refused their input."""
        if not jobs or self._deaths >= _MOST_DEATHS:
            return None
        try:
            done = list(self._askers.map(self._ask, jobs))
        except WorkerGoneError:
            return None
        answers = [one for one in done if one is not None]
        return answers if len(answers) == len(jobs) else None

    def _ask(self, job: _Job) -> list[bytes] | None:
        for attempt in range(1, _ATTEMPTS + 1):
            worker: Worker | None = getattr(self._own, "worker", None)
            if worker is None:
                worker = self._start()
            try:
                answer = worker.ask(*job)
            except WorkerGoneError:
                self._own.worker = None
                with self._lock:
                    self._workers.remove(worker)
                    self._deaths += 1
                worker.end()
                self._log.warning("worker_died", attempt=attempt)
                continue
            self._deaths = 0
            return answer
        raise WorkerGoneError

    def _start(self) -> Worker:
        try:
            worker = Worker()
        except OSError as error:
            raise WorkerGoneError from error
        self._own.worker = worker
        with self._lock:
            self._workers.append(worker)
        return worker


def _begin(call: Callable[[], T]) -> Future[T]:
    """Make a call in a thread of its own.

    A daemon, unlike the threads of an executor: a peer that does not answer must not keep a
    node from ending.
    """
    future: Future[T] = Future()

    def run() -> None:
        try:
            future.set_result(call())
        except BaseException as error:  # noqa: BLE001 - whoever waits gets it, whatever it is
            future.set_exception(error)

    threading.Thread(target=run, name="beside", daemon=True).start()
    return future
