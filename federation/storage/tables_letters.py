# SPDX-License-Identifier: Apache-2.0
"""Tables of letters: those that are to be delivered, and those that came."""

from datetime import datetime

from sqlalchemy import Column, Index, UniqueConstraint
from sqlmodel import Field

from federation.storage.registry import ROW_ID, Base, Instant


class OutgoingLetterRow(Base, table=True):
    """An own letter, written in the transaction of the deed that it tells of."""

    __tablename__ = "letters_out"
    __table_args__ = (
        UniqueConstraint("letter"),
        Index("ix_letters_out_status_due", "status", "due"),
        {"sqlite_autoincrement": True},
    )

    number: int = Field(
        default=None, sa_column=Column(ROW_ID, primary_key=True, autoincrement=True)
    )
    letter: bytes
    """Its id, 16 bytes."""
    recipient: str
    type: str
    """DSSE payload type."""
    envelope: bytes
    """Signed, in the vault."""
    status: str
    reason: str = ""
    """Code of the last failure."""
    attempts: int = 0
    due: datetime = Field(sa_type=Instant)
    """Not before."""
    expires: datetime = Field(sa_type=Instant)
    delivered: datetime | None = Field(default=None, sa_type=Instant)
    receipt: bytes | None = None
    """The recipient's, once it came."""


class IncomingLetterRow(Base, table=True):
    """A letter that was taken; it is taken once."""

    __tablename__ = "letters_in"

    sender: str = Field(primary_key=True)
    letter: bytes = Field(primary_key=True)
    type: str
    digest: bytes
    """SHA-256 of its payload."""
    row: bytes
    """UUID that the vault binds the envelope to."""
    envelope: bytes
    """Signed, in the vault."""
    received: datetime = Field(sa_type=Instant, index=True)
