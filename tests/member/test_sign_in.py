# SPDX-License-Identifier: Apache-2.0
"""Signing in: passwords, codes, waiting, sessions."""

import threading
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from typing import Any

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from federation.audit import OPERATOR, Count, Event, StaffRole
from federation.crypto import password
from federation.crypto.totp import new_secret
from federation.errors import AuthenticationError, InputError, MalformedError
from federation.member import Member, proof
from federation.member.sign_in import SignedIn
from federation.staff import SessionKind, SessionToken
from federation.staff.lockout import FREE
from federation.storage import Named
from federation.testing import Federation
from tests.member.people import OTHER, WORDS, cheap_passwords, entries, hire

T, R = StaffRole.TECHNICIAN, StaffRole.REVIEWER


@pytest.fixture(autouse=True)
def cheap() -> Iterator[None]:
    """Passwords cost nothing here."""
    with cheap_passwords():
        yield


@pytest.fixture
def fed() -> Iterator[Federation]:
    """A federation of one, without keys, in which Ann and Maria have accounts."""
    with Federation("hope", keys=False) as made:
        hire(made["hope"], "ann", T)
        hire(made["hope"], "maria", R)
        yield made


@pytest.fixture
def hope(fed: Federation) -> Member:
    """Its member."""
    return fed["hope"]


def code(fed: Federation, secret: bytes) -> str:
    """Return what the app shows now."""
    return TOTP(secret, 6, SHA1(), 30).generate(int(fed.clock().timestamp())).decode()


def enrol(fed: Federation, name: str = "maria") -> tuple[bytes, tuple[str, ...]]:
    """Give an account a second factor; the next code is another one."""
    hope, secret = fed["hope"], new_secret()
    by = hope.sign_ins.actor(hope.sign_ins.sign_in(name, WORDS).token)
    codes = hope.sign_ins.enrol(by, WORDS, secret, code(fed, secret))
    fed.clock.advance(seconds=30)
    return secret, codes


def refused(hope: Member, *given: str) -> str:
    """Try to sign in with something wrong; return what is said."""
    with pytest.raises(AuthenticationError) as caught:
        hope.sign_ins.sign_in(*given)
    return f"{caught.value} {caught.value.next_step}"


def test_who_knows_the_password_is_in(fed: Federation, hope: Member) -> None:
    """With the roles of the account; the record says who, and with what."""
    signed = hope.sign_ins.sign_in(" Maria ", WORDS)
    actor = hope.sign_ins.actor(signed.token)
    (entry,) = entries(fed, Event.SIGNED_IN)

    assert (f"staff:{signed.account.hex()}", {R}) == (actor.id, set(actor.roles))
    assert (actor.id, "password") == (entry.actor, entry.reason)
    assert (False, False, 0) == (signed.strong, signed.must_choose, signed.failures)
    assert fed.clock() + timedelta(hours=8) == signed.expires
    assert signed.token not in repr(signed)


def test_whatever_is_wrong_looks_the_same(
    fed: Federation, hope: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One sentence and one Argon2id, whether name, password, code or account is at fault."""
    secret, _ = enrol(fed)
    hire(hope, "gone", R)
    hope.staff.disable(hope.staff.find("gone").id)
    work: list[str] = []

    def counted(hashed: str, prepared: bytes) -> None:
        work.append(hashed.rsplit("$", 2)[0])
        password.verify_password(hashed, prepared)

    monkeypatch.setattr(proof, "verify_password", counted)
    attempts = {
        "unknown": ("nobody", WORDS),
        "impossible": ("no body\n", WORDS),
        "wrong": ("ann", OTHER),
        "empty": ("ann", ""),
        "too long": ("ann", "x" * 5000),
        "no code": ("maria", WORDS),
        "wrong code": ("maria", WORDS, "000000" if code(fed, secret) != "000000" else "000001"),
        "wrong with code": ("maria", OTHER, code(fed, secret)),
        "disabled": ("gone", WORDS),
    }
    said = {what: refused(hope, *given) for what, given in attempts.items()}
    for _ in range(FREE):
        refused(hope, "ann", OTHER)
    said["waits, and right"] = refused(hope, "ann", WORDS)

    assert 1 == len(set(said.values()))
    assert 1 == len(set(work))
    assert len(attempts) + FREE + 1 == len(work)
    assert not any(word in said["wrong"] for word in ("ann", OTHER))


def test_failures_make_one_wait(fed: Federation, hope: Member) -> None:
    """After some the right password is refused too; then it is taken, and all is forgotten."""
    for _ in range(FREE + 1):
        refused(hope, "maria", OTHER)
    refused(hope, "maria", WORDS)
    assert hope.sign_ins.sign_in("ann", WORDS).failures == 0

    fed.clock.advance(seconds=15)

    assert FREE + 1 == hope.sign_ins.sign_in("maria", WORDS).failures
    assert (0, None) == _waiting(hope)


def test_a_technician_ends_the_waiting(hope: Member) -> None:
    """With a new first password; knowing only the name locks nobody out for good."""
    for _ in range(FREE + 3):
        refused(hope, "maria", OTHER)
    assert hope.staff.find("maria").locked_until is not None
    again = hope.staff.reset(hope.staff.find("maria").id)

    assert again.passphrase is not None
    assert hope.sign_ins.sign_in("maria", again.passphrase).must_choose


def test_refusals_of_a_day_are_one_entry(fed: Federation, hope: Member) -> None:
    """However many there were, for each account and for all names that nobody has."""
    account = hope.staff.find("maria").id
    for name in ("maria", "nobody", "maria", "somebody", "maria"):
        refused(hope, name, OTHER)
    hope.sign_ins.settle()
    assert [] == entries(fed, Event.SIGN_IN_REFUSED)

    fed.clock.advance(days=1)
    hope.sign_ins.sign_in("ann", WORDS)
    hope.sign_ins.settle()
    found = entries(fed, Event.SIGN_IN_REFUSED)
    with fed.seats["hope"].store.read() as tx:
        about = tx.audit.about(Named("staff", account))

    assert [2, 3] == sorted(one.counts[Count.CALLS] for one in found)
    assert [{"node"}, {0, 1}] == [
        {one.actor for one in found},
        {len(one.references) for one in found},
    ]
    assert len(about) == 2  # made, and refused


def test_synchronising_settles_them_too(fed: Federation, hope: Member) -> None:
    """Nobody has to sign in for the record to be written."""
    refused(hope, "nobody", WORDS)
    fed.clock.advance(days=1)
    hope._tidy()

    assert 1 == len(entries(fed, Event.SIGN_IN_REFUSED))


def test_a_second_factor_is_asked_for(fed: Federation, hope: Member) -> None:
    """Once there is one, the password alone is nothing; the session says that it was given."""
    secret, _ = enrol(fed)
    refused(hope, "maria", WORDS)
    signed = hope.sign_ins.sign_in("maria", WORDS, code(fed, secret))

    assert signed.strong
    assert ["password", "second-factor"] == [one.reason for one in entries(fed, Event.SIGNED_IN)]


def test_a_code_is_taken_once(fed: Federation, hope: Member) -> None:
    """Not the one of the enrolment, and not one that somebody looked over a shoulder for."""
    hope.sign_ins.sign_in("maria", WORDS)
    secret = new_secret()
    by = hope.sign_ins.actor(hope.sign_ins.sign_in("maria", WORDS).token)
    first = code(fed, secret)
    hope.sign_ins.enrol(by, WORDS, secret, first)
    refused(hope, "maria", WORDS, first)
    fed.clock.advance(seconds=30)
    shown = code(fed, secret)
    hope.sign_ins.sign_in("maria", WORDS, shown)

    refused(hope, "maria", WORDS, shown)


def test_a_code_that_two_use_at_once_is_taken_once(fed: Federation, hope: Member) -> None:
    """Both know the password and the code; one session begins."""
    secret, _ = enrol(fed)
    shown = code(fed, secret)
    ready = threading.Barrier(FREE)

    def attempt(_: int) -> bool:
        ready.wait()
        try:
            hope.sign_ins.sign_in("maria", WORDS, shown)
        except AuthenticationError:
            return False
        return True

    with ThreadPoolExecutor(FREE) as pool:
        assert 1 == sum(pool.map(attempt, range(FREE)))


def test_recovery_codes(fed: Federation, hope: Member) -> None:
    """Each is good once, instead of a code, and the record says so."""
    _, codes = enrol(fed)
    refused(hope, "maria", OTHER, codes[0])
    assert hope.sign_ins.sign_in("maria", WORDS, codes[0].lower()).strong
    refused(hope, "maria", WORDS, codes[0])
    hope.sign_ins.sign_in("maria", WORDS, codes[1])

    assert len(codes) - 2 == hope.staff.find("maria").recovery_codes
    assert ["password", "recovery-code", "recovery-code"] == [
        one.reason for one in entries(fed, Event.SIGNED_IN)
    ]


def test_a_lost_second_factor_is_removed(fed: Federation, hope: Member) -> None:
    """By a technician, with a new first password; a plain reset leaves it."""
    secret, codes = enrol(fed)
    kept = hope.staff.reset(hope.staff.find("maria").id).passphrase
    assert kept is not None
    refused(hope, "maria", kept)
    hope.sign_ins.sign_in("maria", kept, code(fed, secret))
    bare = hope.staff.reset(hope.staff.find("maria").id, second_factor=True).passphrase
    assert bare is not None

    assert not hope.sign_ins.sign_in("maria", bare).strong
    assert 0 == hope.staff.find("maria").recovery_codes
    assert len(codes) > 0


def test_enrolling_takes_the_password_and_the_code(fed: Federation, hope: Member) -> None:
    """A screen left open is not enough, nor an app that got another secret."""
    by = hope.sign_ins.actor(hope.sign_ins.sign_in("maria", WORDS).token)
    other = hope.sign_ins.sign_in("maria", WORDS)
    secret = new_secret()
    with pytest.raises(AuthenticationError):
        hope.sign_ins.enrol(by, OTHER, secret, code(fed, secret))
    with pytest.raises(InputError, match="does not fit"):
        hope.sign_ins.enrol(by, WORDS, secret, code(fed, new_secret()))
    assert not hope.staff.find("maria").second_factor
    hope.sign_ins.enrol(by, WORDS, secret, code(fed, secret))

    assert hope.staff.find("maria").second_factor
    with pytest.raises(AuthenticationError):
        hope.sign_ins.actor(other.token)
    hope._core.strong_roles = frozenset({R})
    hope.sign_ins.expires(by)


def test_changing_the_password(fed: Federation, hope: Member) -> None:
    """It takes the old one; other sessions end and this one goes on; the record says so."""
    signed, other = (hope.sign_ins.sign_in("maria", WORDS) for _ in range(2))
    by = hope.sign_ins.actor(signed.token)
    for old, new, error in (
        (OTHER, "a new one, long enough", AuthenticationError),
        (WORDS, "password1234", InputError),
        (WORDS, WORDS, InputError),
    ):
        with pytest.raises(error):
            hope.sign_ins.change_password(by, old, new)
    hope.sign_ins.change_password(by, WORDS, OTHER)
    hope.sign_ins.actor(signed.token)

    with pytest.raises(AuthenticationError):
        hope.sign_ins.actor(other.token)
    refused(hope, "maria", WORDS)
    hope.sign_ins.sign_in("maria", OTHER)
    assert ["password-changed"] == [
        one.reason for one in entries(fed, Event.STAFF_CHANGED) if one.actor == by.id
    ]


def test_guessing_the_old_password_in_a_session_counts(hope: Member) -> None:
    """A stolen session is no way around the waiting."""
    by = hope.sign_ins.actor(hope.sign_ins.sign_in("maria", WORDS).token)
    for _ in range(FREE + 1):
        with pytest.raises(AuthenticationError):
            hope.sign_ins.change_password(by, OTHER, "a new one, long enough")

    with pytest.raises(AuthenticationError):
        hope.sign_ins.change_password(by, WORDS, "a new one, long enough")


def test_a_session_lasts_while_it_is_used(fed: Federation, hope: Member) -> None:
    """Up to its whole time; left alone it is over sooner, in a browser soonest."""
    used, left = (hope.sign_ins.sign_in("maria", WORDS) for _ in range(2))
    browser = hope.sign_ins.sign_in("maria", WORDS, kind=SessionKind.CONSOLE)
    fed.clock.advance(minutes=30)
    with pytest.raises(AuthenticationError):
        hope.sign_ins.actor(browser.token)
    for _ in range(5):
        hope.sign_ins.actor(used.token)
        fed.clock.advance(minutes=89)
    with pytest.raises(AuthenticationError):
        hope.sign_ins.actor(left.token)
    fed.clock.advance(minutes=5)

    with pytest.raises(AuthenticationError):
        hope.sign_ins.actor(used.token)


def test_use_is_written_to_the_minute(fed: Federation, hope: Member) -> None:
    """A busy session does not write at each step, and still does not count as left alone."""
    token = hope.sign_ins.sign_in("maria", WORDS).token
    begun = fed.clock()
    used = []
    for seconds in (59, 1, 59):
        fed.clock.advance(seconds=seconds)
        hope.sign_ins.actor(token)
        with fed.seats["hope"].store.read() as tx:
            session = tx.staff_sessions.find(SessionToken.parse(token))
        assert session is not None
        used.append((session.used - begun).total_seconds())

    assert [0, 60, 60] == used


def test_signing_out(hope: Member) -> None:
    """The token is worth nothing afterwards."""
    signed = hope.sign_ins.sign_in("maria", WORDS)

    assert hope.sign_ins.sign_out(signed.token)
    assert not hope.sign_ins.sign_out(signed.token)
    with pytest.raises(AuthenticationError):
        hope.sign_ins.actor(signed.token)


def test_other_tokens_are_refused(hope: Member) -> None:
    """One that was never given, one of another account with the same secret, and no token."""
    token = SessionToken.parse(hope.sign_ins.sign_in("maria", WORDS).token)
    ann = hope.staff.find("ann").id

    for wrong in (SessionToken.new(token.account), SessionToken(ann, token.secret)):
        with pytest.raises(AuthenticationError):
            hope.sign_ins.actor(wrong.text())
    with pytest.raises(MalformedError):
        hope.sign_ins.actor("../../etc/passwd")


def test_a_password_is_hashed_anew_when_the_cost_has_grown(
    fed: Federation, hope: Member, monkeypatch: pytest.MonkeyPatch
) -> None:
    """At the next sign-in, without a change of the password."""
    monkeypatch.setattr(password, "PASSES", 2)
    hope.sign_ins.sign_in("maria", WORDS)
    with fed.seats["hope"].store.read() as tx:
        ann, maria = tx.staff.accounts()

    assert ("t=1", "t=2") == tuple(one.password.split("$")[3].split(",")[1] for one in (ann, maria))
    hope.sign_ins.sign_in("maria", WORDS)


@pytest.mark.parametrize("change", ["disable", "reset"])
def test_what_changes_while_the_password_is_checked(
    hope: Member, monkeypatch: pytest.MonkeyPatch, change: str
) -> None:
    """Disabling wins over a sign-in that was under way."""
    account = hope.staff.find("maria").id
    right: Callable[..., Any] = proof.verify_password

    def meanwhile(hashed: str, prepared: bytes) -> None:
        right(hashed, prepared)
        getattr(hope.staff, change)(account, by=OPERATOR)

    monkeypatch.setattr(proof, "verify_password", meanwhile)
    refused(hope, "maria", WORDS)


def test_the_log_names_accounts_and_no_people(hope: Member) -> None:
    """A refused attempt is a line with the account's id, or without any."""
    seen: list[dict[str, object]] = []

    class Journal:
        def info(self, event: str, /, **fields: object) -> None:
            seen.append({"event": event} | fields)

        warning = info

    hope._core.log = Journal()
    refused(hope, "maria", OTHER)
    refused(hope, "nobody", OTHER)

    account = hope.staff.find("maria").id.hex()
    assert [account, None] == [one["account"] for one in seen]
    assert "maria" not in str(seen)


def test_the_tokens_of_two_sign_ins_differ(hope: Member) -> None:
    """Each session is its own."""
    made: list[SignedIn] = [hope.sign_ins.sign_in("maria", WORDS) for _ in range(3)]

    assert 3 == len({one.token for one in made})


def _waiting(hope: Member) -> tuple[int, object]:
    maria = hope.staff.find("maria")
    return maria.failures, maria.locked_until
