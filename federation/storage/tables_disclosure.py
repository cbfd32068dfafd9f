# SPDX-License-Identifier: Apache-2.0
"""Tables of what follows a match: what people decided about it."""

from datetime import datetime

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
