# SPDX-License-Identifier: Apache-2.0
"""What the rules make of a value, before anything is known of the organisation that wrote it.

One result for normal form and built-in screening together, so that both can be worked out in
another process.
"""

import dataclasses
from dataclasses import dataclass
from typing import Final

from federation.errors import CasethreadError, NormalisationError
from federation.indicators.builtin_checks import check_built_in
from federation.indicators.kinds import Kind
from federation.indicators.normalise import Raw, normalise
from federation.indicators.verdicts import Screening

__all__ = ["CANNOT", "Assessment", "Written", "assess"]

CANNOT: Final = "not-normalisable"
"""Reason: the rules do not cover such a value at all."""

Written = tuple[Kind, Raw, str | None]
"""A value as it was written down: kind, text or fields, region."""


@dataclass(frozen=True, slots=True)
class Assessment:
    """What is known of a value by the rules alone."""

    value: str | None = dataclasses.field(repr=False)
    """The normal form; None if there is none."""
    reason: str = ""
    """Why there is none; a code."""
    screening: Screening | None = None
    """What the built-in lists and floors say of the normal form."""


def assess(written: Written) -> Assessment:
    """Bring a value into its normal form and screen it by the built-in lists.

    Args:
        written: The value.

    Returns:
        The normal form with its screening, or the reason why there is none.
    """
    kind, raw, region = written
    try:
        indicator = normalise(kind, raw, region=region)
    except NormalisationError as error:
        return Assessment(None, error.reason)
    except CasethreadError:
        return Assessment(None, CANNOT)
    return Assessment(indicator.value, screening=check_built_in(indicator))
