# SPDX-License-Identifier: Apache-2.0
"""Accounts and sign-in by the command line, as people and scripts use them."""

import base64
import os
import pty
import re
import select
import shutil
import stat
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field, replace
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from federation.crypto import totp
from tests.member.people import OTHER, WORDS, cheap_passwords
from tests.node.operator import Operator

ROLES = ("caseworker", "reviewer", "data-protection", "auditor")
CANARY = "Canaria Quintanilla"


@dataclass(frozen=True)
class Desk(Operator):
    """A node, and what its operator has in the environment besides."""

    extra: dict[str, str] = field(default_factory=dict)

    def environment(self) -> dict[str, str]:
        """Return that of a command."""
        return super().environment() | self.extra

    def given(self, **extra: str) -> "Desk":
        """Return the same desk with something else in the environment."""
        return replace(self, extra=self.extra | extra)

    def secret(self, text: str) -> str:
        """Write a password into a file."""
        path = self.home.parent / f"{len(list(self.home.parent.iterdir()))}.secret"
        path.write_text(f"{text}\n")
        return str(path)

    def hire(self, name: str, *roles: str) -> None:
        """Give somebody an account with their own password."""
        chosen = [word for role in roles for word in ("--role", role)]
        self.ok("staff", "add", name, *chosen, "--password-file", self.secret(WORDS))

    def sign_in(self, name: str, words: str = WORDS) -> str:
        """Sign somebody in, as a script does."""
        return self.given(CASETHREAD_STAFF_PASSWORD=words).ok("staff", "sign-in", name)


@pytest.fixture(autouse=True)
def around() -> Iterator[None]:
    """Passwords cost nothing here, and commands set the umask of their process."""
    before = os.umask(0o077)
    with cheap_passwords():
        yield
    os.umask(before)


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Homes that tests copy: one without accounts, and one with somebody in each role."""
    path = tmp_path_factory.mktemp("homes")
    new = Desk(path / "new")
    options = ["--name", "Hope", "--legal-entity", "TEST:hope", "--role", "hotline"]
    with cheap_passwords():
        said = new.ok("init", "hope", *options, "--endpoint", "127.0.0.1:7001", "--region", "US")
        assert "casethread staff add NAME --role technician" in said
        staffed = Desk(Path(shutil.copytree(new.home, path / "staffed")))
        staffed.hire("ann", "technician")
        for role in ROLES:
            staffed.hire(f"the-{role}", role)
    return path


@pytest.fixture
def new(made: Path, tmp_path: Path) -> Desk:
    """A node in which nobody has an account."""
    return Desk(Path(shutil.copytree(made / "new", tmp_path / "new")))


@pytest.fixture
def staffed(made: Path, tmp_path: Path) -> Desk:
    """A node with a technician and one person in each other role; nobody is signed in."""
    return Desk(Path(shutil.copytree(made / "staffed", tmp_path / "staffed")))


def test_without_accounts_nothing_changes(new: Desk) -> None:
    """Who opens the node does everything, and is told what the first account changes."""
    new.ok("case", "list")
    new.ok("match", "list")
    assert "nobody has an account" in new.ok("staff", "list")

    said = new.ok("staff", "add", "ann", "--role", "technician")

    assert "from now on" in said
    assert "from now on" not in new.ok("staff", "add", "maria", "--role", "reviewer")
    assert "takes a person who is signed in" in new.fails("case", "list")


def test_the_first_one_is_a_technician(new: Desk) -> None:
    """And the last one stays one."""
    assert "technician" in new.fails("staff", "add", "maria", "--role", "caseworker")
    new.hire("ann", "technician")
    assert "technician" in new.fails("staff", "disable", "ann")
    assert "technician" in new.fails("staff", "change", "ann", "--role", "auditor")

    new.hire("tom", "technician", "caseworker")
    new.ok("staff", "disable", "ann")

    assert "technician" in new.fails("staff", "change", "tom", "--role", "caseworker")


def test_a_person_signs_in_and_out(staffed: Desk) -> None:
    """The command says who acts; the token lies in the home, its owner's alone."""
    assert "signed in until" in staffed.sign_in("the-caseworker")
    (token,) = (staffed.home / "run").iterdir()
    listed = staffed.run("match", "list")

    assert (0, "as the-caseworker\n") == (listed.exit_code, listed.stderr)
    assert (0o600, 0o700) == tuple(
        stat.S_IMODE(path.stat().st_mode) for path in (token, token.parent)
    )
    assert ["the-caseworker"] == [one["name"] for one in staffed.json("staff", "who")]
    staffed.ok("staff", "sign-out")
    assert not token.exists()
    assert [] == staffed.json("staff", "who")
    assert "staff sign-in" in staffed.fails("match", "list")


def test_a_copied_token_is_dead_after_signing_out(staffed: Desk) -> None:
    """Signing out ends the session in the database, not only the file."""
    staffed.sign_in("the-caseworker")
    (token,) = (staffed.home / "run").iterdir()
    content = token.read_bytes()
    staffed.ok("staff", "sign-out", "the-caseworker")
    token.write_bytes(content)
    token.chmod(0o600)

    staffed.fails("match", "list")
    assert not token.exists()


def test_a_token_does_not_work_for_another_account(staffed: Desk) -> None:
    """Renaming the file makes nobody somebody else."""
    staffed.sign_in("the-caseworker")
    (token,) = (staffed.home / "run").iterdir()
    reviewer = next(
        one["account"] for one in staffed.json("staff", "list") if one["name"] == "the-reviewer"
    )
    token.rename(token.with_name(f"staff-{reviewer}.session"))

    assert "not signed in" in staffed.fails("--staff", "the-reviewer", "match", "list")


@pytest.mark.parametrize("content", [b"", b"\xff\xfe", b"00" * 40, b"x" * 300])
def test_a_damaged_token_is_nobody(staffed: Desk, content: bytes) -> None:
    """It is refused with a next step, whatever it holds."""
    staffed.sign_in("the-caseworker")
    (token,) = (staffed.home / "run").iterdir()
    token.write_bytes(content)

    staffed.fails("match", "list")


def test_others_must_not_read_the_token(staffed: Desk) -> None:
    """An open token stops every command, like an open keystore."""
    staffed.sign_in("the-caseworker")
    (token,) = (staffed.home / "run").iterdir()
    token.chmod(0o644)

    assert "open to other accounts" in staffed.fails("status")


def test_who_acts_when_several_are_signed_in(staffed: Desk) -> None:
    """It has to be said; what is said counts, also in the environment."""
    staffed.sign_in("the-caseworker")
    staffed.sign_in("the-reviewer")
    assert "several people" in staffed.fails("match", "list")
    staffed.ok("--staff", "the-caseworker", "match", "list")
    both = staffed.given(CASETHREAD_STAFF="the-reviewer")
    both.ok("match", "list")
    assert "takes the role" in both.fails("agreement", "sign", "00" * 8)
    assert "takes the role technician" in both.fails("staff", "disable", "ann")

    # Whom the environment names can still sign out and in again.
    both.ok("staff", "sign-out", "the-reviewer")
    assert "not signed in" in both.fails("match", "list")
    both.sign_in("the-reviewer")
    both.ok("match", "list")


def test_technical_commands_are_the_operators(staffed: Desk, tmp_path: Path) -> None:
    """They need no sign-in, and are nobody's deed though somebody is signed in."""
    sheet = tmp_path / "calls.csv"
    sheet.write_text("Case ID,Country,Recruiter phone\nH-1,US,+52 55 1234 5678\n")
    staffed.sign_in("the-caseworker")
    for command in (
        ("status",),
        ("doctor",),
        ("case", "import", str(sheet)),
        ("staff", "list"),
        ("federation", "create", "Test"),
    ):
        done = staffed.run(*command)

        assert (0, "") == (done.exit_code, done.stderr)
    assert "H-1" in staffed.ok("case", "list")


def test_a_first_password_is_handed_over(staffed: Desk) -> None:
    """It is shown once, and good for choosing an own one at the first sign-in."""
    made = staffed.json("staff", "add", "maria", "--role", "caseworker", "--full-name", CANARY)
    first, own = made["first_password"], staffed.secret(OTHER)
    given = staffed.given(CASETHREAD_STAFF_PASSWORD=first)
    assert "12 characters" in given.fails(
        "staff", "sign-in", "maria", "--new-password-file", staffed.secret("short")
    )
    assert "choosing another" in staffed.fails("--staff", "maria", "match", "list")
    given.ok("staff", "sign-in", "maria", "--new-password-file", own)

    staffed.ok("--staff", "maria", "match", "list")
    given.fails("staff", "sign-in", "maria")
    assert "maria" in staffed.sign_in("maria", OTHER)


def test_changing_the_own_password(staffed: Desk) -> None:
    """By files, for scripts; the session goes on."""
    staffed.sign_in("the-reviewer")
    old, own = staffed.secret(WORDS), staffed.secret(OTHER)
    change = ("staff", "password", "--password-file")
    assert "wrong" in staffed.fails(*change, own, "--new-password-file", old)
    staffed.ok(*change, old, "--new-password-file", own)

    staffed.ok("match", "list")
    staffed.given(CASETHREAD_STAFF_PASSWORD=WORDS).fails("staff", "sign-in", "the-reviewer")


def test_own_commands_take_somebody(staffed: Desk) -> None:
    """Who only opened the node has no password and no second factor to change."""
    for command in ("password", "enrol"):
        assert "signed in" in staffed.fails("staff", command)


def test_what_is_wrong_is_not_said(staffed: Desk) -> None:
    """One sentence for every failure, without name or password."""
    wrong = staffed.given(CASETHREAD_STAFF_PASSWORD=OTHER)
    said = {
        wrong.fails("staff", "sign-in", "the-reviewer"),
        wrong.fails("staff", "sign-in", "nobody"),
        wrong.fails("staff", "sign-in", "the-reviewer", "--json"),
    }

    assert 1 == len(said)
    assert not any(word in text for text in said for word in ("reviewer", "nobody", OTHER))


def test_failures_are_told_to_their_owner(staffed: Desk) -> None:
    """At the next sign-in, and in the technician's list."""
    for _ in range(2):
        staffed.given(CASETHREAD_STAFF_PASSWORD=OTHER).fails("staff", "sign-in", "the-reviewer")
    listed = {one["name"]: one["failures"] for one in staffed.json("staff", "list")}

    assert (2, 0) == (listed["the-reviewer"], listed["the-caseworker"])
    assert "2 attempts failed" in staffed.sign_in("the-reviewer")
    assert "attempts failed" not in staffed.sign_in("the-reviewer")


def test_without_a_terminal_a_script_is_told_what_to_give(staffed: Desk) -> None:
    """Nothing hangs."""
    assert "--password-file" in staffed.fails("staff", "sign-in", "the-reviewer")


def test_disabling_takes_effect_at_once(staffed: Desk) -> None:
    """The next command is refused; enabling does not bring the session back."""
    staffed.sign_in("the-caseworker")
    staffed.ok("staff", "disable", "the-caseworker")
    staffed.fails("match", "list")
    staffed.ok("staff", "enable", "the-caseworker")
    staffed.fails("match", "list")

    staffed.sign_in("the-caseworker")
    staffed.ok("match", "list")


def test_taking_a_role_away_takes_effect_at_once(staffed: Desk) -> None:
    """Within the session."""
    staffed.sign_in("the-caseworker")
    staffed.ok("staff", "change", "the-caseworker", "--role", "auditor")

    assert "takes the role" in staffed.fails("match", "list")
    assert ["auditor"] == staffed.json("staff", "who")[0]["roles"]


def test_a_forgotten_password_is_reset(staffed: Desk) -> None:
    """Sessions end, the old password is nothing, the new one is for choosing."""
    staffed.sign_in("the-reviewer")
    first = staffed.json("staff", "reset", "the-reviewer")["first_password"]
    staffed.fails("match", "list")
    staffed.given(CASETHREAD_STAFF_PASSWORD=WORDS).fails("staff", "sign-in", "the-reviewer")

    staffed.given(CASETHREAD_STAFF_PASSWORD=first).ok(
        "staff", "sign-in", "the-reviewer", "--new-password-file", staffed.secret(OTHER)
    )


def test_a_second_factor(staffed: Desk, monkeypatch: pytest.MonkeyPatch) -> None:
    """Enrolled with a code, asked for from then on, required for a role if the node says so."""
    strict = staffed.given(CASETHREAD_PEOPLE__SECOND_FACTOR='["reviewer"]')
    staffed.sign_in("the-reviewer")
    assert "second factor" in strict.fails("match", "release", "00" * 16, "--yes")
    secret = totp.new_secret()
    monkeypatch.setattr(totp, "new_secret", lambda: secret)
    with_code = staffed.given(CASETHREAD_STAFF_CODE=code(secret), CASETHREAD_STAFF_PASSWORD=WORDS)
    said = with_code.ok("staff", "enrol")
    codes = re.findall(r"(?m)^  ((?:[A-Z2-7]{4}-){3}[A-Z2-7]{4})$", said)

    assert 10 == len(codes)
    assert base64.b32encode(secret).decode() in said.replace(" ", "")
    assert "no single match" in strict.fails("match", "release", "00" * 16, "--yes")
    with_code.fails("staff", "sign-in", "the-reviewer")
    recovering = with_code.given(CASETHREAD_STAFF_CODE=codes[3])
    assert recovering.json("staff", "sign-in", "the-reviewer")["second_factor"]
    recovering.fails("staff", "sign-in", "the-reviewer")
    staffed.given(CASETHREAD_STAFF_PASSWORD=WORDS).fails("staff", "sign-in", "the-reviewer")
    (listed,) = (one for one in staffed.json("staff", "list") if one["name"] == "the-reviewer")
    assert (True, 9) == (listed["second_factor"], listed["recovery_codes"])


def test_names_are_nowhere_but_in_the_vault(staffed: Desk) -> None:
    """Not in the log, not in the database's bytes, not in the record."""
    staffed.ok("staff", "add", "canarito", "--role", "auditor", "--full-name", CANARY)
    staffed.given(CASETHREAD_STAFF_PASSWORD=OTHER).fails("staff", "sign-in", "canarito")
    staffed.given(CASETHREAD_STAFF_PASSWORD=OTHER).fails("staff", "sign-in", "canarito2")
    raw = b"".join(path.read_bytes() for path in staffed.home.rglob("*") if path.is_file())

    assert b"sign_in_refused" in raw
    assert b"staff-changed" in raw
    for word in (b"canarito", *CANARY.encode().split(), WORDS.encode(), OTHER.encode()):
        assert word not in raw


def code(secret: bytes) -> str:
    """Return what the app shows now."""
    return TOTP(secret, 6, SHA1(), 30).generate(int(time.time())).decode()


class Terminal:
    """A person at a terminal of their own."""

    def __init__(self, home: Path, *arguments: str) -> None:
        environment = {"CASETHREAD_KEY": "5a" * 32, "CASETHREAD_HOME": str(home), "TERM": "dumb"}
        command = [sys.executable, "-m", "federation_node.cli", *arguments]
        self.process, self.screen = pty.fork()
        if self.process == 0:
            os.execve(command[0], command, os.environ | environment)
        self.seen = ""

    def reads(self, text: str) -> str:
        """Wait until a text stands on the screen; return all since the last one."""
        while text not in self.seen:
            assert select.select([self.screen], [], [], 60)[0], self.seen
            self.seen += self._more()
        before, _, self.seen = self.seen.partition(text)
        return before

    def types(self, text: str) -> None:
        """Type a line."""
        os.write(self.screen, f"{text}\n".encode())

    def leaves(self) -> tuple[int, str]:
        """Wait for the end; return exit code and the rest of the screen."""
        while more := self._more():
            self.seen += more
        _, status = os.waitpid(self.process, 0)
        os.close(self.screen)
        return os.waitstatus_to_exitcode(status), self.seen

    def _more(self) -> str:
        try:
            return os.read(self.screen, 4096).decode()
        except OSError:  # the other end is closed
            return ""


@pytest.mark.slow
def test_at_a_terminal(staffed: Desk) -> None:
    """Passwords are asked for and do not show; the key is shown, and its code is taken."""
    first = staffed.json("staff", "add", "maria", "--role", "caseworker")["first_password"]
    person = Terminal(staffed.home, "staff", "sign-in", "maria")
    person.reads("Your password: ")
    person.types(first)
    shown = person.reads("Code of your app, if you have one: ")
    person.types("")
    shown += person.reads("Your new password (12 characters or more): ")
    person.types(OTHER)
    shown += person.reads("Repeat for confirmation: ")
    person.types(OTHER)
    status, rest = person.leaves()

    assert (0, True) == (status, "maria is signed in" in rest)
    assert not any(secret in shown + rest for secret in (first, OTHER))

    person = Terminal(staffed.home, "staff", "enrol")
    person.reads("Your password: ")
    person.types(OTHER)
    person.reads("take this key")
    shown = person.reads("Code that your app shows: ")
    found = re.search(r"secret=([A-Z2-7]{32})", shown)
    assert found is not None
    person.types(code(base64.b32decode(found[1])))
    status, rest = person.leaves()

    assert (0, True) == (status, "write them down" in rest)
    assert next(one for one in staffed.json("staff", "list") if one["name"] == "maria")[
        "second_factor"
    ]
