# SPDX-License-Identifier: Apache-2.0
"""What is to be seen of a thread: own cases in full, of other members only who they are."""

import dataclasses
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from federation.indicators import Kind, Subject
from federation.matching.strands import Strand, Why, strands
from federation.storage import Tx
from federation.storage.thread_evidence import EvidenceReader
from federation.storage.thread_records import Sighting, StoredThread

__all__ = [
    "Apart",
    "CommonEdge",
    "Edge",
    "EdgeEnd",
    "EdgeMember",
    "OverCommon",
    "Share",
    "Thread",
    "ThreadCase",
    "ThreadSummary",
    "by_reach",
    "shares_of",
    "summaries",
    "thread_view",
]


@dataclass(frozen=True, slots=True)
class ThreadSummary:
    """A thread in a listing."""

    id: str
    """Mark of its oldest case."""
    cases: int
    """Own cases in it."""
    members: tuple[str, ...]
    """Who else is part of it."""
    begun: datetime
    minor: bool
    """An own case in it involves a minor."""


@dataclass(frozen=True, slots=True)
class ThreadCase:
    """An own case in a thread."""

    mark: str
    """Names the case without saying which it is: 32 hex digits, the same whenever it comes."""
    case: str = dataclasses.field(repr=False)
    source: str
    minor: bool


@dataclass(frozen=True, slots=True)
class EdgeEnd:
    """Where an own case holds it."""

    case: str
    """Mark of the case."""
    field: str
    subject: Subject


@dataclass(frozen=True, slots=True)
class EdgeMember:
    """A member that holds it too."""

    member: str
    match: str
    """Id of the match."""
    confirmed: bool
    """A person said that the match is right."""


@dataclass(frozen=True, slots=True)
class Edge:
    """One thing that own cases, or an own case and members, have in common."""

    kind: Kind
    why: Why
    """Why it counts."""
    ends: tuple[EdgeEnd, ...]
    """Own cases for which it counts."""
    members: tuple[EdgeMember, ...]

    @property
    def weak(self) -> bool:
        """Whether it counts only together with others."""
        return self.why in {Why.TOGETHER, Why.BESIDE}


@dataclass(frozen=True, slots=True)
class Share:
    """What one member has in common with a thread: kinds and counts, and nothing of its cases."""

    member: str
    kinds: Mapping[Kind, int]


@dataclass(frozen=True, slots=True)
class CommonEdge:
    """Something that cases of a thread hold, and that is too common to tie anything."""

    kind: Kind
    cases: tuple[str, ...]
    """Marks of the cases of this thread that hold it."""
    own_cases: int
    """Own cases that hold it, in all."""
    entities: int
    """Other legal entities that hold it."""


@dataclass(frozen=True, slots=True)
class Apart:
    """A person said that a case of this thread does not belong together with another one."""

    case: str
    """Mark of the case of this thread."""
    other: str
    """Mark of the other case."""
    thread: str
    """The thread that the other case is in; empty if it is in none."""


@dataclass(frozen=True, slots=True)
class Thread:
    """Own cases that hang together, and who else is part of it."""

    id: str
    begun: datetime
    minor: bool
    cases: tuple[ThreadCase, ...]
    """Oldest first."""
    edges: tuple[Edge, ...]
    """Most telling first; every case is at one."""
    members: tuple[Share, ...]
    common: tuple[CommonEdge, ...]
    apart: tuple[Apart, ...]

    @property
    def summary(self) -> ThreadSummary:
        """The thread as it stands in a listing."""
        members = tuple(share.member for share in self.members)
        return ThreadSummary(self.id, len(self.cases), members, self.begun, self.minor)


@dataclass(frozen=True, slots=True)
class OverCommon:
    """A value that ties nothing, because too many hold it."""

    kind: Kind
    value: str = dataclasses.field(repr=False)
    """Its normal form; for the organisation's own people, and never logged."""
    cases: int
    """Own cases that hold it."""
    entities: int
    """Other legal entities that hold it."""


def by_reach(thread: ThreadSummary) -> tuple[int, int, datetime, str]:
    """Order threads: widest reach first, then longest, then oldest."""
    return -len(thread.members), -thread.cases, thread.begun, thread.id


def summaries(tx: Tx, threads: Sequence[StoredThread]) -> list[ThreadSummary]:
    """Put threads into a listing."""
    handles = tx.threads.handles([one.anchor for one in threads])
    return [
        ThreadSummary(
            id=handles[one.anchor].hex(),
            cases=one.cases,
            members=tuple(sorted(one.told.reach)),
            begun=one.begun,
            minor=one.told.minor is not None,
        )
        for one in threads
    ]


def thread_view(tx: Tx, reader: EvidenceReader, stored: StoredThread) -> Thread:
    """Put together what is to be seen of a thread.

    Args:
        tx: A transaction.
        reader: A fresh reader of evidence.
        stored: The thread.
    """
    cases = tx.threads.cases([stored.number])
    marks = {case.uuid: case.handle.hex() for case in cases}
    reader.load(marks)
    sightings: dict[int, list[Sighting]] = {}
    for seen in tx.threads.sightings(marks):
        sightings.setdefault(seen.token, []).append(seen)
    edges = tuple(
        _edge(reader, strand, sightings, marks) for strand in strands(reader.evidence, list(marks))
    )
    return Thread(
        id=marks[stored.anchor],
        begun=stored.begun,
        minor=stored.told.minor is not None,
        cases=tuple(
            ThreadCase(case.handle.hex(), case.content.id, case.content.source, case.content.minor)
            for case in cases
        ),
        edges=edges,
        members=shares_of(edges),
        common=_common(reader, sightings, marks),
        apart=_apart(tx, set(marks.values())),
    )


def _edge(
    reader: EvidenceReader,
    strand: Strand,
    sightings: Mapping[int, Sequence[Sighting]],
    marks: Mapping[bytes, str],
) -> Edge:
    confirmed = reader.evidence.confirmed
    seen = [one for value in strand.values for one in sightings[value]]
    ends = {
        (one.case, one.field, one.subject): EdgeEnd(marks[one.case], one.field, one.subject)
        for one in seen
        if one.case in strand.cases
    }
    return Edge(
        kind=seen[0].kind,
        why=strand.why,
        ends=tuple(ends[key] for key in sorted(ends)),
        members=tuple(
            EdgeMember(
                met.member,
                met.match.hex(),
                any(met.match in confirmed.get(case, {}) for case in strand.cases),
            )
            for met in strand.meetings
        ),
    )


def shares_of(edges: Sequence[Edge]) -> tuple[Share, ...]:
    """Count by member and kind what its edges say."""
    counts: dict[str, Counter[Kind]] = {}
    for edge in edges:
        for met in edge.members:
            counts.setdefault(met.member, Counter())[edge.kind] += 1
    return tuple(Share(member, dict(sorted(counts[member].items()))) for member in sorted(counts))


def _common(
    reader: EvidenceReader, sightings: Mapping[int, Sequence[Sighting]], marks: Mapping[bytes, str]
) -> tuple[CommonEdge, ...]:
    found = []
    for value in sorted(reader.evidence.common & sightings.keys()):
        spread, seen = reader.spread[value], sightings[value]
        cases = sorted({one.case for one in seen})
        held = tuple(marks[case] for case in cases)
        found.append(CommonEdge(seen[0].kind, held, spread.cases, spread.entities))
    return tuple(found)


def _apart(tx: Tx, marks: set[str]) -> tuple[Apart, ...]:
    found = []
    for split in tx.threads.splits():
        ends = split.first.hex(), split.second.hex()
        for mark, other in (ends, ends[::-1]):
            if mark in marks:
                thread = tx.threads.find(bytes.fromhex(other))
                ids = [] if thread is None else summaries(tx, [thread])
                found.append(Apart(mark, other, ids[0].id if ids else ""))
    return tuple(found)
