# SPDX-License-Identifier: Apache-2.0
"""Threads follow everything that happens, and come out as if all had been there at once."""

import pytest
from hypothesis import settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    precondition,
    rule,
)

from federation.audit import OPERATOR
from federation.errors import InputError
from federation.member import weaving
from federation.storage import Tx
from federation.storage.matches import MatchStatus
from federation.storage.weaving import WeavingRepository
from tests.member.spinning import AT, WOVEN, Spinner, memory, narrow, yarn

CASES = st.sampled_from([f"C{number}" for number in range(8)])
VALUES = st.sampled_from("ABCDwxyz")
MEMBERS = st.sampled_from(["amparo", "licht", "casa", "twin"])
OBSERVATIONS = st.lists(st.sets(VALUES, min_size=1, max_size=3), max_size=3)


class Weaving(RuleBasedStateMachine):
    """Everything that may happen, in any order; the threads are looked at now and then."""

    def __init__(self) -> None:
        """Begin with rules under which a value is soon too common."""
        super().__init__()
        self.spinner: Spinner = memory(narrow(), twin="Casa e.V.", casa="Casa e.V.")
        self.cases: set[str] = set()
        self.apart: set[tuple[str, str]] = set()

    @rule(name=CASES, observations=OBSERVATIONS)
    def put(self, name: str, observations: list[set[str]]) -> None:
        """A case comes, or is corrected."""
        self.spinner.put(name, observations)
        self.cases.add(name)

    @precondition(lambda self: self.cases)
    @rule(data=st.data())
    def forget(self, data: st.DataObject) -> None:
        """A case goes."""
        name = data.draw(st.sampled_from(sorted(self.cases)))
        self.spinner.forget(name)
        self.cases.remove(name)

    @rule(value=VALUES, member=MEMBERS, status=st.sampled_from(["pending", "proven", "proven"]))
    def meet(self, value: str, member: str, status: str) -> None:
        """A member holds a value too, or says so."""
        if value in self.spinner.held():
            self.spinner.meet(value, member, MatchStatus(status))

    @precondition(lambda self: self.cases)
    @rule(data=st.data(), confirmed=st.sampled_from([True, False, None]))
    def decide(self, data: st.DataObject, *, confirmed: bool | None) -> None:
        """A person decides on a match."""
        if matches := self.spinner.matches():
            match = data.draw(st.sampled_from(range(len(matches))))
            name = data.draw(st.sampled_from(sorted(self.cases)))
            self.spinner.decide(matches[match], name, confirmed=confirmed)

    @precondition(lambda self: len(self.cases) > 1)
    @rule(data=st.data())
    def split(self, data: st.DataObject) -> None:
        """A person puts two cases apart, if they are in one thread."""
        one, other = sorted(
            data.draw(
                st.lists(st.sampled_from(sorted(self.cases)), min_size=2, max_size=2, unique=True)
            )
        )
        together = any({one, other} <= thread for thread in self.spinner.woven())
        try:
            self.spinner.threads.split(self.spinner.mark(one), self.spinner.mark(other), OPERATOR)
        except InputError:
            assert not together
        else:
            assert together
            self.apart.add((one, other))

    @precondition(lambda self: self.apart)
    @rule(data=st.data())
    def rejoin(self, data: st.DataObject) -> None:
        """A person undoes that."""
        one, other = data.draw(st.sampled_from(sorted(self.apart)))
        if {one, other} <= self.cases:
            self.spinner.threads.rejoin(self.spinner.mark(other), self.spinner.mark(one), OPERATOR)
            self.apart.remove((one, other))

    @rule()
    def rekey(self) -> None:
        """Everything has a second token."""
        self.spinner.rekey()

    @rule(cases=st.integers(1, 5), entities=st.integers(0, 3))
    def restart(self, cases: int, entities: int) -> None:
        """The program starts with other rules."""
        self.spinner.reweave(narrow(cases=cases, entities=entities))

    @rule(entity=st.sampled_from(["Casa e.V.", "Twin Inc."]))
    def charter(self, entity: str) -> None:
        """A new charter says who is which legal entity."""
        self.spinner.entities = {**self.spinner.entities, "twin": entity}

    @rule()
    def look(self) -> None:
        """What was followed step by step is what the definition says."""
        assert self.spinner.expected() == self.spinner.woven()

    def teardown(self) -> None:
        """Look once more."""
        self.look()
        self.spinner.store.close()


Weaving.TestCase.settings = settings(max_examples=60, stateful_step_count=40, deadline=None)
TestWeaving = Weaving.TestCase


@pytest.mark.parametrize("method", ["numbers", "put_threads", "place", "move", "put_state"])
def test_a_step_that_is_cut_off_is_done_again(method: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Whatever had been written; nothing is told twice."""
    spinner = memory()
    spinner.put("a", ["A"])
    spinner.put("b", ["A"])
    spinner.put("c", ["B"])
    spinner.put("d", ["B"])
    spinner.woven()
    spinner.put("e", ["AB"])
    spinner.meet("A", "amparo")
    spinner.put("f", ["C"])
    spinner.put("g", ["C"])
    with spinner.store.read() as tx:
        before = tx.changes.latest()
    usual = getattr(WeavingRepository, method)

    def fail(*arguments: object) -> object:
        usual(*arguments)
        raise ZeroDivisionError

    monkeypatch.setattr(WeavingRepository, method, fail)
    with pytest.raises(ZeroDivisionError):
        spinner.weaver.catch_up()
    monkeypatch.setattr(WeavingRepository, method, usual)
    with spinner.store.read() as tx:
        after = tx.changes.latest()

    assert before == after
    assert spinner.expected() == spinner.woven()
    spinner.store.close()


def test_a_match_that_holds_no_more_is_taken_out(monkeypatch: pytest.MonkeyPatch) -> None:
    """A later status of matches, such as withdrawn, needs no change here."""
    monkeypatch.setattr(weaving, "_COUNTED_OR_NEVER", frozenset({MatchStatus.PROVEN}))
    spinner = memory()
    yarn(spinner)
    before = spinner.woven()
    with spinner.store.write() as tx:
        tx.matches.set_status(spinner_match(tx, "licht"), MatchStatus.HELD, AT)
    after = spinner.woven()

    assert WOVEN == before
    assert {frozenset("abcd"): frozenset({"amparo"})} == after


def spinner_match(tx: Tx, partner: str) -> bytes:
    """UUID of the match with a partner."""
    (found,) = [one.uuid for one in tx.matches.list() if one.partner == partner]
    return found


def test_nothing_is_read_twice_when_nothing_happened() -> None:
    """Looking again writes nothing: not even the place up to which was followed."""
    spinner = memory()
    yarn(spinner)
    spinner.woven()
    spinner.weaver._step = None  # type: ignore[assignment,method-assign]

    assert WOVEN == spinner.woven()
