# SPDX-License-Identifier: Apache-2.0
"""Charter versions, proposals, and evidence of conflicts."""

from dataclasses import dataclass
from datetime import datetime
from typing import Final

from sqlalchemy import delete, select
from sqlalchemy.orm import Session

from federation.errors import StoreError
from federation.storage.registry import insert_new, put_row, table_of
from federation.storage.tables_membership import (
    CharterConflictRow,
    CharterProposalRow,
    CharterRow,
)

_CHARTERS: Final = table_of(CharterRow)
_PROPOSALS: Final = table_of(CharterProposalRow)
_CONFLICTS: Final = table_of(CharterConflictRow)


@dataclass(frozen=True, slots=True)
class StoredCharter:
    """A charter, in force or proposed."""

    version: int
    digest: bytes
    """SHA-256 of the payload."""
    envelope: bytes


@dataclass(frozen=True, slots=True)
class StoredConflict:
    """Two charters that claim the same version."""

    version: int
    ours: bytes
    theirs: bytes
    member: str
    """Who showed the other one."""
    seen: datetime


class ChartersRepository:
    """The chain of charters, which only grows, and what may become its next link."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def current(self) -> StoredCharter | None:
        """The newest version in force, or None before the first."""
        return self._one(select(_CHARTERS).order_by(_CHARTERS.c.version.desc()).limit(1))

    def get(self, version: int) -> StoredCharter | None:
        """One version, or None."""
        return self._one(select(_CHARTERS).where(_CHARTERS.c.version == version))

    def chain(self, after: int) -> list[bytes]:
        """Envelopes of the versions above ``after``, oldest first."""
        newer = _CHARTERS.c.version > after
        query = select(_CHARTERS.c.envelope).where(newer).order_by(_CHARTERS.c.version)
        return list(self._session.scalars(query))

    def append(self, version: int, digest: bytes, envelope: bytes) -> None:
        """Put a verified charter into force; the same one again changes nothing.

        Raises:
            StoreError: It is not the next version, or another one holds its place.
        """
        held = self.get(version)
        if held is not None and held.digest == digest:
            return
        current = self.current()
        if current is not None and version != current.version + 1:
            raise StoreError("a charter version can only follow the current one")
        row = {"version": version, "digest": digest, "envelope": envelope}
        put_row(self._session, _CHARTERS, row)

    def proposals(self) -> list[StoredCharter]:
        """Charters that gather signatures, lowest version first."""
        query = select(_PROPOSALS).order_by(_PROPOSALS.c.version, _PROPOSALS.c.digest)
        rows = self._session.execute(query)
        return [StoredCharter(row.version, row.digest, row.envelope) for row in rows]

    def put_proposal(self, version: int, digest: bytes, envelope: bytes) -> None:
        """Keep a proposal; for a digest already here the envelope is replaced."""
        row = {"version": version, "digest": digest, "envelope": envelope}
        put_row(self._session, _PROPOSALS, row)

    def drop_proposal(self, digest: bytes) -> None:
        """Forget one proposal."""
        self._session.execute(delete(_PROPOSALS).where(_PROPOSALS.c.digest == digest))

    def drop_proposals(self, up_to_version: int) -> None:
        """Forget proposals for this version and those before it."""
        old = _PROPOSALS.c.version <= up_to_version
        self._session.execute(delete(_PROPOSALS).where(old))

    def put_conflict(
        self, version: int, ours: bytes, theirs: bytes, member: str, at: datetime
    ) -> bool:
        """Keep the evidence that a member shows another charter under a version.

        Args:
            version: The version that both claim.
            ours: What this node holds for it.
            theirs: What the member showed.
            member: Who showed it.
            at: When.

        Returns:
            True if this evidence is new.
        """
        row = {"version": version, "ours": ours, "theirs": theirs, "member": member, "seen": at}
        return bool(insert_new(self._session, _CONFLICTS, [row]))

    def conflicts(self) -> list[StoredConflict]:
        """All evidence, oldest first."""
        query = select(_CONFLICTS).order_by(_CONFLICTS.c.seen, _CONFLICTS.c.member)
        return [
            StoredConflict(row.version, row.ours, row.theirs, row.member, row.seen)
            for row in self._session.execute(query)
        ]

    def _one(self, query: object) -> StoredCharter | None:
        row = self._session.execute(query).first()  # type: ignore[call-overload]
        return None if row is None else StoredCharter(row.version, row.digest, row.envelope)
