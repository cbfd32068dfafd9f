# SPDX-License-Identifier: Apache-2.0
"""What a custodian signs about each answer, and what of it convinces a third party."""

import hashlib
import hmac
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from federation.charter import Identity, LaneKey
from federation.crypto import dsse
from federation.crypto.encoding import LP, U16, U32
from federation.crypto.toprf import ShareEvaluation, verify_share
from federation.crypto.weighted import weighted_sum
from federation.documents import Document, Hex16, Hex32, HexBytes, MemberId, open_envelope, sign
from federation.errors import CryptoError, ShareVerifyError, VerifyError

__all__ = ["Accusation", "Answered", "EvaluationStatement", "request_digest", "sign_statement"]

Index = Annotated[int, Field(ge=1, le=65535)]


def request_digest(
    requester: str,
    request_id: bytes,
    key_id: bytes,
    generation: int,
    quorum: tuple[int, ...],
    elements: bytes,
) -> bytes:
    """Name an evaluation request by everything that decides its answer.

    Returns:
        32 bytes.
    """
    head = LP(requester.encode()) + LP(request_id) + LP(key_id) + U32(generation)
    ids = b"".join(U16(index) for index in quorum)
    return hashlib.sha256(b"ct/v1/evaluate" + head + LP(ids) + elements).digest()


class EvaluationStatement(Document):
    """A custodian's word for what it was asked and what it answered."""

    TYPE: ClassVar[str] = "ct/v1/evaluation"
    LIMIT: ClassVar[int] = 4096

    custodian: MemberId
    index: Index
    requester: MemberId
    request_id: Hex16
    request: Hex32
    """`request_digest`."""
    answer: Hex32
    """SHA-256 of the elements returned, then the proof if there is one."""
    key_id: Hex16
    generation: Annotated[int, Field(ge=1, le=2**32 - 1)]
    quorum: Annotated[tuple[Index, ...], Field(min_length=1, max_length=64)]

    def check(
        self,
        *,
        index: int,
        requester: str,
        request_id: bytes,
        key_id: bytes,
        generation: int,
        quorum: tuple[int, ...],
        elements: bytes,
        evaluation: ShareEvaluation,
    ) -> None:
        """Hold the statement against a request and its answer.

        Raises:
            VerifyError: It speaks of something else.
        """
        expected = request_digest(requester, request_id, key_id, generation, quorum, elements)
        same = (
            (self.index, self.requester, self.request_id) == (index, requester, request_id)
            and (self.key_id, self.generation, self.quorum) == (key_id, generation, quorum)
            and hmac.compare_digest(self.request, expected)
            and hmac.compare_digest(self.answer, _answer_digest(evaluation))
        )
        if not same:
            raise VerifyError("an evaluation statement speaks of something else")


def _answer_digest(evaluation: ShareEvaluation) -> bytes:
    return hashlib.sha256(evaluation.elements + (evaluation.proof or b"")).digest()


def sign_statement(
    identity: Identity,
    *,
    index: int,
    requester: str,
    request_id: bytes,
    key_id: bytes,
    generation: int,
    quorum: tuple[int, ...],
    elements: bytes,
    evaluation: ShareEvaluation,
) -> bytes:
    """Sign what was answered; return the envelope."""
    statement = EvaluationStatement(
        custodian=identity.member_id,
        index=index,
        requester=requester,
        request_id=request_id,
        request=request_digest(requester, request_id, key_id, generation, quorum, elements),
        answer=_answer_digest(evaluation),
        key_id=key_id,
        generation=generation,
        quorum=quorum,
    )
    return dsse.encode(sign(statement, identity.member_id, identity.signing))


class Answered(Document):
    """One request and its answer, with the custodian's statement."""

    TYPE: ClassVar[str] = "ct/v1/answered"
    LIMIT: ClassVar[int] = 2 * 1024 * 1024

    elements: HexBytes
    """As they were sent."""
    answer: HexBytes
    """As they came back."""
    proof: HexBytes
    """Empty when there is none."""
    statement: HexBytes
    """The envelope."""

    @property
    def evaluation(self) -> ShareEvaluation:
        """The answer as `federation.crypto` has it."""
        return ShareEvaluation(self.answer, self.proof or None)

    def open(self, custodian: str, signing_key: bytes) -> EvaluationStatement:
        """Verify that the custodian signed exactly this request and this answer.

        Raises:
            VerifyError: It did not.
        """
        statement = open_envelope(
            EvaluationStatement, self.statement, {custodian: signing_key}, threshold=1
        )
        statement.check(
            index=statement.index,
            requester=statement.requester,
            request_id=statement.request_id,
            key_id=statement.key_id,
            generation=statement.generation,
            quorum=statement.quorum,
            elements=self.elements,
            evaluation=self.evaluation,
        )
        return statement


class Accusation(Document):
    """Evidence that a custodian answered wrongly, for anybody who holds the charter.

    A wrong answer of up to 64 elements convicts itself: its proof does not hold. A wrong
    large batch is convicted by its check: the custodian proved another combination of the
    elements than it had returned.
    """

    TYPE: ClassVar[str] = "ct/v1/accusation"
    LIMIT: ClassVar[int] = 4 * 1024 * 1024

    custodian: MemberId
    batch: Answered
    check: Answered | None = None
    """The proved answer to the combination, for a large batch."""
    weights: HexBytes = b""
    """The coefficients of the combination, one byte for each element."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if (self.check is None) != (not self.weights):
            raise ValueError("a check comes with its weights")
        return self

    def convict(self, key: LaneKey, signing_key: bytes) -> None:
        """Return if the evidence convinces, for a third party that trusts only the charter.

        Args:
            key: The key in question, as the charter listed it.
            signing_key: The accused custodian's Ed25519 key, as the charter listed it.

        Raises:
            VerifyError: It does not: the answer holds, or was not this custodian's.
            MalformedError: The statement in it is none.
        """
        batch = self.batch.open(self.custodian, signing_key)
        listed = key.custodian(self.custodian)
        same = (batch.key_id, batch.generation) == (key.key_id, key.generation)
        if listed is None or not same or batch.index != listed.index:
            raise VerifyError("the evidence is about another key or custodian")
        if self.check is None:
            self._convict_proved(key, batch)
        else:
            self._convict_checked(key, batch, self.check, signing_key)

    def _convict_proved(self, key: LaneKey, batch: EvaluationStatement) -> None:
        if len(self.batch.elements) > 64 * 32:
            raise VerifyError("a large batch is convicted by its check only")
        try:
            verify_share(
                key.group, batch.quorum, batch.index, self.batch.elements, self.batch.evaluation
            )
        except ShareVerifyError:
            return
        raise VerifyError("the answer holds: the accusation is false")

    def _convict_checked(
        self, key: LaneKey, batch: EvaluationStatement, check: Answered, signing_key: bytes
    ) -> None:
        proved = check.open(self.custodian, signing_key)
        if (proved.key_id, proved.generation, proved.quorum, proved.requester) != (
            batch.key_id,
            batch.generation,
            batch.quorum,
            batch.requester,
        ):
            raise VerifyError("the check was asked of another quorum")
        verify_share(key.group, proved.quorum, proved.index, check.elements, check.evaluation)
        if 0 in self.weights or len(self.weights) * 32 != len(self.batch.elements):
            raise VerifyError("the coefficients do not fit the batch")
        try:
            # A second attempt's check is padded: the combination comes first.
            if weighted_sum(self.weights, self.batch.elements) != check.elements[:32]:
                raise VerifyError("the check was asked about other elements")
            wrong = weighted_sum(self.weights, self.batch.answer) != check.answer[:32]
        except CryptoError as error:
            if isinstance(error, VerifyError):
                raise
            return  # what it signed is no list of elements
        if not wrong:
            raise VerifyError("the answer holds: the accusation is false")
