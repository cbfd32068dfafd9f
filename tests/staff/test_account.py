# SPDX-License-Identifier: Apache-2.0
"""Names of accounts, sessions, lock-out, tokens."""

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import InputError, MalformedError
from federation.staff import (
    CLI,
    CONSOLE,
    RECOVERY_CODES,
    SessionKind,
    SessionToken,
    StaffSession,
    check_full_name,
    check_name,
    fold_recovery_code,
    new_recovery_codes,
    pause,
)
from federation.staff.lockout import FREE, LONGEST
from tests.charter.support import NOW

ACCOUNT = bytes(range(8))


@pytest.mark.parametrize("name", ["maria", "Maria", " maria ", "m.lopez@hope.org", "x1", "a" * 64])
def test_names_have_one_spelling(name: str) -> None:
    """Capitals and spaces around do not make another person."""
    assert name.strip().lower() == check_name(name)
    assert check_name(name) == check_name(check_name(name))


@pytest.mark.parametrize("name", ["", "m", "ma ria", "../maria", "maría", "-maria", "a" * 65])
def test_other_names_are_refused(name: str) -> None:
    """No look-alikes, no paths; the error does not repeat the name."""
    with pytest.raises(InputError) as caught:
        check_name(name)

    assert len(name) < 2 or name not in str(caught.value)


def test_full_names_are_lines_in_any_script() -> None:
    """Composed, and without what could turn a line of a list around."""
    assert "María" == check_full_name(" Mari\u0301a ")
    assert "山田 花子" == check_full_name("山田 花子")
    for bad in ("a\nb", "a\u202eb", "\x1b[31m", "x" * 101):
        with pytest.raises(InputError):
            check_full_name(bad)


@given(st.integers(0, 10_000))
def test_pauses_grow_to_a_limit(failures: int) -> None:
    """A mistyped password costs nothing; each failure costs as much as the one before or more."""
    assert pause(failures) <= pause(failures + 1) <= LONGEST
    assert (pause(failures) == timedelta(0)) == (failures <= FREE)


def test_guesses_in_a_day() -> None:
    """Who waits out every pause tries 35 passwords on the first day."""
    waited, tried = timedelta(0), 0
    while waited < timedelta(days=1):
        tried += 1
        waited += pause(tried)

    assert tried == 35


@pytest.mark.parametrize("kind", SessionKind)
@given(minutes=st.integers(-60, 24 * 60), idle=st.integers(0, 24 * 60))
def test_a_session_is_over(kind: SessionKind, minutes: int, idle: int) -> None:
    """After its whole time, after its idle time, and before its beginning."""
    life = CLI if kind is SessionKind.CLI else CONSOLE
    used = NOW + timedelta(minutes=idle)
    at = NOW + timedelta(minutes=minutes)
    session = StaffSession(bytes(16), ACCOUNT, kind, strong=False, created=NOW, used=used)

    assert (NOW <= at < NOW + life.whole and at < used + life.idle) == session.lasts(at)


def test_tokens() -> None:
    """A token is read back; only in its one spelling; its secret does not show."""
    token = SessionToken.new(ACCOUNT)

    assert token == SessionToken.parse(token.text())
    assert token != SessionToken.new(ACCOUNT)
    assert token.secret.hex() not in repr(token)
    for bad in ("", token.text().upper(), token.text() + "\n", token.text()[:-1], "zz" * 40):
        with pytest.raises(MalformedError):
            SessionToken.parse(bad)


def test_recovery_codes() -> None:
    """Ten different ones, that may be typed without dashes and in small letters."""
    codes = new_recovery_codes()

    assert len(set(codes)) == RECOVERY_CODES
    for code in codes:
        assert len(fold_recovery_code(code)) == 16
        assert fold_recovery_code(code) == fold_recovery_code(f" {code.lower()} ")
