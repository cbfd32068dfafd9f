# SPDX-License-Identifier: Apache-2.0
"""What people decided about values that screening had held back.

A decision is found by the fingerprint of its value, and lasts as long as some case holds the
value: what is forgotten leaves nothing behind, and comes back undecided.
"""

import json
from collections.abc import Iterable
from datetime import UTC, datetime
from typing import Final

from sqlalchemy import select
from sqlalchemy.orm import Session

from federation.storage.records import Decision
from federation.storage.registry import chunks, table_of
from federation.storage.settings import SettingsRepository
from federation.storage.tables_cases import ObservationRow

_OBSERVATIONS: Final = table_of(ObservationRow)
_PATH: Final = "decision/"
"""Decisions are settings, named by the fingerprint."""


class DecisionsRepository:
    """One decision at most about each value."""

    def __init__(self, session: Session, settings: SettingsRepository) -> None:
        self._session = session
        self._settings = settings

    def about(self, marks: Iterable[bytes]) -> dict[bytes, Decision]:
        """The decisions about some values, by fingerprint."""
        return _decisions(self._settings.get_many({_name(mark) for mark in marks}))

    def list(self) -> dict[bytes, Decision]:
        """Every decision, by the fingerprint of its value."""
        return _decisions(self._settings.below(_PATH))

    def put(self, decision: Decision) -> None:
        """Remember a decision, in place of an earlier one about the same value."""
        at = int(decision.at.timestamp())
        content = [decision.allowed, sorted(decision.reasons), decision.by, at]
        self._settings.put(_name(decision.mark), json.dumps(content).encode())

    def prune(self) -> None:
        """Forget decisions about values that no case holds any more."""
        decided = set(self.list())
        held: set[bytes] = set()
        for part in chunks(decided):
            query = select(_OBSERVATIONS.c.mark).where(_OBSERVATIONS.c.mark.in_(part))
            held.update(self._session.scalars(query))
        for mark in decided - held:
            self._settings.delete(_name(mark))


def _name(mark: bytes) -> str:
    return _PATH + mark.hex()


def _decisions(settings: dict[str, bytes]) -> dict[bytes, Decision]:
    found = {}
    for name, content in settings.items():
        mark = bytes.fromhex(name.removeprefix(_PATH))
        allowed, reasons, by, at = json.loads(content)
        when = datetime.fromtimestamp(at, UTC)
        found[mark] = Decision(mark, allowed, frozenset(reasons), by, when)
    return found
