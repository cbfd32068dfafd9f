# SPDX-License-Identifier: Apache-2.0
"""Tables of what a node counts and remembers about its callers."""

from datetime import date, datetime

from sqlalchemy import Column
from sqlmodel import Field

from federation.storage.registry import ROW_ID, Base, Instant


class QuotaDayRow(Base, table=True):
    """Elements charged to a member on one UTC day, per lane and class."""

    __tablename__ = "quota_days"

    member: str = Field(primary_key=True)
    lane: str = Field(primary_key=True)
    cls: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    used: int = Field(sa_column=Column(ROW_ID, nullable=False))


class QuotaChargeRow(Base, table=True):
    """One charged request; a repeat of it is free."""

    __tablename__ = "quota_charges"

    member: str = Field(primary_key=True)
    request: bytes = Field(primary_key=True)
    digest: bytes
    """SHA-256 of key id and element list."""
    lane: str
    cls: str
    amount: int
    charged: datetime = Field(sa_type=Instant, index=True)
    check_digest: bytes | None = None
    """The one check request that this charge has paid for, once it came."""


class GrantRow(Base, table=True):
    """A bulk grant: signed by enough custodians, or on its way there."""

    __tablename__ = "bulk_grants"

    digest: bytes = Field(primary_key=True)
    member: str = Field(index=True)
    lane: str
    cls: str
    valid_from: datetime = Field(sa_type=Instant)
    valid_until: datetime = Field(sa_type=Instant, index=True)
    budget: int = Field(sa_column=Column(ROW_ID, nullable=False))
    """Evaluations that this custodian gives for it."""
    used: int = Field(sa_column=Column(ROW_ID, nullable=False))
    envelope: bytes


class NonceRow(Base, table=True):
    """A header that was accepted and must not be accepted again."""

    __tablename__ = "nonces"

    sender: str = Field(primary_key=True)
    nonce: bytes = Field(primary_key=True)
    expires: datetime = Field(sa_type=Instant, index=True)


class LeaseRow(Base, table=True):
    """Which process does a job that only one may do at a time."""

    __tablename__ = "leases"

    name: str = Field(primary_key=True)
    owner: str
    until: datetime = Field(sa_type=Instant)
