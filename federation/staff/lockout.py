# SPDX-License-Identifier: Apache-2.0
"""How long an account waits after failed attempts.

Waiting is not for ever, so that who only knows a name cannot lock its owner out for good; and
it is long enough that nobody guesses a password that is no common one: 35 attempts on the
first day and 24 on each further one (NIST SP 800-63B asks for a limit of that kind).
"""

from datetime import timedelta
from typing import Final

__all__ = ["FREE", "LONGEST", "pause"]

FREE: Final = 4
"""Failures in a row that cost nothing: people mistype."""
LONGEST: Final = timedelta(hours=1)
_FIRST: Final = timedelta(seconds=15)
_DOUBLINGS: Final = 16
"""Enough to reach the longest; more would only make big numbers."""


def pause(failures: int) -> timedelta:
    """Return how long to wait before the next attempt.

    Args:
        failures: In a row.
    """
    if failures <= FREE:
        return timedelta(0)
    doublings = min(failures - FREE - 1, _DOUBLINGS)
    return min(LONGEST, _FIRST * (1 << doublings))
