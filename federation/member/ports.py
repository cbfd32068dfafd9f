# SPDX-License-Identifier: Apache-2.0
"""What a member's protocol runs need from the world around them."""

import logging
from collections.abc import Callable, Collection, Iterable
from dataclasses import dataclass
from datetime import datetime
from typing import Protocol, TypeVar

from federation.charter import Applicant
from federation.messages import Request
from federation.storage import Tx

__all__ = [
    "Clock",
    "Connect",
    "Log",
    "MatchDecision",
    "MatchDecisions",
    "Peer",
    "Silent",
]

R = TypeVar("R")


class Peer(Protocol):
    """Another member's node, reached over some transport."""

    def call(self, request: Request[R], *, timeout: float = 30.0) -> R:
        """Ask, and wait for the verified reply.

        Args:
            request: Any message of `federation.messages`.
            timeout: Seconds.

        Returns:
            The reply that belongs to the request's type.

        Raises:
            PeerUnreachableError: No answer; asking again is safe.
            CasethreadError: What the peer refused, as the same type it raised.
        """
        ...


Clock = Callable[[], datetime]
"""Returns the current time, aware, in UTC."""

Connect = Callable[[Applicant], Peer]
"""Returns a peer for a member as charter or invitation list it; cheap to call again."""


class Log(Protocol):
    """Where a run says what happened: event names and identifier-free fields only."""

    def info(self, event: str, /, **fields: object) -> object:
        """Say what happened."""
        ...

    def warning(self, event: str, /, **fields: object) -> object:
        """Say what a person should look at."""
        ...


class Silent:
    """A log that says nothing."""

    def info(self, event: str, /, **fields: object) -> None:
        """Keep it for who debugs."""
        logging.getLogger(__name__).debug(event, extra={"fields": fields})

    def warning(self, event: str, /, **fields: object) -> None:
        """Keep it for who debugs."""
        logging.getLogger(__name__).debug(event, extra={"fields": fields})


@dataclass(frozen=True, slots=True)
class MatchDecision:
    """What a person decided about a match, for one own case."""

    match: bytes
    """UUID of the match here."""
    case: bytes
    """UUID of the own case."""
    confirmed: bool
    """Else it is rejected: "not a match"."""


class MatchDecisions(Protocol):
    """What people decided about matches.

    A new decision, and one that is undone, gives its match a new change number; so the
    threads hear of it.
    """

    def about(self, tx: Tx, matches: Collection[bytes]) -> Iterable[MatchDecision]:
        """Return the decisions about some matches that stand now.

        Args:
            tx: The transaction to read in.
            matches: UUIDs.
        """
        ...
