# SPDX-License-Identifier: Apache-2.0
import os
import secrets
import signal
import subprocess
import sys
import threading
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from federation.crypto import group, shares, toprf
from federation.crypto.shares import KeyShare
from federation.errors import DeserializeError, InvalidInputError, ShareVerifyError
from federation.indicators import Kind, Written
from federation.tokens import Batch, InProcess
from federation_node.workers.frames import Operation
from federation_node.workers.pool import WorkerPool
from federation_node.workers.process import Worker, WorkerGoneError

QUORUM = (1, 3)
POLYNOMIAL = shares.random_polynomial(2)
SHARES = {
    index: KeyShare(index, shares.evaluate_polynomial(POLYNOMIAL, index), b"k" * 16, 1, 2)
    for index in QUORUM
}
HERE = InProcess()


class Journal:
    def __init__(self) -> None:
        self.events: list[str] = []

    def info(self, event: str, /, **fields: object) -> None:
        self.events.append(event)

    def warning(self, event: str, /, **fields: object) -> None:
        self.events.append(event)


@pytest.fixture(scope="module")
def journal() -> Journal:
    """What the pool says."""
    return Journal()


@pytest.fixture(scope="module")
def pool(journal: Journal) -> Iterator[WorkerPool]:
    """Two workers, for all tests of this file that leave them in order."""
    pool = WorkerPool(2, journal)
    yield pool
    pool.close()


def inputs(count: int) -> list[bytes]:
    """Different inputs."""
    return [b"input %d" % number for number in range(count)]


def answers_of(compute: Any, elements: bytes) -> dict[int, bytes]:
    """What both custodians answer, computed by one or the other."""
    return {
        index: compute.evaluate(share, QUORUM, elements, prove=False).elements
        for index, share in SHARES.items()
    }


@pytest.mark.parametrize("count", [65, 130, 700])
def test_workers_compute_what_this_process_computes(pool: WorkerPool, count: int) -> None:
    """However a batch is cut up, every step gives the same octets in the same order."""
    elements, weights = group.random_elements(count), secrets.token_bytes(count)
    answers = answers_of(HERE, elements)
    combined = HERE.combine(answers)

    assert answers_of(pool, elements) == answers
    assert pool.combine(answers) == combined
    assert pool.weigh(weights, elements) == HERE.weigh(weights, elements)
    blinded = pool.blind(inputs(count))
    evaluated = HERE.combine(answers_of(HERE, blinded.elements))
    assert pool.finalize(inputs(count), blinded.blinds, evaluated) == HERE.finalize(
        inputs(count), blinded.blinds, evaluated
    )


def test_workers_read_values_as_this_process_does(pool: WorkerPool) -> None:
    """Normal forms, refusals and screening are alike, for text, fields and broken text."""
    written: list[Written] = [
        (Kind.PHONE, "+52 55 1012 3456", None),
        (Kind.PHONE, "55 1012 3456", "MX"),
        (Kind.PHONE, "55 1012 3456", None),
        (Kind.PHONE, "half \ud83d of a pair", "MX"),
        (Kind.EMAIL, "test@example.com", "DE"),
        (Kind.EMAIL, "Offer@Straße.de", None),
        (Kind.HANDLE, {"platform": "instagram", "handle": "ab"}, "MX"),
        (Kind.VEHICLE, {"country": "MX", "plate": "ABC-123-4", "colour": "red"}, None),
        (Kind.COMPANY, "Circo \u202e X", "XX"),
    ]
    values = [written[number % len(written)] for number in range(300)]
    pool.assess(values)

    assert HERE.assess(values) == pool.assess(values)
    assert pool.pids()


def test_a_batch_comes_to_the_same_tokens(pool: WorkerPool) -> None:
    """A whole batch through workers and a batch without give equal tokens for equal inputs."""
    tokens = []
    for compute in (pool, HERE):
        batch = Batch(inputs(100), compute)
        answers = answers_of(compute, batch.elements)
        check = batch.check(answers)
        combined = batch.combine(answers)
        check.verify(combined, answers_of(HERE, check.element))
        tokens.append(batch.finish(combined))

    assert tokens[0] == tokens[1]


def test_a_proof_is_made_here(pool: WorkerPool) -> None:
    """A proof covers the whole batch, so that no worker can make it for a part."""
    evaluation = pool.evaluate(SHARES[1], QUORUM, group.random_elements(70), prove=True)

    assert evaluation.proof is not None


def test_refusals_are_those_of_this_process(pool: WorkerPool) -> None:
    """A bad element is named by its place in the batch, not in a worker's part of it."""
    good = group.random_elements(600)
    bad = good[: 32 * 500] + bytes(32) + good[32 * 501 :]

    with pytest.raises(DeserializeError, match="element 500"):
        pool.evaluate(SHARES[1], QUORUM, bad, prove=False)
    with pytest.raises(DeserializeError):
        pool.evaluate(SHARES[1], QUORUM, good[:-1], prove=False)
    with pytest.raises(InvalidInputError):
        pool.evaluate(SHARES[1], (1, 1), good, prove=False)
    with pytest.raises(ShareVerifyError) as refused:
        pool.combine({1: good, 3: b"\xff" * len(good)})
    assert refused.value.culprits == frozenset({3})
    with pytest.raises(ShareVerifyError):
        pool.combine({1: good, 3: good[:-32]})
    with pytest.raises(DeserializeError):
        pool.weigh(bytes(599), good)
    with pytest.raises(InvalidInputError):
        pool.blind([*inputs(99), bytes(70_000)])
    with pytest.raises(DeserializeError):
        pool.finalize(inputs(600), good, good[:-32])


def test_small_batches_start_no_process(journal: Journal) -> None:
    """Up to 64 elements are done before a worker would have read them."""
    pool = WorkerPool(2, journal)
    elements = group.random_elements(64)
    pool.weigh(bytes(64), elements)
    pool.combine({1: elements})
    pool.blind(inputs(64))

    assert pool.pids() == []
    pool.close()


def test_a_killed_worker_is_replaced_and_its_job_done_again(
    pool: WorkerPool, journal: Journal
) -> None:
    """Whoever waits for the batch gets it; the operator is told."""
    elements = group.random_elements(700)
    expected = answers_of(pool, elements)
    before = pool.pids()
    journal.events.clear()
    for pid in before:
        os.kill(pid, signal.SIGKILL)

    assert answers_of(pool, elements) == expected
    assert "worker_died" in journal.events
    assert not set(before) & set(pool.pids())


def test_without_working_workers_the_node_computes_itself(
    monkeypatch: pytest.MonkeyPatch, journal: Journal
) -> None:
    """An interpreter that cannot be started again costs speed, not answers."""
    pool = WorkerPool(1, journal)
    elements = group.random_elements(200)
    monkeypatch.setattr(sys, "executable", "/nowhere/python")
    missing = answers_of(pool, elements)
    monkeypatch.setattr(sys, "executable", "/bin/false")
    failing = [answers_of(pool, elements) for _ in range(4)]
    pool.close()

    assert [missing, *failing] == [answers_of(HERE, elements)] * 5


def test_workers_end_with_their_pool(journal: Journal) -> None:
    """Closing leaves no process behind."""
    pool = WorkerPool(2, journal)
    pool.combine({1: group.random_elements(600)})
    pids = pool.pids()
    pool.close()

    assert pids
    for pid in pids:
        with pytest.raises(ProcessLookupError):
            os.kill(pid, 0)


def test_a_worker_ends_when_its_node_is_gone() -> None:
    """Its input ends with the node, however the node ended."""
    worker = Worker()
    worker.ask(Operation.BLIND, inputs(1))
    process = worker._process
    assert process.stdin is not None
    process.stdin.close()

    assert process.wait(30) == 0
    with pytest.raises(WorkerGoneError):
        worker.ask(Operation.BLIND, inputs(1))
    worker.end()


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs Linux's /proc")
def test_a_worker_knows_neither_passphrase_nor_share(monkeypatch: pytest.MonkeyPatch) -> None:
    """What anybody on the machine may read about a process holds no secret."""
    monkeypatch.setenv("CASETHREAD_PASSPHRASE", "a canary of a passphrase")
    worker = Worker()
    elements = group.random_elements(1)
    share = SHARES[1]
    head = [b"\0\0\0\1" * 2 + b"\0\0\0\2", share.secret, share.key_id, b"\0\1\0\3"]
    answer = worker.ask(Operation.EVALUATE, [*head, elements])
    shown = b""
    for name in ("cmdline", "environ"):
        shown += Path(f"/proc/{worker.pid}/{name}").read_bytes()
    worker.end()

    assert answer == [toprf.evaluate(share, QUORUM, elements, b"k" * 16, 1, prove=True).elements]
    assert b"canary" not in shown
    assert share.secret not in shown
    assert share.secret.hex().encode() not in shown


def test_a_worker_imports_the_crypto_core_alone() -> None:
    """A worker has no database driver, no network library and no node to lose."""
    code = "import sys, federation_node.workers.child; print('\\n'.join(sys.modules))"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, check=True, text=True)
    loaded = set(done.stdout.split())
    foreign = {"grpc", "google", "sqlalchemy", "sqlmodel", "pydantic", "structlog", "click"}
    ours = {name.partition(".")[0] + "." + name.split(".")[1] for name in loaded if "." in name}

    assert not foreign & loaded
    assert {name for name in ours if name.startswith("federation.")} == {
        "federation.crypto",
        "federation.errors",
    }


def test_calls_are_made_beside_each_other(pool: WorkerPool) -> None:
    """What waits for two custodians waits for the slower one only; the first error counts."""
    meeting = threading.Barrier(2, timeout=30)

    def meet() -> int:
        return meeting.wait()

    def fail() -> int:
        raise KeyError("first")

    assert sorted(pool.gather([meet, meet])) == [0, 1]
    with pytest.raises(KeyError, match="first"):
        pool.gather([fail, lambda: 1])
    assert pool.ahead(lambda: 7)() == 7
