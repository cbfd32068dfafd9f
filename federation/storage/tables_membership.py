# SPDX-License-Identifier: Apache-2.0
"""Tables of the federation itself: charters, ceremonies, shares, and the node's settings."""

from datetime import datetime

from sqlalchemy import Column
from sqlmodel import Field

from federation.storage.registry import ROW_ID, Base, Instant


class SettingRow(Base, table=True):
    """One named value of this node, wrapped."""

    __tablename__ = "settings"

    name: str = Field(primary_key=True)
    value: bytes


class CounterRow(Base, table=True):
    """A number that only grows, in the order of the commits."""

    __tablename__ = "counters"

    name: str = Field(primary_key=True)
    value: int = Field(sa_column=Column(ROW_ID, nullable=False))


class CharterRow(Base, table=True):
    """A charter version that is or was in force."""

    __tablename__ = "charters"

    version: int = Field(primary_key=True)
    digest: bytes
    envelope: bytes


class CharterProposalRow(Base, table=True):
    """A charter that still gathers signatures."""

    __tablename__ = "charter_proposals"

    digest: bytes = Field(primary_key=True)
    version: int = Field(index=True)
    envelope: bytes


class CharterConflictRow(Base, table=True):
    """Evidence that a member shows another charter under the same version."""

    __tablename__ = "charter_conflicts"

    version: int = Field(primary_key=True)
    member: str = Field(primary_key=True)
    theirs: bytes = Field(primary_key=True)
    ours: bytes
    seen: datetime = Field(sa_type=Instant)


class CeremonyRow(Base, table=True):
    """A key ceremony that this node knows of."""

    __tablename__ = "ceremonies"

    id: bytes = Field(primary_key=True)
    status: str
    changed: datetime = Field(sa_type=Instant)
    secret: bytes | None = None
    """Wrapped; None when nothing is secret (any more)."""


class CeremonyMessageRow(Base, table=True):
    """One signed message of a ceremony."""

    __tablename__ = "ceremony_messages"

    ceremony: bytes = Field(primary_key=True, foreign_key="ceremonies.id", ondelete="CASCADE")
    digest: bytes = Field(primary_key=True)
    position: int
    """Order of arrival here, from 1."""
    envelope: bytes


class ShareRow(Base, table=True):
    """This custodian's share of one key, as one ceremony gave it, wrapped."""

    __tablename__ = "shares"

    ceremony: bytes = Field(primary_key=True)
    """Two ceremonies may share the same generation; the charter decides between them."""
    key_id: bytes = Field(primary_key=True)
    generation: int
    index: int
    public_share: bytes
    """Names the share among those of the same generation."""
    secret: bytes
