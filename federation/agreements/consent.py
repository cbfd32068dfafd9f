# SPDX-License-Identifier: Apache-2.0
"""A survivor's own consent: to what, towards whom, from when to when.

Without one that covers what is about to happen, nothing about a survivor leaves the
organisation, whatever its agreements say.
"""

import re
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final

from federation.agreements.clauses import Clause
from federation.agreements.purposes import Purpose
from federation.charter import Role
from federation.errors import InputError
from federation.indicators import Lane

__all__ = ["LONGEST", "Consent", "ConsentState", "consent_clause"]

LONGEST: Final = timedelta(days=5 * 366)
"""A consent ends; at most five years after it was given."""

_BASIS: Final = re.compile(r"[a-z0-9][a-z0-9.-]{0,63}")
_NEVER_PURPOSES: Final = frozenset({Purpose.INVESTIGATION})
_NEVER_RECIPIENTS: Final = frozenset({Role.LAW_ENFORCEMENT, Role.OVERSIGHT})


class ConsentState(StrEnum):
    """Where a consent stands at a time."""

    NONE = "none"
    """Nobody asked, or the answer was no."""
    NOT_YET = "not-yet"
    VALID = "valid"
    EXPIRED = "expired"
    WITHDRAWN = "withdrawn"
    """For good; a new consent is another one."""


@dataclass(frozen=True, slots=True)
class Consent:
    """What a survivor allowed for one case. It says nothing of who the survivor is."""

    purposes: frozenset[Purpose]
    """For what; an investigation is never among them."""
    recipients: frozenset[Role]
    """Towards organisations of which role; never law enforcement, never oversight."""
    given: datetime
    """From when on it holds, UTC."""
    expires: datetime
    """From when on it does not hold any more, UTC."""
    lane: Lane = Lane.SURVIVOR
    """The only lane that needs consent; a case is kept out of the other one by a restriction."""
    basis: str = "unspecified"
    """Code of the text that was read or read out, such as ``intake-form-3``; no sentence."""
    evidence_sha256: bytes | None = None
    """SHA-256 of the signed form or the recording, if there is one."""
    withdrawn: datetime | None = None
    """When it was withdrawn, UTC, or None."""

    def __post_init__(self) -> None:
        object.__setattr__(self, "purposes", frozenset(self.purposes))
        object.__setattr__(self, "recipients", frozenset(self.recipients))
        if self.lane is not Lane.SURVIVOR:
            raise InputError("only the survivor lane takes consent")
        _check_times(self.given, self.expires, self.withdrawn)
        if not self.purposes or not self.recipients:
            raise InputError("a consent names at least one purpose and one recipient")
        if self.purposes & _NEVER_PURPOSES:
            raise InputError("a survivor's details never serve an investigation here")
        if self.recipients & _NEVER_RECIPIENTS:
            raise InputError("a survivor's details never go to law enforcement or oversight here")
        if _BASIS.fullmatch(self.basis) is None:
            raise InputError("the basis of a consent is a short code, such as intake-form-3")
        if self.evidence_sha256 is not None and len(self.evidence_sha256) != 32:
            raise InputError("the evidence of a consent is a SHA-256, 32 bytes")

    def state(self, at: datetime) -> ConsentState:
        """Say where it stands.

        Args:
            at: Now. A withdrawal counts whatever the clock says.
        """
        if self.withdrawn is not None:
            return ConsentState.WITHDRAWN
        if at >= self.expires:
            return ConsentState.EXPIRED
        return ConsentState.VALID if at >= self.given else ConsentState.NOT_YET

    def covers(self, purpose: Purpose, recipient: Role, at: datetime) -> None:
        """Refuse what it does not cover now.

        Args:
            purpose: For what.
            recipient: Role of the organisation that would learn something.
            at: Now.

        Raises:
            PolicyError: Names the part that does not cover it.
        """
        clause = consent_clause(self, purpose, recipient, at)
        if not clause.allows:
            raise clause.error()

    def withdraw(self, at: datetime) -> "Consent":
        """Return it as withdrawn; one that is withdrawn already stays as it is."""
        return self if self.withdrawn is not None else replace(self, withdrawn=at)


_STANDING: Final = {
    ConsentState.NOT_YET: "the consent does not hold yet",
    ConsentState.EXPIRED: "the consent is over",
    ConsentState.WITHDRAWN: "the consent is withdrawn",
}


def consent_clause(
    consent: Consent | None, purpose: Purpose, recipient: Role, at: datetime
) -> Clause:
    """Say whether a consent covers something now, and which part of it decides.

    Args:
        consent: Of the case; None without one.
        purpose: For what.
        recipient: Role of the organisation that would learn something.
        at: Now.
    """
    if consent is None:
        return _no("consent", "there is no consent")
    state = consent.state(at)
    if state is not ConsentState.VALID:
        return _no(f"consent-{state.value}", _STANDING[state])
    if purpose not in consent.purposes:
        return _no("consent-purposes", f"the consent does not name {purpose.value}")
    if recipient not in consent.recipients:
        return _no("consent-recipients", f"the consent does not name {recipient.value}")
    return Clause("consent", allows=True, reason="the consent covers it", agreed=False)


def _no(name: str, reason: str) -> Clause:
    return Clause(name, allows=False, reason=reason, agreed=False)


def _check_times(given: datetime, expires: datetime, withdrawn: datetime | None) -> None:
    if any(one is not None and one.utcoffset() is None for one in (given, expires, withdrawn)):
        raise InputError("the times of a consent have a time zone")
    if not given < expires <= given + LONGEST:
        raise InputError("a consent expires after it is given, and within five years")
