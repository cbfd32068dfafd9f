# SPDX-License-Identifier: Apache-2.0
"""Keeps the threads up with cases, tokens, matches and what people decided.

A step is one transaction, and may be repeated: it goes on where the one before was committed.
What is added is found by its number, what is taken away by a mark that was left in the
transaction that took it away (`federation.storage.thread_marks`).
"""

import dataclasses
import hashlib
import json
from collections.abc import Callable, Collection, Mapping
from typing import Final

from federation.matching.threads import ThreadRules
from federation.member.core import Core
from federation.member.loom import Loom
from federation.member.ports import MatchDecisions
from federation.storage import Tx
from federation.storage.matches import MatchStatus, StoredMatch
from federation.storage.thread_evidence import EvidenceReader
from federation.storage.thread_records import StoredThread, ThreadTrigger, WeaveState

__all__ = ["Weaver"]

_METHOD: Final = 1
"""Raised when the same evidence makes other threads; then all are made again."""
_BATCH: Final = 500
"""Most links, and most matches, of one step."""
_REMADE: Final = 200
"""About so many threads are made again in one step."""
_SAID: Final = 20
"""Most threads that a step says something about in the log, each in a line of its own."""

_EVENTS: Final = {trigger: f"thread_{trigger.value}" for trigger in ThreadTrigger}
_COUNTED_OR_NEVER: Final = frozenset(
    {MatchStatus.PROVEN, MatchStatus.PENDING, MatchStatus.HELD, MatchStatus.RELEASED}
)
"""A match with another status may have been counted before."""


class Weaver:
    """Makes threads of what is known."""

    def __init__(self, core: Core, rules: ThreadRules, decisions: MatchDecisions) -> None:
        """Prepare.

        Args:
            core: The member.
            rules: When a value is too common.
            decisions: What people decided about matches.
        """
        self._core = core
        self._rules = rules
        self._decisions = decisions

    def catch_up(self) -> None:
        """Follow everything that has happened; cheap when nothing has."""
        with self._core.store.read() as tx:
            state = tx.weaving.state()
            due = self._settled(tx, state) != state or tx.weaving.is_behind(state)
        while due:
            with self._core.store.write() as tx:
                told, due = self._step(tx)
                names = tx.threads.handles([thread.anchor for thread in told.values()])
            self._say(told, names)

    def reader(self, tx: Tx) -> EvidenceReader:
        """Return a reader of evidence by the rules as they are applied now."""
        most_cases = tx.weaving.state().most_cases
        return tx.weaving.reader(self._rules, most_cases, self._entity_of(tx))

    def _step(self, tx: Tx) -> tuple[Mapping[int, StoredThread], bool]:
        """Follow some of it; return what there is to tell, and whether there is more."""
        weaving = tx.weaving
        weaving.lock()
        before = weaving.state()
        state = self._settled(tx, before)
        loom = Loom(tx, self._rules, state.most_cases, self._entity_of(tx), self._core.clock())
        if (state.method, state.rules) != (before.method, before.rules):
            # Follow everything again. What proves to be as it was is not told again.
            weaving.make_all_stale()
            state = dataclasses.replace(state, arrival=0, change=0)
        if (state.most_cases, state.entities) != (before.most_cases, before.entities):
            weaving.recount(weaving.widely_met(self._rules.entities))
        if stale := weaving.stale(_REMADE):
            # First, so that nothing is added to a thread that is not one any more.
            loom.remake(stale)
        else:
            state = self._follow(tx, loom, state)
        weaving.put_state(state)
        return loom.told, weaving.is_behind(state)

    def _follow(self, tx: Tx, loom: Loom, state: WeaveState) -> WeaveState:
        """Add what came since; return how far that is."""
        loom.add(loom.recount(tx.weaving.to_recount(_BATCH)), since=0)
        arrived, arrival = tx.weaving.arrivals(state.arrival, _BATCH)
        loom.add(arrived, since=state.arrival)
        changes = tx.changes.matches(state.change, _BATCH)
        matches = [change.match for change in changes if change.match is not None]
        loom.add(self._decided(tx, matches) | loom.met(_proven(tx, matches)), since=arrival)
        change = changes[-1].number if changes else state.change
        return dataclasses.replace(state, arrival=arrival, change=change)

    def _decided(self, tx: Tx, matches: Collection[StoredMatch]) -> set[bytes]:
        """Take decisions on changed matches into account; return the cases that they are about."""
        decided: dict[bytes, set[tuple[bytes, bool]]] = {match.uuid: set() for match in matches}
        told = list(self._decisions.about(tx, decided))
        here = tx.weaving.handles({one.case for one in told})
        for one in told:
            # A decision may outlive the case, which may come again.
            if one.case in here:
                decided[one.match].add((one.case, one.confirmed))
        before = tx.weaving.rulings(decided)
        changed: set[bytes] = set()
        for match, rulings in decided.items():
            different = rulings ^ before.get(match, set())
            if different:
                tx.weaving.put_rulings(match, rulings)
                changed.update(case for case, _ in different)
        tx.weaving.mark_cases(changed)
        # Also where it is the match that changed: it may be proven only now.
        return changed.union(case for rulings in decided.values() for case, _ in rulings)

    def _settled(self, tx: Tx, state: WeaveState) -> WeaveState:
        """The state by the method, the rules, the cases and the charter of now."""
        entities = sorted(self._legal_entities(tx).items())
        return dataclasses.replace(
            state,
            method=_METHOD,
            rules=dataclasses.astuple(self._rules),
            most_cases=self._rules.most_cases(tx.cases.count()),
            entities=hashlib.sha256(json.dumps(entities).encode()).hexdigest(),
        )

    def _entity_of(self, tx: Tx) -> Callable[[str], str]:
        known = self._legal_entities(tx)
        # A member that left counts as one of its own.
        return lambda member: known.get(member, member)

    def _legal_entities(self, tx: Tx) -> dict[str, str]:
        current = self._core.in_force(tx)
        members = () if current is None else current.charter.members
        return {member.id: member.legal_entity for member in members}

    def _say(self, told: Mapping[int, StoredThread], names: Mapping[bytes, bytes]) -> None:
        """Say in the log that there is something to tell, and not what."""
        if len(told) > _SAID:
            self._core.log.info("threads_changed", count=len(told))
            return
        for change, thread in told.items():
            for trigger in sorted(thread.told.triggers(change)):
                self._core.log.info(_EVENTS[trigger], thread=names[thread.anchor].hex())


def _proven(tx: Tx, matches: Collection[StoredMatch]) -> set[int]:
    """The values of proven matches; those of matches that hold no more are marked."""
    ended = [match.token for match in matches if match.status not in _COUNTED_OR_NEVER]
    tx.weaving.mark_values(ended)
    return {match.token for match in matches if match.status is MatchStatus.PROVEN}
