# SPDX-License-Identifier: Apache-2.0
"""The requester's side: from own observations to tokens, batch by batch."""

from collections import deque
from collections.abc import Callable, Iterator
from contextlib import suppress
from dataclasses import dataclass
from functools import partial
from typing import Final

from federation.audit import NODE, Count, Event
from federation.charter import LaneKey
from federation.errors import CasethreadError, CryptoError, GenerationError, QuotaError
from federation.indicators import Indicator, IndicatorClass, Lane, keys_of
from federation.member.consents import Consents
from federation.member.core import Core
from federation.member.custodians import Custodians, TokeniseReport
from federation.member.evaluating import Evaluator, may_ask
from federation.member.granting import good_grants
from federation.storage import PendingObservation
from federation.tokens import MIN_BATCH, Batch, Compute, largest_batch, oprf_input

__all__ = ["TokeniseReport", "Tokeniser"]

LANES: Final = (Lane.NETWORK, Lane.SURVIVOR)
"""In this order: what needs no consent does not wait for what does."""

_SMALLER: Final = (512, 64, MIN_BATCH)
"""Batch sizes that are tried, one after the other, when a budget runs out."""
_ASKED_BESIDE: Final = 2
"""Pages that the custodians work on while another is stored."""
_OBSERVATIONS: Final = 500
"""Most observations in one writing transaction; each has at most five tokens."""


@dataclass(frozen=True, slots=True)
class _Page:
    """Observations that wait, blinded and ready to be sent."""

    inputs: dict[bytes, list[bytes]]
    """Observations by input: equal values in several cases are one evaluation, one charge."""
    weak: frozenset[bytes]
    """The inputs whose equality only says "namesake" or "nearby"."""
    batch: Batch
    last: PendingObservation


class _Asked:
    """A page that the custodians are asked about, now or when its tokens are wanted."""

    def __init__(self, page: _Page, evaluate: Callable[[], list[bytes]], compute: Compute) -> None:
        self.page = page
        self._evaluate = evaluate
        self._given_up = False
        self.tokens = compute.ahead(self._ask)
        """Waits for the tokens of the page's inputs; none if it was given up in time."""

    def give_up(self) -> None:
        """Do not ask, unless that has begun."""
        self._given_up = True

    def _ask(self) -> list[bytes]:
        return [] if self._given_up else self._evaluate()


class Tokeniser:
    """Turns what waits into tokens."""

    def __init__(self, core: Core, evaluator: Evaluator, consents: Consents) -> None:
        self._core = core
        self._consents = consents
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
        role = charter.member(self._core.me).role
        for lane in LANES:
            if not may_ask(role, lane):
                continue
            for key in charter.live_keys(lane, IndicatorClass.IDENTIFIER):
                before = report.tokens
                try:
                    self._run_key(key, report, progress)
                finally:
                    if report.tokens > before:
                        self._record(key)
        return report

    def _record(self, key: LaneKey) -> None:
        """Write the entry of what was made; it was counted with the tokens."""
        with self._core.store.write() as tx:
            tx.audit.close_run(
                Event.TOKENS_MADE, self._core.clock(), actor=NODE.id, lane=key.lane, cls=key.cls
            )

    def _run_key(
        self, key: LaneKey, report: TokeniseReport, progress: Callable[[int], None] | None
    ) -> None:
        size = self._largest_batch(key)
        while True:
            try:
                # What lost its consent while custodians were asked does not wait any more.
                self._consents.settle()
                # Until nothing waits: more may have come in meanwhile.
                if not self._run_pages(key, size, report, progress):
                    return
            except GenerationError:
                # The key was reshared meanwhile: others serve its new generation.
                now = self._as_listed(key)
                if now is None or now == key:
                    raise
                key = now
            except QuotaError:
                # What is left of the budget may still hold a smaller batch.
                size = next((step for step in _SMALLER if step < size), 0)
                if not size:
                    raise

    def _run_pages(
        self,
        key: LaneKey,
        size: int,
        report: TokeniseReport,
        progress: Callable[[int], None] | None,
    ) -> bool:
        """Tokenise what waits, from the first page to the last; False if nothing did.

        While a page is stored, the custodians work on two and the one behind is read: neither
        they nor this node wait for each other.
        """
        asked: deque[_Asked] = deque()
        before = report.batches
        try:
            for page in self._pages(key, size):
                evaluate = partial(self._custodians.evaluate, page.batch, key, report)
                asked.append(_Asked(page, evaluate, self._core.compute))
                if len(asked) > _ASKED_BESIDE:
                    self._keep(key, asked.popleft(), report, progress)
            while asked:
                self._keep(key, asked.popleft(), report, progress)
        except CasethreadError:
            # The others are paid for already, or not asked any more.
            for one in asked:
                one.give_up()
            for one in asked:
                with suppress(CasethreadError):
                    self._keep(key, one, report, progress)
            raise
        return report.batches > before

    def _pages(self, key: LaneKey, size: int) -> Iterator[_Page]:
        """Read what waits page by page, each while those before are worked on."""
        coming = self._core.compute.ahead(partial(self._read, key, size))
        while (page := coming()) is not None:
            coming = self._core.compute.ahead(partial(self._read, key, size, page.last))
            yield page

    def _read(
        self, key: LaneKey, size: int, after: PendingObservation | None = None
    ) -> _Page | None:
        with self._core.store.read() as tx:
            keys = self._core.require_charter(tx).charter.keys
            foreign = [one.key_id for one in keys if one.lane is not key.lane]
            waiting = tx.cases.pending(key.key_id, size, after, lane=key.lane, foreign=foreign)
        if not waiting:
            return None
        inputs: dict[bytes, list[bytes]] = {}
        weak: set[bytes] = set()
        for last in waiting:
            found = dict(_inputs(key, last))
            # All tokens of an observation are made at once, or it would count as done too early.
            fresh = sum(one not in inputs for one in found)
            if inputs and len(inputs) + fresh > size:
                break
            for one, is_weak in found.items():
                inputs.setdefault(one, []).append(last.uuid)
                if is_weak:
                    weak.add(one)
            reached = last
        return _Page(inputs, frozenset(weak), Batch(list(inputs), self._core.compute), reached)

    def _keep(
        self,
        key: LaneKey,
        asked: _Asked,
        report: TokeniseReport,
        progress: Callable[[int], None] | None,
    ) -> None:
        """Wait for the tokens of a page, and store them."""
        page, tokens = asked.page, asked.tokens()
        if not tokens:
            return
        made: dict[bytes, list[bytes]] = {}
        weak = set()
        for (one, uuids), token in zip(page.inputs.items(), tokens, strict=True):
            if one in page.weak:
                weak.add(token)
            for uuid in uuids:
                made.setdefault(uuid, []).append(token)
        observations = list(made)
        for start in range(0, len(observations), _OBSERVATIONS):
            with self._core.store.write() as tx:
                # A case may have been deleted while the custodians were asked.
                there = tx.cases.still_matchable(observations[start : start + _OBSERVATIONS])
                at = self._core.clock()
                if key.lane is Lane.SURVIVOR:
                    there = tx.consents.valid_among(there, at)
                pairs = [(uuid, token) for uuid in sorted(there) for token in made[uuid]]
                new = tx.tokens.add(key.key_id, pairs, at, weak=weak)
                facts = {"actor": NODE.id, "lane": key.lane, "cls": key.cls}
                tx.audit.count(Event.TOKENS_MADE, at, {Count.TOKENS: new}, **facts)
                report.tokens += new
        report.batches += 1
        if progress is not None:
            progress(report.tokens)

    def _as_listed(self, key: LaneKey) -> LaneKey | None:
        charter = self._core.require_charter().charter
        return next((one for one in charter.keys if one.key_id == key.key_id), None)

    def _largest_batch(self, key: LaneKey) -> int:
        """A batch beyond the whole day's budget would be refused every day again."""
        charter = self._core.require_charter().charter
        at = self._core.clock()
        limits = charter.rules.quota(charter.member(self._core.me), key.cls, at)
        with self._core.store.read() as tx:
            grants = good_grants(tx, charter, self._core.me, key, at)
        budgets = [min(limits.daily, limits.monthly), *(grant.budget for grant in grants)]
        return max(MIN_BATCH, largest_batch(max(budgets)))


def _inputs(key: LaneKey, seen: PendingObservation) -> Iterator[tuple[bytes, bool]]:
    """Yield each input of an observation, and whether it is weak."""
    if seen.value is None or seen.version is None:
        raise CryptoError("an observation waits for a token without its normal form")
    lane, cls, kind = key.lane.value, key.cls.value, seen.kind.value
    for one in keys_of(Indicator(seen.kind, seen.value, seen.version)):
        yield oprf_input(seen.version, lane, cls, kind, one.value, slot=one.slot), one.weak
