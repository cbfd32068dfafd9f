# SPDX-License-Identifier: Apache-2.0
"""Screening: what must not become a token although it has a normal form.

A placeholder, a published helpline or a word that everybody writes would tie strangers' cases
together, and a value with too little in it can be guessed. What is screened out is counted and
shown with its reason, never silently dropped.
"""

import itertools
import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum
from typing import Final, Self

import phonenumbers

from federation.indicators.kinds import Kind
from federation.indicators.normalise import Indicator
from federation.indicators.screening_lists import BuiltIn, built_in


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
    """On this organisation's own list: its own numbers, a shelter's address."""


@dataclass(frozen=True, slots=True)
class Screening:
    """The outcome for one indicator."""

    verdict: Verdict
    """What is to be done."""
    reason: ScreeningReason = ScreeningReason.NONE
    """Why, unless it passes."""


_PASS: Final = Screening(Verdict.PASS)

# Entropy floors. A shorter value fits too many; the figures stand in the specification.
_MIN_PLATE: Final = 4
_MIN_REGISTER: Final = 4
_MIN_NAME: Final = 4
_MIN_NAME_FLAGGED: Final = 3
_MIN_HANDLE: Final = 3
_MIN_REPEATED: Final = 6


@dataclass(frozen=True, slots=True, repr=False)
class Screen:
    """The built-in lists together with an organisation's own."""

    refused: frozenset[Indicator] = frozenset()
    """Own values that never become tokens."""
    flagged: frozenset[Indicator] = frozenset()
    """Own values that wait for a person."""

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

    def check(self, indicator: Indicator) -> Screening:
        """Say whether an indicator may become a token.

        Args:
            indicator: What `normalise` made.

        Returns:
            Verdict and reason; the own lists come first, refusals before flags.
        """
        if indicator in self.refused:
            return Screening(Verdict.REFUSE, ScreeningReason.LOCAL)
        found = _CHECKS[indicator.kind](indicator.value, built_in())
        if found.verdict is not Verdict.REFUSE and indicator in self.flagged:
            return Screening(Verdict.FLAG, ScreeningReason.LOCAL)
        return found


def _refuse(reason: ScreeningReason) -> Screening:
    return Screening(Verdict.REFUSE, reason)


def _flag(reason: ScreeningReason) -> Screening:
    return Screening(Verdict.FLAG, reason)


def _is_filler(digits: str) -> bool:
    """Whether digits repeat one or two of them, or count up or down, from end to end."""
    if len(digits) < _MIN_REPEATED:
        return False
    steps = {(int(b) - int(a)) % 10 for a, b in itertools.pairwise(digits)}
    return digits[2:] == digits[:-2] or steps in ({1}, {9})


def _phone(value: str, lists: BuiltIn) -> Screening:
    if value in lists.helplines:
        return _refuse(ScreeningReason.HELPLINE)
    if any(pattern.fullmatch(value) for pattern in lists.fictional):
        return _refuse(ScreeningReason.FICTIONAL)
    national = phonenumbers.national_significant_number(phonenumbers.parse(value, None))
    # The last seven are the subscriber's where an area code hides the pattern.
    if _is_filler(national) or len(set(national[-7:])) == 1:
        return _refuse(ScreeningReason.PLACEHOLDER)
    return _PASS


def _email(value: str, lists: BuiltIn) -> Screening:
    local, _, domain = value.rpartition("@")
    if domain in lists.domains or any(domain.endswith("." + known) for known in lists.domains):
        return _refuse(ScreeningReason.PLACEHOLDER)
    if local in lists.locals or (len(local) > 1 and len(set(local)) == 1):
        return _refuse(ScreeningReason.PLACEHOLDER)
    if len(local) == 1:
        return _flag(ScreeningReason.TOO_LITTLE)
    return _PASS


def _handle(value: str, lists: BuiltIn) -> Screening:
    platform, _, handle = value.partition(":")
    if handle in lists.handles or handle == platform or len(set(handle)) == 1:
        return _refuse(ScreeningReason.PLACEHOLDER)
    if value in lists.common_handles:
        return _flag(ScreeningReason.COMMON)
    if len(handle) < _MIN_HANDLE:
        return _flag(ScreeningReason.TOO_LITTLE)
    return _PASS


def _vehicle(value: str, lists: BuiltIn) -> Screening:
    form, _, characters = value.partition(":")
    repeated = len(set(characters)) == 1
    if characters in lists.plates or repeated or _is_number_filler(characters, lists):
        return _refuse(ScreeningReason.PLACEHOLDER)
    if form == "VIN":
        return _PASS
    if len(characters) < _MIN_PLATE:
        return _refuse(ScreeningReason.TOO_LITTLE)
    if not any(c.isdigit() for c in characters):
        return _flag(ScreeningReason.TOO_LITTLE)
    return _PASS


def _company(value: str, lists: BuiltIn) -> Screening:
    form, _country, rest = value.split(":", 2)
    if form != "name":
        if len(set(rest)) == 1 or _is_number_filler(rest, lists):
            return _refuse(ScreeningReason.PLACEHOLDER)
        if len(rest) < _MIN_REGISTER:
            return _refuse(ScreeningReason.TOO_LITTLE)
        return _PASS
    if rest in lists.placeholders or len(set(rest)) == 1:
        return _refuse(ScreeningReason.PLACEHOLDER)
    if rest in lists.common_companies:
        return _flag(ScreeningReason.COMMON)
    if lists.generic.issuperset(rest.split()):
        return _refuse(ScreeningReason.TOO_LITTLE)
    letters = rest.replace(" ", "")
    if len(letters) < _MIN_NAME_FLAGGED:
        return _refuse(ScreeningReason.TOO_LITTLE)
    if len(letters) < _MIN_NAME:
        return _flag(ScreeningReason.TOO_LITTLE)
    return _PASS


def _is_number_filler(characters: str, lists: BuiltIn) -> bool:
    digits = re.sub(r"[^0-9]", "", characters)
    return digits == characters and (digits in lists.fillers or _is_filler(digits))


_CHECKS: Final = {
    Kind.PHONE: _phone,
    Kind.EMAIL: _email,
    Kind.HANDLE: _handle,
    Kind.VEHICLE: _vehicle,
    Kind.COMPANY: _company,
}
