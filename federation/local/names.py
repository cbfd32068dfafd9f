# SPDX-License-Identifier: Apache-2.0
"""The library's enums and their twins in the contract of the own node's service."""

from collections.abc import Iterable
from enum import Enum
from typing import Any, Final

from federation.agreements import Status
from federation.errors import InputError, MalformedError
from federation.indicators import Kind, Lane, Subject
from federation.matching.strands import Why
from federation.member import MatchStatus
from federation.storage import ObservationStatus
from federation.storage.thread_records import ThreadTrigger
from federation.v1 import local_service_pb2 as pb
from federation.v1 import types_pb2

__all__ = [
    "AGREEMENTS",
    "KINDS",
    "LANES",
    "MATCHES",
    "OBSERVED",
    "REASONS",
    "SUBJECTS",
    "TRIGGERS",
    "Names",
]


class Names:
    """An enum of the library and its twin in the contract, paired by name."""

    def __init__(self, domain: type[Enum], numbers: Iterable[tuple[str, int]], prefix: str) -> None:
        known = dict(numbers)
        self._number = {
            member: known[f"{prefix}_{member.name}"]
            for member in domain
            # A kind can be older here than in the contract; a test sees to it that none is.
            if f"{prefix}_{member.name}" in known
        }
        self._member = {number: member for member, number in self._number.items()}
        self._what = prefix.lower()

    def number(self, member: Enum) -> Any:
        """Return the contract's number."""
        if member not in self._number:
            raise InputError(f"{self._what} {member.value} is not in the contract")
        return self._number[member]

    def get(self, number: int) -> Any:
        """Return the library's member, or None for what it does not know."""
        return self._member.get(number)

    def member(self, number: int, where: str = "") -> Any:
        """Return the library's member; raises MalformedError for what it does not know."""
        if number not in self._member:
            raise MalformedError(f"{where}{self._what} is not known to this version")
        return self._member[number]


KINDS: Final = Names(Kind, pb.IndicatorKind.items(), "INDICATOR_KIND")
SUBJECTS: Final = Names(Subject, pb.Subject.items(), "SUBJECT")
LANES: Final = Names(Lane, types_pb2.Lane.items(), "LANE")
OBSERVED: Final = Names(ObservationStatus, pb.ObservationStatus.items(), "OBSERVATION_STATUS")
MATCHES: Final = Names(MatchStatus, pb.MatchStatus.items(), "MATCH_STATUS")
AGREEMENTS: Final = Names(Status, pb.AgreementStatus.items(), "AGREEMENT_STATUS")
REASONS: Final = Names(Why, pb.EdgeReason.items(), "EDGE_REASON")
TRIGGERS: Final = Names(ThreadTrigger, pb.ThreadTrigger.items(), "THREAD_TRIGGER")
