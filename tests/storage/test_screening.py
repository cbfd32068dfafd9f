# SPDX-License-Identifier: Apache-2.0
"""Observations under screening, and decisions about values, on each database."""

from datetime import datetime, timedelta

import pytest

from federation.indicators import Case, Kind, Subject
from federation.storage import Decision, ObservationStatus, Rescreened, Store, Tx

KEY = b"k" * 16
WAITS = ObservationStatus.WAITING_DECISION


def put(tx: Tx, at: datetime, case: str, value: str, subject: Subject = Subject.RECRUITER) -> None:
    """Put a case with one phone, normalised."""
    tx.cases.put(Case(case).add(Kind.PHONE, value, subject), "calls", at)
    (fresh,) = tx.cases.unprepared()
    tx.cases.set_status(fresh.uuid, fresh.status, "", value, 1)


def tokenise(tx: Tx, at: datetime) -> None:
    """Give each pending observation a token of its own value."""
    waiting = tx.cases.pending(KEY, 100)
    pairs = [(one.uuid, (one.value or "").encode().rjust(32, b"0")) for one in waiting]
    tx.tokens.add(KEY, pairs, at)


@pytest.fixture
def decision(at: datetime) -> Decision:
    """What somebody decided about some value."""
    return Decision(b"m" * 16, allowed=True, reasons=frozenset({"b", "a"}), by="Ana", at=at)


def test_a_decision_is_kept_as_it_was_made(store: Store, decision: Decision) -> None:
    """With who, when and against what; another about the same value takes its place."""
    other = Decision(decision.mark, allowed=False, reasons=frozenset(), by="Bø", at=decision.at)
    with store.write() as tx:
        tx.settings.put("decision", b"not one")
        tx.settings.put("decision0", b"not one either")
        tx.decisions.put(decision)
    with store.write() as tx:
        assert {decision.mark: decision} == tx.decisions.list()
        assert {decision.mark: decision} == tx.decisions.about([decision.mark, bytes(16)])
        assert {} == tx.decisions.about([])
        tx.decisions.put(other)
    with store.read() as tx:
        assert {decision.mark: other} == tx.decisions.list()


def test_decisions_last_as_long_as_their_values(
    store: Store, at: datetime, decision: Decision
) -> None:
    """One about a value that some case holds stays, whoever the case is about."""
    with store.write() as tx:
        put(tx, at, "1", "+4930123456", Subject.SURVIVOR)
        held = Decision(tx.screening.mark("+4930123456"), True, frozenset(), "Ana", at)
        tx.decisions.put(held)
        tx.decisions.put(decision)
        tx.decisions.prune()

        assert {held.mark: held} == tx.decisions.list()


def test_pages_hold_what_can_be_judged(store: Store, at: datetime) -> None:
    """In the network lane and with a normal form; each once, in order."""
    with store.write() as tx:
        for number in range(5):
            put(tx, at + timedelta(seconds=number), str(number), f"+493012345{number}")
        put(tx, at, "S", "+4930999999", Subject.SURVIVOR)
        tx.cases.put(Case("raw").add(Kind.PHONE, "?", Subject.RECRUITER), "calls", at)
        (raw,) = tx.cases.unprepared()
        tx.cases.set_status(raw.uuid, ObservationStatus.REFUSED, "is empty", None, 1)
        found, after = [], b""
        while page := tx.screening.page(after, 2):
            assert len(page) <= 2
            found += [one.value for one in page]
            after = page[-1].uuid

        assert sorted(f"+493012345{number}" for number in range(5)) == sorted(found)
        mark = tx.screening.mark("+4930123453")
        assert ["+4930123453"] == [one.value for one in tx.screening.with_mark(mark)]
        assert mark == tx.screening.with_mark(mark)[0].mark


def test_what_is_kept_out_loses_its_token(store: Store, at: datetime) -> None:
    """Its token goes unless another observation has it; the others keep theirs."""
    with store.write() as tx:
        for case, value in (("1", "+4930123451"), ("2", "+4930123451"), ("3", "+4930123453")):
            put(tx, at, case, value)
        tokenise(tx, at)
        first, second = tx.screening.with_mark(tx.screening.mark("+4930123451"))
        assert 1 == tx.screening.apply([Rescreened(first, WAITS, "common-value")])
        assert [first.mark] == tx.screening.waiting()
        assert {KEY: 2} == tx.tokens.counts()
        assert 1 == tx.screening.apply(
            [Rescreened(second, ObservationStatus.SCREENED, "local-list")]
        )
        assert {KEY: 1} == tx.tokens.counts()


def test_what_moved_meanwhile_is_left_as_it_is(store: Store, at: datetime) -> None:
    """A judgement about what an observation was changes nothing about what it is now."""
    with store.write() as tx:
        put(tx, at, "1", "+4930123451")
        (seen,) = tx.screening.page(b"", 10)
        tokenise(tx, at)

        assert 0 == tx.screening.apply([Rescreened(seen, WAITS, "common-value")])
        assert [] == tx.screening.waiting()
        assert {KEY: 1} == tx.tokens.counts()
