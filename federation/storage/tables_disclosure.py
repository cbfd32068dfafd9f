# SPDX-License-Identifier: Apache-2.0
"""Tables of what follows a match: what people decided about it, and what they ask and answer."""

from datetime import datetime

from sqlalchemy import Index
from sqlmodel import Field

from federation.storage.registry import Base, Instant


class MatchVerdictRow(Base, table=True):
    """What a person decided about an own observation that a member holds too.

    Named by the observation's fingerprint and not by the match, so that it holds when the match
    is found again: under another agreement, in another epoch, or after the token went.
    """

    __tablename__ = "match_verdicts"

    partner: str = Field(primary_key=True)
    observation: bytes = Field(primary_key=True)
    """Fingerprint of what was observed, and in which case."""
    weak: bool = Field(primary_key=True)
    """Whether it is about being a namesake or nearby. That says nothing about being the same."""
    case: bytes = Field(index=True)
    """Fingerprint of source and case id."""
    verdict: str
    ground: str
    by: str
    """Who decided, as the record names them."""
    decided: datetime = Field(sa_type=Instant)
    gone: datetime | None = Field(default=None, sa_type=Instant)
    """Since when the observation is not here."""


class DisclosureRow(Base, table=True):
    """A request for disclosure, own or another member's, and what became of it.

    What is asked and answered stands in the letters (`federation.storage.tables_letters`).
    """

    __tablename__ = "disclosures"
    __table_args__ = (Index("ix_disclosures_status_due", "status", "due"),)

    direction: str = Field(primary_key=True)
    """``asked`` here, or ``received``."""
    member: str = Field(primary_key=True)
    """The other side."""
    request: bytes = Field(primary_key=True)
    """Id of the letter that asks."""
    agreement: bytes
    status: str
    asked: datetime = Field(sa_type=Instant)
    due: datetime = Field(sa_type=Instant)
    """Decided by then, or never."""
    by: str = ""
    """Who asked, or who approved first, as the record names them."""
    seen: bytes | None = None
    """Hash of what that person approved."""
    choice: bytes | None = None
    """What it was, in the vault."""
    answer: bytes | None = None
    """Id of the letter that answers."""
    keep_until: datetime | None = Field(default=None, sa_type=Instant, index=True)
    """When what was disclosed is deleted here, also the own copy of what was let go."""


class ReferralRow(Base, table=True):
    """A referral, own or another member's, and what became of it.

    What it says stands in its letter; before that, what a first person chose.
    """

    __tablename__ = "referrals"

    side: str = Field(primary_key=True)
    """``sent`` from here, or ``received``."""
    member: str = Field(primary_key=True)
    """The other side."""
    referral: bytes = Field(primary_key=True)
    """Id of the letter."""
    agreement: bytes
    case: bytes | None = None
    """UUID of the own case that is referred."""
    status: str
    made: datetime = Field(sa_type=Instant)
    due: datetime = Field(sa_type=Instant)
    """Answered by then, or never."""
    by: str = ""
    """Who made it, or decided about it, as the record names them."""
    seen: bytes | None = None
    """Hash of what that person approved."""
    choice: bytes | None = None
    """What it was, in the vault."""
    answer: bytes | None = None
    """Id of the letter that answers."""
    keep_until: datetime | None = Field(default=None, sa_type=Instant, index=True)
    """When what it says is deleted here; None if nothing of it is left."""
