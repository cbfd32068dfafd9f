# SPDX-License-Identifier: Apache-2.0
"""What the own node tells beside the dataclasses of `federation.member`."""

import dataclasses
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from federation.agreements import Status
from federation.member import Match, MatchStatus, ThreadSummary
from federation.storage import ObservationStatus
from federation.storage.thread_records import ThreadTrigger

__all__ = ["AgreementNotice", "Event", "FederationStatus", "NodeStatus", "ThreadNotice"]


@dataclass(frozen=True, slots=True)
class AgreementNotice:
    """An agreement as it stands."""

    agreement: bytes = dataclasses.field(repr=False)
    """SHA-256 of its terms."""
    title: str
    parties: tuple[str, ...]
    status: Status


@dataclass(frozen=True, slots=True)
class ThreadNotice:
    """A thread of which there is something to tell."""

    thread: ThreadSummary
    """As it is now."""
    triggers: frozenset[ThreadTrigger]
    """What there is to tell."""


@dataclass(frozen=True, slots=True)
class Event:
    """A match, an agreement or a thread that changed, as it is now."""

    position: str
    """Keep it when the event is dealt with, and watch from there."""
    match: Match | None = None
    """Proven or held; one event for each own observation."""
    agreement: AgreementNotice | None = None
    thread: ThreadNotice | None = None


@dataclass(frozen=True, slots=True)
class FederationStatus:
    """The federation that the node is in."""

    name: str
    version: int
    """Of the charter in force."""
    expires: datetime
    members: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class NodeStatus:
    """Where the node stands; nothing that identifies a case."""

    member: str
    """The own organisation."""
    federation: FederationStatus | None
    """None before the first charter."""
    cases: int
    observations: Mapping[ObservationStatus, int]
    matches: Mapping[MatchStatus, int]
    waiting_for_you: int
    """Charters, agreements, ceremonies, values and requests that wait for a person here."""
    position: str
    """Of the last change: `LocalNode.watch` from it brings only what is new."""
