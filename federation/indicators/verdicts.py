# SPDX-License-Identifier: Apache-2.0
"""What screening says about an indicator, and why."""

from dataclasses import dataclass
from enum import StrEnum


class Verdict(StrEnum):
    """What is to be done with an indicator."""

    PASS = "pass"  # noqa: S105 - not a password
    REFUSE = "refuse"
    """Never a token."""
    FLAG = "flag"
    """Not a token until a person at this organisation has looked at it."""


class ScreeningReason(StrEnum):
    """Why; a code that can be shown and counted."""

    NONE = ""
    PLACEHOLDER = "placeholder"
    """What is typed where the value is not known."""
    FICTIONAL = "fictional"
    """From a range that is kept for films, books and documentation."""
    HELPLINE = "helpline"
    """A published number of somebody who helps."""
    TOO_LITTLE = "too-little-information"
    """Under the entropy floor of its kind: it fits too many, and can be guessed."""
    COMMON = "common-value"
    """So many cases mention it that it ties nothing together."""
    LOCAL = "local-list"
    """On this organisation's own list, or near a place on it: its own numbers, a shelter."""


@dataclass(frozen=True, slots=True)
class Screening:
    """The outcome for one indicator."""

    verdict: Verdict
    """What is to be done."""
    reason: ScreeningReason = ScreeningReason.NONE
    """Why, unless it passes."""
