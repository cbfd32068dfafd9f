# SPDX-License-Identifier: Apache-2.0
"""The record in the database."""

from datetime import datetime, timedelta
from pathlib import Path

import pytest

from federation.audit import OPERATOR, Count, Event, Record
from federation.crypto.commit import verify_commitment
from federation.storage import AtRest, Named, Store

CASE = Named("case", b"hotline|H-17")
OTHER = Named("case", b"hotline|H-18")


def entry(at: datetime, event: Event = Event.CASE_READ) -> Record:
    """Return an entry."""
    return Record(at=at, event=event, nonce=bytes(32), actor="operator")


def events(store: Store) -> list[Event]:
    """Return what the record says, in order."""
    with store.read() as tx:
        return [one.record.event for one in tx.audit.entries()]


def test_entries_stand_in_order(store: Store, at: datetime) -> None:
    """Indices begin at 0 and grow by one, across transactions; the log says when it begins."""
    for _ in range(2):
        with store.write() as tx:
            tx.audit.append(entry(at))
            tx.audit.append(entry(at, Event.MATCH_READ))
    with store.read() as tx:
        entries = tx.audit.entries()
        reads = tx.audit.entries(events=[Event.MATCH_READ])
        (log,) = tx.audit.logs()

    assert [0, 1, 2, 3, 4] == [one.index for one in entries]
    assert [2, 4] == [one.index for one in reads]
    assert Event.LOG_BEGUN is entries[0].record.event
    assert entry(at) == entries[1].record
    assert (1, 0, 5) == (log.generation, log.begin, log.size)


def test_what_is_appended_is_read_in_the_same_transaction(store: Store, at: datetime) -> None:
    """It is written at the end, or as soon as somebody asks."""
    with store.write() as tx:
        tx.audit.append(entry(at), [CASE])
        about = tx.audit.about(CASE)
        tx.audit.append(entry(at), [CASE])
        size = tx.audit.size()

    assert ([1], 3) == (about, size)


def test_an_undone_transaction_leaves_no_gap(store: Store, at: datetime) -> None:
    """The index of an entry that never was is used by the next one."""

    def fail() -> None:
        with store.write() as tx:
            tx.audit.append(entry(at))
            tx.audit.settle()
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with store.write() as tx:
        tx.audit.append(entry(at))
    with store.read() as tx:
        entries = tx.audit.entries()

    assert [0, 1] == [one.index for one in entries]


def test_what_is_counted_becomes_one_entry_a_day(store: Store, at: datetime) -> None:
    """However often it happens, and whatever else is counted beside it."""
    facts = {"actor": "node", "member": "amparo", "reason": "quota_exhausted"}
    for hour in range(3):
        with store.write() as tx:
            then = at + timedelta(hours=hour)
            tx.audit.count(Event.REFUSALS, then, {Count.CALLS: 2}, **facts)
            tx.audit.count(Event.REFUSALS, then, {Count.CALLS: 1}, **(facts | {"member": "licht"}))
    with store.write() as tx:
        tx.audit.close_days(at)

    assert events(store) == []
    tomorrow = at + timedelta(days=1)
    for _ in range(2):
        with store.write() as tx:
            tx.audit.close_days(tomorrow)
    with store.read() as tx:
        records = [one.record for one in tx.audit.entries(events=[Event.REFUSALS])]

    assert [("amparo", 6), ("licht", 3)] == [
        (one.member, one.counts[Count.CALLS]) for one in records
    ]
    assert {(at, tomorrow, "quota_exhausted")} == {
        (one.since, one.at, one.reason) for one in records
    }
    assert records[0].nonce != records[1].nonce


def test_a_run_is_closed_at_its_end(store: Store, at: datetime) -> None:
    """An import has one entry for all its transactions; a count of nothing leaves none."""
    with store.write() as tx:
        tx.audit.count(Event.CASES_PUT, at, {Count.CASES: 200, Count.TAGS: 0}, actor="operator")
        tx.audit.count(Event.CASES_PUT, at, {Count.CASES: 7}, actor="operator")
        tx.audit.count(Event.CASES_PUT, at, {Count.CASES: 9}, actor="staff:0123456789abcdef")
        tx.audit.close_run(Event.CASES_PUT, at, actor="operator")
        tx.audit.close_run(Event.CASES_REMOVED, at, actor="operator")
    with store.read() as tx:
        (record,) = [one.record for one in tx.audit.entries(events=[Event.CASES_PUT])]

    assert {Count.CASES: 207} == record.counts
    assert [Event.LOG_BEGUN, Event.CASES_PUT] == events(store)


def test_a_new_log_goes_on_where_the_record_was(store: Store, at: datetime) -> None:
    """After a loss entries count on, in another log that names the one before."""
    with store.write() as tx:
        tx.audit.append(entry(at), [CASE])
    with store.write() as tx:
        tx.audit.begin_anew(at, 4, bytes(range(32)), OPERATOR)
        tx.audit.append(entry(at), [CASE])
    with store.read() as tx:
        first, second = tx.audit.logs()
        entries = tx.audit.entries(2)
        about = tx.audit.about(CASE)
        leaves = tx.audit.store_of(second).leaves(0, 2)
    begun = entries[0].record

    assert (1, 0, 2) == (first.generation, first.begin, first.size)
    assert (4, 2, 2) == (second.generation, second.begin, second.size)
    assert ((bytes(range(32)),), {Count.ENTRIES: 2}) == (begun.documents, begun.counts)
    assert [1, 3] == about
    assert [one.leaf for one in entries] == leaves
    with pytest.raises(ValueError, match="over"), store.write() as tx:
        tx.audit.begin_anew(at, 4, bytes(32), OPERATOR)


def test_a_reference_opens_until_it_is_forgotten(store: Store, at: datetime) -> None:
    """An entry names a case by a commitment; erasing the case leaves the entry and no way in."""
    with store.write() as tx:
        tx.audit.append(entry(at), [CASE, OTHER])
        tx.audit.append(entry(at), [CASE])
    with store.read() as tx:
        (_, first, second) = tx.audit.entries()
        openings = tx.audit.openings(1)
        about = tx.audit.about(CASE)
    for position, named in ((0, CASE), (1, OTHER)):
        salt, value = openings[position]
        verify_commitment(first.record.references[position].commitment, salt, value)

        assert named.value == value
    assert [1, 2] == about
    assert first.record.references[0] != second.record.references[0]

    with store.write() as tx:
        assert tx.audit.forget(CASE) == 2
    with store.read() as tx:
        assert [first, second] == tx.audit.entries(1)
        assert {1} == set(tx.audit.openings(1))
        assert tx.audit.about(CASE) == []
        assert [1] == tx.audit.about(OTHER)


def test_nothing_of_it_is_readable_without_the_key(
    sqlite_url: str, at_rest: AtRest, at: datetime
) -> None:
    """A stolen database shows how many entries of which kind there are, and no more."""
    with Store.open(sqlite_url, at_rest) as store:
        with store.write() as tx:
            tx.audit.append(entry(at), [CASE])
        store.scrub()
    raw = Path(sqlite_url.removeprefix("sqlite:///")).read_bytes()

    assert b"case-read" in raw
    assert b"H-17" not in raw
    assert b"operator" not in raw
