# SPDX-License-Identifier: Apache-2.0
"""From an indicator's normal form to its token, with the help of a quorum of custodians.

- `inputs`: what exactly is evaluated
- `batch`: blind, shuffle, pad; check, unblind, finalise
- `compute`: who does the arithmetic of large batches
- `statement`: what a custodian signs about an answer, and evidence against it
- `quota`: what guessing costs
"""

from federation.tokens.batch import (
    MAX_BATCH,
    MIN_BATCH,
    Batch,
    check_proved,
    largest_batch,
    padded_size,
)
from federation.tokens.compute import Compute, InProcess
from federation.tokens.inputs import TOKEN_LENGTH, oprf_input
from federation.tokens.quota import charge_for, guess_budget
from federation.tokens.statement import (
    Accusation,
    Answered,
    EvaluationStatement,
    sign_statement,
)

__all__ = [
    "MAX_BATCH",
    "MIN_BATCH",
    "TOKEN_LENGTH",
    "Accusation",
    "Answered",
    "Batch",
    "Compute",
    "EvaluationStatement",
    "InProcess",
    "charge_for",
    "check_proved",
    "guess_budget",
    "largest_batch",
    "oprf_input",
    "padded_size",
    "sign_statement",
]
