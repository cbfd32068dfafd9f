# SPDX-License-Identifier: Apache-2.0
"""The threshold evaluation: a quorum of custodians answers as the whole key would.

Custodian i returns ``Z_i = (lambda_i * k_i) * B``; the member adds the answers of the
quorum, and the sum is ``k * B``. Everything before and after is RFC 9497, bit for bit.

An answer is held against ``lambda_i * Y_i``, which the verifier computes from the public
share: by a proof for a batch of up to 64 elements, by `BatchCheck` for a larger one.
"""

import secrets
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass

from federation.crypto import dleq
from federation.crypto.encoding import LP, U16, U32
from federation.crypto.group import (
    ELEMENT_LENGTH,
    GENERATOR,
    Element,
    add_each,
    count_elements,
    scalarmult,
    scalarmult_base,
    scalarmult_batch,
    validate_elements,
)
from federation.crypto.scalars import mul_scalars
from federation.crypto.shares import GroupKey, KeyShare, check_indices, lagrange
from federation.crypto.weighted import weighted_sum
from federation.errors import (
    DeserializeError,
    GenerationError,
    InvalidInputError,
    ShareVerifyError,
    VerifyError,
)

__all__ = [
    "MAX_PROVED",
    "BatchCheck",
    "ShareEvaluation",
    "combine",
    "evaluate",
    "evaluation_context",
    "verify_share",
]

MAX_PROVED = 64
"""Batches up to this size always carry a proof."""

_LABEL = b"ct/v1/eval"


@dataclass(frozen=True, slots=True)
class ShareEvaluation:
    """One custodian's answer to a batch."""

    elements: bytes
    """Z_i, 32 octets per blinded element, in the order of the request."""
    proof: bytes | None
    """The DLEQ proof, 64 octets, or None."""


def evaluation_context(
    key_id: bytes, generation: int, quorum: Sequence[int], custodian: int
) -> bytes:
    """Return what a proof is bound to beside its elements.

    Args:
        key_id: Which key.
        generation: Which sharing of it.
        quorum: All indices that the request names, ascending.
        custodian: Whose answer it is.

    Raises:
        InvalidInputError: The quorum is malformed.
    """
    ids = b"".join(U16(index) for index in check_indices(quorum))
    return _LABEL + LP(key_id) + U32(generation) + LP(ids) + U16(custodian)


def evaluate(
    share: KeyShare,
    quorum: Sequence[int],
    elements: bytes,
    key_id: bytes,
    generation: int,
    *,
    prove: bool,
) -> ShareEvaluation:
    """Answer a batch as one custodian of a quorum.

    Args:
        share: The custodian's share.
        quorum: The indices that the request names, ascending; they decide lambda.
        elements: The blinded elements.
        key_id: The key that the request names.
        generation: The generation that the request names.
        prove: Whether a proof is wanted for more than 64 elements; up to 64 it is always made.

    Raises:
        GenerationError: The share is of another key or generation.
        InvalidInputError: The quorum is malformed, too small, or without this custodian;
            or there is no element.
        DeserializeError: An element is not canonical, or is the identity.
    """
    if (share.key_id, share.generation) != (key_id, generation):
        raise GenerationError("the share is of another key or generation")
    listed = check_indices(quorum)
    if len(listed) < share.threshold:
        raise InvalidInputError("the quorum is smaller than the threshold")
    count = count_elements(elements)
    if count == 0:
        raise InvalidInputError("there is nothing to evaluate")
    # lagrange() refuses a quorum that this custodian is not in.
    scalar = mul_scalars(lagrange(share.index, listed), share.secret)
    evaluated = scalarmult_batch(scalar, elements)
    if not prove and count > MAX_PROVED:
        return ShareEvaluation(evaluated, None)
    ctx = evaluation_context(key_id, generation, listed, share.index)
    public = scalarmult_base(scalar)
    proof = dleq.generate_proof(scalar, GENERATOR, public, elements, evaluated, ctx=ctx)
    return ShareEvaluation(evaluated, proof)


def verify_share(
    key: GroupKey,
    quorum: Sequence[int],
    custodian: int,
    blinded: bytes,
    evaluation: ShareEvaluation,
) -> None:
    """Check one custodian's proof against ``lambda_i * Y_i``.

    Args:
        key: The public key, from the charter; never from the custodian.
        quorum: The indices of the request.
        custodian: Who answered.
        blinded: The elements that were sent.
        evaluation: The answer.

    Raises:
        ShareVerifyError: The answer has no proof, the wrong size, or does not hold.
        InvalidInputError: The quorum is malformed or not of this key.
    """
    listed = check_indices(quorum)
    public_share = key.public_shares.get(custodian)
    if public_share is None or not set(listed) <= key.public_shares.keys():
        raise InvalidInputError("the quorum names a custodian that the key does not have")
    if evaluation.proof is None:
        raise ShareVerifyError([custodian], "an answer came without its proof")
    if len(evaluation.elements) != len(blinded):
        raise ShareVerifyError([custodian], "an answer has the wrong size")
    public = scalarmult(lagrange(custodian, listed), public_share)
    ctx = evaluation_context(key.key_id, key.generation, listed, custodian)
    try:
        dleq.verify_proof(
            GENERATOR, public, blinded, evaluation.elements, evaluation.proof, ctx=ctx
        )
    except VerifyError as error:
        raise ShareVerifyError([custodian]) from error


def combine(answers: Mapping[int, bytes]) -> bytes:
    """Add up the answers of a quorum, element by element.

    Args:
        answers: The evaluated elements by custodian index, exactly the quorum.

    Returns:
        ``k * B`` for every blinded element B.

    Raises:
        ShareVerifyError: Answers hold what is not an element, or differ in length.
        InvalidInputError: There is no answer.
    """
    if not answers:
        raise InvalidInputError("there is no answer to combine")
    first, *rest = answers.values()
    try:
        if not rest:
            validate_elements(first)
        for answer in rest:
            first = add_each(first, answer)
    except DeserializeError as error:
        raise ShareVerifyError(_unreadable(answers)) from error
    return first


def _unreadable(answers: Mapping[int, bytes]) -> list[int]:
    usual = max(len(answer) for answer in answers.values())
    culprits = []
    for custodian, answer in answers.items():
        try:
            validate_elements(answer)
        except DeserializeError:
            culprits.append(custodian)
            continue
        if len(answer) != usual:
            culprits.append(custodian)
    return culprits


def _coefficients(count: int) -> bytes:
    # Uniform in 1..255: zero octets are thrown away.
    drawn = b""
    while len(drawn) < count:
        drawn += secrets.token_bytes(count - len(drawn) + 64).replace(b"\x00", b"")
    return drawn[:count]


class BatchCheck:
    """A check of a large batch by one random combination of its elements.

    It can only be made when all answers are in, because it takes them: the coefficients
    are drawn then. Send `element` to the same quorum, key and generation as an element of
    a batch of at most 64, check the proofs of that batch, and hand the answers to
    `element` to `verify`. One wrong element is always found; any set of wrong elements
    escapes with a probability of at most 1/255.
    """

    def __init__(
        self,
        blinded: bytes,
        answers: Mapping[int, bytes],
        *,
        weigh: Callable[[bytes, bytes], Element] = weighted_sum,
    ) -> None:
        """Draw coefficients for a batch whose answers are in.

        Args:
            blinded: The elements that were sent, padding included.
            answers: The evaluated elements by custodian index, the whole quorum.
            weigh: Computes `weighted_sum`, perhaps in other processes.

        Raises:
            ShareVerifyError: An answer has another size than the batch.
            InvalidInputError: There is no element, or no answer.
        """
        count = count_elements(blinded)
        if count == 0 or not answers:
            raise InvalidInputError("there is nothing to check")
        wrong = [index for index, answer in answers.items() if len(answer) != len(blinded)]
        if wrong:
            raise ShareVerifyError(wrong, "an answer has the wrong size")
        self._answers = dict(answers)
        self._weigh = weigh
        self.weights = _coefficients(count)
        """The coefficients, one octet an element: evidence, if the check fails."""
        self.element: Element = weigh(self.weights, blinded)
        """M, the combination of the blinded elements, to be evaluated with a proof."""

    def verify(self, combined: bytes, proved: Mapping[int, Element]) -> None:
        """Hold the batch against the proved answers to `element`.

        Args:
            combined: `combine` of the answers that the check was made with.
            proved: Each custodian's answer to `element`, its proof already checked.

        Raises:
            ShareVerifyError: The batch is wrong; names who sent something else than it proved.
            InvalidInputError: The answers are not of the same quorum.
        """
        if proved.keys() != self._answers.keys():
            raise InvalidInputError("the check was answered by another quorum")
        if len(combined) != len(self.weights) * ELEMENT_LENGTH:
            raise InvalidInputError("the combined batch has another size")
        if self._weigh(self.weights, combined) == combine(proved):
            return
        culprits = [
            custodian
            for custodian, answer in self._answers.items()
            if self._weigh(self.weights, answer) != proved[custodian]
        ]
        raise ShareVerifyError(culprits, "a batch differs from what its check proves")
