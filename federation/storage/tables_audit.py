# SPDX-License-Identifier: Apache-2.0
"""Tables of the record: its logs and their trees, checkpoints, and what was seen of others'."""

from datetime import date, datetime

from sqlalchemy import Column, ForeignKey, UniqueConstraint
from sqlmodel import Field

from federation.storage.registry import ROW_ID, Base, Instant


def _number(*, primary_key: bool = False) -> "Column[int]":
    return Column(ROW_ID, primary_key=primary_key, autoincrement=False, nullable=False)


class AuditLogRow(Base, table=True):
    """One log. A node has one, and a further generation after each loss of entries."""

    __tablename__ = "audit_logs"

    generation: int = Field(primary_key=True, sa_column_kwargs={"autoincrement": False})
    begin: int = Field(sa_column=_number())
    """Place of its first entry in the record."""
    size: int = Field(sa_column=_number())
    tree: bytes
    """The hashes of the complete subtrees, largest first."""
    begun: datetime = Field(sa_type=Instant)


class AuditLeafRow(Base, table=True):
    """One entry of the record."""

    __tablename__ = "audit_leaves"

    place: int = Field(sa_column=_number(primary_key=True))
    """Counted from 0 through all logs."""
    event: str
    """In clear, so that a list of one kind of event needs no decryption."""
    hash: bytes
    """Of the leaf, as the tree has it."""
    leaf: bytes
    """The exact bytes that the tree hashes, in the vault."""


class AuditNodeRow(Base, table=True):
    """The hash of one complete subtree."""

    __tablename__ = "audit_nodes"
    __table_args__ = ({"sqlite_with_rowid": False},)

    generation: int = Field(primary_key=True)
    level: int = Field(primary_key=True)
    """From 1; the leaves' own hashes stand with the leaves."""
    position: int = Field(sa_column=_number(primary_key=True))
    """Index among the subtrees of its level."""
    hash: bytes


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


class AuditCountRow(Base, table=True):
    """What is counted until its day, or its run, is over, and then becomes one entry."""

    __tablename__ = "audit_counts"

    day: date = Field(primary_key=True)
    facts: str = Field(primary_key=True)
    """The entry without its time, nonce and counts."""
    counted: str = Field(primary_key=True)
    amount: int = Field(sa_column=_number())
    since: datetime = Field(sa_type=Instant)


class AuditCheckpointRow(Base, table=True):
    """A checkpoint that this node published."""

    __tablename__ = "audit_checkpoints"

    generation: int = Field(primary_key=True)
    size: int = Field(sa_column=_number(primary_key=True))
    slot: datetime = Field(sa_type=Instant)
    """The time of the fixed clock at which it was due."""
    note: bytes
    """With the own signature."""


class AuditCosignatureRow(Base, table=True):
    """What a witness signed under an own checkpoint."""

    __tablename__ = "audit_cosignatures"

    generation: int = Field(primary_key=True)
    size: int = Field(sa_column=_number(primary_key=True))
    witness: str = Field(primary_key=True)
    line: str
    """The signature line."""
    time: datetime = Field(sa_type=Instant)
    """By the clock of the witness."""


class WitnessedRow(Base, table=True):
    """The last checkpoint that this node cosigned for another member."""

    __tablename__ = "audit_witnessed"

    member: str = Field(primary_key=True)
    key: bytes
    """The member's signing key at that time: a member with a new one is a new keeper."""
    note: bytes
    time: datetime = Field(sa_type=Instant)


class WitnessEvidenceRow(Base, table=True):
    """What was wrong with a checkpoint of another member, or of this node."""

    __tablename__ = "audit_evidence"
    __table_args__ = (UniqueConstraint("member", "finding", "shown"),)

    number: int = Field(sa_column=Column(ROW_ID, primary_key=True, autoincrement=True))
    member: str
    """Whose log it is."""
    finding: str
    held: bytes
    """The note that was known before."""
    shown: bytes
    """The note that does not fit."""
    time: datetime = Field(sa_type=Instant)
