# SPDX-License-Identifier: Apache-2.0
"""Whatever order things happen in and whoever dies when, every common indicator is found once.

The model beside the federation knows only which member put which value into which case.
``CASETHREAD_LONG=1`` makes a longer run from fresh randomness.
"""

import os
from collections import Counter
from collections.abc import Callable
from functools import cache
from itertools import combinations, permutations
from typing import Final

from federation.agreements import MatchBudget, Status
from federation.errors import CasethreadError
from federation.indicators import Case, Kind, Subject
from federation.member import MatchStatus
from federation.storage import ObservationStatus
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import RuleBasedStateMachine, initialize, invariant, precondition, rule
from tests.crash.fragile import Crash, FragileFederation, Template

LONG: Final = os.environ.get("CASETHREAD_LONG") == "1"
MEMBERS: Final = ("amparo", "hope", "licht")

# Distinct by construction and spelled in one way only, so that what is common is known
# without asking the normaliser.
VALUES: Final = (
    *((Kind.PHONE, f"+5255123456{n}") for n in range(10, 14)),
    (Kind.EMAIL, "work@carnival-office.net"),
    (Kind.HANDLE, "telegram:carnival_jobs"),
)
BUDGET: Final = MatchBudget(daily_base=10_000, daily_percent=0, first=0)
"""Large: what a spent budget does is another test's question."""

members = st.sampled_from(MEMBERS)
case_ids = st.sampled_from(("case 1", "case 2", "case 3"))
values = st.frozensets(st.sampled_from(range(len(VALUES))), min_size=1, max_size=3)
pairs = st.sampled_from(
    [*permutations(MEMBERS, 2), ("hope", "amparo", "licht")],
)


@cache
def template() -> Template:
    """The federation that every run starts from."""
    return Template(*MEMBERS)


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

    @initialize(seed=st.integers(0, 2**16))
    def start(self, seed: int) -> None:
        """Begin with keys and nothing else."""
        self.fed = template().start(seed)
        self.cases: dict[str, dict[str, frozenset[int]]] = {name: {} for name in MEMBERS}
        self.ever: dict[str, set[int]] = {name: set() for name in MEMBERS}
        self.agreements = 0

    # What an operator does; it is done again until it is done.

    @rule(name=members, case_id=case_ids, held=values)
    def put(self, name: str, case_id: str, held: frozenset[int]) -> None:
        """A new case, or a corrected one."""
        self.ever[name] |= held
        self.insist(lambda: self.fed[name].put_cases([case_of(case_id, held)]))
        self.cases[name][case_id] = held

    @rule(name=members, case_id=case_ids)
    def forget(self, name: str, case_id: str) -> None:
        """A case is deleted, if it is there."""
        self.insist(lambda: self.fed[name].forget(case_id))
        self.cases[name].pop(case_id, None)

    @precondition(lambda self: self.agreements < 4)
    @rule(parties=pairs)
    def agree(self, parties: tuple[str, ...]) -> None:
        """Terms are proposed and all sign what has reached them by now."""
        self.agreements += 1
        self.attempt(lambda: self.fed.agree(*parties, match_budget=BUDGET))

    @rule(name=members)
    def sign(self, name: str) -> None:
        """A member signs what it has been sent."""
        self.attempt(lambda: self.sign_all(name))

    # What a node does by itself.

    @rule(name=members)
    def tokenise(self, name: str) -> None:
        """What waits becomes tokens."""
        self.attempt(self.fed[name].tokenise)

    @rule(name=members)
    def send(self, name: str) -> None:
        """What is due is sent."""
        self.attempt(self.fed[name]._sender.send_all)

    @rule(name=members)
    def sync(self, name: str) -> None:
        """Everything at once."""
        self.attempt(self.fed[name].sync)

    @rule(name=members)
    def drive(self, name: str) -> None:
        """News of charter and agreements."""
        self.attempt(self.fed[name].drive)

    # What goes wrong.

    @rule(steps=st.integers(1, 40))
    def die_soon(self, steps: int) -> None:
        """Whoever takes the n-th step from here dies there."""
        self.fed.crash_in = steps

    @rule(name=members)
    def restart(self, name: str) -> None:
        """A member loses its memory between two runs."""
        self.fed.restart(name)

    @rule(
        lose_request=st.sampled_from((0.0, 0.2, 0.6)),
        lose_reply=st.sampled_from((0.0, 0.2, 0.6)),
        down=st.sampled_from((None, *MEMBERS)),
    )
    def break_network(self, lose_request: float, lose_reply: float, down: str | None) -> None:
        """Messages and replies get lost from here on, and one member may be away."""
        self.fed.faults.lose_request = lose_request
        self.fed.faults.lose_reply = lose_reply
        self.fed.faults.down = set() if down is None else {down}

    @rule(minutes=st.sampled_from((5, 70)))
    def wait(self, minutes: int) -> None:
        """Time passes; sessions end."""
        self.fed.clock.advance(minutes=minutes)

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
        fed.crash_in = 0
        fed.faults.lose_request = fed.faults.lose_reply = 0.0
        fed.faults.down = set()
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

    def attempt(self, what: Callable[[], object]) -> None:
        """Do something that may fail for a stated reason, or die."""
        try:
            what()
        except CasethreadError:
            pass
        except Crash as crash:
            self.fed.restart(crash.member)

    def insist(self, what: Callable[[], object]) -> None:
        """Do something; after a crash, do it again."""
        try:
            what()
        except Crash as crash:
            self.fed.restart(crash.member)
            what()


TestInterleavings = Interleavings.TestCase
TestInterleavings.settings = settings(
    max_examples=400 if LONG else 25,
    stateful_step_count=40 if LONG else 20,
    derandomize=not LONG,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)
