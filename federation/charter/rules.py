# SPDX-License-Identifier: Apache-2.0
"""What the charter allows its members."""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Annotated, Self

from pydantic import Field, model_validator

from federation.charter.members import Member
from federation.documents import Part
from federation.indicators import IndicatorClass

__all__ = ["QuotaLimits", "Rules"]

Amount = Annotated[int, Field(ge=0, le=10**9)]


@dataclass(frozen=True, slots=True)
class QuotaLimits:
    """How many elements one custodian evaluates for one member, in one lane and class."""

    daily: int
    """In a calendar day, UTC."""
    monthly: int
    """In 30 days."""


class Rules(Part):
    """The figures that every custodian applies. All epochs of a lane and class share one budget."""

    identifier_daily: Amount = 2_000
    identifier_monthly: Amount = 20_000
    person_daily: Amount = 20_000
    """Evaluations, about a hundred for one person."""
    person_monthly: Amount = 200_000
    new_member_days: Annotated[int, Field(ge=0, le=365)] = 90
    """How long a member counts as new. Founders never do."""
    new_member_divisor: Annotated[int, Field(ge=1, le=1000)] = 10
    """A new member gets this part of the budget."""
    bulk_identifiers: Amount = 200_000
    """Most identifiers that one bulk grant allows (`federation.charter.grants`)."""
    bulk_people: Amount = 20_000
    """Most people; each is charged at 100 evaluations."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        pairs = (
            (self.identifier_daily, self.identifier_monthly),
            (self.person_daily, self.person_monthly),
        )
        if any(daily > monthly for daily, monthly in pairs):
            raise ValueError("a daily budget exceeds the monthly one")
        return self

    def quota(self, member: Member, cls: IndicatorClass, at: datetime) -> QuotaLimits:
        """Return a member's budget at one custodian, per lane.

        Args:
            member: The member as the charter in force lists it.
            cls: The class of the key.
            at: Now.

        Returns:
            Elements a day and in 30 days; nothing for a suspended member.
        """
        if member.suspended:
            return QuotaLimits(0, 0)
        person = cls is IndicatorClass.PERSON
        daily = self.person_daily if person else self.identifier_daily
        monthly = self.person_monthly if person else self.identifier_monthly
        new_until = member.admitted + timedelta(days=self.new_member_days)
        if member.since_version > 1 and at < new_until:
            daily //= self.new_member_divisor
            monthly //= self.new_member_divisor
        return QuotaLimits(daily, monthly)
