# SPDX-License-Identifier: Apache-2.0
"""Several processes at one database, and processes that die."""

import importlib.util
import subprocess
import sys
import threading
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import pytest

from federation.indicators import Case, Kind, Subject
from federation.storage import AtRest, ObservationStatus, Store, StoredShare

WORKER = Path(__file__).with_name("worker.py")
_spec = importlib.util.spec_from_file_location("storage_worker", WORKER)
assert _spec is not None
assert _spec.loader is not None
worker = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(worker)


def start(*arguments: str) -> subprocess.Popen[str]:
    """Start another process at the database."""
    return subprocess.Popen(
        [sys.executable, str(WORKER), *arguments],
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        stderr=subprocess.PIPE,
        text=True,
    )


def kill(process: subprocess.Popen[str]) -> None:
    """Kill -9, as a power cut would."""
    process.kill()
    process.communicate()


def test_the_quota_is_exact_under_load(sqlite_url: str, at_rest: AtRest) -> None:
    """8 threads and 2 processes beside an import spend the budget to the element; none is 'locked'."""
    processes = [start("charge", sqlite_url, f"process {number}") for number in range(2)]
    imported = threading.Event()
    with Store.open(sqlite_url, at_rest) as store, ThreadPoolExecutor(9) as pool:

        def bulk_import() -> None:
            first = 0
            while not imported.is_set():
                with store.write() as tx:
                    tx.cases.put_many(worker.cases(first, 200), "calls", worker.AT)
                first += 200

        importing = pool.submit(bulk_import)
        charging = [pool.submit(worker.charge_all, store, f"thread {n}") for n in range(8)]
        charged = sum(future.result() for future in charging)
        for process in processes:
            out, err = process.communicate()

            assert err == ""
            charged += int(out)
        imported.set()
        importing.result()
        with store.read() as tx:
            used = tx.quota.used("hope", "network", "identifier", worker.AT)
            cases = tx.cases.count()

    assert charged == worker.BUDGET // worker.AMOUNT
    assert used == (worker.BUDGET, worker.BUDGET)
    assert cases > 0
    assert cases % 200 == 0


def test_a_process_killed_in_a_transaction_leaves_the_old_state(
    sqlite_url: str, at_rest: AtRest
) -> None:
    """Nothing of a half-done transaction is found, and nobody waits for the dead."""
    process = start("wait", sqlite_url)
    assert process.stdout is not None
    assert process.stdout.readline() == "in transaction\n"
    kill(process)
    with Store.open(sqlite_url, at_rest) as store:
        with store.read() as tx:
            assert tx.cases.count() == 0
            assert tx.quota.find_charge("hope", b"r") is None
        with store.write() as tx:
            tx.cases.put_many(worker.cases(0, 50), "calls", worker.AT)
            assert tx.cases.counts().observations == 100


@pytest.mark.parametrize("commits", [1, 12])
def test_a_killed_import_keeps_what_was_committed(
    sqlite_url: str, at_rest: AtRest, commits: int
) -> None:
    """Whole batches are there, none that was reported is lost, and repeating adds the rest."""
    process = start("import", sqlite_url)
    assert process.stdout is not None
    for _ in range(commits):
        reported = int(process.stdout.readline())
    kill(process)
    with Store.open(sqlite_url, at_rest) as store:
        with store.read() as tx:
            kept = tx.cases.count()

            assert kept >= reported
            assert kept % 10 == 0
            assert tx.cases.counts().observations == 2 * kept
        with store.write() as tx:
            results = tx.cases.put_many(worker.cases(0, kept + 10), "calls", worker.AT)

    assert [result.outcome.value for result in results] == ["unchanged"] * kept + ["new"] * 10


CANARIES = {
    "id": "canary-case-id",
    "source": "canary-source",
    "field": "canary-field",
    "raw": "canary-raw-value",
    "part": "canary-plate",
    "normal": "canary-normal-form",
    "secret": "canary-secret-of-32-bytes-length",
    "token": "canary-token-that-has-32-bytes!!",
}


def test_canaries_are_only_in_the_vault(sqlite_url: str, at_rest: AtRest, tmp_path: Path) -> None:
    """What identifies, and every secret, is nowhere in the database files in clear."""
    case = (
        Case(CANARIES["id"])
        .add(Kind.PHONE, CANARIES["raw"], Subject.RECRUITER, field=CANARIES["field"])
        .add(Kind.VEHICLE, {"plate": CANARIES["part"]}, Subject.SURVIVOR, field=CANARIES["field"])
    )
    secret, key = CANARIES["secret"].encode(), b"k" * 16
    with Store.open(sqlite_url, at_rest) as store:
        with store.write() as tx:
            tx.cases.put(case, CANARIES["source"], worker.AT, "run 1")
            (seen,) = tx.cases.pending(key, 10)
            tx.cases.set_status(seen.uuid, ObservationStatus.PENDING, "", CANARIES["normal"], 1)
            tx.tokens.add(key, [(seen.uuid, CANARIES["token"].encode())], worker.AT)
            tx.settings.put("s", secret)
            tx.shares.put(StoredShare(b"c", key, 1, 1, b"Y", secret))
            tx.ceremonies.put(b"c", "running", worker.AT)
            tx.ceremonies.put_secret(b"c", secret)
            tx.agreements.put(b"h", b"terms", "hope", worker.AT)
            tx.agreements.put_secret(b"h", 1, secret, worker.AT)
            tx.agreements.put_pair_key(b"h", "amparo", 1, secret)
        files = {path.name: path.read_bytes() for path in tmp_path.iterdir()}
        with store.read() as tx:
            found = tx.cases.get(CANARIES["id"], CANARIES["source"])

    # The database, its log and its index were looked at, and the log holds what was written.
    assert {"casethread.db", "casethread.db-wal", "casethread.db-shm"} <= files.keys()
    assert b"recruiter" in files["casethread.db-wal"]
    assert found is not None
    assert found.observations[0].value == CANARIES["normal"]
    leaks = [
        (name, what)
        for name, content in files.items()
        for what, canary in CANARIES.items()
        for encoding in ("utf-8", "utf-16-le")
        if canary.encode(encoding) in content
    ]
    assert leaks == []
