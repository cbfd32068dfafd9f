# SPDX-License-Identifier: Apache-2.0
"""Letters that put a survivor into another organisation's hands (spec page ``referral``)."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Annotated, ClassVar, Final, Self

from pydantic import Field, model_validator

from federation.agreements import Handling
from federation.disclosure.choice import Choice, Lines, SafetyFlag, check_ascending
from federation.disclosure.letters import DisclosedValue
from federation.documents import Hex16, Hex32, Instant, digest
from federation.indicators import Lane
from federation.letters import Letter

__all__ = [
    "DeclineReason",
    "Referral",
    "ReferralAnswer",
    "ReferralChoice",
    "ReferralRecall",
    "Service",
    "Urgency",
]

_NEVER: Final = datetime(2000, 1, 1, tzinfo=UTC)
_EVER: Final = datetime(2100, 1, 1, tzinfo=UTC)


class Service(StrEnum):
    """What the survivor needs. A closed list: a text may name a person."""

    CASE_MANAGEMENT = "case-management"
    INTERPRETING = "interpreting"
    LEGAL = "legal"
    MEDICAL = "medical"
    PSYCHOSOCIAL = "psychosocial"
    REINTEGRATION = "reintegration"
    SHELTER = "shelter"


class Urgency(StrEnum):
    """How soon somebody must get in touch."""

    NOW = "now"
    DAY = "day"
    """Within 24 hours."""
    WEEK = "week"


class DeclineReason(StrEnum):
    """Why an organisation does not take a survivor on. Nothing about the person."""

    CAPACITY = "capacity"
    NOT_OFFERED = "not-offered"
    """It does not give what is needed."""
    NOT_SAFE = "not-safe"
    """The survivor would not be safe with it."""
    REFER_ELSEWHERE = "refer-elsewhere"
    OTHER = "other"


class ReferralChoice(Choice):
    """What a person of the referring organisation lets go."""

    services: Annotated[tuple[Service, ...], Field(min_length=1)]
    """Ascending."""
    urgency: Urgency
    contact: Lines
    """Whom to call there; a survivor is never handed over without somebody to ask."""

    @model_validator(mode="after")
    def _check_services(self) -> Self:
        check_ascending(self.services, "services")
        return self


class Referral(Letter):
    """An organisation asks another one to take a survivor on, with the survivor's consent."""

    TYPE: ClassVar[str] = "ct/v1/referral"
    LIMIT: ClassVar[int] = 64 * 1024

    services: Annotated[tuple[Service, ...], Field(min_length=1)]
    urgency: Urgency
    flags: tuple[SafetyFlag, ...] = ()
    """Shown first; ascending."""
    safety: Lines | None = None
    """How the survivor can be reached without danger; shown before anything that names them."""
    contact: Lines
    note: Lines | None = None
    values: Annotated[tuple[DisclosedValue, ...], Field(max_length=100)] = ()
    """Of the survivor alone; ascending, and each once."""
    handling: Handling
    consent_basis: Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9.-]{0,63}$")]
    """Code of the text that the survivor agreed to."""
    consent_sha256: Hex32 | None = None
    """SHA-256 of the signed form or the recording, if there is one; it stays where it is."""
    consent_until: Instant
    """Last moment of the consent as it was given."""
    keep_until: Instant
    """The receiver's node deletes it then, not later than the consent ends."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        check_ascending(self.services, "services")
        check_ascending(self.flags, "flags")
        if self.agreement is None:
            raise ValueError("a referral names its agreement")
        keys = [(one.kind, one.value) for one in self.values]
        if keys != sorted(set(keys)):
            raise ValueError("values are not ascending")
        if any(one.subject.lane is not Lane.SURVIVOR for one in self.values):
            raise ValueError("a referral tells of the survivor alone")
        if self.keep_until > self.consent_until:
            raise ValueError("a referral is not kept for longer than the consent holds")
        return self

    @property
    def fields(self) -> int:
        """How many single things it tells."""
        return len(self.values) + sum(map(bool, (self.contact, self.note, self.safety)))

    def seen(self) -> bytes:
        """Return a hash of all that a person decides about: the same however often it is made.

        Returns:
            32 bytes. Letter id and times of the letter are left out; the consent's end is not.
        """
        fixed = {"id": bytes(16), "issued": _NEVER, "expires": _EVER}
        return digest(self.replace(**fixed, keep_until=self.consent_until).to_bytes())


class ReferralAnswer(Letter):
    """What the other organisation says to a referral."""

    TYPE: ClassVar[str] = "ct/v1/referral-answer"
    LIMIT: ClassVar[int] = 8 * 1024

    referral: Hex16
    """Id of the referral."""
    accepted: bool
    reason: DeclineReason | None = None
    """Why not."""
    contact: Lines | None = None
    """Who takes the survivor on, or whom to ask instead."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        if self.accepted == (self.reason is not None):
            raise ValueError("who declines says why, and who accepts does not")
        return self


class ReferralRecall(Letter):
    """The referring organisation takes a referral back; the receiver deletes what it holds of it.

    It does not say why: a consent may be withdrawn, a case erased, or a mistake found.
    """

    TYPE: ClassVar[str] = "ct/v1/referral-recall"
    LIMIT: ClassVar[int] = 4 * 1024
    PRIVATE: ClassVar[bool] = False

    referral: Hex16
    """Id of the referral."""
