# SPDX-License-Identifier: Apache-2.0
"""Tables of agreements and the keys that are born with them."""

from datetime import datetime

from sqlalchemy import Column
from sqlmodel import Field

from federation.storage.registry import ROW_ID, Base, Instant


class AgreementRow(Base, table=True):
    """An agreement, named by the hash of its terms."""

    __tablename__ = "agreements"

    hash: bytes = Field(primary_key=True)
    terms: bytes
    """DSSE envelope with the signatures so far."""
    proposer: str
    status: str
    changed: datetime = Field(sa_type=Instant)
    change: int = Field(sa_column=Column(ROW_ID, nullable=False, index=True))
    """Number of its last change of status (`federation.storage.changes`)."""
    supersedes: bytes | None = Field(default=None, index=True)
    """Hash of the agreement that it replaces once it is in force."""


class PairOfferRow(Base, table=True):
    """A party's signed half of the pair keys."""

    __tablename__ = "pair_offers"

    agreement: bytes = Field(primary_key=True, foreign_key="agreements.hash")
    member: str = Field(primary_key=True)
    key_version: int = Field(primary_key=True)
    envelope: bytes


class RevocationRow(Base, table=True):
    """A party's signed end of the agreement."""

    __tablename__ = "revocations"

    agreement: bytes = Field(primary_key=True, foreign_key="agreements.hash")
    member: str = Field(primary_key=True)
    envelope: bytes


class PairSecretRow(Base, table=True):
    """The secret of an own offer, wrapped, until the last pair key is derived."""

    __tablename__ = "pair_secrets"

    agreement: bytes = Field(primary_key=True, foreign_key="agreements.hash")
    key_version: int = Field(primary_key=True)
    secret: bytes
    created: datetime = Field(sa_type=Instant)


class PairKeyRow(Base, table=True):
    """The key shared with one partner under one agreement, wrapped."""

    __tablename__ = "pair_keys"

    agreement: bytes = Field(primary_key=True, foreign_key="agreements.hash")
    partner: str = Field(primary_key=True)
    key_version: int
    key: bytes
