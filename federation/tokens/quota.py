# SPDX-License-Identifier: Apache-2.0
"""What guessing costs: the figures behind a custodian's budget."""

from federation.crypto.toprf import MAX_PROVED
from federation.errors import InvalidInputError

__all__ = ["charge_for", "guess_budget"]


def charge_for(elements: int) -> int:
    """Return what a request is charged: every element, and the check of a large batch with it."""
    return elements + (1 if elements > MAX_PROVED else 0)


def guess_budget(custodians: int, threshold: int, quota: int, colluding: int = 0) -> int:
    """Return how many guesses a member can make before every custodian's budget is spent.

    A member may rotate quorums, so the budgets add up; a custodian that is, or colludes with,
    the member answers without counting.

    Args:
        custodians: n.
        threshold: t.
        quota: q, elements per custodian in the period.
        colluding: c, fewer than t.

    Returns:
        ``(n - c) * q / (t - c)``, rounded down.

    Raises:
        InvalidInputError: t or more collude: there is no budget then.
    """
    if not 0 <= colluding < threshold <= custodians:
        raise InvalidInputError("with a quorum in collusion no budget holds")
    return (custodians - colluding) * quota // (threshold - colluding)
