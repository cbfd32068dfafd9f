# SPDX-License-Identifier: Apache-2.0
"""The record in the database."""

from datetime import datetime
from pathlib import Path

import pytest

from federation.audit import Event, Record
from federation.crypto.commit import verify_commitment
from federation.storage import AtRest, Named, Store

CASE = Named("case", b"hotline|H-17")
OTHER = Named("case", b"hotline|H-18")


def entry(at: datetime, event: Event = Event.CASE_READ) -> Record:
    """Return an entry."""
    return Record(at=at, event=event, nonce=bytes(32), actor="operator")


def test_entries_stand_in_order(store: Store, at: datetime) -> None:
    """Indices begin at 0 and grow by one, across transactions."""
    for _ in range(2):
        with store.write() as tx:
            first = tx.audit.append(entry(at))
            second = tx.audit.append(entry(at, Event.MATCH_READ))
    with store.read() as tx:
        entries = tx.audit.entries()
        reads = tx.audit.entries(events=[Event.MATCH_READ])

    assert (2, 3) == (first, second)
    assert [0, 1, 2, 3] == [one.index for one in entries]
    assert [1, 3] == [one.index for one in reads]
    assert entry(at) == entries[0].record


def test_an_undone_transaction_leaves_no_gap(store: Store, at: datetime) -> None:
    """The index of an entry that never was is used by the next one."""

    def fail() -> None:
        with store.write() as tx:
            tx.audit.append(entry(at))
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        fail()
    with store.write() as tx:
        index = tx.audit.append(entry(at))

    assert index == 0


def test_a_reference_opens_until_it_is_forgotten(store: Store, at: datetime) -> None:
    """An entry names a case by a commitment; erasing the case leaves the entry and no way in."""
    with store.write() as tx:
        tx.audit.append(entry(at), [CASE, OTHER])
        tx.audit.append(entry(at), [CASE])
    with store.read() as tx:
        (first, second) = tx.audit.entries()
        openings = tx.audit.openings(0)
        about = tx.audit.about(CASE)
    for position, named in ((0, CASE), (1, OTHER)):
        salt, value = openings[position]
        verify_commitment(first.record.references[position].commitment, salt, value)

        assert named.value == value
    assert [0, 1] == about
    assert first.record.references[0] != second.record.references[0]

    with store.write() as tx:
        assert tx.audit.forget(CASE) == 2
    with store.read() as tx:
        assert [first, second] == tx.audit.entries()
        assert {1} == set(tx.audit.openings(0))
        assert tx.audit.about(CASE) == []
        assert [0] == tx.audit.about(OTHER)


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
