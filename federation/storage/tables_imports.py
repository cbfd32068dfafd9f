# SPDX-License-Identifier: Apache-2.0
"""Tables of imports, and of what they replaced."""

from datetime import datetime

from sqlalchemy import Column, UniqueConstraint
from sqlmodel import Field

from federation.storage.registry import ROW_ID, Base, Instant


class ImportRow(Base, table=True):
    """One import of a file; cases refer to it by its number."""

    __tablename__ = "imports"
    __table_args__ = ({"sqlite_autoincrement": True},)

    number: int = Field(
        default=None, sa_column=Column(ROW_ID, primary_key=True, autoincrement=True)
    )
    origin: bytes
    """Fingerprint of the source."""
    digest: bytes
    """Fingerprint of the file and of what its columns mean: finds an import that was cut off."""
    status: str
    kept: bool
    """What it replaced was kept."""
    started: datetime = Field(sa_type=Instant)
    content: bytes
    """Source and counts, in the vault."""


class ImportUndoRow(Base, table=True):
    """A case as it was before an import changed or removed it."""

    __tablename__ = "import_undo"
    __table_args__ = (UniqueConstraint("number", "handle"),)

    uuid: bytes = Field(primary_key=True)
    number: int = Field(sa_type=ROW_ID, foreign_key="imports.number")
    """The import."""
    handle: bytes = Field(index=True)
    """Fingerprint of (source, case id)."""
    content: bytes
    """The whole case, in the vault."""
