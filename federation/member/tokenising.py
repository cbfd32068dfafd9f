# SPDX-License-Identifier: Apache-2.0
"""The requester's side: from own observations to tokens, batch by batch."""

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial
from typing import Final

from federation.charter import LaneKey
from federation.errors import CryptoError, GenerationError, QuotaError
from federation.indicators import IndicatorClass, Lane
from federation.member.core import Core
from federation.member.custodians import Custodians, TokeniseReport
from federation.member.evaluating import Evaluator
from federation.storage import PendingObservation
from federation.tokens import MIN_BATCH, Batch, largest_batch, oprf_input

__all__ = ["TokeniseReport", "Tokeniser"]

TOKENISED_LANES: Final = (Lane.NETWORK,)
"""The survivor lane opens only with consent, which this version cannot record yet."""

_SMALLER: Final = (512, 64, MIN_BATCH)
"""Batch sizes that are tried, one after the other, when a budget runs out."""
_ROWS: Final = 2_000
"""Most rows in one writing transaction."""


@dataclass(frozen=True, slots=True)
class _Page:
    """Observations that wait, blinded and ready to be sent."""

    inputs: dict[bytes, list[PendingObservation]]
    """Equal values in several cases are one evaluation, and one charge."""
    batch: Batch
    last: PendingObservation


class Tokeniser:
    """Turns what waits into tokens."""

    def __init__(self, core: Core, evaluator: Evaluator) -> None:
        self._core = core
        self._custodians = Custodians(core, evaluator)

    def run(self, progress: Callable[[int], None] | None = None) -> TokeniseReport:
        """Tokenise everything that waits, batch by batch; each batch is kept at once.

        Args:
            progress: Called with the number of tokens made so far.

        Raises:
            QuorumError: Too few custodians answered honestly.
            QuotaError: The budget is spent.
        """
        report = TokeniseReport()
        charter = self._core.require_charter().charter
        for lane in TOKENISED_LANES:
            for key in charter.live_keys(lane, IndicatorClass.IDENTIFIER):
                self._run_key(key, report, progress)
        return report

    def _run_key(
        self, key: LaneKey, report: TokeniseReport, progress: Callable[[int], None] | None
    ) -> None:
        size = self._largest_batch(key)
        page = self._read(key, size)
        while page is not None:
            # While the custodians work, the next page is read and blinded.
            coming = self._core.compute.ahead(partial(self._read, key, size, page.last))
            try:
                tokens = self._custodians.evaluate(page.batch, key, report)
            except GenerationError:
                # The key was reshared meanwhile: others serve its new generation.
                now = self._as_listed(key)
                if now is None or now == key:
                    raise
                key = now
                page = self._read(key, size)
                continue
            except QuotaError:
                # What is left of the budget may still hold a smaller batch.
                size = next((step for step in _SMALLER if step < page.batch.size), 0)
                if not size:
                    raise
                page = self._read(key, size)
                continue
            self._keep(key, page, tokens, report)
            report.batches += 1
            if progress is not None:
                progress(report.tokens)
            # From the start again at the end: more may have come in meanwhile.
            page = coming() or self._read(key, size)

    def _read(
        self, key: LaneKey, size: int, after: PendingObservation | None = None
    ) -> _Page | None:
        with self._core.store.read() as tx:
            waiting = tx.cases.pending(key.key_id, size, after)
        if not waiting:
            return None
        inputs: dict[bytes, list[PendingObservation]] = {}
        for seen in waiting:
            inputs.setdefault(_input(key, seen), []).append(seen)
        return _Page(inputs, Batch(list(inputs), self._core.compute), waiting[-1])

    def _keep(self, key: LaneKey, page: _Page, tokens: list[bytes], report: TokeniseReport) -> None:
        pairs = [
            (seen.uuid, token)
            for token, group in zip(tokens, page.inputs.values(), strict=True)
            for seen in group
        ]
        for start in range(0, len(pairs), _ROWS):
            with self._core.store.write() as tx:
                # A case may have been deleted while the custodians were asked.
                part = pairs[start : start + _ROWS]
                there = tx.cases.still_matchable([uuid for uuid, _ in part])
                kept = [pair for pair in part if pair[0] in there]
                report.tokens += tx.tokens.add(key.key_id, kept, self._core.clock())

    def _as_listed(self, key: LaneKey) -> LaneKey | None:
        charter = self._core.require_charter().charter
        return next((one for one in charter.keys if one.key_id == key.key_id), None)

    def _largest_batch(self, key: LaneKey) -> int:
        """A batch beyond the whole day's budget would be refused every day again."""
        charter = self._core.require_charter().charter
        me = charter.member(self._core.me)
        limits = charter.rules.quota(me, key.cls, self._core.clock())
        return max(MIN_BATCH, largest_batch(min(limits.daily, limits.monthly)))


def _input(key: LaneKey, seen: PendingObservation) -> bytes:
    if seen.value is None or seen.version is None:
        raise CryptoError("an observation waits for a token without its normal form")
    return oprf_input(seen.version, key.lane.value, key.cls.value, seen.kind.value, seen.value)
