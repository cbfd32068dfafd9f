# SPDX-License-Identifier: Apache-2.0
"""Threads: own cases that hang together, and who else is part of it."""

from collections.abc import Mapping
from typing import Any

from federation.indicators import Kind
from federation.matching.strands import Why
from federation.member import Edge, OverCommon, Share, StaffAction, Thread, ThreadSummary
from federation_node.actions.roles import action
from federation_node.context import NodeContext
from federation_node.drawing.svg import draw

__all__ = [
    "commons",
    "counted",
    "document",
    "drawing",
    "find",
    "listed",
    "newest",
    "notes",
    "reason",
    "rejoin",
    "split",
    "summary",
]

_SHOWN = 12

_REASONS = {
    Why.SAME: "",
    Why.CONFIRMED: "confirmed",
    Why.TOGETHER: "weak, but not alone",
    Why.BESIDE: "weak, beside something certain",
}


@action(StaffAction.THREAD_LIST)
def listed(context: NodeContext) -> list[ThreadSummary]:
    """List the threads, widest reach first.

    Args:
        context: the node.

    Returns:
        The threads.
    """
    return context.member.threads()


@action(StaffAction.THREAD_LIST)
def newest(context: NodeContext, number: int, size: int = 25) -> tuple[list[ThreadSummary], int]:
    """List some threads, those with the last news first, however many there are.

    Args:
        context: the node.
        number: of the page, from 1.
        size: threads on a page.

    Returns:
        The threads, and how many there are in all.
    """
    return context.member.newest_threads((max(1, number) - 1) * size, size)


@action(StaffAction.THREAD_SHOW)
def find(context: NodeContext, mark: str) -> Thread:
    """Find one thread; that it was read goes into the record.

    Args:
        context: the node.
        mark: beginning of its id, or of the mark of a case in it; at least 8 hex digits.

    Returns:
        The thread.

    Raises:
        InputError: no single thread has it.
    """
    return context.member.thread(mark.lower(), context.by)


@action(StaffAction.THREAD_SPLIT)
def split(context: NodeContext, one: str, other: str) -> None:
    """Put two cases of a thread apart.

    Args:
        context: the node.
        one: mark of a case, or its beginning.
        other: mark of another case.

    Raises:
        InputError: these are not two cases of one thread.
    """
    context.member.split(one.lower(), other.lower(), context.by)


@action(StaffAction.THREAD_REJOIN)
def rejoin(context: NodeContext, one: str, other: str) -> None:
    """Undo that two cases were put apart.

    Args:
        context: the node.
        one: mark of a case, or its beginning.
        other: mark of the other.

    Raises:
        InputError: nobody put them apart.
    """
    context.member.rejoin(one.lower(), other.lower(), context.by)


@action(StaffAction.THREAD_COMMON)
def commons(context: NodeContext) -> list[OverCommon]:
    """List the values that tie nothing, because too many hold them.

    Args:
        context: the node.

    Returns:
        The values.
    """
    return context.member.over_common()


def reason(edge: Edge) -> str:
    """Say why an edge counts, if that needs saying.

    Args:
        edge: of a thread.
    """
    return _REASONS[edge.why]


def counted(kinds: Mapping[Kind, int]) -> str:
    """Say how much there is of what.

    Args:
        kinds: counts by kind.
    """
    return ", ".join(_counts(kinds))


def notes(thread: Thread) -> list[str]:
    """Say what hangs on a thread and ties nothing.

    Args:
        thread: the thread.
    """
    lines = [
        f"too common to tie anything: a {one.kind.value} that {one.own_cases} own cases and "
        f"{one.entities} other organisations hold, {len(one.cases)} of these cases among them"
        for one in thread.common
    ]
    for one in thread.apart:
        where = f", which is in thread {one.thread[:_SHOWN]}" if one.thread else ""
        lines.append(f"kept apart: {one.case[:_SHOWN]} from {one.other[:_SHOWN]}{where}")
    return lines


@action(StaffAction.THREAD_SHOW)
@action(StaffAction.THREAD_SHOW)
def drawing(context: NodeContext, thread: Thread) -> str:
    """Draw a thread.

    Args:
        context: the node.
        thread: the thread.

    Returns:
        An SVG document. It shows case ids.
    """
    current = context.member.in_force
    members = () if current is None else current.charter.members
    names = {member.id: member.name for member in members}

    def share(one: Share) -> list[str]:
        return [names.get(one.member, one.member), *_counts(one.kinds)]

    def word(edge: Edge) -> str:
        # That it is weak shows in its lines.
        return edge.kind.value if edge.why is not Why.CONFIRMED else f"{edge.kind.value}, confirmed"

    cases = "1 own case" if len(thread.cases) == 1 else f"{len(thread.cases)} own cases"
    title = f"Thread {thread.id[:_SHOWN]}: {cases}"
    return draw(thread, title=title, notes=notes(thread), word=word, share=share)


def summary(thread: ThreadSummary) -> dict[str, Any]:
    """Put a thread of a listing into one object for programs.

    Args:
        thread: the thread.

    Returns:
        Counts and members.
    """
    return {
        "thread": thread.id,
        "cases": thread.cases,
        "members": list(thread.members),
        "begun": thread.begun.isoformat(),
        "minor": thread.minor,
    }


def document(thread: Thread) -> dict[str, Any]:
    """Put a thread into one object for programs.

    Args:
        thread: the thread.

    Returns:
        The own cases; of other members only who they are, and kinds and counts.
    """
    return {
        **summary(thread.summary),
        "cases": [
            {"mark": one.mark, "case": one.case, "source": one.source, "minor": one.minor}
            for one in thread.cases
        ],
        "edges": [
            {
                "kind": edge.kind.value,
                "why": edge.why.value,
                "weak": edge.weak,
                "ends": [
                    {"mark": end.case, "field": end.field, "subject": end.subject.value}
                    for end in edge.ends
                ],
                "members": [
                    {"member": met.member, "match": met.match, "confirmed": met.confirmed}
                    for met in edge.members
                ],
            }
            for edge in thread.edges
        ],
        "members": [
            {"member": one.member, "kinds": {kind.value: n for kind, n in one.kinds.items()}}
            for one in thread.members
        ],
        "common": [
            {
                "kind": one.kind.value,
                "marks": list(one.cases),
                "own_cases": one.own_cases,
                "entities": one.entities,
            }
            for one in thread.common
        ],
        "apart": [
            {"mark": one.case, "other": one.other, "thread": one.thread} for one in thread.apart
        ],
    }


def _counts(kinds: Mapping[Kind, int]) -> list[str]:
    return [f"{count} \u00d7 {kind.value}" for kind, count in kinds.items()]
