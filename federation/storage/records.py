# SPDX-License-Identifier: Apache-2.0
"""What the case repositories hand out, and how content is spelled inside the vault."""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final, Self

from federation.indicators import Kind, Subject
from federation.storage.atrest import Vault


class ObservationStatus(StrEnum):
    """How far an observation is on its way to a token."""

    PENDING = "pending"
    """Waits to be normalised and tokenised."""
    TOKENISED = "tokenised"
    """Has a token under at least one key."""
    SCREENED = "screened"
    """Normalised, but a placeholder, a published number or otherwise not to be matched."""
    REFUSED = "refused"
    """Cannot be brought into a normal form."""
    WAITING_CONSENT = "waiting-consent"
    """About a survivor, whose own consent comes first."""


MATCHABLE: Final = (ObservationStatus.PENDING.value, ObservationStatus.TOKENISED.value)
"""Statuses with which an observation may get a token."""


class PutOutcome(StrEnum):
    """What putting a case did."""

    NEW = "new"
    CHANGED = "changed"
    UNCHANGED = "unchanged"


@dataclass(frozen=True, slots=True)
class CasePut:
    """What putting a case did, with the observations that it added and removed."""

    outcome: PutOutcome
    added: int
    removed: int


@dataclass(frozen=True, slots=True)
class StoredObservation:
    """An observation as it is in the database."""

    uuid: bytes
    """16 bytes."""
    case_id: str = dataclasses.field(repr=False)
    kind: Kind
    subject: Subject
    field: str
    raw: str | Mapping[str, str] = dataclasses.field(repr=False)
    """As it was written down; never logged."""
    region: str | None
    """Its own region, else that of its case."""
    status: ObservationStatus
    reason: str
    value: str | None = dataclasses.field(default=None, repr=False)
    """The normal form, once there is one; never logged."""
    version: int | None = None
    """Version of the normalisation rules that made it."""


@dataclass(frozen=True, slots=True)
class PendingObservation:
    """As much of an observation as its token is made of."""

    uuid: bytes
    """16 bytes."""
    kind: Kind
    subject: Subject
    status: ObservationStatus
    value: str | None = dataclasses.field(repr=False)
    """The normal form; never logged."""
    version: int | None
    """Version of the normalisation rules that made it."""


@dataclass(frozen=True, slots=True)
class StoredCase:
    """A case as it is in the database."""

    uuid: bytes
    """16 bytes."""
    id: str = dataclasses.field(repr=False)
    source: str = dataclasses.field(repr=False)
    region: str | None
    run: str
    """The import that last changed it."""
    observations: tuple[StoredObservation, ...]
    minor: bool = False
    """It involves a minor."""


@dataclass(frozen=True, slots=True)
class StatusChange:
    """A new status for one observation."""

    uuid: bytes
    status: ObservationStatus
    reason: str = ""
    value: str | None = dataclasses.field(default=None, repr=False)
    """Its normal form, if that is known now."""
    version: int | None = None
    """Version of the normalisation rules that made it."""


@dataclass(frozen=True, slots=True)
class NotTokenised:
    """An observation that takes no part in matching, and why."""

    case_id: str = dataclasses.field(repr=False)
    field: str
    kind: Kind
    status: ObservationStatus
    reason: str


@dataclass(frozen=True, slots=True)
class CaseCounts:
    """How much there is."""

    cases: int
    observations: int
    by_status: dict[ObservationStatus, int]
    """Every status, zeros included."""


@dataclass(frozen=True, slots=True, repr=False)
class CaseContent:
    """The part of a case that identifies it."""

    id: str
    source: str
    region: str | None
    minor: bool = False
    """Not in rows of version 0.1."""

    def seal(self, vault: Vault, row: bytes) -> bytes:
        """Seal it for its row."""
        content = [self.id, self.source, self.region, self.minor]
        return vault.seal("cases", "content", row, _encode(content))

    @classmethod
    def open(cls, vault: Vault, row: bytes, sealed: bytes) -> Self:
        """Open what `seal` made for this row (OpenError)."""
        return cls(*json.loads(vault.open("cases", "content", row, sealed)))


@dataclass(frozen=True, slots=True, repr=False)
class ObservationContent:
    """What was observed."""

    field: str
    raw: str | Mapping[str, str]
    region: str | None

    def seal(self, vault: Vault, row: bytes) -> bytes:
        """Seal it for its row."""
        return vault.seal("observations", "content", row, self.encode())

    def encode(self) -> bytes:
        """The one spelling of it."""
        raw = self.raw if isinstance(self.raw, str) else dict(self.raw)
        return _encode([self.field, raw, self.region])

    @classmethod
    def open(cls, vault: Vault, row: bytes, sealed: bytes) -> Self:
        """Open what `seal` made for this row (OpenError)."""
        return cls(*json.loads(vault.open("observations", "content", row, sealed)))


def _encode(content: Any) -> bytes:
    return json.dumps(content, sort_keys=True, separators=(",", ":")).encode()
