# SPDX-License-Identifier: Apache-2.0
"""Logs, keepers and witnesses for these tests."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from federation.audit import (
    Checkpoint,
    Event,
    FirstRecord,
    Log,
    MemoryLogStore,
    Note,
    Origin,
    Record,
    Shown,
    begin,
    sign_checkpoint,
)
from federation.charter import Identity
from federation.crypto.signing import SigningKey

AT = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
FEDERATION = bytes(range(16))
KEEPER = Identity("hope", SigningKey.from_bytes(b"h" * 32), b"1" * 32, b"2" * 32)
WITNESS = Identity("amparo", SigningKey.from_bytes(b"a" * 32), b"3" * 32, b"4" * 32)
ORIGIN = Origin(FEDERATION, "hope", 1)


def entry(number: int, event: Event = Event.CASE_READ) -> Record:
    """Return an entry that differs from those with another number."""
    at = AT + timedelta(seconds=number)
    return Record(at=at, event=event, nonce=number.to_bytes(32), actor="operator")


class Kept:
    """A log with everything around it."""

    def __init__(self, size: int = 0, origin: Origin = ORIGIN) -> None:
        self.store = MemoryLogStore()
        self.log = Log(self.store)
        self.origin = origin
        if size:
            self.append([begin(AT).replace(nonce=bytes(32))])
        if size > 1:
            self.append([entry(number) for number in range(1, size)])

    def append(self, records: Sequence[Record]) -> None:
        """Append entries; the first record is the same in every log of these tests."""
        first = [] if self.size or records[0].event is Event.LOG_BEGUN else [begin(AT)]
        self.log.append([*(one.replace(nonce=bytes(32)) for one in first), *records])

    @property
    def size(self) -> int:
        """How many entries there are."""
        return len(self.store.entries)

    def checkpoint(self, size: int | None = None) -> Checkpoint:
        """Return what the log is, or was at a size."""
        at = self.size if size is None else size
        return Checkpoint(self.origin, at, self.log.root(at))

    def note(self, size: int | None = None) -> Note:
        """Return a signed checkpoint."""
        return sign_checkpoint(self.checkpoint(size), KEEPER)

    def shown(self, old_size: int, size: int | None = None) -> Shown:
        """Return what a witness is shown."""
        new = self.checkpoint(size)
        first = None
        if not old_size:
            first = FirstRecord(self.store.entries[0], tuple(self.log.proof(0, 1, new.size)))
        return Shown(new, old_size, tuple(self.log.consistency(old_size, new.size)), first)
