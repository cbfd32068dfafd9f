# SPDX-License-Identifier: Apache-2.0
"""The record: appending, checking, proving, and a bundle of all of it. The database is on disk."""

import secrets
from collections.abc import Iterator
from datetime import timedelta

from benchmarks.seeding import federation
from benchmarks.table import Row, timed
from federation.audit import Event, Log, Record
from federation.audit.verify import verify_bundle
from federation.member.evidence import Selection
from federation.storage import Named
from federation.testing import Federation

__all__ = ["measure"]

_AT_ONCE = 64
"""Entries of one transaction in bulk, as the padding before a checkpoint."""


def measure(scale: float) -> Iterator[Row]:
    """A log of a hundred thousand entries, about a year of a quiet node."""
    size = max(640, int(100_000 * scale))
    with federation("hope", "amparo") as fed:
        singles = max(20, min(500, size // 100))
        seconds = timed(lambda: [_append(fed, 1) for _ in range(singles)])
        yield Row(
            "one entry with a reference, commit included", f"{seconds / singles * 1e3:.1f} ms"
        )
        seconds = timed(lambda: [_append(fed, _AT_ONCE) for _ in range(size // _AT_ONCE)])
        yield Row(f"appending {size:,} entries, {_AT_ONCE} a transaction", f"{seconds:.1f} s")
        fed.clock.advance(hours=6)
        fed.drive()
        yield from _prove(fed)
        record = fed["hope"].record
        checked: list[int] = []
        seconds = timed(lambda: checked.append(record.check()))
        yield Row(
            f"checking {checked[0]:,} entries of the own record", f"{seconds:.1f} s", "< 10 s"
        )
        exported: list[bytes] = []
        since = Selection(since=fed.clock() - timedelta(days=30))
        seconds = timed(lambda: exported.append(record.export(since).bundle))
        mib = len(exported[0]) / 2**20
        yield Row("putting all of it into one bundle", f"{seconds:.1f} s, {mib:.0f} MiB")
        seconds = timed(lambda: verify_bundle(exported[0], witnesses=1))
        yield Row("checking that bundle, offline", f"{seconds:.1f} s", "< 10 s")


def _append(fed: Federation, count: int) -> None:
    with fed.seats["hope"].store.write() as tx:
        for _ in range(count):
            entry = Record(
                at=fed.clock(),
                event=Event.MATCH_READ,
                nonce=secrets.token_bytes(32),
                actor="operator",
                member="amparo",
            )
            tx.audit.append(entry, [Named("match", secrets.token_bytes(16))])


def _prove(fed: Federation) -> Iterator[Row]:
    with fed.seats["hope"].store.read() as tx:
        span = tx.audit.logs()[-1]
        log = Log(tx.audit.store_of(span))
        inclusion = timed(lambda: log.proof(span.size // 3, span.size // 3 + 1, span.size))
        consistency = timed(lambda: log.consistency(span.size // 3, span.size))
    yield Row(
        "proving one entry; that the log has grown",
        f"{inclusion * 1e3:.1f}, {consistency * 1e3:.1f} ms",
    )
