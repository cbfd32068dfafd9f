# SPDX-License-Identifier: Apache-2.0
"""The exchange.

Two members with databases on disk. Messages are encoded, signed, verified and decoded, without
sockets. The tokens of the large sets are random, because the exchange does not depend on how they
were made. Both members run in one thread, so the seconds are those of both. For what comes new, the
partner's node has answered before: the first bucket after its start also reads all its tokens from
the database, once. The evaluations are those of two custodians in that same thread.
"""

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from time import process_time

from benchmarks.memory import most_held
from benchmarks.seeding import BUDGET, add_tokens, federation, random_tokens
from benchmarks.table import Row, timed
from federation import Case, Kind, Subject
from federation.storage.matches import MatchStatus
from federation.testing import Federation

__all__ = ["Exchanged", "exchanged", "measure"]

_COMMON = 100


@dataclass(frozen=True, slots=True)
class Exchanged:
    """What exchanges between two members took."""

    seconds: float
    """First exchange, both members one after the other in one thread."""
    processor: float
    """Seconds of processor time in it."""
    sent: int
    """Bytes of all messages in it."""
    peak: float
    """Most memory of both members together, in MiB."""
    evaluated: float
    """Seconds of the evaluations of what came new."""
    rest: float
    """Seconds of everything else about it, from `put_cases` to the stored match."""
    rest_processor: float
    rest_sent: int


def measure(scale: float) -> Iterator[Row]:
    """Both exchanges in one federation, since making a million tokens takes longest."""
    large, new = max(200, int(1_000_000 * scale)), max(110, int(1_000 * min(1, 10 * scale)))
    took = exchanged(large, new)
    yield Row(
        f"first exchange, {large:,} random tokens a side, {_COMMON} common",
        f"{took.seconds:.1f} s, {took.processor:.1f} s of CPU",
        "< 30 s",
    )
    yield Row(
        "bytes per indicator on the wire, in the exchange", f"{took.sent / large:.1f}", "<= 24"
    )
    yield Row("most memory of both members together", f"{took.peak:.0f} MiB")
    yield Row(
        f"{new:,} new against {large:,}, {_COMMON} common: the evaluations",
        f"{took.evaluated:.2f} s",
    )
    yield Row(
        f"{new:,} new against {large:,}: import and exchange",
        f"{took.rest:.2f} s, {took.rest_processor:.2f} s of CPU",
        "<= 1 s",
    )


@cache
def exchanged(large: int, new: int) -> Exchanged:
    """Let two members with many tokens each meet, then some new ones come in.

    Args:
        large: Tokens of each.
        new: Observations that come new to one of them.
    """
    common = random_tokens(_COMMON)
    with federation("hope", "amparo") as fed:
        for name in ("hope", "amparo"):
            add_tokens(fed, name, random_tokens(large - _COMMON) + common)
        fed.agree("hope", "amparo", match_budget=BUDGET)
        fed.calls.clear()
        used = process_time()
        seconds = timed(fed.sync)
        used = process_time() - used
        sent = _sent(fed)
        assert _proven(fed) == [_COMMON, _COMMON]
        return Exchanged(seconds, used, sent, most_held(), *_few_against_many(fed, new))


def _few_against_many(fed: Federation, new: int) -> tuple[float, float, float, int]:
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
    fed.calls.clear()
    used -= process_time()
    compared = timed(lambda: fed.sync(["hope"]))
    used += process_time()
    assert _proven(fed) == [2 * _COMMON, 2 * _COMMON]
    return evaluated, imported + compared, used, _sent(fed)


def _sent(fed: Federation) -> int:
    calls = [call for call in fed.calls if "ExchangeService" in call.path]
    return sum(len(call.request) + len(call.reply) for call in calls)


def _proven(fed: Federation) -> list[int]:
    counts = []
    for seat in fed.seats.values():
        with seat.store.read() as tx:
            counts.append(tx.matches.counts()[MatchStatus.PROVEN])
    return counts
