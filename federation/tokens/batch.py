# SPDX-License-Identifier: Apache-2.0
"""One batch of inputs, from the member's side: blind, shuffle, pad; check, unblind, finalise."""

import secrets
from collections.abc import Mapping, Sequence
from typing import Final

from federation.crypto.group import ELEMENT_LENGTH, random_elements
from federation.crypto.shares import GroupKey
from federation.crypto.toprf import (
    MAX_PROVED,
    BatchCheck,
    ShareEvaluation,
    verify_share,
)
from federation.errors import InvalidInputError, ShareVerifyError
from federation.tokens.compute import Compute, InProcess
from federation.tokens.inputs import token_of
from federation.tokens.quota import charge_for

__all__ = ["MAX_BATCH", "MIN_BATCH", "Batch", "check_proved", "largest_batch", "padded_size"]

MIN_BATCH: Final = 8
MAX_BATCH: Final = 4_096
_STEP: Final = 512


def padded_size(count: int) -> int:
    """Return the stated batch size that holds ``count`` elements: 8, 64, or multiples of 512.

    Raises:
        InvalidInputError: There is nothing, or more than 4,096.
    """
    if not 1 <= count <= MAX_BATCH:
        raise InvalidInputError("a batch holds 1 to 4,096 inputs")
    for size in (MIN_BATCH, MAX_PROVED):
        if count <= size:
            return size
    return -(-count // _STEP) * _STEP


def largest_batch(budget: int) -> int:
    """Return the largest stated batch size whose charge a budget holds, 0 if none."""
    sizes = (MIN_BATCH, MAX_PROVED, *range(_STEP, MAX_BATCH + 1, _STEP))
    return max((size for size in sizes if charge_for(size) <= budget), default=0)


class Batch:
    """Inputs under fresh blinds, shuffled and padded, until their tokens are there."""

    def __init__(self, inputs: Sequence[bytes], compute: Compute | None = None) -> None:
        """Blind every input freshly.

        Args:
            inputs: 1 to 4,096 OPRF inputs (`oprf_input`).
            compute: Who does the arithmetic; this process without.

        Raises:
            InvalidInputError: There are none or too many.
        """
        size = padded_size(len(inputs))
        order = list(range(len(inputs)))
        # A custodian could otherwise tell columns or rows by their place in the batch.
        secrets.SystemRandom().shuffle(order)
        self._order = order
        self._values = [inputs[index] for index in order]
        self._compute = InProcess() if compute is None else compute
        blinded = self._compute.blind(self._values)
        self._blinds = blinded.blinds
        self.request_id = secrets.token_bytes(16)
        """Keys the charge; a retry with another quorum keeps it."""
        self.elements = blinded.elements + random_elements(size - len(inputs))
        """What is sent: blinded inputs, then padding; all uniformly random elements."""

    @property
    def size(self) -> int:
        """Number of elements, padding included."""
        return len(self.elements) // ELEMENT_LENGTH

    @property
    def needs_check(self) -> bool:
        """Whether the answers come without proofs, so that `BatchCheck` has to be used."""
        return self.size > MAX_PROVED

    def combine(self, answers: Mapping[int, bytes]) -> bytes:
        """Add up the answers of a quorum.

        Args:
            answers: Evaluated elements by custodian, exactly the quorum.

        Raises:
            ShareVerifyError: An answer is no list of elements.
        """
        return self._compute.combine(answers)

    def finish(self, combined: bytes) -> list[bytes]:
        """Turn answers that were checked and combined into tokens.

        Args:
            combined: From `combine`, checked.

        Returns:
            32-byte tokens in the order of the inputs.
        """
        wanted = combined[: len(self._values) * ELEMENT_LENGTH]
        outputs = self._compute.finalize(self._values, self._blinds, wanted)
        tokens = [b""] * len(outputs)
        for place, output in zip(self._order, outputs, strict=True):
            tokens[place] = token_of(output)
        return tokens

    def check(self, answers: Mapping[int, bytes]) -> BatchCheck:
        """Draw the check of a large batch, now that all answers are in.

        Raises:
            ShareVerifyError: An answer has another size than the batch.
        """
        return BatchCheck(self.elements, answers, weigh=self._compute.weigh)


def check_proved(
    key: GroupKey,
    quorum: Sequence[int],
    elements: bytes,
    evaluations: Mapping[int, ShareEvaluation],
) -> None:
    """Check the proofs of a whole quorum, and name everybody whose proof does not hold.

    Args:
        key: From the charter.
        quorum: The indices of the request, ascending.
        elements: What was sent.
        evaluations: The answers by custodian index.

    Raises:
        ShareVerifyError: With all culprits.
    """
    culprits: set[int] = set()
    for custodian, evaluation in evaluations.items():
        try:
            verify_share(key, quorum, custodian, elements, evaluation)
        except ShareVerifyError as error:
            culprits |= error.culprits
    if culprits:
        raise ShareVerifyError(culprits)
