# SPDX-License-Identifier: Apache-2.0
"""Tables of the exchange: what was sent to whom, open sessions, matches, budgets."""

from datetime import date, datetime

from sqlalchemy import Column, ForeignKey, UniqueConstraint
from sqlmodel import Field

from federation.storage.registry import ROW_ID, Base, Instant


class CursorRow(Base, table=True):
    """How far the own index has been sent to one partner, under one agreement and key."""

    __tablename__ = "exchange_cursors"
    __table_args__ = (
        UniqueConstraint("agreement", "partner", "key_id"),
        {"sqlite_autoincrement": True},
    )

    id: int = Field(default=None, sa_column=Column(ROW_ID, primary_key=True, autoincrement=True))
    agreement: bytes = Field(foreign_key="agreements.hash", ondelete="CASCADE")
    partner: str
    key_id: bytes
    index_id: bytes
    """16 random bytes that name this index to the partner."""
    start: int = Field(sa_type=ROW_ID)
    """Tokens that arrived up to here are not sent: the partner sends its own set instead."""
    scanned: int = Field(sa_type=ROW_ID)
    """Arrivals up to here have been looked at."""
    next_seq: int
    created: datetime = Field(sa_type=Instant)


class BucketRow(Base, table=True):
    """One bucket of a cursor."""

    __tablename__ = "exchange_buckets"
    __table_args__ = (UniqueConstraint("cursor", "seq"), {"sqlite_autoincrement": True})

    id: int = Field(default=None, sa_column=Column(ROW_ID, primary_key=True, autoincrement=True))
    cursor: int = Field(
        sa_column=Column(
            ROW_ID, ForeignKey("exchange_cursors.id", ondelete="CASCADE"), nullable=False
        )
    )
    seq: int
    size: int
    seed: bytes
    """Of the dummies, wrapped."""
    released: bool | None = None
    """It holds what a person released; empty in rows of version 0.1."""
    offered: datetime | None = Field(default=None, sa_type=Instant)
    """When it was sent first, whether or not it arrived: from then on the partner may know it."""
    acknowledged: datetime | None = Field(default=None, sa_type=Instant)


class BucketItemRow(Base, table=True):
    """An own token in a bucket: it was, or is about to be, sent to the cursor's partner."""

    __tablename__ = "exchange_items"
    __table_args__ = (UniqueConstraint("cursor", "token", "bucket"),)

    bucket: int = Field(
        sa_column=Column(
            ROW_ID, ForeignKey("exchange_buckets.id", ondelete="CASCADE"), primary_key=True
        )
    )
    token: int = Field(
        sa_column=Column(
            ROW_ID, ForeignKey("tokens.id", ondelete="CASCADE"), primary_key=True, index=True
        )
    )
    cursor: int = Field(
        sa_column=Column(
            ROW_ID, ForeignKey("exchange_cursors.id", ondelete="CASCADE"), nullable=False
        )
    )


class SessionRow(Base, table=True):
    """A session that a partner opened here; its keys are derived again at each message."""

    __tablename__ = "exchange_sessions"

    id: bytes = Field(primary_key=True)
    agreement: bytes = Field(foreign_key="agreements.hash", ondelete="CASCADE")
    partner: str
    key_version: int
    lane: str
    cls: str
    key_id: bytes
    epoch: int
    normalisation_version: int
    nonce_opener: bytes
    nonce_answerer: bytes
    opened: datetime = Field(sa_type=Instant, index=True)
    withdrawn: int | None = Field(default=None, sa_type=ROW_ID)
    """Number of the last match that a partner had taken back then; empty in rows of version
    0.1."""


class AnswerRow(Base, table=True):
    """A position that was answered and awaits the partner's own proof."""

    __tablename__ = "exchange_answers"

    session: bytes = Field(primary_key=True, foreign_key="exchange_sessions.id", ondelete="CASCADE")
    seq: int = Field(primary_key=True)
    position: int = Field(primary_key=True)
    token: int = Field(
        sa_column=Column(
            ROW_ID, ForeignKey("tokens.id", ondelete="CASCADE"), index=True, nullable=False
        )
    )


class MatchRow(Base, table=True):
    """One own token and one partner that holds it too, or says so and has yet to prove it."""

    __tablename__ = "matches"
    __table_args__ = (UniqueConstraint("partner", "token"),)

    uuid: bytes = Field(primary_key=True)
    agreement: bytes = Field(foreign_key="agreements.hash")
    partner: str
    token: int = Field(
        sa_column=Column(
            ROW_ID, ForeignKey("tokens.id", ondelete="CASCADE"), index=True, nullable=False
        )
    )
    lane: str
    match_id: bytes
    """The same on both sides of the pair."""
    change: int = Field(sa_column=Column(ROW_ID, nullable=False, index=True))
    """Number of its last change (`federation.storage.changes`)."""
    status: str
    reason: str = ""
    found: datetime = Field(sa_type=Instant)
    proven: datetime | None = Field(default=None, sa_type=Instant)


class MatchAliasRow(Base, table=True):
    """Another wire id of a match: found again under another agreement, pair key or epoch."""

    __tablename__ = "match_aliases"

    match_id: bytes = Field(primary_key=True)
    match: bytes = Field(foreign_key="matches.uuid", ondelete="CASCADE", index=True)
    agreement: bytes


class BudgetRow(Base, table=True):
    """Matches answered to one partner under one agreement; day 0001-01-01 is the first budget."""

    __tablename__ = "match_budgets"

    agreement: bytes = Field(primary_key=True, foreign_key="agreements.hash", ondelete="CASCADE")
    partner: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    spent: int
