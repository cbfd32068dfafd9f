# SPDX-License-Identifier: Apache-2.0
"""What the repository of threads hands out."""

import json
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum
from typing import Any, Self

from sqlalchemy import Row

from federation.indicators import Kind, Subject
from federation.storage.atrest import Vault
from federation.storage.records import CaseContent

__all__ = [
    "CommonValue",
    "Sighting",
    "Split",
    "StoredThread",
    "ThreadCase",
    "ThreadTrigger",
    "Told",
    "WeaveState",
]


class ThreadTrigger(StrEnum):
    """Something about a thread that a person may want to be told of at once."""

    NEW = "new"
    """It was not there before."""
    REACHES = "reaches"
    """Another member is part of it."""
    MINOR = "minor"
    """A case in it involves a minor."""


@dataclass(frozen=True, slots=True)
class Told:
    """What there was to tell about a thread, each with the number of the change that told it."""

    new: int
    """0 while there is nothing to tell: a single case, put apart from all that it met."""
    reach: Mapping[str, int]
    """By member that is part of it."""
    minor: int | None = None
    """None where no case involves a minor."""

    @property
    def last(self) -> int:
        """Number of the last thing that was told."""
        return max(self.new, *self.reach.values(), self.minor or 0)

    def triggers(self, change: int) -> frozenset[ThreadTrigger]:
        """What was told with a change; nothing where a thread that it joined had told it before."""
        found = {
            ThreadTrigger.NEW: change == self.new,
            ThreadTrigger.REACHES: change in self.reach.values(),
            ThreadTrigger.MINOR: change == self.minor,
        }
        return frozenset(trigger for trigger, is_told in found.items() if is_told)

    def seal(self, vault: Vault, number: int) -> bytes:
        """Seal it for its thread: that a minor is concerned stands nowhere in clear."""
        content = json.dumps([self.new, dict(self.reach), self.minor]).encode()
        return vault.seal("threads", "told", number.to_bytes(8), content)

    @classmethod
    def open(cls, vault: Vault, number: int, sealed: bytes) -> Self:
        """Open what `seal` made for this thread (OpenError)."""
        return cls(*json.loads(vault.open("threads", "told", number.to_bytes(8), sealed)))


@dataclass(frozen=True, slots=True)
class StoredThread:
    """A thread as it is in the database."""

    number: int
    component: int
    """Threads with the same one would be one thread, had not people split it."""
    anchor: bytes
    """UUID of its oldest case."""
    cases: int
    begun: datetime
    split: bool
    """A case in its component is one that people put apart from another."""
    stale: bool
    """Something that held it together may be gone."""
    told: Told

    def row(self, vault: Vault) -> dict[str, Any]:
        """Return its row."""
        return {
            "number": self.number,
            "component": self.component,
            "anchor": self.anchor,
            "cases": self.cases,
            "begun": self.begun,
            "change": self.told.last,
            "split": self.split,
            "stale": self.stale,
            "told": self.told.seal(vault, self.number),
        }

    @classmethod
    def of(cls, row: Row[Any], vault: Vault) -> Self:
        """Read its row (OpenError)."""
        return cls(
            number=row.number,
            component=row.component,
            anchor=row.anchor,
            cases=row.cases,
            begun=row.begun,
            split=bool(row.split),
            stale=bool(row.stale),
            told=Told.open(vault, row.number, row.told),
        )


@dataclass(frozen=True, slots=True)
class Split:
    """Two cases that do not belong together, by their handles."""

    first: bytes
    second: bytes
    made: datetime

    @classmethod
    def of(cls, one: bytes, other: bytes, made: datetime) -> Self:
        """Put two handles in order."""
        first, second = sorted((one, other))
        return cls(first, second, made)


@dataclass(frozen=True, slots=True)
class CommonValue:
    """A value that many hold."""

    token: int
    cases: int
    """Own cases that hold it."""
    entities: int
    """Other legal entities that hold it."""
    common: bool
    """It ties nothing."""

    @classmethod
    def of(cls, row: Row[Any]) -> Self:
        """Read its row."""
        return cls(row.token, row.cases, row.entities, bool(row.common))


@dataclass(frozen=True, slots=True)
class ThreadCase:
    """An own case in a thread."""

    uuid: bytes
    handle: bytes
    thread: int
    content: CaseContent = field(repr=False)


@dataclass(frozen=True, slots=True)
class Sighting:
    """A value of a case, and where it stands in it."""

    token: int
    case: bytes
    kind: Kind
    subject: Subject
    field: str


@dataclass(frozen=True, slots=True)
class WeaveState:
    """How far the threads follow what they are made of."""

    method: int = 0
    """Version of the method that made them."""
    rules: tuple[int, ...] = ()
    most_cases: int = 0
    """That a value may tie, when this was last looked at."""
    entities: str = ""
    """Digest of which member is which legal entity."""
    arrival: int = 0
    """Links of tokens up to this one are followed."""
    change: int = 0
    """Changes of matches likewise."""

    def to_bytes(self) -> bytes:
        """Write it for the settings."""
        return json.dumps([getattr(self, name) for name in self.__slots__]).encode()

    @classmethod
    def from_bytes(cls, content: bytes) -> Self:
        """Read what `to_bytes` wrote."""
        method, rules, *rest = json.loads(content)
        return cls(method, tuple(rules), *rest)
