# SPDX-License-Identifier: Apache-2.0
"""Who is signed in."""

from datetime import datetime
from typing import Any, Final

from sqlalchemy import Row, delete, select, update
from sqlalchemy.orm import Session

from federation.staff import CLI, CONSOLE, SessionKind, SessionToken, StaffSession
from federation.storage.atrest import AtRest
from federation.storage.registry import run, table_of
from federation.storage.tables_staff import StaffSessionRow

__all__ = ["StaffSessionsRepository"]

_SESSIONS: Final = table_of(StaffSessionRow)
_LONGEST: Final = max(CLI.whole, CONSOLE.whole)


class StaffSessionsRepository:
    """Sessions by the hash of their token."""

    def __init__(self, session: Session, at_rest: AtRest) -> None:
        self._session = session
        self._at_rest = at_rest

    def begin(
        self, token: SessionToken, kind: SessionKind, at: datetime, *, strong: bool
    ) -> StaffSession:
        """Keep a new session.

        Args:
            token: Drawn for it.
            kind: Through what.
            at: Now.
            strong: Whether a second factor was given.
        """
        begun = StaffSession(self._mark(token), token.account, kind, strong, at, at)
        row = {
            "mark": begun.mark,
            "account": begun.account,
            "kind": kind.value,
            "strong": strong,
            "created": at,
            "used": at,
        }
        self._session.execute(_SESSIONS.insert(), row)
        return begun

    def find(self, token: SessionToken) -> StaffSession | None:
        """The session of a token, over or not; None if there is none (any more)."""
        return self.get(self._mark(token))

    def get(self, mark: bytes) -> StaffSession | None:
        """A session by its mark."""
        row = self._session.execute(select(_SESSIONS).where(_SESSIONS.c.mark == mark)).first()
        return None if row is None else _opened(row)

    def touch(self, mark: bytes, at: datetime) -> None:
        """Say that a session is used."""
        self._change(mark, used=at)

    def strengthen(self, mark: bytes) -> None:
        """Say that the second factor was given since."""
        self._change(mark, strong=True)

    def end(self, mark: bytes) -> bool:
        """End a session; False if there was none."""
        return run(self._session, delete(_SESSIONS).where(_SESSIONS.c.mark == mark)) == 1

    def end_all(self, account: bytes, *, but: bytes = b"") -> int:
        """End the sessions of an account.

        Args:
            account: Id.
            but: Mark of one that goes on.

        Returns:
            How many there were.
        """
        others = _SESSIONS.c.account == account, _SESSIONS.c.mark != but
        return run(self._session, delete(_SESSIONS).where(*others))

    def prune(self, at: datetime) -> int:
        """Forget the sessions that are over; return how many."""
        over = _SESSIONS.c.created <= at - _LONGEST
        return run(self._session, delete(_SESSIONS).where(over))

    def _mark(self, token: SessionToken) -> bytes:
        return self._at_rest.fingerprint(b"staff|session|" + token.to_bytes())

    def _change(self, mark: bytes, **values: Any) -> None:
        self._session.execute(update(_SESSIONS).where(_SESSIONS.c.mark == mark).values(**values))


def _opened(row: Row[Any]) -> StaffSession:
    return StaffSession(
        row.mark, row.account, SessionKind(row.kind), row.strong, row.created, row.used
    )
