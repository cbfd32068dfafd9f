# SPDX-License-Identifier: Apache-2.0
"""Federations with large databases, made without importing and tokenising a million rows.

The tokens are random: the exchange does not depend on how they were made. They are stored
through the store, like any token, and stand for observations that are put straight into
their table, with content that nobody reads.
"""

import secrets
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from federation import Case, Kind, Member, Subject
from federation.agreements import MatchBudget
from federation.charter import LaneKey, Rules
from federation.indicators import IndicatorClass, Lane
from federation.storage import AtRest, Store
from federation.storage.registry import row_uuids, table_of
from federation.storage.tables_cases import ObservationRow
from federation.testing import Federation

__all__ = ["BUDGET", "RULES", "add_tokens", "federation", "key_of", "random_tokens"]

RULES = Rules(
    identifier_daily=10**9,
    identifier_monthly=10**9,
    person_daily=10**9,
    person_monthly=10**9,
)
"""No budget stands in the way of a measurement."""
BUDGET = MatchBudget(daily_base=10_000, first=1_000_000)
_ROWS = 2_000


@contextmanager
def federation(*members: str) -> Iterator[Federation]:
    """Members with databases on disk, gone afterwards."""
    with TemporaryDirectory(prefix="casethread-bench-") as folder:

        def store(name: str, at_rest: AtRest) -> Store:
            return Store.create(f"sqlite:///{Path(folder) / name}.db", at_rest)

        with Federation(*members, rules=RULES, store=store) as fed:
            yield fed


def key_of(member: Member) -> LaneKey:
    """The key that all benchmarks use."""
    (key,) = member.require_charter().live_keys(Lane.NETWORK, IndicatorClass.IDENTIFIER)
    return key


def random_tokens(count: int) -> bytes:
    """Tokens nobody else has, 32 bytes each."""
    return secrets.token_bytes(32 * count)


def add_tokens(fed: Federation, name: str, tokens: bytes) -> None:
    """Give a member tokens, each of one observation of one case."""
    store, key = fed.seats[name].store, key_of(fed[name])
    case_id = f"seed-{uuid4().hex}"
    with store.write() as tx:
        tx.cases.put(Case(case_id), "benchmark", fed.clock())
        seeded = tx.cases.get(case_id, "benchmark")
    assert seeded is not None
    uuids = row_uuids(fed.clock())
    pairs = [(next(uuids), tokens[at : at + 32]) for at in range(0, len(tokens), 32)]
    for start in range(0, len(pairs), _ROWS):
        _add(fed, store, key, seeded.uuid, pairs[start : start + _ROWS])


def _add(
    fed: Federation, store: Store, key: LaneKey, case: bytes, pairs: Sequence[tuple[bytes, bytes]]
) -> None:
    rows = [
        {
            "uuid": uuid,
            "case": case,
            "position": 0,
            "fingerprint": uuid,
            "kind": Kind.PHONE.value,
            "subject": Subject.RECRUITER.value,
            "status": "pending",
            "reason": "",
            "content": b"",
            "version": 1,
        }
        for uuid, _ in pairs
    ]
    with store.write() as tx:
        tx.cases._session.execute(table_of(ObservationRow).insert(), rows)  # noqa: SLF001
        tx.tokens.add(key.key_id, pairs, fed.clock())
