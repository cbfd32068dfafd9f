# SPDX-License-Identifier: Apache-2.0
"""The requester's side: from own observations to tokens, with whatever quorum is honest."""

import secrets
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Final

from federation.charter import LaneKey
from federation.crypto.group import random_elements
from federation.crypto.toprf import ShareEvaluation, combine
from federation.documents import open_envelope
from federation.errors import (
    CasethreadError,
    CryptoError,
    GenerationError,
    MalformedError,
    PeerError,
    QuorumError,
    QuotaError,
    ShareVerifyError,
    VerifyError,
)
from federation.indicators import IndicatorClass, Lane
from federation.member.core import Core
from federation.member.evaluating import Evaluator
from federation.messages import Evaluate, Evaluation
from federation.storage import StoredObservation
from federation.tokens import (
    MIN_BATCH,
    Accusation,
    Answered,
    Batch,
    EvaluationStatement,
    check_proved,
    largest_batch,
    oprf_input,
    padded_size,
)

__all__ = ["TokeniseReport", "Tokeniser"]

TOKENISED_LANES: Final = (Lane.NETWORK,)
"""The survivor lane opens only with consent, which this version cannot record yet."""

_SMALLER: Final = (512, 64, MIN_BATCH)
"""Batch sizes that are tried, one after the other, when a budget runs out."""
_ROWS: Final = 2_000
"""Most rows in one writing transaction."""
_EVALUATION_TIMEOUT: Final = 120.0


@dataclass(slots=True)
class TokeniseReport:
    """What one run of tokenising did."""

    tokens: int = 0
    batches: int = 0
    culprits: frozenset[str] = frozenset()
    """Custodians that answered wrongly, with evidence kept."""
    accusations: list[Accusation] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Answer:
    """One custodian's answer to one request, its statement checked."""

    evaluation: ShareEvaluation
    answered: Answered


class Tokeniser:
    """Turns what waits into tokens."""

    def __init__(self, core: Core, evaluator: Evaluator) -> None:
        self._core = core
        self._evaluator = evaluator

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
        while True:
            with self._core.store.read() as tx:
                waiting = tx.cases.pending(key.key_id, size)
            if not waiting:
                return
            # Equal values in several cases are one evaluation, and one charge.
            inputs: dict[bytes, list[StoredObservation]] = {}
            for seen in waiting:
                inputs.setdefault(_input(key, seen), []).append(seen)
            batch = Batch(list(inputs))
            try:
                tokens = self._evaluate(batch, key, report)
            except QuotaError:
                # What is left of the budget may still hold a smaller batch.
                size = next((step for step in _SMALLER if step < batch.size), 0)
                if not size:
                    raise
                continue
            pairs = [
                (seen.uuid, token)
                for token, group in zip(tokens, inputs.values(), strict=True)
                for seen in group
            ]
            for start in range(0, len(pairs), _ROWS):
                with self._core.store.write() as tx:
                    # A case may have been deleted while the custodians were asked.
                    part = pairs[start : start + _ROWS]
                    there = tx.cases.still_matchable([uuid for uuid, _ in part])
                    kept = [pair for pair in part if pair[0] in there]
                    report.tokens += tx.tokens.add(key.key_id, kept, self._core.clock())
            report.batches += 1
            if progress is not None:
                progress(report.tokens)

    def _largest_batch(self, key: LaneKey) -> int:
        """A batch beyond the whole day's budget would be refused every day again."""
        charter = self._core.require_charter().charter
        me = charter.member(self._core.me)
        limits = charter.rules.quota(me, key.cls, self._core.clock())
        return max(MIN_BATCH, largest_batch(min(limits.daily, limits.monthly)))

    def _evaluate(self, batch: Batch, key: LaneKey, report: TokeniseReport) -> list[bytes]:
        """Try quorums until one answers honestly; leave out who fails or cheats."""
        failed: dict[str, CasethreadError] = {}
        checked: set[str] = set()
        while True:
            quorum = self._quorum(key, failed)
            try:
                answers = self._ask(key, quorum, batch.request_id, batch.elements, check_of=None)
                self._check(batch, key, quorum, answers, checked, report)
            except _UnavailableError as unavailable:
                failed[unavailable.member] = unavailable.reason
                continue
            except ShareVerifyError as error:
                for culprit in error.culprits:
                    failed[quorum[culprit]] = error
                report.culprits |= {quorum[culprit] for culprit in error.culprits}
                continue
            return batch.finish({index: one.evaluation.elements for index, one in answers.items()})

    def _quorum(self, key: LaneKey, failed: Mapping[str, CasethreadError]) -> dict[int, str]:
        """Choose who evaluates: oneself where possible, the rest at random."""
        able = [one for one in key.custodians if one.member not in failed]
        if len(able) < key.threshold:
            for error in failed.values():
                if isinstance(error, QuotaError | GenerationError):
                    raise error
            names = ", ".join(sorted(failed))
            raise QuorumError(
                f"{key.threshold} custodians are needed and only {len(able)} answer honestly"
                f" (not: {names})",
                [member for member, error in failed.items() if isinstance(error, ShareVerifyError)],
            )
        able.sort(key=lambda one: (one.member != self._core.me, secrets.randbits(32)))
        return {
            one.index: one.member
            for one in sorted(able[: key.threshold], key=lambda one: one.index)
        }

    def _ask(
        self,
        key: LaneKey,
        quorum: dict[int, str],
        request_id: bytes,
        elements: bytes,
        *,
        check_of: bytes | None,
    ) -> dict[int, _Answer]:
        request = Evaluate(
            request_id=request_id,
            key_id=key.key_id,
            generation=key.generation,
            quorum=tuple(quorum),
            elements=elements,
            prove=len(elements) // 32 <= 64,
            check_of=check_of,
        )
        return {index: self._ask_one(index, member, request) for index, member in quorum.items()}

    def _ask_one(self, index: int, member: str, request: Evaluate) -> _Answer:
        try:
            if member == self._core.me:
                reply = self._evaluator.handle(member, request)
            else:
                reply = self._core.call(member, request, timeout=_EVALUATION_TIMEOUT)
        except CasethreadError as error:
            # Whatever it is, the others can do without this custodian.
            self._core.log.warning("custodian_failed", member=member, error=type(error).__name__)
            raise _UnavailableError(member, error) from error
        return self._check_statement(index, member, request, reply)

    def _check_statement(
        self, index: int, member: str, request: Evaluate, reply: Evaluation
    ) -> _Answer:
        """An answer counts only with a statement that would convict a wrong one."""
        evaluation = ShareEvaluation(reply.elements, reply.proof)
        keys = {member: self._core.require_charter().charter.member(member).signing_key}
        try:
            statement = open_envelope(EvaluationStatement, reply.statement, keys, 1)
            statement.check(
                index=index,
                requester=self._core.me,
                request_id=request.request_id,
                key_id=request.key_id,
                generation=request.generation,
                quorum=request.quorum,
                elements=request.elements,
                evaluation=evaluation,
            )
        except (VerifyError, MalformedError) as error:
            self._core.log.warning("statement_refused", member=member)
            raise _UnavailableError(member, error) from error
        answered = Answered(
            elements=request.elements,
            answer=reply.elements,
            proof=reply.proof or b"",
            statement=reply.statement,
        )
        return _Answer(evaluation, answered)

    def _check(
        self,
        batch: Batch,
        key: LaneKey,
        quorum: dict[int, str],
        answers: dict[int, _Answer],
        checked: set[str],
        report: TokeniseReport,
    ) -> None:
        """Check the answers of a quorum; keep evidence against who cheated.

        Args:
            batch: The batch.
            key: Its key.
            quorum: Who answered.
            answers: What was answered.
            checked: Custodians that were asked for the check paid with this batch already.
            report: Gathers the evidence.

        Raises:
            ShareVerifyError: Names the culprits by index.
        """
        evaluations = {index: one.evaluation for index, one in answers.items()}
        if not batch.needs_check:
            self._check_proofs(key, quorum, batch.elements, answers, report)
            return
        elements = {index: one.elements for index, one in evaluations.items()}
        # Sizes first: the sum could not tell who answered too much from who answered too little.
        check = batch.check(elements)
        combined = combine(elements)
        # The batch paid for one check at each custodian. Where one of the quorum has served it
        # in an earlier attempt, the check is a small batch of its own.
        prepaid = checked.isdisjoint(quorum.values())
        checked.update(quorum.values())
        padding = b"" if prepaid else random_elements(padded_size(1) - 1)
        asked = self._ask(
            key,
            quorum,
            secrets.token_bytes(16),
            check.element + padding,
            check_of=batch.request_id if prepaid else None,
        )
        self._check_proofs(key, quorum, check.element + padding, asked, report)
        try:
            check.verify(
                combined, {index: one.evaluation.elements[:32] for index, one in asked.items()}
            )
        except ShareVerifyError as error:
            for index in error.culprits:
                self._accuse(
                    Accusation(
                        custodian=quorum[index],
                        batch=answers[index].answered,
                        check=asked[index].answered,
                        weights=check.weights,
                    ),
                    report,
                )
            raise

    def _check_proofs(
        self,
        key: LaneKey,
        quorum: dict[int, str],
        elements: bytes,
        answers: dict[int, _Answer],
        report: TokeniseReport,
    ) -> None:
        evaluations = {index: one.evaluation for index, one in answers.items()}
        try:
            check_proved(key.group, tuple(quorum), elements, evaluations)
        except ShareVerifyError as error:
            for index in error.culprits:
                self._accuse(
                    Accusation(custodian=quorum[index], batch=answers[index].answered), report
                )
            raise

    def _accuse(self, accusation: Accusation, report: TokeniseReport) -> None:
        """Keep what convinces a third party, and tell the operator."""
        report.accusations.append(accusation)
        name = f"accusation/{accusation.custodian}/{secrets.token_hex(8)}"
        with self._core.store.write() as tx:
            tx.settings.put(name, accusation.to_bytes())
        self._core.log.warning("custodian_cheated", member=accusation.custodian)


class _UnavailableError(PeerError):
    """A custodian gave no usable answer; says which and why."""

    def __init__(self, member: str, reason: CasethreadError) -> None:
        super().__init__(f"{member} gave no usable answer")
        self.member = member
        self.reason = reason


def _input(key: LaneKey, seen: StoredObservation) -> bytes:
    if seen.value is None or seen.version is None:
        raise CryptoError("an observation waits for a token without its normal form")
    return oprf_input(seen.version, key.lane.value, key.cls.value, seen.kind.value, seen.value)
