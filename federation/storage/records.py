# SPDX-License-Identifier: Apache-2.0
"""What the case repositories hand out, and how content is spelled inside the vault."""

import dataclasses
import json
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum
from json.encoder import encode_basestring_ascii as quoted
from typing import Final, Self

from federation.indicators import Kind, Lane, Subject
from federation.storage.atrest import Vault

_SORTED: Final = json.JSONEncoder(sort_keys=True, separators=(",", ":"))


class ObservationStatus(StrEnum):
    """How far an observation is on its way to a token."""

    PENDING = "pending"
    """Waits to be normalised and tokenised."""
    TOKENISED = "tokenised"
    """Has a token under at least one key."""
    SCREENED = "screened"
    """Normalised, but a placeholder, a published number or otherwise never to be matched."""
    WAITING_DECISION = "waiting-decision"
    """Normalised, but not matched until a person here has decided about the value."""
    REFUSED = "refused"
    """Cannot be brought into a normal form."""
    WAITING_CONSENT = "waiting-consent"
    """About a survivor, whose own consent comes first."""


MATCHABLE: Final = (ObservationStatus.PENDING.value, ObservationStatus.TOKENISED.value)
"""Statuses with which an observation may get a token."""

NETWORK: Final = tuple(subject.value for subject in Subject if subject.lane is Lane.NETWORK)
"""Subjects of the network lane."""


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
class Screenable:
    """As much of an observation as screening needs."""

    uuid: bytes
    """16 bytes."""
    kind: Kind
    subject: Subject
    status: ObservationStatus
    reason: str
    value: str = dataclasses.field(repr=False)
    """The normal form; never logged."""
    version: int
    """Version of the normalisation rules that made it."""
    mark: bytes
    """Fingerprint of the normal form."""


@dataclass(frozen=True, slots=True)
class Rescreened:
    """What screening makes of an observation now."""

    seen: Screenable
    """As it was."""
    status: ObservationStatus
    reason: str


@dataclass(frozen=True, slots=True)
class Decision:
    """What a person decided about a value that screening had held back."""

    mark: bytes
    """Fingerprint of the normal form."""
    allowed: bool
    """Whether it may be compared."""
    reasons: frozenset[str]
    """Why it had been held back. An allowance is against these alone: a new reason asks again."""
    by: str
    """Who decided, as they call themselves."""
    at: datetime

    def allows(self, reason: str) -> bool:
        """Whether the value may be compared although screening holds this against it."""
        return self.allowed and reason in self.reasons


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
        minor = "true" if self.minor else "false"
        content = f"[{quoted(self.id)},{quoted(self.source)},{_quoted(self.region)},{minor}]"
        return vault.seal("cases", "content", row, content.encode())

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
        """The one spelling of it: JSON without spaces, keys sorted, every character ASCII."""
        raw = quoted(self.raw) if isinstance(self.raw, str) else _SORTED.encode(dict(self.raw))
        return f"[{quoted(self.field)},{raw},{_quoted(self.region)}]".encode()

    @classmethod
    def open(cls, vault: Vault, row: bytes, sealed: bytes) -> Self:
        """Open what `seal` made for this row (OpenError)."""
        return cls(*json.loads(vault.open("observations", "content", row, sealed)))


def seal_normal(vault: Vault, row: bytes, value: str | None) -> bytes | None:
    """Seal an observation's normal form for its row, if there is one."""
    return None if value is None else vault.seal("observations", "normal", row, value.encode())


def open_normal(vault: Vault, row: bytes, sealed: bytes | None) -> str | None:
    """Open what `seal_normal` made for this row (OpenError)."""
    return None if sealed is None else vault.open("observations", "normal", row, sealed).decode()


def _quoted(text: str | None) -> str:
    return "null" if text is None else quoted(text)
