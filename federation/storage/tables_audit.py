# SPDX-License-Identifier: Apache-2.0
"""Tables of the record: its entries, and what opens their references."""

from sqlalchemy import Column, ForeignKey
from sqlmodel import Field

from federation.storage.registry import ROW_ID, Base


class AuditLeafRow(Base, table=True):
    """One entry of the log."""

    __tablename__ = "audit_leaves"

    place: int = Field(sa_column=Column(ROW_ID, primary_key=True, autoincrement=False))
    """Its index in the Merkle tree, from 0."""
    event: str
    """In clear, so that a list of one kind of event needs no decryption."""
    leaf: bytes
    """The exact bytes that the tree hashes, in the vault."""


class AuditReferenceRow(Base, table=True):
    """What opens one reference of one entry; gone once the thing it names is erased."""

    __tablename__ = "audit_references"

    place: int = Field(
        sa_column=Column(
            ROW_ID, ForeignKey("audit_leaves.place", ondelete="CASCADE"), primary_key=True
        )
    )
    position: int = Field(primary_key=True)
    """Place among the references of the entry."""
    subject: bytes = Field(index=True)
    """Fingerprint of what it names: all references to it are found, and erased, together."""
    opening: bytes
    """Salt and value, in the vault."""
