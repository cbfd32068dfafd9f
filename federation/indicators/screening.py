# SPDX-License-Identifier: Apache-2.0
"""Screening: what must not become a token although it has a normal form.

A placeholder, a published helpline or a word that everybody writes would tie strangers' cases
together, and a value with too little in it can be guessed. What is screened out is counted and
shown with its reason, never silently dropped.
"""

import dataclasses
import hashlib
import json
from collections.abc import Iterable
from dataclasses import dataclass
from typing import Self

from federation.indicators.builtin_checks import check_built_in
from federation.indicators.keys import Key, keys_of
from federation.indicators.kinds import Kind
from federation.indicators.normalise import Indicator
from federation.indicators.screening_lists import built_in_bytes
from federation.indicators.verdicts import Screening, ScreeningReason, Verdict

__all__ = ["Screen", "Screening", "ScreeningReason", "Verdict"]


@dataclass(frozen=True, slots=True, repr=False)
class Screen:
    """The built-in lists together with an organisation's own.

    An own value is found by all its keys: a listed mailbox in its other spellings, a listed
    shelter also by a point across the street.
    """

    refused: frozenset[Indicator] = frozenset()
    """Own values that never become tokens."""
    flagged: frozenset[Indicator] = frozenset()
    """Own values that wait for a person."""
    _refused_keys: frozenset[tuple[Kind, Key]] = dataclasses.field(init=False, compare=False)
    _flagged_keys: frozenset[tuple[Kind, Key]] = dataclasses.field(init=False, compare=False)

    def __post_init__(self) -> None:
        object.__setattr__(self, "_refused_keys", _all_keys(self.refused))
        object.__setattr__(self, "_flagged_keys", _all_keys(self.flagged))

    @classmethod
    def with_values(
        cls, refused: Iterable[Indicator] = (), *, flagged: Iterable[Indicator] = ()
    ) -> Self:
        """Return a screen with an organisation's own values beside the built-in lists.

        Args:
            refused: Indicators that never become tokens, such as the own hotline's number.
            flagged: Indicators that wait for a person.

        Returns:
            The screen.
        """
        return cls(frozenset(refused), frozenset(flagged))

    @property
    def has_own_values(self) -> bool:
        """Whether there is anything beside the built-in lists."""
        return bool(self.refused or self.flagged)

    @property
    def digest(self) -> bytes:
        """SHA-256 over all lists, the built-in ones too: whether they are still the same."""
        own = [
            sorted([one.kind.value, one.value, one.version] for one in listed)
            for listed in (self.refused, self.flagged)
        ]
        return hashlib.sha256(built_in_bytes() + json.dumps(own).encode()).digest()

    def check(self, indicator: Indicator, found: Screening | None = None) -> Screening:
        """Say whether an indicator may become a token.

        Args:
            indicator: What `normalise` made.
            found: What the built-in lists say of it, if that is known (`assess`).

        Returns:
            Verdict and reason; the own lists come first, refusals before flags. Who shares
            only a weak key with a refused value (nearby, a namesake) waits for a person.
        """
        if found is None:
            found = check_built_in(indicator)
        if not self.has_own_values:
            return found
        keys = {(indicator.kind, key) for key in keys_of(indicator)}
        shared = keys & self._refused_keys
        if indicator in self.refused or any(not key.weak for _, key in shared):
            return Screening(Verdict.REFUSE, ScreeningReason.LOCAL)
        is_flagged = indicator in self.flagged or shared or keys & self._flagged_keys
        if found.verdict is not Verdict.REFUSE and is_flagged:
            return Screening(Verdict.FLAG, ScreeningReason.LOCAL)
        return found


def _all_keys(indicators: Iterable[Indicator]) -> frozenset[tuple[Kind, Key]]:
    return frozenset((one.kind, key) for one in indicators for key in keys_of(one))
