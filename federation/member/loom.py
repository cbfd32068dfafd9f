# SPDX-License-Identifier: Apache-2.0
"""One transaction's work on the threads: add what came, make again what may have come apart.

Adding touches the rows of what is added and of what it ties together, however long a thread
is. Making again reads a whole component and writes what is different.
"""

import dataclasses
from collections.abc import Callable, Iterable, Mapping, Sequence
from collections.abc import Set as AbstractSet
from datetime import datetime

from federation.matching.groups import Groups
from federation.matching.threads import (
    Evidence,
    ThreadRules,
    bond_of,
    facts_of,
    meetings_of,
    partition,
    weak_candidates,
)
from federation.member.pieces import Piece, joined, keep_numbers
from federation.storage import Tx
from federation.storage.thread_evidence import EvidenceReader, Link
from federation.storage.thread_records import CommonValue, StoredThread

__all__ = ["Loom"]


class Loom:
    """Brings threads up to date, as far as it is told what happened."""

    def __init__(
        self,
        tx: Tx,
        rules: ThreadRules,
        most_cases: int,
        entity_of: Callable[[str], str],
        at: datetime,
    ) -> None:
        """Stand in a writing transaction.

        Args:
            tx: The transaction.
            rules: When a value is too common.
            most_cases: That a value which is not weak may tie.
            entity_of: Returns the legal entity of a member.
            at: Now.
        """
        self._weaving = tx.weaving
        self._reader: Callable[[], EvidenceReader] = lambda: tx.weaving.reader(
            rules, most_cases, entity_of
        )
        self._rules = rules
        self._at = at
        self._apart = [(one.first, one.second) for one in tx.threads.splits()]
        self._ends = {end for pair in self._apart for end in pair}
        self.told: dict[int, StoredThread] = {}
        """Threads about which there is something to tell, by the change that tells it."""

    def add(self, cases: Iterable[bytes], since: int) -> None:
        """Add cases that have more in common than before, with each other or with members.

        Args:
            cases: Which.
            since: Links of tokens that arrived later are new.
        """
        todo = set(cases)
        while todo:
            todo = self._add(todo, since)

    def recount(self, values: Sequence[int]) -> set[bytes]:
        """Count again who holds some values.

        Returns:
            Cases to add, because a value of theirs is too common no more.
        """
        reader = self._reader()
        reader.judge(values)
        self._weaving.drop_commons([value for value in values if value not in reader.spread])
        return self._note_commons(reader)

    def met(self, values: Iterable[int]) -> set[bytes]:
        """Return the cases by which proven matches on some values are found."""
        reader = self._reader()
        reader.judge(list(values))
        more = self._note_commons(reader)
        told = reader.spread.keys() - reader.evidence.common
        weak = told & reader.evidence.weak
        found = set(reader.first_holders(told - weak).values())
        return found.union(more, *reader.holders(weak).values())

    def remake(self, components: Iterable[int], seeds: Iterable[bytes] = ()) -> None:
        """Make components again.

        Args:
            components: Which.
            seeds: Cases that come to one of them, or to a new one.
        """
        threads = self._weaving.in_components(components)
        evidence, more = self._region(threads, seeds)
        places = self._weaving.places(evidence.held)
        pieces = self._pieces(evidence, threads, places)
        loose = places.keys() - {case for piece in pieces for case in piece.fresh}
        keep_numbers(pieces, places)
        self._store(pieces)
        self._weaving.unplace(loose)
        kept = {number for piece in pieces for number in (piece.number, *piece.absorbed)}
        self._weaving.drop(threads.keys() - kept)
        self.add(more, since=0)

    def _add(self, cases: set[bytes], since: int) -> set[bytes]:
        reader = self._reader()
        links = reader.load(cases)
        more = self._note_commons(reader)
        groups = self._tie(reader, cases)
        members = [case for found in groups.all().values() for case in found]
        places = self._weaving.places(members)
        seen: dict[int, bytes] = {}
        for case, number in places.items():
            groups.join(seen.setdefault(number, case), case)
        threads = self._weaving.threads(seen)
        again = _regrouped(reader.evidence, links, since) & places.keys()
        unplaced = [case for case in members if case not in places]
        minors = self._weaving.minors(unplaced)
        handles = self._weaving.handles(unplaced) if self._ends else {}
        pieces = []
        seeds: set[bytes] = set()
        for found in groups.all().values():
            sources = [threads[one] for one in sorted({places[c] for c in found if c in places})]
            if (
                any(thread.split for thread in sources)
                or not again.isdisjoint(found)
                or any(handles.get(case) in self._ends for case in found)
            ):
                seeds.update(found)
                continue
            reach = _reach(reader.evidence, cases.intersection(found))
            fresh = {case for case in found if case not in places}
            piece = joined(sources, fresh, reach, minor=not minors.isdisjoint(fresh))
            if piece.is_thread and piece.is_new:
                pieces.append(piece)
        self._store(pieces)
        if seeds:
            self.remake((), seeds)
        return more

    def _pieces(
        self, evidence: Evidence, threads: Mapping[int, StoredThread], places: Mapping[bytes, int]
    ) -> list[Piece]:
        """Divide cases into threads.

        Who is alone and meets no member is in none; unless people put it apart from what it
        met, which must be found again when they undo that.
        """
        handles = self._weaving.handles(evidence.held) if self._ends else {}
        minors = self._weaving.minors(evidence.held)
        pieces = []
        for component in partition(evidence, self._pairs(handles)):
            ends = {handles.get(case) for part in component.threads for case in part}
            head: Piece | None = None
            for part in component.threads:
                reach = _reach(evidence, part)
                if len(part) == 1 and not reach and not component.threads[1:]:
                    continue
                sources = {places[case] for case in part if case in places}
                piece = Piece(
                    cases=len(part),
                    anchor=part[0],
                    fresh=frozenset(part),
                    sources=[threads[number] for number in sorted(sources)],
                    reach=reach,
                    minor=not minors.isdisjoint(part),
                    split=not ends.isdisjoint(self._ends),
                    head=head,
                )
                head = head or piece
                pieces.append(piece)
        return pieces

    def _tie(
        self, reader: EvidenceReader, cases: AbstractSet[bytes], *, all_holders: bool = False
    ) -> Groups[bytes]:
        """Group cases with each other and with those that they are tied to.

        Args:
            reader: Has read the cases.
            cases: Which.
            all_holders: Find everybody who holds what they hold. Without it, of each value that
                ties alone only its first holder: who is not split from the others is in one
                component with it.
        """
        evidence = reader.evidence
        groups = Groups(cases)
        shared = {
            value
            for case in cases
            for value in evidence.held[case]
            if reader.spread[value].cases > 1 and value not in evidence.common
        }
        if all_holders:
            for found in reader.holders(shared - evidence.weak).values():
                groups.join_all(found)
        else:
            firsts = reader.first_holders(shared - evidence.weak)
            for case in cases:
                for value in firsts.keys() & evidence.held[case].keys():
                    groups.join(case, firsts[value])
        pairs = weak_candidates(evidence, reader.holders(shared & evidence.weak), cases)
        reader.load({case for pair in pairs for case in pair})
        for one, other in pairs:
            if bond_of(evidence, one, other) is not None:
                groups.join(one, other)
        agreeing = reader.agreeing(cases)
        reader.load({case for found in agreeing.values() for case in found})
        for match, found in agreeing.items():
            groups.join_all(case for case in found if match in evidence.confirmed.get(case, {}))
        return groups

    def _region(
        self, threads: dict[int, StoredThread], seeds: Iterable[bytes]
    ) -> tuple[Evidence, set[bytes]]:
        """Gather the evidence about everything that hangs together with some threads and cases.

        Args:
            threads: The threads of whole components; more are added as they are met.
            seeds: The cases.

        Returns:
            The evidence, and further cases to add afterwards.
        """
        reader = self._reader()
        inside: set[bytes] = set()
        todo = set(seeds)
        fresh = set(threads)
        while todo or fresh:
            for cases in self._weaving.cases_of(fresh).values():
                todo.update(cases)
            todo -= inside
            inside |= todo
            reader.load(todo)
            groups = self._tie(reader, todo, all_holders=True).all()
            members = {case for found in groups.values() for case in found}
            places = self._weaving.places(members)
            met = self._weaving.threads(set(places.values()) - threads.keys()).values()
            found_ = self._weaving.in_components({thread.component for thread in met})
            fresh = found_.keys() - threads.keys()
            threads |= found_
            todo = members - inside
        more = self._note_commons(reader)
        held = {case: reader.evidence.held[case] for case in inside}
        return dataclasses.replace(reader.evidence, held=held), more - inside

    def _note_commons(self, reader: EvidenceReader) -> set[bytes]:
        """Remember which values many hold.

        Returns:
            Cases to add, because a value of theirs is too common no more.
        """
        common = reader.evidence.common
        known = self._weaving.commons(reader.spread)
        counted = {
            value: CommonValue(value, spread.cases, spread.entities, value in common)
            for value, spread in reader.spread.items()
            if value in common or spread.cases > self._rules.cases
        }
        self._weaving.put_commons(counted.values())
        self._weaving.drop_commons(known.keys() - counted.keys())
        before = {value for value, one in known.items() if one.common}
        now = {value for value, one in counted.items() if one.common}
        self._weaving.mark_values(now - before)
        again = reader.holders((before - now) & reader.spread.keys())
        return {case for cases in again.values() for case in cases}

    def _pairs(self, handles: Mapping[bytes, bytes]) -> list[tuple[bytes, bytes]]:
        """Pairs of cases to keep apart, of those that are there."""
        cases = {handle: case for case, handle in handles.items() if handle in self._ends}
        return [
            (cases[one], cases[other])
            for one, other in self._apart
            if one in cases and other in cases
        ]

    def _store(self, pieces: Sequence[Piece]) -> None:
        """Store threads, with what there is to tell about them."""
        numbers = self._weaving.numbers(sum(piece.number is None for piece in pieces))
        for piece in pieces:
            piece.number = next(numbers) if piece.number is None else piece.number
        changes = self._weaving.changes(sum(piece.has_news for piece in pieces))
        threads = []
        news: dict[int, StoredThread] = {}
        places: dict[bytes, int] = {}
        for piece in pieces:
            change = next(changes) if piece.has_news else 0
            thread = piece.thread(change, self._at)
            if change:
                news[change] = thread
            threads.append(thread)
            places.update(dict.fromkeys(piece.fresh, thread.number))
        self._weaving.put_threads(threads)
        self._weaving.put_news({change: thread.number for change, thread in news.items()})
        self._weaving.place(places)
        for piece, thread in zip(pieces, threads, strict=True):
            self._weaving.move(piece.absorbed, thread.number)
            self._weaving.drop(piece.absorbed)
        self.told |= news


def _reach(evidence: Evidence, cases: Iterable[bytes]) -> set[str]:
    """The members with which cases are shared."""
    met = (meetings for case in cases for meetings in meetings_of(evidence, case).values())
    return {meeting.member for meetings in met for meeting in meetings}


def _regrouped(evidence: Evidence, links: Iterable[Link], since: int) -> set[bytes]:
    """Cases in which new links made one fact of two that may have counted as independent."""
    before: dict[bytes, list[tuple[bytes, int]]] = {}
    changed: set[bytes] = set()
    for link in links:
        if link.arrival > since:
            changed.add(link.case)
        else:
            before.setdefault(link.case, []).append((link.observation, link.token))
    found = set()
    for case in changed & before.keys():
        facts = facts_of(before[case])
        now = {evidence.held[case][value] for value in facts}
        if len(now) < len(set(facts.values())):
            found.add(case)
    return found
