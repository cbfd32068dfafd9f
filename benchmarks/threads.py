# SPDX-License-Identifier: Apache-2.0
"""Threads: a million matches followed one portion after the other, and one thread that grows.

The rows of cases, tokens and matches are put straight into their tables; what follows them is
the program's own. Databases are on disk.
"""

import secrets
import time
from collections.abc import Iterator, Sequence
from typing import Any

from benchmarks.memory import most_held
from benchmarks.seeding import federation, key_of
from benchmarks.table import Row, timed
from federation import Kind, Subject
from federation.storage.counters import ARRIVAL, CHANGE, take_numbers
from federation.storage.records import CaseContent
from federation.storage.registry import row_uuids, table_of
from federation.storage.tables_cases import CaseRow, ObservationRow, TokenLinkRow, TokenRow
from federation.storage.tables_exchange import MatchRow
from federation.testing import Federation

__all__ = ["measure"]

_PORTIONS = 100
_PER_CASE = 5
"""Values of a case, of which one is weak and one is another case's too."""


def measure(scale: float) -> Iterator[Row]:
    """Both measurements, each in a federation of its own."""
    yield from _many_threads(max(1_000, int(1_000_000 * scale)))
    yield from _one_thread(max(1_000, int(100_000 * scale)))


def _many_threads(matches: int) -> Iterator[Row]:
    """Every value of every case is matched; five cases make a thread."""
    values = _values(matches)
    with federation("hope", "amparo") as fed:
        seeds = _Seeds(fed)
        base = most_held()
        for start in range(0, len(values), 10_000):
            seeds.add(values[start : start + 10_000])
        seconds = _followed(fed)
        yield Row(
            f"threads of {len(values):,} cases with {seeds.tokens:,} values",
            f"{seconds * 1e6 / seeds.links:.0f} µs of CPU a value",
        )
        took = []
        for portion in range(_PORTIONS):
            seeds.match(
                seeds.tokens * portion // _PORTIONS, seeds.tokens * (portion + 1) // _PORTIONS
            )
            took.append(_followed(fed))
        yield from _flatness(f"following {seeds.tokens:,} matches", took, seeds.tokens)
        found = len(fed["hope"].threads())
        yield Row(f"most memory, {found:,} threads", f"{most_held():.0f} MiB, {base:.0f} before")


def _one_thread(cases: int) -> Iterator[Row]:
    """Every case shares a value with the one before, and each portion adds some."""
    with federation("hope", "amparo") as fed:
        seeds = _Seeds(fed, weak=False)
        took = []
        for portion in range(_PORTIONS):
            first, last = cases * portion // _PORTIONS, cases * (portion + 1) // _PORTIONS
            before = seeds.tokens
            seeds.add([(number, number + 1) for number in range(first, last)])
            seeds.match(before, seeds.tokens)
            took.append(_followed(fed))
        yield from _flatness(f"one thread that grows to {cases:,} cases", took, cases)
        (thread,) = fed["hope"].threads()
        assert thread.cases == cases


def _followed(fed: Federation) -> float:
    """Seconds of CPU until the threads of hope are up to date.

    Of the processor, because a ratio of two times is asked for: what else the machine does
    between the first and the last of them would be in it.
    """
    return timed(fed["hope"]._weaver.catch_up, time.process_time)  # noqa: SLF001


def _flatness(what: str, took: Sequence[float], count: int) -> Iterator[Row]:
    tenth = _PORTIONS // 10
    first, last = sum(took[:tenth]), sum(took[-tenth:])
    each = sum(took) * 1e6 / count
    yield Row(
        f"{what}, last to first tenth", f"{each:.0f} µs of CPU each, {last / first:.2f}", "flat"
    )


def _values(matches: int) -> list[tuple[int, ...]]:
    """The numbers of the values of each case; four of five cases share one with the one before."""
    cases = matches // _PER_CASE
    return [
        tuple(range(number * _PER_CASE - (number % 5 > 0), (number + 1) * _PER_CASE))
        for number in range(cases)
    ]


class _Seeds:
    """Puts rows into the database of hope."""

    def __init__(self, fed: Federation, *, weak: bool = True) -> None:
        self._store = fed.seats["hope"].store
        self._key = key_of(fed["hope"]).key_id
        self._agreement = fed.agree("hope", "amparo")
        self._at = fed.clock()
        self._uuids = row_uuids(self._at)
        self._weak = weak
        self.tokens = 0
        """Values so far; they are numbered from 0."""
        self.links = 0

    def add(self, cases: Sequence[tuple[int, ...]]) -> None:
        """Add cases with the numbers of their values."""
        rows: dict[type[Any], list[dict[str, Any]]] = {
            CaseRow: [],
            ObservationRow: [],
            TokenRow: [],
            TokenLinkRow: [],
        }
        with self._store.write() as tx:
            session, vault = tx.weaving._session, tx.weaving._at_rest.vault  # noqa: SLF001
            arrival = take_numbers(session, ARRIVAL, sum(map(len, cases)))
            for values in cases:
                case = next(self._uuids)
                rows[CaseRow].append(
                    self._case(case, CaseContent(case.hex(), "seed", None).seal(vault, case))
                )
                for position, value in enumerate(values):
                    seen = next(self._uuids)
                    rows[ObservationRow].append(self._observation(case, seen, position))
                    if value >= self.tokens:
                        rows[TokenRow].append(self._token(value))
                        self.tokens = value + 1
                    rows[TokenLinkRow].append(
                        {
                            "observation": seen,
                            "token": value + 1,
                            "key_id": self._key,
                            "arrival": arrival,
                        }
                    )
                    arrival += 1
                    self.links += 1
            for model, found in rows.items():
                session.execute(table_of(model).insert(), found)

    def match(self, first: int, last: int) -> None:
        """Store proven matches on values."""
        with self._store.write() as tx:
            session = tx.weaving._session  # noqa: SLF001
            change = take_numbers(session, CHANGE, last - first)
            rows = [
                {
                    "uuid": secrets.token_bytes(16),
                    "agreement": self._agreement,
                    "partner": "amparo",
                    "token": value + 1,
                    "lane": "network",
                    "match_id": secrets.token_bytes(16),
                    "change": change + value - first,
                    "status": "proven",
                    "reason": "",
                    "found": self._at,
                    "proven": self._at,
                }
                for value in range(first, last)
            ]
            session.execute(table_of(MatchRow).insert(), rows)

    def _case(self, uuid: bytes, content: bytes) -> dict[str, Any]:
        return {
            "uuid": uuid,
            "handle": uuid,
            "name": uuid,
            "origin": b"",
            "content": content,
            "born": "",
            "run": "",
            "seen": "",
            "changed": self._at,
        }

    def _observation(self, case: bytes, uuid: bytes, position: int) -> dict[str, Any]:
        return {
            "uuid": uuid,
            "case": case,
            "position": position,
            "fingerprint": uuid,
            "kind": Kind.PHONE.value,
            "subject": Subject.RECRUITER.value,
            "status": "tokenised",
            "reason": "",
            "content": b"",
            "version": 1,
        }

    def _token(self, value: int) -> dict[str, Any]:
        return {
            "id": value + 1,
            "key_id": self._key,
            "ciphertext": secrets.token_bytes(32),
            "weak": self._weak and value % _PER_CASE == 1,
            "created": self._at,
        }
