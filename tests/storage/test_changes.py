# SPDX-License-Identifier: Apache-2.0
"""What changed since somebody looked last."""

from datetime import datetime

import pytest

from federation.indicators import Case, Kind, Subject
from federation.storage import Store
from federation.storage.matches import MatchStatus

KEY = b"k" * 16
AGREEMENT = b"a" * 32


def put(store: Store, at: datetime, *names: str) -> None:
    """Put cases and give each a token of its name."""
    with store.write() as tx:
        for name in names:
            tx.cases.put(Case(name).add(Kind.PHONE, name, Subject.RECRUITER), "test", at)
        seen = {one.case_id: one.uuid for one in tx.cases.unprepared()}
        tx.tokens.add(KEY, [(seen[name], name[0].encode() * 32) for name in names], at)


def match(store: Store, at: datetime, token: int, status: MatchStatus) -> bytes:
    """Store a match of a token."""
    with store.write() as tx:
        if tx.agreements.get(AGREEMENT) is None:
            tx.agreements.put(AGREEMENT, b"{}", "hope", at)
        put = tx.matches.put(
            agreement=AGREEMENT,
            partner="amparo",
            token=token,
            lane="network",
            match_id=bytes([token]) * 16,
            status=status,
            at=at,
        )
    return put.match.uuid


def tokens(store: Store) -> list[int]:
    """Row ids of all tokens, by what they stand for."""
    with store.read() as tx:
        found = tx.tokens.eligible(KEY, Kind, Subject)
    return [token for token, _ in sorted(found, key=lambda pair: pair[1])]


def changed(store: Store, after: int = 0, limit: int = 100) -> list[bytes | str]:
    """What changed, as match UUIDs and the word agreement."""
    with store.read() as tx:
        found = tx.changes.list(after, limit)
    return [one.match.uuid if one.match is not None else "agreement" for one in found]


def latest(store: Store) -> int:
    """Number of the last change."""
    with store.read() as tx:
        return tx.changes.latest()


def test_everything_in_the_order_in_which_it_changed(store: Store, at: datetime) -> None:
    """Each row once, where its last change stands."""
    assert (latest(store), changed(store)) == (0, [])

    put(store, at, "a", "b")
    first, second = tokens(store)
    one = match(store, at, first, MatchStatus.PENDING)
    two = match(store, at, second, MatchStatus.HELD)
    before = latest(store)
    match(store, at, first, MatchStatus.PROVEN)

    assert changed(store) == ["agreement", two, one]
    assert changed(store, before) == [one]
    assert changed(store, limit=2) == ["agreement", two]
    assert changed(store, latest(store)) == []


def test_what_stays_as_it_is_does_not_come_again(store: Store, at: datetime) -> None:
    """Storing the same match, or the same status, again is no change."""
    put(store, at, "a")
    (token,) = tokens(store)
    match(store, at, token, MatchStatus.PROVEN)
    with store.write() as tx:
        tx.agreements.set_status(AGREEMENT, "in_force")
    before = latest(store)
    match(store, at, token, MatchStatus.PROVEN)
    match(store, at, token, MatchStatus.PENDING)
    with store.write() as tx:
        tx.agreements.set_status(AGREEMENT, "in_force")

    assert changed(store, before) == []


def test_another_observation_of_a_matched_token_is_a_change(store: Store, at: datetime) -> None:
    """The case that it is in learns of the match."""
    put(store, at, "ana", "bea")
    first, _ = tokens(store)
    one = match(store, at, first, MatchStatus.PROVEN)
    before = latest(store)
    put(store, at, "b-other")
    unmatched = changed(store, before)
    put(store, at, "a-other")

    assert (unmatched, changed(store, before)) == ([], [one])


def test_a_new_status_of_an_agreement_is_a_change(store: Store, at: datetime) -> None:
    """Another signature alone is none."""
    with store.write() as tx:
        tx.agreements.put(AGREEMENT, b"{}", "hope", at)
    before = latest(store)
    with store.write() as tx:
        tx.agreements.put(AGREEMENT, b"{more}", "hope", at)
        tx.agreements.set_status(AGREEMENT, "proposed")
    signed = changed(store, before)
    with store.write() as tx:
        tx.agreements.set_status(AGREEMENT, "in_force")

    assert (signed, changed(store, before)) == ([], ["agreement"])


def test_only_some_statuses(store: Store, at: datetime) -> None:
    """The limit counts what is asked for."""
    put(store, at, "a", "b", "c")
    for token, status in zip(
        tokens(store), (MatchStatus.PENDING, MatchStatus.PROVEN, MatchStatus.HELD), strict=True
    ):
        match(store, at, token, status)
    with store.read() as tx:
        found = tx.changes.matches(0, 1, (MatchStatus.PROVEN, MatchStatus.HELD))

    assert [one.match and one.match.status for one in found] == [MatchStatus.PROVEN]


@pytest.mark.parametrize("undone", [True, False])
def test_an_undone_change_leaves_no_gap_to_fall_into(
    store: Store, at: datetime, undone: bool
) -> None:
    """Numbers go on where the last commit left them."""
    put(store, at, "a")
    if undone:

        def fail() -> None:
            with store.write() as tx:
                tx.agreements.put(AGREEMENT, b"{}", "hope", at)
                raise RuntimeError

        with pytest.raises(RuntimeError):
            fail()
    with store.write() as tx:
        tx.agreements.put(AGREEMENT, b"{}", "hope", at)

    assert latest(store) == 1
