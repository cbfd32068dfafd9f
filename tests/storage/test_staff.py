# SPDX-License-Identifier: Apache-2.0
"""People's accounts and sessions in the database."""

import threading
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import replace
from datetime import datetime, timedelta
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import text

from federation.audit import StaffRole
from federation.errors import OpenError, PolicyError
from federation.member import staff
from federation.member.deeds import Deed
from federation.staff import Account, SessionKind, SessionToken, pause
from federation.staff.lockout import FREE
from federation.storage import AtRest, Refusals, Store
from tests.member.people import alone, cheap_passwords, hire

MARIA, JUAN = b"\x01" * 8, b"\x02" * 8
DAY = timedelta(days=1)


def account(at: datetime, number: bytes = MARIA, name: str = "maria") -> Account:
    """Return an account as it is made."""
    return Account(
        id=number,
        name=name,
        full_name="María Canaria",
        roles=frozenset({StaffRole.CASEWORKER, StaffRole.REVIEWER}),
        password="$argon2id$canary",
        password_changed=at,
        password_once=True,
        created=at,
        disabled=None,
        failures=0,
        locked_until=None,
        second_factor=None,
        code_step=-1,
    )


def add(store: Store, at: datetime) -> None:
    """Make two accounts."""
    with store.write() as tx:
        assert tx.staff.add(account(at))
        assert tx.staff.add(account(at, JUAN, "juan"))


def test_an_account_is_found_as_it_was_made(store: Store, at: datetime) -> None:
    """By id and by name; a list is in the order of the names."""
    with store.read() as tx:
        assert not tx.staff.exist()
        assert tx.staff.find("maria") is None
    add(store, at)
    with store.read() as tx:
        assert tx.staff.exist()
        assert account(at) == tx.staff.get(MARIA) == tx.staff.find("maria")
        assert ["juan", "maria"] == [one.name for one in tx.staff.accounts()]
        assert tx.staff.find("Maria") is None


def test_a_name_belongs_to_one(store: Store, at: datetime) -> None:
    """The second account with a name is not made."""
    add(store, at)
    with store.write() as tx:
        assert not tx.staff.add(account(at, b"\x03" * 8))
        assert 2 == len(tx.staff.accounts())


def test_changes_touch_one_account(store: Store, at: datetime) -> None:
    """Each change is there afterwards, and the other account is as it was."""
    add(store, at)
    later = at + DAY
    with store.write() as tx:
        tx.staff.set_roles(MARIA, [StaffRole.AUDITOR])
        tx.staff.set_full_name(MARIA, "M. C.")
        tx.staff.set_password(MARIA, "$argon2id$new", later, once=False)
        tx.staff.set_second_factor(MARIA, b"s" * 20)
        tx.staff.set_disabled(MARIA, later)
        changed = tx.staff.get(MARIA)
        other = tx.staff.get(JUAN)

    assert changed == replace(
        account(at),
        full_name="M. C.",
        roles=frozenset({StaffRole.AUDITOR}),
        password="$argon2id$new",
        password_changed=later,
        password_once=False,
        second_factor=b"s" * 20,
        disabled=later,
    )
    assert account(at, JUAN, "juan") == other
    with store.write() as tx:
        tx.staff.rehash_password(MARIA, "$argon2id$dearer")
        tx.staff.set_disabled(MARIA, None)
        tx.staff.set_second_factor(MARIA, None)
        again = tx.staff.get(MARIA)

    assert again == replace(changed, password="$argon2id$dearer", disabled=None, second_factor=None)


def test_attempts_are_counted_before_they_are_made(store: Store, at: datetime) -> None:
    """Some are free, then each costs a pause; what comes during a pause is not counted."""
    add(store, at)
    with store.write() as tx:
        for _ in range(FREE + 1):
            assert tx.staff.spend_attempt(MARIA, at)
        assert not tx.staff.spend_attempt(MARIA, at)
        assert tx.staff.spend_attempt(JUAN, at)
        found = tx.staff.get(MARIA)
        assert found is not None
        assert (FREE + 1, at + pause(FREE + 1)) == (found.failures, found.locked_until)
        assert not tx.staff.spend_attempt(MARIA, at + pause(FREE + 1) - timedelta(seconds=1))
        assert tx.staff.spend_attempt(MARIA, at + pause(FREE + 1))
        tx.staff.forgive(MARIA)
        found = tx.staff.get(MARIA)
    assert found is not None
    assert (0, None) == (found.failures, found.locked_until)


def test_attempts_at_once_are_all_counted(store: Store, at: datetime) -> None:
    """Who tries from many threads at once gets no more tries."""
    add(store, at)
    threads = 12
    ready = threading.Barrier(threads)

    def attempt(_: int) -> bool:
        ready.wait()
        with store.write() as tx:
            return tx.staff.spend_attempt(MARIA, at)

    with ThreadPoolExecutor(threads) as pool:
        allowed = list(pool.map(attempt, range(threads)))

    assert FREE + 1 == sum(allowed)


@settings(max_examples=30, deadline=None)
@given(waits=st.lists(st.integers(0, 7200), max_size=40))
def test_no_schedule_gives_more_attempts(waits: list[int]) -> None:
    """However attempts are spread, each allowed one came after the pause of the one before."""
    at = datetime.fromisoformat("2026-03-10T12:00:00+00:00")
    with Store.memory(AtRest(bytes(32))) as store, store.write() as tx:
        tx.staff.add(account(at))
        failures, free_at = 0, at
        for wait in waits:
            at += timedelta(seconds=wait)
            allowed = tx.staff.spend_attempt(MARIA, at)
            assert allowed == (at >= free_at)
            if allowed:
                failures += 1
                free_at = at + pause(failures)


def test_a_code_is_used_once(store: Store, at: datetime) -> None:
    """Only a later step than the last one is taken; a new secret begins anew."""
    add(store, at)
    with store.write() as tx:
        assert tx.staff.use_code(MARIA, 10)
        assert not tx.staff.use_code(MARIA, 10)
        assert not tx.staff.use_code(MARIA, 9)
        assert tx.staff.use_code(MARIA, 11)
        assert tx.staff.use_code(JUAN, 1)
        tx.staff.set_second_factor(MARIA, b"s" * 20)
        assert tx.staff.use_code(MARIA, 5)


def test_a_recovery_code_is_used_once(store: Store, at: datetime) -> None:
    """By its own account, as it is typed; new ones replace the old."""
    add(store, at)
    with store.write() as tx:
        tx.staff.put_recovery(MARIA, ["AAAA-BBBB", "CCCC-DDDD"])
        tx.staff.put_recovery(JUAN, ["AAAA-BBBB"])
        assert tx.staff.has_recovery(MARIA, "aaaabbbb")
        assert not tx.staff.use_recovery(MARIA, "AAAA-BBBC")
        assert tx.staff.use_recovery(MARIA, "aaaa bbbb")
        assert not tx.staff.use_recovery(MARIA, "AAAA-BBBB")
        assert not tx.staff.has_recovery(MARIA, "AAAA-BBBB")
        assert (1, 1) == (tx.staff.recovery_left(MARIA), tx.staff.recovery_left(JUAN))
        tx.staff.put_recovery(MARIA, ["EEEE-FFFF"])
        assert not tx.staff.has_recovery(MARIA, "CCCC-DDDD")
        tx.staff.set_second_factor(MARIA, None)
        assert (0, 1) == (tx.staff.recovery_left(MARIA), tx.staff.recovery_left(JUAN))


def test_refusals_are_counted_by_day(store: Store, at: datetime) -> None:
    """One count for each account and day, and one for all names that nobody has."""
    add(store, at)
    with store.write() as tx:
        for who in (MARIA, MARIA, None, JUAN, None, None):
            tx.staff.count_refusal(who, at)
        assert not tx.staff.refusals_due(at)
        assert [] == tx.staff.take_refusals(at)
        tx.staff.count_refusal(MARIA, at + DAY)
        assert tx.staff.refusals_due(at + DAY)
        taken = tx.staff.take_refusals(at + DAY)
        assert not tx.staff.refusals_due(at + DAY)
        rest = tx.staff.take_refusals(at + 2 * DAY)

    assert [Refusals(None, 3), Refusals(MARIA, 2), Refusals(JUAN, 1)] == taken
    assert [Refusals(MARIA, 1)] == rest


def test_a_session_is_found_by_its_token(store: Store, at: datetime) -> None:
    """And by its mark; not by another token, and not by the same secret of another account."""
    add(store, at)
    token = SessionToken.new(MARIA)
    with store.write() as tx:
        begun = tx.staff_sessions.begin(token, SessionKind.CONSOLE, at, strong=True)
    with store.read() as tx:
        assert begun == tx.staff_sessions.find(token) == tx.staff_sessions.get(begun.mark)
        assert tx.staff_sessions.find(SessionToken.new(MARIA)) is None
        assert tx.staff_sessions.find(SessionToken(JUAN, token.secret)) is None
        assert tx.staff_sessions.get(b"") is None
    assert (MARIA, SessionKind.CONSOLE, True, at, at) == (
        begun.account,
        begun.kind,
        begun.strong,
        begun.created,
        begun.used,
    )


def test_sessions_end(store: Store, at: datetime) -> None:
    """One, all of an account but one, and those whose time is over."""
    add(store, at)
    tokens = [SessionToken.new(who) for who in (MARIA, MARIA, MARIA, JUAN)]
    with store.write() as tx:
        first, second, third, other = (
            tx.staff_sessions.begin(token, SessionKind.CLI, at, strong=False) for token in tokens
        )
        assert tx.staff_sessions.end(first.mark)
        assert not tx.staff_sessions.end(first.mark)
        assert 1 == tx.staff_sessions.end_all(MARIA, but=second.mark)
        assert tx.staff_sessions.get(third.mark) is None
        assert tx.staff_sessions.get(other.mark) is not None
        assert 0 == tx.staff_sessions.prune(at + timedelta(hours=7))
        assert 2 == tx.staff_sessions.prune(at + timedelta(hours=8))


def test_a_session_changes(store: Store, at: datetime) -> None:
    """Its last use, and that a second factor was given since; no other session does."""
    add(store, at)
    token, other = SessionToken.new(MARIA), SessionToken.new(JUAN)
    with store.write() as tx:
        begun, beside = (
            tx.staff_sessions.begin(one, SessionKind.CLI, at, strong=False)
            for one in (token, other)
        )
        tx.staff_sessions.touch(begun.mark, at + DAY)
        tx.staff_sessions.strengthen(begun.mark)
        assert replace(begun, used=at + DAY, strong=True) == tx.staff_sessions.find(token)
        assert beside == tx.staff_sessions.find(other)


def test_nothing_of_it_is_readable_without_the_key(
    sqlite_url: str, at_rest: AtRest, at: datetime
) -> None:
    """A stolen database shows how many accounts there are: no name, role, hash or token."""
    token = SessionToken.new(MARIA)
    with Store.open(sqlite_url, at_rest) as store:
        with store.write() as tx:
            tx.staff.add(account(at))
            tx.staff.set_second_factor(MARIA, b"canary-second-factor")
            tx.staff.put_recovery(MARIA, ["CANA-RYCA"])
            tx.staff_sessions.begin(token, SessionKind.CLI, at, strong=False)
        store.scrub()
    raw = Path(sqlite_url.removeprefix("sqlite:///")).read_bytes()

    assert MARIA in raw
    for secret in (b"maria", b"Canaria", b"caseworker", b"argon2", b"canary", b"CANA"):
        assert secret not in raw
    assert token.secret not in raw


@pytest.mark.parametrize("column", ["name", "full_name", "roles", "password"])
def test_who_only_writes_to_the_database_gives_nobody_a_role(
    store: Store, at: datetime, column: str
) -> None:
    """What one account has does not open in the row of another."""
    add(store, at)
    with store.write() as tx:
        tx.staff.set_roles(JUAN, StaffRole)
        tx.settings._session.execute(
            text(
                f"UPDATE staff_accounts SET {column} = (SELECT {column} FROM staff_accounts "
                "WHERE account = :juan) WHERE account = :maria"
            ),
            {"juan": JUAN, "maria": MARIA},
        )
    with store.read() as tx, pytest.raises(OpenError):
        tx.staff.get(MARIA)


def test_two_technicians_do_not_disable_each_other(
    store: Store, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the same moment, from two processes: one of them stays, on every database."""
    with cheap_passwords():
        hope = alone(store)
        both = [hire(hope, name, StaffRole.TECHNICIAN) for name in ("ann", "tom")]
    together = threading.Barrier(2)
    check = staff._require_technician

    def check_together(done: Deed) -> None:
        # Where the second has to wait for the first, they never meet here.
        with suppress(threading.BrokenBarrierError):
            together.wait(timeout=1)
        check(done)

    monkeypatch.setattr(staff, "_require_technician", check_together)

    def disable(which: bytes) -> bool:
        try:
            hope.staff.disable(which)
        except PolicyError:
            return False
        return True

    with ThreadPoolExecutor(2) as pool:
        assert [False, True] == sorted(pool.map(disable, both))
    assert 1 == sum(one.disabled is None for one in hope.staff.people())
