# SPDX-License-Identifier: Apache-2.0
"""Work that only one process of a node may do at a time."""

from collections.abc import Iterator
from datetime import UTC, datetime, timedelta

import pytest

from federation.storage import AtRest, Store
from federation_node.lease import LEASE_SECONDS, holding

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)


@pytest.fixture
def store() -> Iterator[Store]:
    """A database in memory."""
    with Store.memory(AtRest(bytes(32))) as store:
        yield store


def test_one_at_a_time(store: Store) -> None:
    """The second holder is told no; after the first has ended it may."""
    with (
        holding(store, "sync", lambda: NOW) as first,
        holding(store, "sync", lambda: NOW) as second,
    ):
        held = (first, second)
    with holding(store, "sync", lambda: NOW) as third:
        assert (*held, third) == (True, False, True)


def test_two_names_do_not_meet(store: Store) -> None:
    """A lease is for one thing."""
    with holding(store, "sync", lambda: NOW) as one, holding(store, "other", lambda: NOW) as two:
        assert (one, two) == (True, True)


def test_it_is_given_back_after_a_failure(store: Store) -> None:
    """Whatever ends the work."""
    with pytest.raises(ZeroDivisionError), holding(store, "sync", lambda: NOW):
        _ = 1 / 0
    with holding(store, "sync", lambda: NOW) as held:
        assert held


def test_a_dead_holder_blocks_only_until_its_end(store: Store) -> None:
    """A process that was killed never gives back."""
    with store.write() as tx:
        tx.leases.acquire("sync", "killed", NOW, LEASE_SECONDS)
    later = NOW + timedelta(seconds=LEASE_SECONDS + 1)
    with (
        holding(store, "sync", lambda: NOW) as early,
        holding(store, "sync", lambda: later) as late,
    ):
        assert (early, late) == (False, True)


def test_patience_waits_for_the_holder(store: Store) -> None:
    """The time is asked again at each attempt."""
    with store.write() as tx:
        tx.leases.acquire("sync", "killed", NOW, LEASE_SECONDS)
    times = iter([NOW, NOW, NOW + timedelta(seconds=LEASE_SECONDS + 1)])
    with holding(store, "sync", lambda: next(times), patience=0.05, pause=0.01) as held:
        assert held
