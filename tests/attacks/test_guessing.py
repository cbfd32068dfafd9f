# SPDX-License-Identifier: Apache-2.0
"""Guessing phones through the custodians: every trick together stays within the published budget."""

import random
from collections.abc import Iterator
from itertools import count
from pathlib import Path

import pytest

from federation import Case, Kind, Subject
from federation.charter import LaneKey, Rules
from federation.crypto.group import random_elements
from federation.errors import PolicyError, QuotaError
from federation.indicators import IndicatorClass, Lane
from federation.storage import AtRest, Store
from federation.storage.quota import QuotaRepository
from federation.testing import Federation
from federation.tokens import guess_budget
from tests.attacks.guesser import CUSTODIANS, Guesser, Meter, random_id
from tests.attacks.support import Journal, share_of

OUTSIDER = "mirror"
"""A member that is no custodian."""
DAILY = 200
RULES = Rules(identifier_daily=DAILY, identifier_monthly=10 * DAILY)
N, T = 3, 2
TO_MIDNIGHT = 15 * 3600.0
"""The clock of `federation.testing` stands at nine in the morning."""


def a_range() -> Iterator[str]:
    """Yield phones in order, as a guesser does."""
    return (f"+52551234{number:04}" for number in count())


@pytest.fixture(scope="module")
def logs() -> dict[str, Journal]:
    """The log of every member."""
    return {}


@pytest.fixture(scope="module")
def shared(logs: dict[str, Journal]) -> Iterator[Federation]:
    """Three custodians with a small budget, and a member that is none."""
    with found(RULES, log=lambda name: logs.setdefault(name, Journal())) as made:
        yield made


@pytest.fixture
def fed(shared: Federation, logs: dict[str, Journal]) -> Federation:
    """Everybody's budget is full."""
    shared.clock.advance(days=31)
    for journal in logs.values():
        journal.entries.clear()
    return shared


@pytest.fixture(scope="module")
def two_epochs() -> Iterator[Federation]:
    """The same while two epochs of keys live."""
    with found(RULES) as made:
        made.make_keys()
        yield made


def found(rules: Rules, **options: object) -> Federation:
    """Found a federation of custodians and an outsider."""
    return Federation(
        *CUSTODIANS,
        OUTSIDER,
        custodians=CUSTODIANS,
        rules=rules,
        **options,  # type: ignore[arg-type]
    )


def live_keys(fed: Federation) -> tuple[LaneKey, ...]:
    """Return the keys that phones are evaluated under, one per epoch."""
    charter = fed[CUSTODIANS[0]].require_charter()
    return tuple(charter.live_keys(Lane.NETWORK, IndicatorClass.IDENTIFIER))


def used(fed: Federation, member: str) -> list[int]:
    """Return what every custodian's books say about a member's day."""
    found = []
    for custodian in CUSTODIANS:
        with fed.seats[custodian].store.read() as tx:
            found.append(tx.quota.used(member, "network", "identifier", fed.clock())[0])
    return found


def test_rotating_quorums_stay_within_the_budget(fed: Federation, logs: dict[str, Journal]) -> None:
    """A member that uses every quorum gets n*q/t guesses; then custodians refuse and raise alarm."""
    guesser = Guesser(fed, OUTSIDER, a_range())
    with Meter().reading() as meter:
        guesser.spend(live_keys(fed))

    assert DAILY <= len(guesser.tokens) <= guess_budget(N, T, DAILY) == 300
    assert meter.total <= N * DAILY
    assert {error.retry_after for error in guesser.refusals} == {TO_MIDNIGHT}
    alert = {"member": OUTSIDER, "lane": "network", "cls": "identifier", "retry_after": TO_MIDNIGHT}
    alarmed = [one for one in CUSTODIANS if alert in logs[one].warnings("quota_spent")]
    # No quorum is left without a custodian that refuses.
    assert len(alarmed) > N - T


def test_the_month_ends_what_the_days_allow() -> None:
    """Every day brings a new budget until that of 30 days is spent, in every window of 30 days."""
    daily, monthly = 8, 40
    by_day = []
    with found(Rules(identifier_daily=daily, identifier_monthly=monthly)) as fed:
        guesser = Guesser(fed, OUTSIDER, a_range())
        for _ in range(33):
            before = len(guesser.tokens)
            guesser.spend(live_keys(fed), sizes=(8,))
            by_day.append(len(guesser.tokens) - before)
            fed.clock.advance(days=1)
    windows = [sum(by_day[day : day + 30]) for day in range(4)]

    assert 0 < max(by_day) <= guess_budget(N, T, daily)
    assert monthly <= max(windows) <= guess_budget(N, T, monthly)
    assert sum(by_day) >= max(windows)


def test_a_custodian_that_guesses_gets_the_published_figure(fed: Federation) -> None:
    """A member with a share needs one other custodian less: (n-1)*q/(t-1), and no more."""
    me = CUSTODIANS[0]
    guesser = Guesser(fed, me, a_range(), own_share=share_of(fed, me))
    with Meter().reading() as meter:
        guesser.spend(live_keys(fed))

    assert DAILY <= len(guesser.tokens) <= guess_budget(N, T, DAILY, 1) == 400
    assert meter.total <= (N - 1) * DAILY


def test_restarts_and_reopened_databases_give_nothing_back(tmp_path: Path) -> None:
    """What was counted is still counted when a custodian comes back."""
    secrets: dict[str, AtRest] = {}

    def url(name: str) -> str:
        return f"sqlite:///{tmp_path / name}.db"

    def create(name: str, at_rest: AtRest) -> Store:
        secrets[name] = at_rest
        return Store.create(url(name), at_rest)

    with found(RULES, store=create) as fed:

        def restart() -> None:
            name = random.choice(CUSTODIANS)
            fed.seats[name].store.close()
            fed.seats[name].store = Store.open(url(name), secrets[name])
            fed.restart(name)

        guesser = Guesser(fed, OUTSIDER, a_range(), between=restart)
        with Meter().reading() as meter:
            guesser.spend(live_keys(fed), sizes=(64, 8))

        assert DAILY <= len(guesser.tokens) <= guess_budget(N, T, DAILY)
        assert meter.total <= N * DAILY


def test_two_epochs_draw_on_one_budget(two_epochs: Federation) -> None:
    """While two epochs live, a guesser may choose its key and gets no more for it."""
    keys = live_keys(two_epochs)
    assert [key.epoch for key in keys] == [1, 2]
    guesser = Guesser(two_epochs, OUTSIDER, a_range())
    with Meter().reading() as meter:
        guesser.spend(keys, sizes=(64, 8))

    assert {key for key, _ in guesser.tokens} == {key.key_id for key in keys}
    assert len(guesser.tokens) <= guess_budget(N, T, DAILY)
    assert meter.total <= N * DAILY


def test_a_crash_between_charge_and_answer_costs_no_honest_and_helps_no_guesser(
    fed: Federation,
) -> None:
    """A custodian that dies after charging answers the same request free, and only that one."""
    dice = random.Random(5)
    meter = Meter(crash=lambda _: dice.random() < 0.4)
    guesser = Guesser(fed, OUTSIDER, a_range())
    with meter.reading():
        guesser.spend(live_keys(fed), sizes=(64, 8))

    assert DAILY <= len(guesser.tokens) <= guess_budget(N, T, DAILY)
    assert meter.total <= N * DAILY
    # Every element that was charged was answered in the end, and charged once.
    assert used(fed, OUTSIDER) == [len(meter.elements[index]) for index in (1, 2, 3)]


def test_a_request_id_buys_one_list_of_elements(two_epochs: Federation) -> None:
    """Resent, a request is free; with other elements or another key its id is refused."""
    fed = two_epochs
    fed.clock.advance(days=31)
    old, new = live_keys(fed)
    guesser = Guesser(fed, OUTSIDER, a_range())
    request, elements = random_id(), random_elements(8)
    first = guesser.evaluate(old, (1, 2), 1, request, elements)
    before = used(fed, OUTSIDER)
    with Meter().reading() as meter:
        again = guesser.evaluate(old, (1, 2), 1, request, elements)
        with pytest.raises(PolicyError):
            guesser.evaluate(old, (1, 2), 1, request, random_elements(8))
        with pytest.raises(PolicyError):
            guesser.evaluate(new, (1, 2), 1, request, elements)

    assert again == first
    assert used(fed, OUTSIDER) == before
    assert meter.total == 8


def test_the_check_of_a_batch_is_no_free_guess() -> None:
    """The one element that checks a large batch was paid with it; there is no second one."""
    daily = 513
    with found(Rules(identifier_daily=daily, identifier_monthly=daily)) as fed:
        (key,) = live_keys(fed)
        guesser = Guesser(fed, OUTSIDER, a_range())
        batch, guesses = random_id(), random_elements(512)
        with Meter().reading() as meter:
            for index in (1, 2):
                guesser.evaluate(key, (1, 2), index, batch, guesses)
                extra = random_elements(2)
                # At a spent quota, a guess instead of the check, and then another one.
                guesser.evaluate(key, (1, 2), index, random_id(), extra[:32], check_of=batch)
                with pytest.raises(PolicyError):
                    guesser.evaluate(key, (1, 2), index, random_id(), extra[32:], check_of=batch)
                with pytest.raises(QuotaError):
                    guesser.evaluate(key, (1, 2), index, random_id(), random_elements(8))

        assert meter.total == 2 * daily


def test_a_partners_holdings_cannot_be_guessed_in_a_day(fed: Federation) -> None:
    """A range that is put through the own node finds what the budget reaches, and stops."""
    hope, mirror = fed["hope"], fed[OUTSIDER]
    targets = [phone for phone, _ in zip(a_range(), range(1_000), strict=False)][::25]
    hope.put_cases([_case("H", targets)])
    fed.sync(["hope"])
    fed.agree("hope", OUTSIDER)
    mirror.put_cases(
        [_case(phone, [phone]) for phone, _ in zip(a_range(), range(1_000), strict=False)]
    )
    with Meter().reading() as meter, pytest.raises(QuotaError) as refused:
        mirror.sync()
    fed.restart(OUTSIDER)
    with pytest.raises(QuotaError):
        fed[OUTSIDER].sync()

    assert refused.value.retry_after == TO_MIDNIGHT
    assert meter.total <= N * DAILY
    with fed.seats[OUTSIDER].store.read() as tx:
        made = sum(tx.tokens.counts().values())
    assert 0 < made <= guess_budget(N, T, DAILY)
    assert len(fed[OUTSIDER].matches()) <= made


@pytest.mark.parametrize("own_share", [False, True])
def test_without_the_quota_the_whole_range_falls(
    fed: Federation, monkeypatch: pytest.MonkeyPatch, own_share: bool
) -> None:
    """If custodians did not count, the same guesser would go through a range without end."""
    me = CUSTODIANS[0] if own_share else OUTSIDER
    end = 2_000
    phones = (phone for phone, _ in zip(a_range(), range(end), strict=False))
    guesser = Guesser(fed, me, phones, own_share=share_of(fed, me) if own_share else None)
    monkeypatch.setattr(QuotaRepository, "charge", _charge_nothing)
    with pytest.raises((StopIteration, RuntimeError)):
        guesser.spend(live_keys(fed), sizes=(512,))

    assert len(guesser.tokens) > 4 * guess_budget(N, T, DAILY)


def _charge_nothing(*_: object, **__: object) -> bool:
    return True


def _case(name: str, phones: list[str]) -> Case:
    case = Case(name, region="MX")
    for phone in phones:
        case = case.add(Kind.PHONE, phone, Subject.RECRUITER)
    return case
