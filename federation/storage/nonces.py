# SPDX-License-Identifier: Apache-2.0
"""Headers that were accepted once."""

from datetime import datetime
from typing import Final

from sqlalchemy import delete
from sqlalchemy.orm import Session

from federation.storage.registry import insert_new, run, table_of
from federation.storage.tables_metering import NonceRow

_NONCES: Final = table_of(NonceRow)


class NoncesRepository:
    """Nonces per sender, kept until the header they came in has expired."""

    def __init__(self, session: Session) -> None:
        self._session = session

    def remember(self, sender: str, nonce: bytes, expires: datetime) -> bool:
        """Take a nonce once.

        Returns:
            False if this sender has used it before: a replay.
        """
        row = {"sender": sender, "nonce": nonce, "expires": expires}
        return bool(insert_new(self._session, _NONCES, [row]))

    def prune(self, at: datetime) -> int:
        """Forget nonces that expired before ``at``; returns how many."""
        return run(self._session, delete(_NONCES).where(_NONCES.c.expires < at))
