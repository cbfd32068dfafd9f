# SPDX-License-Identifier: Apache-2.0
"""Between the library's dataclasses and the contract of the own node's service.

The node and its client both use these functions. What comes from outside is checked against
every limit that the contract states.
"""

from datetime import UTC
from enum import Enum
from typing import Any, Final, TypeVar

from google.protobuf.internal.enum_type_wrapper import EnumTypeWrapper
from google.protobuf.message import DecodeError, Message

from federation import errors
from federation.agreements import Status
from federation.errors import InputError, MalformedError
from federation.indicators import Case, Kind, Lane, Observation, Subject
from federation.indicators.case import MAX_ID
from federation.local.records import AgreementNotice, Event, FederationStatus, NodeStatus
from federation.member import (
    ImportResult,
    Match,
    MatchStatus,
    SendReport,
    SyncReport,
    TokeniseReport,
)
from federation.storage import NotTokenised, ObservationStatus
from federation.v1 import local_service_pb2 as pb
from federation.v1 import types_pb2

__all__ = [
    "MAX_CASES",
    "MAX_OBSERVATIONS",
    "MESSAGE_LIMIT",
    "case_from_proto",
    "case_to_proto",
    "check_id",
    "event_from_proto",
    "event_to_proto",
    "import_from_proto",
    "import_to_proto",
    "match_from_proto",
    "match_status_from_proto",
    "match_status_to_proto",
    "match_to_proto",
    "not_tokenised_from_proto",
    "not_tokenised_to_proto",
    "parse",
    "status_from_proto",
    "status_to_proto",
    "sync_from_proto",
    "sync_to_proto",
]

E = TypeVar("E", bound=Enum)
M = TypeVar("M", bound=Message)

MESSAGE_LIMIT: Final = 4 * 1024 * 1024
"""Largest request or reply, bytes."""
MAX_CASES: Final = 1_000
"""Most cases in one request."""
MAX_OBSERVATIONS: Final = 2_000
"""Most observations in one case."""


class _Names:
    """An enum of the library and its twin in the contract, paired by name."""

    def __init__(self, domain: type[Enum], contract: EnumTypeWrapper[Any], prefix: str) -> None:
        numbers = dict(contract.items())
        self._number = {
            member: numbers[f"{prefix}_{member.name}"]
            for member in domain
            # A kind can be older here than in the contract; a test sees to it that none is.
            if f"{prefix}_{member.name}" in numbers
        }
        self._member = {number: member for member, number in self._number.items()}
        self._what = prefix.lower()

    def number(self, member: Enum) -> Any:
        """Return the contract's number."""
        if member not in self._number:
            raise InputError(f"{self._what} {member.value} is not in the contract")
        return self._number[member]

    def member(self, number: int, where: str = "") -> Any:
        """Return the library's member; raises MalformedError for what it does not know."""
        if number not in self._member:
            raise MalformedError(f"{where}{self._what} is not known to this version")
        return self._member[number]


_KINDS: Final = _Names(Kind, pb.IndicatorKind, "INDICATOR_KIND")
_SUBJECTS: Final = _Names(Subject, pb.Subject, "SUBJECT")
_LANES: Final = _Names(Lane, types_pb2.Lane, "LANE")
_OBSERVED: Final = _Names(ObservationStatus, pb.ObservationStatus, "OBSERVATION_STATUS")
_MATCHES: Final = _Names(MatchStatus, pb.MatchStatus, "MATCH_STATUS")
_AGREEMENTS: Final = _Names(Status, pb.AgreementStatus, "AGREEMENT_STATUS")


def parse(kind: type[M], body: bytes) -> M:
    """Parse a message that was received.

    Raises:
        MalformedError: It is another message, or longer than allowed.
    """
    if len(body) > MESSAGE_LIMIT:
        raise MalformedError(f"a message is longer than {MESSAGE_LIMIT} bytes")
    message = kind()
    try:
        message.ParseFromString(body)
    except DecodeError:
        raise MalformedError("a message is not what its method asks for") from None
    return message


def check_id(name: str, text: str) -> str:
    """Return the name of a source or a case.

    Raises:
        InputError: It is empty or too long.
    """
    if not 0 < len(text) <= MAX_ID:
        raise InputError(f"{name} is text of 1 to {MAX_ID} characters")
    return text


def case_to_proto(case: Case) -> pb.Case:
    """Translate a case.

    Raises:
        InputError: It holds what cannot be sent.
    """
    if len(case.observations) > MAX_OBSERVATIONS:
        raise InputError(f"a case has more than {MAX_OBSERVATIONS} observations")
    try:
        return pb.Case(
            id=case.id,
            region=case.region or "",
            observations=[_observation_to_proto(seen) for seen in case.observations],
        )
    except ValueError:
        # Half a surrogate pair; the original error would quote the value.
        raise InputError("a value holds half a character, which cannot be sent") from None


def case_from_proto(message: pb.Case, index: int, region: str | None) -> Case:
    """Translate a case that was received.

    Args:
        message: The case.
        index: Its place in the request, from 0, for errors.
        region: Where it happened if it does not say.

    Raises:
        InputError: It breaks a limit; says which case and observation, never a value.
    """
    where = f"cases[{index}]"
    if not message.id:
        raise InputError(f"{where}: a case has an id")
    if len(message.observations) > MAX_OBSERVATIONS:
        raise InputError(f"{where} has more than {MAX_OBSERVATIONS} observations")
    try:
        return Case(
            message.id,
            region=message.region or region,
            observations=tuple(
                _observation_from_proto(seen, f"{where}.observations[{place}]: ")
                for place, seen in enumerate(message.observations)
            ),
        )
    except MalformedError:
        raise
    except InputError as error:
        raise InputError(f"{where}: {error}") from None


def _observation_to_proto(seen: Observation) -> pb.Observation:
    text = seen.raw if isinstance(seen.raw, str) else None
    parts = None if isinstance(seen.raw, str) else pb.RawFields(fields=seen.raw)
    return pb.Observation(
        kind=_KINDS.number(seen.kind),
        subject=_SUBJECTS.number(seen.subject),
        text=text,
        parts=parts,
        region=seen.region or "",
        field=seen.field,
    )


def _observation_from_proto(message: pb.Observation, where: str) -> Observation:
    if message.WhichOneof("raw") is None:
        raise MalformedError(f"{where}there is no value")
    parts = message.HasField("parts")
    return Observation(
        kind=_KINDS.member(message.kind, where),
        raw=dict(message.parts.fields) if parts else message.text,
        subject=_SUBJECTS.member(message.subject, where),
        region=message.region or None,
        field=message.field,
    )


def import_to_proto(result: ImportResult) -> pb.PutCasesResponse:
    """Translate the result of an import."""
    return pb.PutCasesResponse(
        new=result.new,
        changed=result.changed,
        unchanged=result.unchanged,
        observations_added=result.observations_added,
        observations_removed=result.observations_removed,
    )


def import_from_proto(message: pb.PutCasesResponse) -> ImportResult:
    """Translate the result of an import back."""
    return ImportResult(
        new=message.new,
        changed=message.changed,
        unchanged=message.unchanged,
        observations_added=message.observations_added,
        observations_removed=message.observations_removed,
    )


def match_status_to_proto(status: MatchStatus | None) -> pb.MatchStatus:
    """Translate a filter; None asks for every status."""
    number: pb.MatchStatus = (
        pb.MATCH_STATUS_UNSPECIFIED if status is None else _MATCHES.number(status)
    )
    return number


def match_status_from_proto(number: int) -> MatchStatus | None:
    """Translate a filter back; raises MalformedError."""
    if number == pb.MATCH_STATUS_UNSPECIFIED:
        return None
    status: MatchStatus = _MATCHES.member(number)
    return status


def match_to_proto(match: Match) -> pb.Match:
    """Translate a match."""
    message = pb.Match(
        id=match.id,
        case_id=match.case,
        source=match.source,
        field=match.field,
        kind=_KINDS.number(match.kind),
        subject=_SUBJECTS.number(match.subject),
        lane=_LANES.number(match.lane),
        member=match.member,
        status=_MATCHES.number(match.status),
        reason=match.reason,
        agreement_digest=match.agreement,
    )
    message.find_time.FromDatetime(match.found)
    return message


def match_from_proto(message: pb.Match) -> Match:
    """Translate a match back; raises MalformedError."""
    return Match(
        id=message.id,
        case=message.case_id,
        source=message.source,
        field=message.field,
        kind=_KINDS.member(message.kind),
        subject=_SUBJECTS.member(message.subject),
        lane=_LANES.member(message.lane),
        member=message.member,
        status=_MATCHES.member(message.status),
        reason=message.reason,
        found=message.find_time.ToDatetime(UTC),
        agreement=message.agreement_digest,
    )


def not_tokenised_to_proto(entry: NotTokenised) -> pb.NotTokenised:
    """Translate an observation that takes no part in matching."""
    return pb.NotTokenised(
        case_id=entry.case_id,
        field=entry.field,
        kind=_KINDS.number(entry.kind),
        status=_OBSERVED.number(entry.status),
        reason=entry.reason,
    )


def not_tokenised_from_proto(message: pb.NotTokenised) -> NotTokenised:
    """Translate it back; raises MalformedError."""
    return NotTokenised(
        case_id=message.case_id,
        field=message.field,
        kind=_KINDS.member(message.kind),
        status=_OBSERVED.member(message.status),
        reason=message.reason,
    )


def sync_to_proto(report: SyncReport) -> pb.SynchroniseResponse:
    """Translate what a synchronisation did."""
    return pb.SynchroniseResponse(
        tokens=report.tokens.tokens,
        culprits=sorted(report.tokens.culprits),
        buckets=report.sent.buckets,
        matches=report.sent.matches,
        failures=[
            pb.SyncFailure(member=member, message=str(error))
            for member, error in report.sent.failures
        ],
    )


def sync_from_proto(message: pb.SynchroniseResponse) -> SyncReport:
    """Translate it back; failures come back as PeerError."""
    return SyncReport(
        TokeniseReport(tokens=message.tokens, culprits=frozenset(message.culprits)),
        SendReport(
            buckets=message.buckets,
            matches=message.matches,
            failures=tuple(
                (failure.member, errors.PeerError(failure.message)) for failure in message.failures
            ),
        ),
    )


def status_to_proto(status: NodeStatus) -> pb.GetStatusResponse:
    """Translate where the node stands."""
    message = pb.GetStatusResponse(
        member=status.member,
        cases=status.cases,
        observations=[
            pb.ObservationCount(status=_OBSERVED.number(each), count=count)
            for each, count in status.observations.items()
        ],
        matches=[
            pb.MatchCount(status=_MATCHES.number(each), count=count)
            for each, count in status.matches.items()
        ],
        waiting_for_you=status.waiting_for_you,
        position=status.position,
    )
    if status.federation is not None:
        message.federation.name = status.federation.name
        message.federation.version = status.federation.version
        message.federation.expire_time.FromDatetime(status.federation.expires)
        message.federation.members.extend(status.federation.members)
    return message


def status_from_proto(message: pb.GetStatusResponse) -> NodeStatus:
    """Translate it back; raises MalformedError."""
    federation = None
    if message.HasField("federation"):
        federation = FederationStatus(
            message.federation.name,
            message.federation.version,
            message.federation.expire_time.ToDatetime(UTC),
            tuple(message.federation.members),
        )
    return NodeStatus(
        member=message.member,
        federation=federation,
        cases=message.cases,
        observations=dict.fromkeys(ObservationStatus, 0)
        | {_OBSERVED.member(each.status): each.count for each in message.observations},
        matches=dict.fromkeys(MatchStatus, 0)
        | {_MATCHES.member(each.status): each.count for each in message.matches},
        waiting_for_you=message.waiting_for_you,
        position=message.position,
    )


def event_to_proto(event: Event) -> pb.WatchEventsResponse:
    """Translate an event."""
    message = pb.WatchEventsResponse(position=event.position)
    if event.match is not None:
        message.match.CopyFrom(match_to_proto(event.match))
    if event.agreement is not None:
        message.agreement.CopyFrom(
            pb.AgreementNotice(
                agreement_digest=event.agreement.agreement,
                title=event.agreement.title,
                parties=event.agreement.parties,
                status=_AGREEMENTS.number(event.agreement.status),
            )
        )
    return message


def event_from_proto(message: pb.WatchEventsResponse) -> Event:
    """Translate it back; an event of a kind that this version does not know has neither part."""
    match = match_from_proto(message.match) if message.HasField("match") else None
    notice = None
    if message.HasField("agreement"):
        notice = AgreementNotice(
            message.agreement.agreement_digest,
            message.agreement.title,
            tuple(message.agreement.parties),
            _AGREEMENTS.member(message.agreement.status),
        )
    return Event(message.position, match, notice)
