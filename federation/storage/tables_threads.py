# SPDX-License-Identifier: Apache-2.0
"""Tables of threads: which cases hang together, and what people said about it.

All but the splits is derived from cases, tokens and matches, and can be made again.
"""

from datetime import datetime

from sqlalchemy import Column, ForeignKey
from sqlmodel import Field

from federation.storage.registry import ROW_ID, Base, Instant


class ThreadRow(Base, table=True):
    """A thread. Its name is the handle of its oldest case."""

    __tablename__ = "threads"

    number: int = Field(sa_column=Column(ROW_ID, primary_key=True, autoincrement=False))
    component: int = Field(sa_column=Column(ROW_ID, nullable=False, index=True))
    """The number of one of the threads that would be one, had not people split it."""
    anchor: bytes
    """UUID of its oldest case."""
    cases: int
    begun: datetime = Field(sa_type=Instant)
    change: int = Field(sa_column=Column(ROW_ID, nullable=False, index=True))
    """Number of the last thing that was told about it; 0 if it is none to people."""
    split: bool
    """A case in its component is one that people put apart from another."""
    stale: bool = Field(index=True)
    """Something that held it together may be gone."""
    told: bytes
    """What was told about it, sealed."""


class ThreadNewsRow(Base, table=True):
    """Something that there is to tell about a thread; what it is, the thread's ``told`` says."""

    __tablename__ = "thread_news"

    change: int = Field(sa_column=Column(ROW_ID, primary_key=True, autoincrement=False))
    """Its number (`federation.storage.changes`)."""
    thread: int = Field(
        sa_column=Column(
            ROW_ID, ForeignKey("threads.number", ondelete="CASCADE"), index=True, nullable=False
        )
    )


class ThreadCaseRow(Base, table=True):
    """A case that is in a thread."""

    __tablename__ = "thread_cases"

    case: bytes = Field(primary_key=True, foreign_key="cases.uuid", ondelete="CASCADE")
    thread: int = Field(
        sa_column=Column(
            ROW_ID, ForeignKey("threads.number", ondelete="CASCADE"), index=True, nullable=False
        )
    )


class ThreadSplitRow(Base, table=True):
    """Two cases that do not belong together, as a person said.

    Named by their handles, so that it holds when a case goes and comes again.
    """

    __tablename__ = "thread_splits"

    first: bytes = Field(primary_key=True)
    second: bytes = Field(primary_key=True, index=True)
    made: datetime = Field(sa_type=Instant)
    gone: datetime | None = Field(default=None, sa_type=Instant)
    """Since when one of the cases is not here."""


class ThreadRulingRow(Base, table=True):
    """A decision on a match that the threads take into account."""

    __tablename__ = "thread_rulings"

    match: bytes = Field(primary_key=True, foreign_key="matches.uuid", ondelete="CASCADE")
    case: bytes = Field(primary_key=True, foreign_key="cases.uuid", ondelete="CASCADE", index=True)
    confirmed: bool
    """Else it was rejected."""


class ThreadCommonRow(Base, table=True):
    """A value that many hold, and that may be too common to tie anything."""

    __tablename__ = "thread_commons"

    token: int = Field(
        sa_column=Column(
            ROW_ID,
            ForeignKey("tokens.id", ondelete="CASCADE"),
            primary_key=True,
            autoincrement=False,
        )
    )
    cases: int
    """Own cases that hold it, as counted last."""
    entities: int
    """Other legal entities that hold it."""
    common: bool
    """It ties nothing."""
    stale: bool = Field(index=True)
    """To be counted again."""
