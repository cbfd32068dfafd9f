# SPDX-License-Identifier: Apache-2.0
"""The exchange: what comes in against a partner's million, and a first exchange of a million.

The tokens of the large sets are random and stored without an import (`benchmarks.seeding`).
Messages are encoded, signed, verified and decoded, without sockets; databases are on disk.
"""

from collections.abc import Iterator
from time import process_time

from benchmarks.seeding import BUDGET, add_tokens, federation, random_tokens
from benchmarks.table import Row, peak_mib, timed
from federation import Case, Kind, Subject
from federation.storage.matches import MatchStatus
from federation.testing import Federation

__all__ = ["measure"]

_COMMON = 100


def measure(scale: float) -> Iterator[Row]:
    """Both exchanges in one federation, since making a million tokens takes longest."""
    large, new = max(200, int(1_000_000 * scale)), max(110, int(1_000 * min(1, 10 * scale)))
    common = random_tokens(_COMMON)
    with federation("hope", "amparo") as fed:
        for name in ("hope", "amparo"):
            add_tokens(fed, name, random_tokens(large - _COMMON) + common)
        fed.agree("hope", "amparo", match_budget=BUDGET)
        fed.calls.clear()
        used = process_time()
        seconds = timed(fed.sync)
        used = process_time() - used
        sent = sum(len(call.request) + len(call.reply) for call in _exchanged(fed))
        assert _proven(fed) == [_COMMON, _COMMON]
        yield Row(
            f"first exchange, {large:,} random tokens a side, {_COMMON} common",
            f"{seconds:.1f} s, {used:.1f} s of CPU",
            "< 30 s",
        )
        yield Row("bytes per indicator on the wire, in the exchange", f"{sent / large:.1f}", "24")
        yield Row("most memory of both members together", f"{peak_mib():.0f} MiB")
        yield from _few_against_many(fed, large, new)


def _few_against_many(fed: Federation, large: int, new: int) -> Iterator[Row]:
    """From `put_cases` to the stored match; the partner has the same values among its many."""
    cases = [
        Case(f"H-{number}", region="MX").add(
            Kind.PHONE, f"+52 55 {23_456_789 + 7 * number}", Subject.RECRUITER, field="phone"
        )
        for number in range(new)
    ]
    fed["amparo"].put_cases(cases[:_COMMON])
    fed.sync(["amparo"])
    used = process_time()
    imported = timed(lambda: fed["hope"].put_cases(cases))
    used = process_time() - used
    evaluated = timed(fed["hope"].tokenise)
    used -= process_time()
    exchanged = timed(lambda: fed.sync(["hope"]))
    used += process_time()
    assert _proven(fed) == [2 * _COMMON, 2 * _COMMON]
    yield Row(
        f"{new:,} new against {large:,}, {_COMMON} common: the evaluations", f"{evaluated:.2f} s"
    )
    yield Row(
        f"{new:,} new against {large:,}: import and exchange",
        f"{imported + exchanged:.2f} s, {used:.2f} s of CPU",
        "<= 1 s",
    )


def _exchanged(fed: Federation) -> list:  # type: ignore[type-arg]
    return [call for call in fed.calls if "ExchangeService" in call.path]


def _proven(fed: Federation) -> list[int]:
    counts = []
    for seat in fed.seats.values():
        with seat.store.read() as tx:
            counts.append(tx.matches.counts()[MatchStatus.PROVEN])
    return counts
