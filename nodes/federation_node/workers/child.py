# SPDX-License-Identifier: Apache-2.0
"""A worker: reads jobs from standard input until the node is gone.

Shares, values and inputs come over the pipe, never as arguments or in the environment, and nothing
is kept between two jobs.
"""

import os
import signal
from collections.abc import Sequence
from typing import Final

from federation.crypto.oprf import blind_batch, finalize_batch
from federation.crypto.shares import KeyShare
from federation.crypto.toprf import combine, evaluate
from federation.crypto.weighted import weighted_sum
from federation.errors import CasethreadError
from federation_node.workers.frames import Operation, read_message, write_message

__all__ = ["main"]

_INDEX: Final = 2
_NUMBER: Final = 4


def main() -> None:
    """Work until standard input ends."""
    # Ctrl-C in the terminal reaches the whole group; the node decides when a worker ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    jobs = os.fdopen(os.dup(0), "rb")
    answers = os.fdopen(os.dup(1), "wb")
    # Nothing but answers may reach the node.
    os.dup2(2, 1)
    try:
        while (job := read_message(jobs)) is not None:
            write_message(answers, *_answer(*job))
    except BrokenPipeError:
        # The node is gone; flushing at exit must not complain about it.
        os.dup2(2, answers.fileno())


def _answer(operation: Operation, parts: Sequence[bytes]) -> tuple[Operation, Sequence[bytes]]:
    try:
        return Operation.DONE, _compute(operation, parts)
    except CasethreadError:
        return Operation.REFUSED, ()


def _compute(operation: Operation, parts: Sequence[bytes]) -> Sequence[bytes]:
    match operation:
        case Operation.BLIND:
            blinded = blind_batch(list(parts))
            return (blinded.blinds, blinded.elements)
        case Operation.EVALUATE:
            return (_evaluate(*parts),)
        case Operation.COMBINE:
            return (combine(dict(enumerate(parts))),)
        case Operation.WEIGH:
            return (weighted_sum(*parts),)
        case Operation.FINALIZE:
            blinds, evaluated, *values = parts
            return (b"".join(finalize_batch(values, blinds, evaluated)),)
        case Operation.ASSESS:
            # What normalising needs is large, and most workers never normalise.
            from federation_node.workers.values import assess_packed

            return (assess_packed(*parts),)
        case _:
            raise ValueError("an answer is no job")


def _evaluate(
    numbers: bytes, secret: bytes, key_id: bytes, quorum: bytes, elements: bytes
) -> bytes:
    index, generation, threshold = (
        int.from_bytes(numbers[at : at + _NUMBER]) for at in range(0, 3 * _NUMBER, _NUMBER)
    )
    ids = [int.from_bytes(quorum[at : at + _INDEX]) for at in range(0, len(quorum), _INDEX)]
    share = KeyShare(index, secret, key_id, generation, threshold)
    return evaluate(share, ids, elements, key_id, generation, prove=False).elements


if __name__ == "__main__":
    main()
