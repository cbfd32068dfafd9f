# SPDX-License-Identifier: Apache-2.0
from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from federation.errors import PolicyError, QuotaError
from federation.storage import AtRest, Store, Tx

NOON = datetime(2026, 3, 10, 12, 0, 0, tzinfo=UTC)
DAY = timedelta(days=1)


def charge(
    tx: Tx,
    request: int,
    amount: int,
    at: datetime = NOON,
    *,
    member: str = "hope",
    lane: str = "network",
    cls: str = "identifier",
    daily: int = 1000,
    monthly: int = 2000,
    digest: bytes | None = None,
) -> bool:
    """Charge with the figures that most tests share."""
    return tx.quota.charge(
        member,
        request.to_bytes(16, "big"),
        digest or request.to_bytes(32, "big"),
        lane,
        cls,
        amount,
        at,
        daily,
        monthly,
    )


def test_a_charge_counts(store: Store) -> None:
    """What was charged shows in the day and in the long window."""
    with store.write() as tx:
        assert charge(tx, 1, 8) is True
        assert charge(tx, 2, 64, NOON + DAY) is True
        assert tx.quota.used("hope", "network", "identifier", NOON + DAY) == (64, 72)


def test_a_repeat_is_free(store: Store) -> None:
    """The same request with the same elements is recomputed, not charged again."""
    with store.write() as tx:
        charge(tx, 1, 1000)
        assert charge(tx, 1, 1000, NOON + DAY) is False
        assert tx.quota.used("hope", "network", "identifier", NOON) == (1000, 1000)


def test_a_request_id_cannot_be_used_for_other_elements(store: Store) -> None:
    """A free repeat must not buy new evaluations."""
    with store.write() as tx:
        charge(tx, 1, 8)
        with pytest.raises(PolicyError):
            charge(tx, 1, 8, digest=b"other" * 6)
        assert tx.quota.used("hope", "network", "identifier", NOON) == (8, 8)


def test_the_daily_budget_holds_to_the_element(store: Store) -> None:
    """The last element fits, one more does not."""
    with store.write() as tx:
        charge(tx, 1, 992)
        charge(tx, 2, 8)
        with pytest.raises(QuotaError) as caught:
            charge(tx, 3, 1)
        assert tx.quota.used("hope", "network", "identifier", NOON) == (1000, 1000)

    assert caught.value.retry_after == 12 * 3600


def test_a_refused_request_may_be_sent_again_later(store: Store) -> None:
    """A refusal leaves no charge behind."""
    with store.write() as tx:
        charge(tx, 1, 1000)
        with pytest.raises(QuotaError):
            charge(tx, 2, 8)
        assert charge(tx, 2, 8, NOON + DAY / 2) is True


def test_the_long_window_holds_over_days(store: Store) -> None:
    """Two full days spend what 30 days allow."""
    with store.write() as tx:
        charge(tx, 1, 1000, NOON)
        charge(tx, 2, 1000, NOON + DAY)
        with pytest.raises(QuotaError, match="30-day") as caught:
            charge(tx, 3, 8, NOON + 2 * DAY)
        # The first day leaves the window 30 days after it, at midnight.
        assert caught.value.retry_after == (27.5 * DAY).total_seconds()
        with pytest.raises(QuotaError):
            charge(tx, 3, 8, NOON + 29 * DAY)
        assert charge(tx, 3, 8, NOON + 30 * DAY) is True


def test_retrying_when_told_succeeds(store: Store) -> None:
    """`retry_after` is neither too short nor a day too long."""
    with store.write() as tx:
        for number in range(4):
            charge(tx, number, 500, NOON + number * DAY)
        at = NOON + 4 * DAY
        with pytest.raises(QuotaError) as caught:
            charge(tx, 9, 700, at)
        later = at + timedelta(seconds=caught.value.retry_after)
        with pytest.raises(QuotaError):
            charge(tx, 9, 700, later - timedelta(seconds=1))
        assert charge(tx, 9, 700, later) is True


def test_a_clock_set_back_buys_nothing(store: Store) -> None:
    """Days in the future of a wrong clock still count in the long window."""
    with store.write() as tx:
        charge(tx, 1, 1000, NOON)
        charge(tx, 2, 1000, NOON - DAY)
        with pytest.raises(QuotaError):
            charge(tx, 3, 8, NOON - 2 * DAY)


def test_budgets_are_per_member_lane_and_class(store: Store) -> None:
    """Spending one budget leaves the others alone."""
    with store.write() as tx:
        charge(tx, 1, 1000)
        assert charge(tx, 2, 1000, member="amparo") is True
        assert charge(tx, 3, 1000, lane="survivor") is True
        assert charge(tx, 4, 1000, cls="person") is True


def test_threads_spend_one_budget(store: Store) -> None:
    """Requests that race, repeats among them, spend the budget to the element."""

    def work(number: int) -> int:
        done = 0
        for request in range(number * 20, number * 20 + 30):
            try:
                with store.write() as tx:
                    done += charge(tx, request, 8)
            except QuotaError:
                continue
        return done

    with ThreadPoolExecutor(8) as pool:
        charged = sum(pool.map(work, range(8)))
    with store.read() as tx:
        used = tx.quota.used("hope", "network", "identifier", NOON)

    assert (charged, used) == (125, (1000, 1000))


def test_one_check_is_served_for_a_large_batch(store: Store) -> None:
    """The check that a batch has paid for is served once, and the same one again."""
    batch = (1).to_bytes(16, "big")
    with store.write() as tx:
        charge(tx, 1, 513)
        assert tx.quota.claim_check("hope", batch, b"check 1") is True
        assert tx.quota.claim_check("hope", batch, b"check 1") is True
        assert tx.quota.claim_check("hope", batch, b"check 2") is False
        assert tx.quota.claim_check("amparo", batch, b"check 1") is False
        assert tx.quota.claim_check("hope", b"never charged...", b"check 1") is False


def test_a_charge_is_found_again(store: Store) -> None:
    """A custodian sees what it charged for a request."""
    with store.write() as tx:
        charge(tx, 7, 64)
    with store.read() as tx:
        found = tx.quota.find_charge("hope", (7).to_bytes(16, "big"))
        assert found is not None
        assert (found.amount, found.lane, found.cls, found.charged) == (
            64,
            "network",
            "identifier",
            NOON,
        )
        assert tx.quota.find_charge("amparo", (7).to_bytes(16, "big")) is None


def test_pruning_keeps_what_still_counts(store: Store) -> None:
    """Charges live for 30 days, and so do the days of the window."""
    with store.write() as tx:
        charge(tx, 1, 8, NOON)
        charge(tx, 2, 16, NOON + 2 * DAY)
        tx.quota.prune(NOON + 31 * DAY)
        assert tx.quota.find_charge("hope", (1).to_bytes(16, "big")) is None
        assert tx.quota.find_charge("hope", (2).to_bytes(16, "big")) is not None
        assert tx.quota.used("hope", "network", "identifier", NOON + 31 * DAY) == (0, 16)


def test_a_charge_of_nothing_is_a_bug(store: Store) -> None:
    """A negative amount would give budget back."""
    with store.write() as tx, pytest.raises(ValueError, match="at least one"):
        charge(tx, 1, -8)


@settings(max_examples=25, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    st.lists(
        st.tuples(st.integers(0, 12), st.sampled_from([8, 64, 512, 513]), st.integers(0, 45 * 24)),
        max_size=40,
    )
)
def test_no_sequence_gets_more_than_the_budget(requests: list[tuple[int, int, int]]) -> None:
    """Whatever is asked, in any order: each day and each 30 days stay within the figures."""
    spent: dict[int, int] = {}
    with Store.memory(AtRest(bytes(32))) as store, store.write() as tx:
        for request, amount, hour in sorted(requests, key=lambda entry: entry[2]):
            digest = bytes([amount % 251]) * 32
            at = NOON + timedelta(hours=hour)
            try:
                new = charge(tx, request, amount, at, daily=600, monthly=1500, digest=digest)
            except (QuotaError, PolicyError):
                continue
            if new:
                spent[at.toordinal()] = spent.get(at.toordinal(), 0) + amount

    assert all(used <= 600 for used in spent.values())
    for last in spent:
        assert sum(used for day, used in spent.items() if last - 30 < day <= last) <= 1500
