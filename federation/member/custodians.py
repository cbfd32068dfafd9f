# SPDX-License-Identifier: Apache-2.0
"""Ask a quorum of custodians, and name who answers wrongly, with evidence."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass, field
from functools import partial
from typing import Final

from federation.charter import LaneKey
from federation.crypto.group import random_elements
from federation.crypto.toprf import ShareEvaluation
from federation.documents import open_envelope
from federation.errors import (
    CasethreadError,
    GenerationError,
    MalformedError,
    PeerError,
    QuorumError,
    QuotaError,
    ShareVerifyError,
    VerifyError,
)
from federation.member.core import Core
from federation.member.evaluating import Evaluator
from federation.messages import Evaluate, Evaluation
from federation.tokens import (
    Accusation,
    Answered,
    Batch,
    EvaluationStatement,
    check_proved,
    padded_size,
)

__all__ = ["Custodians", "TokeniseReport"]

_EVALUATION_TIMEOUT: Final = 120.0


@dataclass(slots=True)
class TokeniseReport:
    """What one run of tokenising did."""

    tokens: int = 0
    batches: int = 0
    culprits: set[str] = field(default_factory=set)
    """Custodians that answered wrongly, with evidence kept."""
    accusations: list[Accusation] = field(default_factory=list)


@dataclass(frozen=True, slots=True)
class _Answer:
    """One custodian's answer to one request, its statement checked."""

    evaluation: ShareEvaluation
    answered: Answered


class Custodians:
    """Has batches evaluated by whatever quorum is honest."""

    def __init__(self, core: Core, evaluator: Evaluator) -> None:
        self._core = core
        self._evaluator = evaluator

    def evaluate(self, batch: Batch, key: LaneKey, report: TokeniseReport) -> list[bytes]:
        """Try quorums until one answers honestly; leave out who fails or cheats.

        Args:
            batch: What to evaluate.
            key: Under which key.
            report: Gathers the evidence against who cheats.

        Returns:
            The tokens, in the order of the batch's inputs.

        Raises:
            QuorumError: Too few custodians answered honestly.
            QuotaError: The budget is spent at so many that no quorum is left.
            GenerationError: Likewise, because the key was shared anew.
        """
        failed: dict[str, CasethreadError] = {}
        checked: set[str] = set()
        while True:
            quorum = self._quorum(key, failed)
            try:
                answers = self._ask(key, quorum, batch.request_id, batch.elements, check_of=None)
                combined = self._check(batch, key, quorum, answers, checked, report)
            except _UnavailableError as unavailable:
                failed[unavailable.member] = unavailable.reason
                continue
            except ShareVerifyError as error:
                for culprit in error.culprits:
                    failed[quorum[culprit]] = error
                # In one step: several batches are evaluated at the same time.
                report.culprits.update(quorum[culprit] for culprit in error.culprits)
                continue
            return batch.finish(combined)

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
        asked = [partial(self._ask_one, index, member, request) for index, member in quorum.items()]
        return dict(zip(quorum, self._core.compute.gather(asked), strict=True))

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
    ) -> bytes:
        """Check and combine the answers of a quorum; keep evidence against who cheated.

        Args:
            batch: The batch.
            key: Its key.
            quorum: Who answered.
            answers: What was answered.
            checked: Custodians that were asked for the check paid with this batch already.
            report: Gathers the evidence.

        Returns:
            The combined answers.

        Raises:
            ShareVerifyError: Names the culprits by index.
        """
        elements = {index: one.evaluation.elements for index, one in answers.items()}
        if not batch.needs_check:
            self._check_proofs(key, quorum, batch.elements, answers, report)
            return batch.combine(elements)
        # Sizes first: the sum could not tell who answered too much from who answered too little.
        check = batch.check(elements)
        combined = batch.combine(elements)
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
        return combined

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
