# SPDX-License-Identifier: Apache-2.0
"""Threads through the own node's service, over a real socket."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from federation import Case
from federation.audit import Event
from federation.errors import InputError
from federation.local.node import LocalNode
from federation.storage.thread_records import ThreadTrigger
from federation.testing import Federation
from tests.node.local_node import Served, recruiter, serve

NEW, REACHES, MINOR = ThreadTrigger.NEW, ThreadTrigger.REACHES, ThreadTrigger.MINOR


@pytest.fixture
def served(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Served]:
    """Hope's node, serving; it has agreed with Amparo, which holds one of three handles."""
    monkeypatch.setattr("federation_node.local_handlers._GLANCE", 0.01)
    with Federation("hope", "amparo") as fed:
        fed.agree("hope", "amparo")
        with serve(fed, tmp_path / "hope") as made:
            fed["amparo"].put_cases([recruiter("A-1", "ana")])
            fed["hope"].put_cases(
                [
                    *(recruiter(f"H-{number}", "ana") for number in (1, 2)),
                    *(recruiter(f"H-{number}", "bea") for number in (3, 4)),
                    recruiter("H-5", "eva"),
                ]
            )
            fed.sync()
            # A match that the partner's turn proved is followed at the next one.
            fed.sync()
            yield made


@pytest.fixture
def node(served: Served) -> Iterator[LocalNode]:
    """A program's connection to it."""
    with served.connect() as opened:
        yield opened


def test_a_program_sees_what_the_member_sees(
    served: Served, node: LocalNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The listing page by page, and each thread; that it read them stands in the record."""
    monkeypatch.setattr("federation.local.node._PAGE", 1)
    listed = node.threads()
    shown = [node.thread(one.id) for one in listed]
    again = node.thread(shown[0].cases[1].mark[:8])
    with served.context.store.read() as tx:
        entries = [entry.record for entry in tx.audit.entries()]

    assert served.context.member.threads() == listed
    assert [["H-1", "H-2"], ["H-3", "H-4"]] == [[c.case for c in one.cases] for one in shown]
    assert [("amparo",), ()] == [one.members for one in listed]
    assert [one.summary for one in shown] == listed
    assert shown[0] == again
    assert len(shown) + 1 == sum(entry.event is Event.THREAD_READ for entry in entries)


def test_watching_tells_what_is_new_about_threads(served: Served, node: LocalNode) -> None:
    """Each once: new ones, one that reaches another member, one that involves a minor."""
    events = list(node.watch(follow=False))
    first = [event.thread for event in events if event.thread is not None]
    position = events[-1].position
    served.find("bea")
    node.sync()
    reached = [event.thread for event in node.watch(position, follow=False) if event.thread]
    position = node.status().position
    minor = Case("H-6", region="MX", minor=True, observations=recruiter("H-6", "bea").observations)
    node.put_cases([minor])
    node.sync()
    involved = [event.thread for event in node.watch(position, follow=False) if event.thread]

    assert {(2, frozenset({NEW})), (2, frozenset({REACHES}))} <= {
        (one.thread.cases, one.triggers) for one in first
    }
    assert 2 == sum(NEW in one.triggers for one in first)
    assert [frozenset({REACHES})] == [one.triggers for one in reached]
    assert [("amparo",)] == [one.thread.members for one in reached]
    assert [frozenset({MINOR})] == [one.triggers for one in involved]
    assert [(3, True)] == [(one.thread.cases, one.thread.minor) for one in involved]


@pytest.mark.parametrize("mark", ["", "0" * 32, "H-1", "%"])
def test_what_names_no_thread_is_refused(node: LocalNode, mark: str) -> None:
    """With the next step that the node says."""
    with pytest.raises(InputError, match="no single thread") as caught:
        node.thread(mark)

    assert "thread list" in str(caught.value.next_step)


def test_a_thread_that_is_too_long_is_refused(
    node: LocalNode, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A message has its limit; the command shows threads of any length."""
    thread = node.threads()[0].id
    monkeypatch.setattr("federation_node.local_handlers.translation.MESSAGE_LIMIT", 100)
    with pytest.raises(InputError, match="too long for one message"):
        node.thread(thread)
