# SPDX-License-Identifier: Apache-2.0
"""What the own node tells about itself, to and from the contract of its service."""

from datetime import UTC

from federation.errors import PeerError
from federation.local.names import AGREEMENTS, MATCHES, OBSERVED
from federation.local.records import AgreementNotice, Event, FederationStatus, NodeStatus
from federation.local.threads import notice_from_proto, notice_to_proto
from federation.local.translation import match_from_proto, match_to_proto
from federation.member import MatchStatus, SendReport, SyncReport, TokeniseReport
from federation.storage import ObservationStatus
from federation.v1 import local_service_pb2 as pb

__all__ = [
    "event_from_proto",
    "event_to_proto",
    "status_from_proto",
    "status_to_proto",
    "sync_from_proto",
    "sync_to_proto",
]


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
        TokeniseReport(tokens=message.tokens, culprits=set(message.culprits)),
        SendReport(
            buckets=message.buckets,
            matches=message.matches,
            failures=tuple(
                (failure.member, PeerError(failure.message)) for failure in message.failures
            ),
        ),
    )


def status_to_proto(status: NodeStatus) -> pb.GetStatusResponse:
    """Translate where the node stands."""
    message = pb.GetStatusResponse(
        member=status.member,
        cases=status.cases,
        observations=[
            pb.ObservationCount(status=OBSERVED.number(each), count=count)
            for each, count in status.observations.items()
            if count
        ],
        matches=[
            pb.MatchCount(status=MATCHES.number(each), count=count)
            for each, count in status.matches.items()
            if count
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
        | {OBSERVED.member(each.status): each.count for each in message.observations},
        matches=dict.fromkeys(MatchStatus, 0)
        | {MATCHES.member(each.status): each.count for each in message.matches},
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
                status=AGREEMENTS.number(event.agreement.status),
            )
        )
    if event.thread is not None:
        message.thread.CopyFrom(notice_to_proto(event.thread))
    return message


def event_from_proto(message: pb.WatchEventsResponse) -> Event:
    """Translate it back; an event of a kind that this version does not know has no part."""
    match = match_from_proto(message.match) if message.HasField("match") else None
    notice = None
    if message.HasField("agreement"):
        notice = AgreementNotice(
            message.agreement.agreement_digest,
            message.agreement.title,
            tuple(message.agreement.parties),
            AGREEMENTS.member(message.agreement.status),
        )
    thread = notice_from_proto(message.thread) if message.HasField("thread") else None
    return Event(message.position, match, notice, thread)
