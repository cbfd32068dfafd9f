# SPDX-License-Identifier: Apache-2.0
"""A database with tokens and matches of a test's choice, the weaver on it, and what must come out.

What must come out is made from the whole database at once, by the definition; the weaver
follows one change after the other.
"""

import dataclasses
import secrets
from collections.abc import Collection, Iterable, Mapping, Sequence
from datetime import UTC, datetime
from typing import Any, cast

from sqlalchemy import update

from federation.indicators import Case, Kind, Subject
from federation.matching.threads import (
    Evidence,
    Meeting,
    ThreadRules,
    facts_of,
    meetings_of,
    partition,
)
from federation.member.core import Core
from federation.member.ports import MatchDecision, Silent
from federation.member.threads import Threads
from federation.member.weaving import Weaver
from federation.storage import AtRest, Store, Tx
from federation.storage.counters import CHANGE, take_numbers
from federation.storage.matches import MatchStatus
from federation.storage.registry import table_of
from federation.storage.tables_exchange import MatchRow

KEY = b"k" * 16
OTHER_KEY = b"l" * 16
AGREEMENT = b"a" * 32
AT = datetime(2026, 3, 10, 12, 0, tzinfo=UTC)
SOURCE = "test"

Found = dict[frozenset[str], frozenset[str]]
"""Members by the cases of each thread."""


class Decided:
    """Decisions on matches, as another part of the program keeps them."""

    def __init__(self) -> None:
        """Nobody has decided anything."""
        self.kept: dict[tuple[bytes, bytes], bool] = {}

    def about(self, tx: Tx, matches: Collection[bytes]) -> Iterable[MatchDecision]:
        """Return the decisions about some matches."""
        del tx
        return [
            MatchDecision(match, case, confirmed)
            for (match, case), confirmed in self.kept.items()
            if match in matches
        ]


class Spinner:
    """One member's database, written past the exchange."""

    def __init__(
        self,
        store: Store,
        rules: ThreadRules | None = None,
        entities: Mapping[str, str] | None = None,
    ) -> None:
        """Begin on an empty store.

        Args:
            store: The database.
            rules: When a value is too common.
            entities: Legal entities of members; each is its own without.
        """
        self.store = store
        self.rules = rules or ThreadRules()
        self.entities = dict(entities or {})
        self.decided = Decided()
        self.core = Core(
            identity=cast("Any", None),
            store=store,
            clock=lambda: AT,
            connect=cast("Any", None),
            screen=cast("Any", None),
            log=Silent(),
            compute=cast("Any", None),
        )
        self.reweave(self.rules)
        with store.write() as tx:
            tx.agreements.put(AGREEMENT, b"{}", "hope", AT)

    def reweave(self, rules: ThreadRules) -> None:
        """Start the program anew, perhaps with other rules."""
        self.rules = rules
        self.weaver = Weaver(self.core, rules, self.decided)
        self.weaver._legal_entities = lambda _tx: self.entities  # type: ignore[method-assign]
        self.threads = Threads(self.core, self.weaver)

    def put(self, name: str, observations: Sequence[Iterable[str]], *, minor: bool = False) -> None:
        """Put a case whose observations have values of these names; lower case ones are weak."""
        case = Case(name, minor=minor)
        for values in observations:
            spelled = " ".join(sorted(values))
            case = case.add(Kind.PHONE, spelled, Subject.RECRUITER, field="tel")
        with self.store.write() as tx:
            tx.cases.put(case, SOURCE, AT)
            stored = tx.cases.get(name, SOURCE)
            assert stored is not None
            pairs = [
                (seen.uuid, _token(value))
                for seen in stored.observations
                for value in cast("str", seen.raw).split()
            ]
            weak = {_token(value) for value in _NAMES if value.islower()}
            tx.tokens.add(KEY, pairs, AT, weak=weak)

    def rekey(self) -> None:
        """Give every observation a token under another key as well."""
        with self.store.write() as tx:
            pairs = [
                (seen.uuid, _token(value)[::-1])
                for case in tx.cases.list()
                for seen in case.observations
                for value in cast("str", seen.raw).split()
            ]
            weak = {_token(value)[::-1] for value in _NAMES if value.islower()}
            tx.tokens.add(OTHER_KEY, pairs, AT, weak=weak)

    def forget(self, name: str) -> None:
        """Delete a case."""
        with self.store.write() as tx:
            tx.cases.delete(name, SOURCE)

    def meet(self, value: str, member: str, status: MatchStatus = MatchStatus.PROVEN) -> bytes:
        """Store a match, and return its UUID."""
        with self.store.write() as tx:
            (token,) = (
                row for row, raw in tx.tokens.eligible(KEY, Kind, Subject) if raw == _token(value)
            )
            done = tx.matches.put(
                agreement=AGREEMENT,
                partner=member,
                token=token,
                lane="network",
                match_id=secrets.token_bytes(16),
                status=status,
                at=AT,
            )
        return done.match.uuid

    def held(self) -> list[str]:
        """Names of the values that some case holds."""
        with self.store.read() as tx:
            raw = {one for _, one in tx.tokens.eligible(KEY, Kind, Subject)}
        return [name for name in _NAMES if _token(name) in raw]

    def matches(self) -> list[bytes]:
        """UUIDs of all matches, by member and value; their own order is by chance."""
        with self.store.read() as tx:
            found = sorted(tx.matches.list(), key=lambda one: (one.partner, one.token))
        return [one.uuid for one in found]

    def decide(self, match: bytes, name: str, *, confirmed: bool | None) -> None:
        """Confirm or reject a match for a case, or undo it."""
        with self.store.write() as tx:
            case = tx.cases.get(name, SOURCE)
            assert case is not None
            self.decided.kept.pop((match, case.uuid), None)
            if confirmed is not None:
                self.decided.kept[match, case.uuid] = confirmed
            session = tx.changes._session
            table = table_of(MatchRow)
            change = update(table).where(table.c.uuid == match)
            session.execute(change.values(change=take_numbers(session, CHANGE, 1)))

    def mark(self, name: str) -> str:
        """Mark of a case."""
        with self.store.read() as tx:
            case = tx.cases.get(name, SOURCE)
            assert case is not None
            return tx.threads.handles([case.uuid])[case.uuid].hex()

    # What came out

    def woven(self) -> Found:
        """The threads as they are in the database, caught up."""
        self.weaver.catch_up()
        with self.store.read() as tx:
            stored = tx.threads.list(0, 10_000)
            assert all(one.told.new for one in stored)
            cases = tx.threads.cases([one.number for one in stored])
            by_thread: dict[int, set[str]] = {}
            for case in cases:
                by_thread.setdefault(case.thread, set()).add(case.content.id)
            assert {one.number: one.cases for one in stored} == {
                number: len(found) for number, found in by_thread.items()
            }
            oldest = {
                one.number: min(c.uuid for c in cases if c.thread == one.number) for one in stored
            }
            assert oldest == {one.number: one.anchor for one in stored}
            assert not tx.weaving.is_behind(tx.weaving.state())
            shown = {frozenset(by_thread[one.number]): frozenset(one.told.reach) for one in stored}
        assert all(len(cases) > 1 or members for cases, members in shown.items())
        return shown

    def expected(self) -> Found:
        """The threads by the definition."""
        evidence, names = self._evidence()
        with self.store.read() as tx:
            splits = [(one.first, one.second) for one in tx.threads.splits()]
            handles = tx.threads.handles(names)
        uuids = {handle: uuid for uuid, handle in handles.items()}
        apart = [(uuids[a], uuids[b]) for a, b in splits if a in uuids and b in uuids]
        found: Found = {}
        for component in partition(evidence, apart):
            for thread in component.threads:
                members = frozenset(
                    met.member
                    for case in thread
                    for meetings in meetings_of(evidence, case).values()
                    for met in meetings
                )
                if len(thread) > 1 or members:
                    found[frozenset(names[case] for case in thread)] = members
        return found

    def _evidence(self) -> tuple[Evidence, dict[bytes, str]]:
        with self.store.read() as tx:
            session = tx.tokens._session.connection()
            links = session.exec_driver_sql(
                'SELECT o."case", l.observation, l.token, t.weak FROM token_links l'
                " JOIN observations o ON o.uuid = l.observation JOIN tokens t ON t.id = l.token"
            ).all()
            names = {case.uuid: case.id for case in tx.cases.list()}
            proven = tx.matches.list(MatchStatus.PROVEN)
        by_case: dict[bytes, list[tuple[bytes, int]]] = {uuid: [] for uuid in names}
        holders: dict[int, set[bytes]] = {}
        for case, observation, token, _ in links:
            by_case[bytes(case)].append((bytes(observation), token))
            holders.setdefault(token, set()).add(bytes(case))
        evidence = Evidence(
            held={case: facts_of(found) for case, found in by_case.items()},
            weak={token for _, _, token, weak in links if weak},
        )
        for one in proven:
            met = evidence.meetings.get(one.token, ())
            evidence.meetings[one.token] = (*met, Meeting(one.uuid, one.partner))
        token_of = {one.uuid: one.token for one in proven}
        for (match, case), confirmed in self.decided.kept.items():
            if match in token_of and not confirmed:
                evidence.rejected.add((match, case))
            elif match in token_of and token_of[match] in evidence.held.get(case, {}):
                evidence.confirmed.setdefault(case, {})[match] = token_of[match]
        most = self.rules.most_cases(len(names))
        for token, cases in holders.items():
            limit = self.rules.cases if token in evidence.weak else most
            members = {one.member for one in evidence.meetings.get(token, ())}
            entities = {self.entities.get(member, member) for member in members}
            if len(cases) > limit or len(entities) > self.rules.entities:
                evidence.common.add(token)
        return evidence, names


_NAMES = "ABCDwxyz"
"""Names of values; those of lower case are weak."""


def _token(name: str) -> bytes:
    return name.encode().ljust(31, b".") + b"!"


def memory(rules: ThreadRules | None = None, **entities: str) -> Spinner:
    """Begin in memory."""
    return Spinner(Store.memory(AtRest(bytes(32))), rules, entities)


def narrow(**changes: Any) -> ThreadRules:
    """Rules under which little is too common already."""
    return dataclasses.replace(ThreadRules(cases=3, per_thousand=0, entities=2), **changes)


def yarn(spinner: Spinner) -> None:
    """Put something of everything into a database."""
    spinner.put("a", ["A", "x"])
    spinner.put("b", ["AB", "x"], minor=True)
    spinner.put("c", ["B", "y", "z"])
    spinner.put("d", ["C", "y", "z"])
    spinner.put("e", ["D"])
    spinner.meet("A", "amparo")
    spinner.meet("D", "licht")


WOVEN = {frozenset("abcd"): frozenset({"amparo"}), frozenset("e"): frozenset({"licht"})}
