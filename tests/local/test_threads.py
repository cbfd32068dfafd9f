# SPDX-License-Identifier: Apache-2.0
"""Threads between dataclasses and the contract of the own node's service."""

from datetime import UTC, datetime
from enum import Enum

import pytest

from federation.errors import MalformedError
from federation.indicators import Kind, Subject
from federation.local import names, reports, threads
from federation.local.records import Event, ThreadNotice
from federation.matching.strands import Why
from federation.member import (
    Apart,
    CommonEdge,
    Edge,
    EdgeEnd,
    EdgeMember,
    Share,
    Thread,
    ThreadCase,
)
from federation.storage.thread_records import ThreadTrigger
from federation.v1 import local_service_pb2 as pb

ONE, OTHER = "1a" * 16, "2b" * 16
THREAD = Thread(
    id=ONE,
    begun=datetime(2026, 1, 5, 9, 0, tzinfo=UTC),
    minor=True,
    cases=(ThreadCase(ONE, "H-1", "api", True), ThreadCase(OTHER, "H-2", "csv", False)),
    edges=(
        Edge(
            Kind.PHONE,
            Why.SAME,
            (EdgeEnd(ONE, "tel", Subject.RECRUITER), EdgeEnd(OTHER, "phone", Subject.BUSINESS)),
            (EdgeMember("amparo", "3c" * 16, True),),
        ),
        Edge(Kind.PLACE, Why.BESIDE, (EdgeEnd(ONE, "where", Subject.BUSINESS),), ()),
    ),
    members=(Share("amparo", {Kind.PHONE: 1}),),
    common=(CommonEdge(Kind.EMAIL, (ONE,), 70, 3),),
    apart=(Apart(ONE, "4d" * 16, "5e" * 16), Apart(OTHER, "6f" * 16, "")),
)


@pytest.mark.parametrize(
    ("table", "domain"), [(names.REASONS, Why), (names.TRIGGERS, ThreadTrigger)]
)
def test_every_name_has_its_twin(table: names.Names, domain: type[Enum]) -> None:
    """Whoever adds a reason or a trigger adds it to the contract."""
    assert list(domain) == [table.member(table.number(member)) for member in domain]


def test_a_thread_survives() -> None:
    """With all that a person may see of it; members are counted anew from its edges."""
    message = threads.thread_to_proto(THREAD)

    assert THREAD == threads.thread_from_proto(pb.Thread.FromString(message.SerializeToString()))
    assert THREAD.summary == threads.summary_from_proto(threads.summary_to_proto(THREAD.summary))
    assert {field.name for field in pb.Thread.DESCRIPTOR.fields} == {
        field.name for field, _ in message.ListFields()
    }


@pytest.mark.parametrize("part", ["kind", "reason"])
def test_an_edge_of_an_unknown_kind_is_refused(part: str) -> None:
    """A thread is shown whole, or not."""
    message = threads.thread_to_proto(THREAD)
    setattr(message.edges[0], part, 99)

    with pytest.raises(MalformedError):
        threads.thread_from_proto(message)


@pytest.mark.parametrize("triggers", [{ThreadTrigger.NEW, ThreadTrigger.REACHES}, {*ThreadTrigger}])
def test_an_event_about_a_thread_survives(triggers: set[ThreadTrigger]) -> None:
    """With what it tells."""
    event = Event("4", thread=ThreadNotice(THREAD.summary, frozenset(triggers)))

    assert event == reports.event_from_proto(reports.event_to_proto(event))


def test_a_trigger_of_a_later_version_is_left_out() -> None:
    """The others are told all the same."""
    notice = ThreadNotice(THREAD.summary, frozenset({ThreadTrigger.MINOR}))
    message = threads.notice_to_proto(notice)
    message.triggers.append(99)  # type: ignore[arg-type]

    assert notice == threads.notice_from_proto(message)
