# SPDX-License-Identifier: Apache-2.0
"""Table of consents: what a survivor allowed, and how it ended."""

from datetime import datetime

from sqlalchemy import Column
from sqlmodel import Field

from federation.storage.registry import ROW_ID, Base, Instant


class ConsentRow(Base, table=True):
    """One consent that was recorded for a case; what it allows is in ``content``."""

    __tablename__ = "consents"
    __table_args__ = ({"sqlite_autoincrement": True},)

    number: int = Field(
        default=None, sa_column=Column(ROW_ID, primary_key=True, autoincrement=True)
    )
    case: bytes = Field(foreign_key="cases.uuid", ondelete="CASCADE", index=True)
    version: int
    """Counts the consents of the case, from 1."""
    content: bytes
    """Purposes, recipients, basis and evidence, in the vault."""
    given: datetime = Field(sa_type=Instant)
    expires: datetime = Field(sa_type=Instant)
    withdrawn: datetime | None = Field(default=None, sa_type=Instant)
    replaced: datetime | None = Field(default=None, sa_type=Instant)
    """When a later one was recorded for the case."""
    ended: datetime | None = Field(default=None, sa_type=Instant)
    """When the node took the case out of the comparison, because it was withdrawn or over."""
    opened: datetime | None = Field(default=None, sa_type=Instant)
    """When the node let what was observed be compared; emptied when more comes in."""
    recorded: datetime = Field(sa_type=Instant)
    actor: str
    """Who recorded it, as the record names them."""
