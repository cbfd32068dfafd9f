# SPDX-License-Identifier: Apache-2.0
"""Tables of what ended: matches that are taken back here, and by partners."""

from sqlalchemy import Column, ForeignKey, UniqueConstraint
from sqlmodel import Field

from federation.storage.registry import ROW_ID, Base


class RetractionRow(Base, table=True):
    """A match that a partner may know of, and that holds here no more."""

    __tablename__ = "retractions"
    __table_args__ = ({"sqlite_autoincrement": True},)

    number: int = Field(
        default=None, sa_column=Column(ROW_ID, primary_key=True, autoincrement=True)
    )
    partner: str = Field(index=True)
    agreement: bytes
    match_id: bytes
    case: bytes | None = Field(
        default=None, foreign_key="cases.uuid", ondelete="SET NULL", index=True
    )
    """The own case; None once it is erased."""
    letter: bytes | None = Field(default=None, index=True)
    """The letter that tells of it; None until there is one."""
    passed: bool = False
    """The token came back before the partner knew, and was not sent to it."""


class WithdrawnRow(Base, table=True):
    """A match that a partner took back; stays when the own token is gone."""

    __tablename__ = "withdrawn_matches"

    partner: str = Field(primary_key=True)
    match_id: bytes = Field(primary_key=True)
    number: int = Field(sa_column=Column(ROW_ID, nullable=False, index=True))
    """Grows with every letter: what was asked before it is not answered by it."""


class ToldRow(Base, table=True):
    """An answer that was never confirmed and is dropped here; the partner may have it."""

    __tablename__ = "told_matches"
    __table_args__ = (UniqueConstraint("partner", "match_id"),)

    number: int = Field(
        default=None, sa_column=Column(ROW_ID, primary_key=True, autoincrement=True)
    )
    token: int = Field(
        sa_column=Column(
            ROW_ID, ForeignKey("tokens.id", ondelete="CASCADE"), index=True, nullable=False
        )
    )
    partner: str
    agreement: bytes
    match_id: bytes
