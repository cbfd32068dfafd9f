# SPDX-License-Identifier: Apache-2.0
"""Whatever order things happen in and whoever dies when, every common indicator is found once.

The model beside the federation knows only which member put which value into which case.
``CASETHREAD_LONG=1`` makes a longer run from fresh randomness.
"""

import os
from collections import Counter
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass
from functools import cache
from itertools import combinations, permutations
from typing import Final

import pytest
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule

from federation.agreements import MatchBudget, Status
from federation.errors import CasethreadError
from federation.indicators import Case, Kind, Subject
from federation.member import MatchStatus
from federation.storage import ObservationStatus
from tests.crash.fragile import Crash, FragileFederation, Template

LONG: Final = os.environ.get("CASETHREAD_LONG") == "1"
MEMBERS: Final = ("amparo", "hope", "licht")

# Distinct by construction and spelled in one way only, so that what is common is known
# without asking the normaliser.
VALUES: Final = (
    (Kind.PHONE, "+525512345610"),
    (Kind.PHONE, "+525512345611"),
    (Kind.HANDLE, "telegram:carnival_jobs"),
)
BUDGET: Final = MatchBudget(daily_base=10_000, daily_percent=0, first=0)
"""Large: what a spent budget does is another test's question."""

members = st.sampled_from(MEMBERS)
operator_dies = st.integers(0, 2)
case_ids = st.sampled_from(("case 1", "case 2"))
values = st.frozensets(st.sampled_from(range(len(VALUES))), min_size=1, max_size=2)
parties = st.sampled_from((*permutations(MEMBERS, 2), ("hope", "amparo", "licht")))


@dataclass(frozen=True)
class Fault:
    """What goes wrong while one thing is done."""

    dies_at: int = 0
    """The step at which whoever takes it dies; 0 for nobody."""
    lose_request: float = 0.0
    lose_reply: float = 0.0
    down: frozenset[str] = frozenset()


faults = st.one_of(
    st.just(Fault()),
    st.builds(Fault, dies_at=st.integers(1, 30)),
    st.builds(Fault, dies_at=st.integers(1, 90)),
    st.builds(Fault, lose_request=st.just(0.3)),
    st.builds(Fault, lose_reply=st.just(0.3)),
    st.builds(Fault, down=st.frozensets(members, min_size=1, max_size=1)),
)


@cache
def template(*, agreed: bool) -> Template:
    """The federation that a run starts from, with or without an agreement of each pair."""
    fed = FragileFederation(*MEMBERS)
    if agreed:
        for pair in combinations(MEMBERS, 2):
            fed.agree(*pair, match_budget=BUDGET)
    return Template(fed)


def case_of(case_id: str, held: frozenset[int]) -> Case:
    """A case whose fields are named after the values in them."""
    case = Case(case_id)
    for number in sorted(held):
        kind, raw = VALUES[number]
        case = case.add(kind, raw, Subject.RECRUITER, field=str(number))
    return case


class Interleavings(RuleBasedStateMachine):
    """Adding, correcting, forgetting, agreeing, tokenising, sending, losing, dying."""

    fed: FragileFederation

    @initialize(agreed=st.sampled_from((True, True, False)), seed=st.integers(0, 2**16))
    def start(self, seed: int, *, agreed: bool) -> None:
        """Begin with keys, and with or without agreements."""
        self.fed = template(agreed=agreed).start(seed)
        self.cases: dict[str, dict[str, frozenset[int]]] = {name: {} for name in MEMBERS}
        self.ever: dict[str, set[int]] = {name: set() for name in MEMBERS}
        self.agreements = 0

    # What an operator does; it is done again until it is done.

    @rule(name=members, case_id=case_ids, held=values, dies_at=operator_dies)
    def put(self, name: str, case_id: str, held: frozenset[int], dies_at: int) -> None:
        """A new case, or a corrected one."""
        self.ever[name] |= held
        self.insist(lambda: self.fed[name].put_cases([case_of(case_id, held)]), dies_at)
        self.cases[name][case_id] = held

    @rule(name=members, case_id=case_ids, dies_at=operator_dies)
    def forget(self, name: str, case_id: str, dies_at: int) -> None:
        """A case is deleted, if it is there."""
        self.insist(lambda: self.fed[name].forget(case_id), dies_at)
        self.cases[name].pop(case_id, None)

    @precondition(lambda self: self.agreements < 2)
    @rule(parties=parties, fault=faults)
    def agree(self, parties: tuple[str, ...], fault: Fault) -> None:
        """Terms are proposed, and all sign what has reached them by now."""
        self.agreements += 1
        self.attempt(lambda: self.fed.agree(*parties, match_budget=BUDGET), fault)

    # What a node does by itself.

    @rule(name=members, fault=faults)
    def tokenise(self, name: str, fault: Fault) -> None:
        """What waits becomes tokens."""
        self.attempt(self.fed[name].tokenise, fault)

    @rule(name=members, fault=faults)
    def send(self, name: str, fault: Fault) -> None:
        """What is due is sent."""
        self.attempt(self.fed[name]._sender.send_all, fault)

    @rule(name=members, fault=faults)
    def sync(self, name: str, fault: Fault) -> None:
        """Everything at once."""
        self.attempt(self.fed[name].sync, fault)

    @rule(name=members, case_id=case_ids, held=values, fault=faults)
    def day(self, name: str, case_id: str, held: frozenset[int], fault: Fault) -> None:
        """A case comes in and is sent at once."""
        self.put(name, case_id, held, dies_at=0)
        self.attempt(self.fed[name].sync, fault)

    @rule(name=members, what=st.sampled_from(("restart", "drive", "sign", "wait")), fault=faults)
    def meanwhile(self, name: str, what: str, fault: Fault) -> None:
        """A member loses its memory, tells its news, signs what it was sent; sessions end."""
        if what == "restart":
            self.fed.restart(name)
        elif what == "drive":
            self.attempt(self.fed[name].drive, fault)
        elif what == "sign":
            self.attempt(lambda: self.sign_all(name), fault)
        else:
            self.fed.clock.advance(minutes=70)

    # What must be true.

    @invariant()
    def nothing_else_is_found(self) -> None:
        """At no time does a match stand where the partner never held the value."""
        if not hasattr(self, "fed"):
            return
        for me in MEMBERS:
            for found in self.fed[me].matches(status=None):
                assert int(found.field) in self.ever[found.member]
                assert int(found.field) in self.cases[me][found.case]

    def teardown(self) -> None:
        """Once the faults stop, every common indicator is found on both sides, once."""
        if not hasattr(self, "fed"):
            return
        self.settle()
        for me in MEMBERS:
            found = Counter(
                (row.case, int(row.field), row.member, row.status)
                for row in self.fed[me].matches(status=None)
            )
            wanted = {
                (case_id, value, partner, MatchStatus.PROVEN)
                for partner in MEMBERS
                if partner != me
                for case_id, held in self.cases[me].items()
                for value in held & self.held(partner)
            }

            assert wanted <= found.keys()
            assert set(found.values()) <= {1}

            # A partner that took a value back does not say so; that the own side still shows
            # it, or waits for a proof that will not come, is all that may be left over.
            assert all(
                value in self.ever[partner] - self.held(partner)
                for _, value, partner, _ in found.keys() - wanted
            )

            with self.fed.seats[me].store.read() as tx:
                assert tx.exchange.unsent() == 0

                statuses = tx.cases.counts().by_status
                total = sum(len(held) for held in self.cases[me].values())

                assert statuses[ObservationStatus.TOKENISED] == total
        self.fed.close()

    def settle(self) -> None:
        """Mend everything, let every pair agree, and synchronise until nothing is due."""
        fed = self.fed
        fed.drive()
        for name in MEMBERS:
            self.sign_all(name)
        fed.drive()
        for pair in combinations(MEMBERS, 2):
            if not any(
                set(pair) <= set(view.terms.parties)
                and view.status is Status.IN_FORCE
                and pair[1] in view.ready_with
                for view in fed[pair[0]].agreements()
            ):
                fed.agree(*pair, match_budget=BUDGET)
        for _ in range(2):
            failures = [fed[name].sync().sent.failures for name in MEMBERS]

        assert [(), (), ()] == failures

    def held(self, name: str) -> set[int]:
        """What a member holds now."""
        return set().union(*self.cases[name].values())

    def sign_all(self, name: str) -> None:
        """Sign every proposal that lacks this member's signature."""
        for view in self.fed[name].agreements():
            if view.status is Status.PROPOSED and name in view.missing:
                self.fed[name].sign_agreement(view.hash)

    def attempt(self, what: Callable[[], object], fault: Fault) -> None:
        """Do something that may fail for a stated reason, or that somebody dies over."""
        fed = self.fed
        fed.crash_in = fault.dies_at
        fed.faults.lose_request = fault.lose_request
        fed.faults.lose_reply = fault.lose_reply
        fed.faults.down = set(fault.down)
        with suppress(CasethreadError):
            self.survive(what)
        fed.crash_in = 0
        fed.faults.lose_request = fed.faults.lose_reply = 0.0
        fed.faults.down = set()

    def survive(self, what: Callable[[], object]) -> bool:
        """Do something; False if a member died over it, which is there again afterwards."""
        try:
            what()
        except Crash as crash:
            self.fed.restart(crash.member)
            return False
        return True

    def insist(self, what: Callable[[], object], dies_at: int) -> None:
        """Do something, and once more if a member died over it."""
        self.fed.crash_in = dies_at
        if not self.survive(what):
            what()
        self.fed.crash_in = 0


TestInterleavings = Interleavings.TestCase
TestInterleavings.settings = settings(
    max_examples=400 if LONG else 6,
    stateful_step_count=40 if LONG else 20,
    derandomize=not LONG,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


def test_first_contact_comes_before_the_first_bucket() -> None:
    """What arrives after a partner's first bucket is sent, though nothing was sent before."""
    run = Interleavings()
    run.start(seed=0, agreed=True)
    run.day("hope", "case 1", frozenset({0}), Fault())
    run.day("amparo", "case 1", frozenset({0}), Fault())
    run.teardown()


@pytest.mark.parametrize("sender", ["amparo", "licht"])
@pytest.mark.parametrize("step", range(1, 91, 1 if LONG else 10))
def test_death_at_each_step_of_a_synchronisation(sender: str, step: int) -> None:
    """Whoever dies at whichever step, what both hold is found once in the end."""
    run = Interleavings()
    run.start(seed=0, agreed=True)
    run.day("hope", "case 1", frozenset({0, 2}), Fault())
    run.day(sender, "case 1", frozenset({0, 1}), Fault(dies_at=step))
    run.teardown()
