# SPDX-License-Identifier: Apache-2.0
"""Tables of cases, observations and tokens.

In clear stand kinds, subjects, statuses, counts, times and key ids. Case ids, sources,
regions, field names and values are vault ciphertexts; what must be found again is found by
a keyed fingerprint.
"""

from datetime import datetime

from sqlalchemy import Column, Index, UniqueConstraint
from sqlmodel import Field

from federation.storage.registry import ROW_ID, Base, Instant


class CaseRow(Base, table=True):
    """A case; its id, source and region are in ``content``."""

    __tablename__ = "cases"

    uuid: bytes = Field(primary_key=True)
    handle: bytes = Field(unique=True)
    """Fingerprint of (source, case id)."""
    name: bytes = Field(index=True)
    """Fingerprint of the case id alone, which several sources may use."""
    origin: bytes
    """Fingerprint of the source."""
    content: bytes
    born: str
    """The import that it came with."""
    run: str
    """The import that last changed it."""
    seen: str
    """The import that last brought it, changed or not."""
    changed: datetime = Field(sa_type=Instant)


class RestrictionRow(Base, table=True):
    """A case that is kept out of everything; it holds also while the case is not here."""

    __tablename__ = "restrictions"

    handle: bytes = Field(primary_key=True)
    """Fingerprint of (source, case id), as in `CaseRow`."""
    ground: str
    since: datetime = Field(sa_type=Instant)
    actor: str
    """Who said so, as the record names them."""


class ObservationRow(Base, table=True):
    """One observation of a case; what was seen is in ``content``."""

    __tablename__ = "observations"
    __table_args__ = (
        UniqueConstraint("case", "fingerprint"),
        Index("ix_observations_status_uuid", "status", "uuid"),
        Index("ix_observations_version_status", "version", "status"),
    )

    uuid: bytes = Field(primary_key=True)
    case: bytes = Field(foreign_key="cases.uuid", ondelete="CASCADE")
    position: int
    """Order within the case."""
    fingerprint: bytes
    """Fingerprint of everything that was observed, with the case: equal values of two cases
    have different ones."""
    kind: str
    subject: str
    status: str
    reason: str
    """Code that says why it has this status; empty when nothing needs saying."""
    content: bytes
    normal: bytes | None = None
    """The normal form, once there is one."""
    version: int | None = None
    """Version of the normalisation rules that looked at it; None until then."""
    mark: bytes | None = Field(default=None, index=True)
    """Fingerprint of the normal form: finds a survivor's value again in the network lane."""


class TokenRow(Base, table=True):
    """The token of an indicator under one key, encrypted; one row for all its observations."""

    __tablename__ = "tokens"
    __table_args__ = (
        UniqueConstraint("key_id", "ciphertext"),
        # Numbers are not used again: what refers to a deleted token must not find another.
        {"sqlite_autoincrement": True},
    )

    id: int = Field(default=None, sa_column=Column(ROW_ID, primary_key=True, autoincrement=True))
    key_id: bytes
    ciphertext: bytes
    weak: bool = False
    """Equality says "namesake" or "nearby", and not "the same"."""
    created: datetime = Field(sa_type=Instant)


class TokenLinkRow(Base, table=True):
    """An observation has this token."""

    __tablename__ = "token_links"
    __table_args__ = (Index("ix_token_links_key_arrival", "key_id", "arrival"),)

    observation: bytes = Field(
        primary_key=True, foreign_key="observations.uuid", ondelete="CASCADE"
    )
    key_id: bytes = Field(primary_key=True)
    """The token's own; stands second in the key, because "has this observation a token under
    this key" is asked for every observation."""
    token: int = Field(
        sa_type=ROW_ID,
        primary_key=True,
        foreign_key="tokens.id",
        index=True,
    )
    arrival: int = Field(sa_column=Column(ROW_ID, nullable=False))
    """Grows in the order of the commits, so that nobody who reads up to one misses any."""
