# SPDX-License-Identifier: Apache-2.0
"""Tables of the people who work with the node.

What an account may do, and what opens it, is sealed to its row: who can write to the database
and does not have the root key can neither make an account nor give one a role.
"""

from datetime import datetime

from sqlalchemy import Column, ForeignKey, LargeBinary
from sqlmodel import Field

from federation.storage.registry import Base, Instant


def _account() -> "Column[bytes]":
    return Column(
        LargeBinary,
        ForeignKey("staff_accounts.account", ondelete="CASCADE"),
        nullable=False,
        index=True,
    )


class StaffAccountRow(Base, table=True):
    """One account; disabled ones stay, because the record names them."""

    __tablename__ = "staff_accounts"

    account: bytes = Field(primary_key=True)
    """8 random bytes."""
    mark: bytes = Field(unique=True)
    """Fingerprint of the name."""
    name: bytes
    """In the vault, like the next two."""
    full_name: bytes
    roles: bytes
    password: bytes
    """Argon2id string, wrapped."""
    password_changed: datetime = Field(sa_type=Instant)
    password_once: bool
    created: datetime = Field(sa_type=Instant)
    disabled: datetime | None = Field(default=None, sa_type=Instant)
    failures: int = 0
    locked_until: datetime | None = Field(default=None, sa_type=Instant)
    second_factor: bytes | None = None
    """Secret of the one-time codes, wrapped."""
    code_step: int = -1
    """Of the code that was accepted last."""


class StaffSessionRow(Base, table=True):
    """Somebody who is signed in."""

    __tablename__ = "staff_sessions"

    mark: bytes = Field(primary_key=True)
    """Keyed BLAKE2b of the token."""
    account: bytes = Field(sa_column=_account())
    kind: str
    strong: bool
    created: datetime = Field(sa_type=Instant, index=True)
    used: datetime = Field(sa_type=Instant)


class StaffRecoveryRow(Base, table=True):
    """One code for who has lost the second factor; deleted when it is used."""

    __tablename__ = "staff_recovery"

    mark: bytes = Field(primary_key=True)
    """Keyed BLAKE2b of account and code."""
    account: bytes = Field(sa_column=_account())


class StaffRefusalRow(Base, table=True):
    """Refused attempts of one day, until they are one entry of the record."""

    __tablename__ = "staff_refusals"

    day: int = Field(primary_key=True)
    """Days since 1970, UTC."""
    account: bytes = Field(primary_key=True)
    """Empty for names that nobody has."""
    calls: int
