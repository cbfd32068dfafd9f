# SPDX-License-Identifier: Apache-2.0
"""Another process at the same database: ``python worker.py JOB URL [NAME]``."""

import sys
from datetime import UTC, datetime

from federation.audit import Event, Record
from federation.errors import QuotaError
from federation.indicators import Case, Kind, Subject
from federation.storage import AtRest, Store

AT = datetime(2026, 3, 10, 12, 0, 0, tzinfo=UTC)
ROOT = bytes(range(32))
ATTEMPTS = 25
AMOUNT = 8
BUDGET = 1000


def charge_all(store: Store, name: str) -> int:
    """Charge as often as is attempted; returns how many charges went through."""
    done = 0
    for number in range(ATTEMPTS):
        request = f"{name}:{number}".encode()
        try:
            with store.write() as tx:
                done += tx.quota.charge(
                    "hope", request, request, "network", "identifier", AMOUNT, AT, BUDGET, BUDGET
                )
        except QuotaError:
            continue
    return done


def cases(first: int, count: int) -> list[Case]:
    """Cases with two observations each."""
    return [
        Case(f"case {number}")
        .add(Kind.PHONE, f"+5255{number:08}", Subject.RECRUITER)
        .add(Kind.EMAIL, f"{number}@example.org", Subject.BUSINESS)
        for number in range(first, first + count)
    ]


def _say(what: object) -> None:
    sys.stdout.write(f"{what}\n")
    sys.stdout.flush()


def _wait_in_transaction(store: Store) -> None:
    with store.write() as tx:
        tx.cases.put_many(cases(0, 50), "calls", AT)
        tx.quota.charge("hope", b"r", b"d", "network", "identifier", AMOUNT, AT, BUDGET, BUDGET)
        _say("in transaction")
        sys.stdin.read()


def _import_for_ever(store: Store) -> None:
    for first in range(0, 1_000_000, 10):
        with store.write() as tx:
            tx.cases.put_many(cases(first, 10), "calls", AT)
        _say(first + 10)


def _record(store: Store, name: str) -> None:
    for number in range(ATTEMPTS):
        nonce = f"{name}:{number}".encode().ljust(32)
        with store.write() as tx:
            tx.audit.append(Record(at=AT, event=Event.CASE_READ, nonce=nonce, actor="operator"))


def main() -> None:
    """Do one job."""
    job, url, *rest = sys.argv[1:]
    with Store.open(url, AtRest(ROOT)) as store:
        if job == "charge":
            _say(charge_all(store, rest[0]))
        elif job == "record":
            _record(store, rest[0])
        elif job == "wait":
            _wait_in_transaction(store)
        elif job == "import":
            _import_for_ever(store)


if __name__ == "__main__":
    main()
