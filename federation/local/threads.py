# SPDX-License-Identifier: Apache-2.0
"""Threads between the library's dataclasses and the contract of the own node's service."""

from datetime import UTC

from federation.local.names import KINDS, REASONS, SUBJECTS, TRIGGERS
from federation.local.records import ThreadNotice
from federation.matching.strands import Why
from federation.member import (
    Apart,
    CommonEdge,
    Edge,
    EdgeEnd,
    EdgeMember,
    Thread,
    ThreadCase,
    ThreadSummary,
    shares_of,
)
from federation.v1 import local_service_pb2 as pb

__all__ = [
    "notice_from_proto",
    "notice_to_proto",
    "summary_from_proto",
    "summary_to_proto",
    "thread_from_proto",
    "thread_to_proto",
]


def summary_to_proto(summary: ThreadSummary) -> pb.ThreadSummary:
    """Translate a thread in a listing."""
    message = pb.ThreadSummary(
        id=summary.id, cases=summary.cases, members=summary.members, minor=summary.minor
    )
    message.begin_time.FromDatetime(summary.begun)
    return message


def summary_from_proto(message: pb.ThreadSummary) -> ThreadSummary:
    """Translate it back."""
    return ThreadSummary(
        id=message.id,
        cases=message.cases,
        members=tuple(message.members),
        begun=message.begin_time.ToDatetime(UTC),
        minor=message.minor,
    )


def thread_to_proto(thread: Thread) -> pb.Thread:
    """Translate a thread."""
    return pb.Thread(
        summary=summary_to_proto(thread.summary),
        cases=[
            pb.ThreadCase(mark=one.mark, case_id=one.case, source=one.source, minor=one.minor)
            for one in thread.cases
        ],
        edges=[_edge_to_proto(edge) for edge in thread.edges],
        common_edges=[
            pb.CommonEdge(
                kind=KINDS.number(one.kind),
                case_marks=one.cases,
                own_cases=one.own_cases,
                entities=one.entities,
            )
            for one in thread.common
        ],
        splits=[
            pb.ThreadSplit(case_mark=one.case, other_mark=one.other, thread_id=one.thread)
            for one in thread.apart
        ],
    )


def thread_from_proto(message: pb.Thread) -> Thread:
    """Translate it back; raises MalformedError."""
    summary = summary_from_proto(message.summary)
    edges = tuple(_edge_from_proto(edge) for edge in message.edges)
    return Thread(
        id=summary.id,
        begun=summary.begun,
        minor=summary.minor,
        cases=tuple(
            ThreadCase(one.mark, one.case_id, one.source, one.minor) for one in message.cases
        ),
        edges=edges,
        members=shares_of(edges),
        common=tuple(
            CommonEdge(KINDS.member(one.kind), tuple(one.case_marks), one.own_cases, one.entities)
            for one in message.common_edges
        ),
        apart=tuple(Apart(one.case_mark, one.other_mark, one.thread_id) for one in message.splits),
    )


def notice_to_proto(notice: ThreadNotice) -> pb.ThreadNotice:
    """Translate what there is to tell about a thread."""
    triggers = [TRIGGERS.number(one) for one in sorted(notice.triggers)]
    return pb.ThreadNotice(thread=summary_to_proto(notice.thread), triggers=triggers)


def notice_from_proto(message: pb.ThreadNotice) -> ThreadNotice:
    """Translate it back; what this version does not know is left out."""
    triggers = (TRIGGERS.get(number) for number in message.triggers)
    known = frozenset(one for one in triggers if one is not None)
    return ThreadNotice(summary_from_proto(message.thread), known)


def _edge_to_proto(edge: Edge) -> pb.ThreadEdge:
    return pb.ThreadEdge(
        kind=KINDS.number(edge.kind),
        reason=REASONS.number(edge.why),
        ends=[
            pb.EdgeEnd(case_mark=end.case, field=end.field, subject=SUBJECTS.number(end.subject))
            for end in edge.ends
        ],
        members=[
            pb.EdgeMember(member=met.member, match_id=met.match, confirmed=met.confirmed)
            for met in edge.members
        ],
    )


def _edge_from_proto(message: pb.ThreadEdge) -> Edge:
    return Edge(
        kind=KINDS.member(message.kind),
        why=Why(REASONS.member(message.reason)),
        ends=tuple(
            EdgeEnd(end.case_mark, end.field, SUBJECTS.member(end.subject)) for end in message.ends
        ),
        members=tuple(
            EdgeMember(met.member, met.match_id, met.confirmed) for met in message.members
        ),
    )
