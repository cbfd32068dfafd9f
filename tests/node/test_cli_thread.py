# SPDX-License-Identifier: Apache-2.0
"""Threads by the command line: listed, shown, drawn, split and rejoined."""

import hashlib
import json
import shutil
import stat
from collections.abc import Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import cast
from xml.etree import ElementTree as ET

import pytest

from federation.indicators import Kind, Subject
from federation.storage.matches import MatchStatus
from federation_node.context import NodeContext
from federation_node.home import Home
from federation_node.unlock import find_unlock
from tests.member.people import cheap_passwords
from tests.node.test_cli_staff import Desk

PHONE, COMMON = "+52 55 5123 4567", "+52 55 5123 9876"
SHEET = f"""\
Case ID,Country,Recruiter phone,Driver phone
H-1,MX,{PHONE},
H-2,MX,{PHONE},+52 55 5123 7788
H-3,MX,,+52 55 5123 7788
H-4,MX,{COMMON},
H-5,MX,{COMMON},
H-6,MX,{COMMON},
"""
KEY = b"k" * 16
AGREEMENT = b"a" * 32
NARROW = "\n[threads]\ncases = 2\nper_thousand = 0\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A node whose cases have tokens, of which Amparo holds one too; tests copy it."""
    path = tmp_path_factory.mktemp("threads")
    sheet = path / "cases.csv"
    sheet.write_text(SHEET)
    desk = Desk(path / "hope")
    options = ["--name", "Hope", "--legal-entity", "TEST:hope", "--role", "hotline"]
    desk.ok("init", "hope", *options, "--endpoint", "127.0.0.1:7001", "--region", "US")
    with (desk.home / "casethread.toml").open("a") as settings:
        settings.write(NARROW)
    desk.ok("case", "import", str(sheet))
    unlock = find_unlock({"CASETHREAD_KEY": "5a" * 32}, None)
    with NodeContext.open(Home(desk.home), unlock) as context, context.store.write() as tx:
        at = datetime.now(UTC)
        pairs = [
            (seen.uuid, hashlib.sha256(cast("str", seen.raw).encode()).digest())
            for case in tx.cases.list()
            for seen in case.observations
        ]
        tx.tokens.add(KEY, pairs, at)
        tokens = {raw: row for row, raw in tx.tokens.eligible(KEY, Kind, Subject)}
        tx.agreements.put(AGREEMENT, b"{}", "hope", at)
        tx.matches.put(
            agreement=AGREEMENT,
            partner="amparo",
            token=tokens[hashlib.sha256(PHONE.encode()).digest()],
            lane="network",
            match_id=bytes(16),
            status=MatchStatus.PROVEN,
            at=at,
        )
    return path


@pytest.fixture(autouse=True)
def cheap() -> Iterator[None]:
    """Passwords cost nothing here."""
    with cheap_passwords():
        yield


@pytest.fixture
def hope(made: Path, tmp_path: Path) -> Desk:
    """A copy of that node."""
    return Desk(Path(shutil.copytree(made / "hope", tmp_path / "hope")))


def shown(hope: Desk) -> tuple[str, dict[str, str]]:
    """The id of the thread, and the mark of each of its cases."""
    (thread,) = hope.json("thread", "list")
    document = hope.json("thread", "show", thread["thread"][:8])
    return thread["thread"], {one["case"]: one["mark"] for one in document["cases"]}


def test_a_thread_is_listed_and_shown(hope: Desk) -> None:
    """With own cases by id, and of Amparo only that it holds a phone too."""
    listed = hope.ok("thread", "list")
    thread, marks = shown(hope)
    said = hope.ok("thread", "show", marks["H-3"])
    document = hope.json("thread", "show", thread)
    tied = {
        (edge["kind"], tuple(sorted(end["mark"] for end in edge["ends"])))
        for edge in document["edges"]
    }

    assert ["H-1", "H-2", "H-3"] == sorted(marks)
    assert thread[:12] in listed
    assert "amparo" in listed
    assert "amparo: 1 × phone; how many cases, it knows alone" in said
    assert {
        ("phone", tuple(sorted([marks["H-1"], marks["H-2"]]))),
        ("phone", tuple(sorted([marks["H-2"], marks["H-3"]]))),
    } == tied
    assert [{"member": "amparo", "kinds": {"phone": 1}}] == document["members"]
    assert PHONE not in said
    assert PHONE.replace(" ", "") not in said


def test_a_drawing_is_a_file_of_its_own(hope: Desk, tmp_path: Path) -> None:
    """Only its owner reads it, it is well formed, and none is overwritten."""
    path = tmp_path / "thread.svg"
    thread, _ = shown(hope)
    said = hope.ok("thread", "show", thread, "--svg", str(path))
    before = path.read_bytes()
    refused = hope.fails("thread", "show", thread, "--svg", str(path))

    assert f"drawn into {path}" in said
    assert "svg" in ET.fromstring(before).tag
    assert b"H-1" in before
    assert 0o600 == stat.S_IMODE(path.stat().st_mode)
    assert "was not overwritten" in refused
    assert before == path.read_bytes()


def test_a_split_is_shown_and_undone(hope: Desk) -> None:
    """By the beginnings of marks, in either case."""
    _, marks = shown(hope)
    first, last = marks["H-1"][:8].upper(), marks["H-3"][:8]
    hope.ok("thread", "split", first, last)
    _, left = shown(hope)
    noted = hope.ok("thread", "show", marks["H-1"])
    hope.ok("thread", "rejoin", first, last)
    _, again = shown(hope)

    assert "H-1" in left
    assert "H-3" not in left
    assert f"kept apart: {marks['H-1'][:12]} from {marks['H-3'][:12]}" in noted
    assert marks == again


def test_what_is_too_common_is_listed_with_its_value(hope: Desk) -> None:
    """For own people; the log says nothing of it."""
    common = hope.json("thread", "common")
    said = hope.ok("thread", "common")
    log = "".join(one.read_text() for one in hope.home.rglob("*.log*"))

    assert [{"kind": "phone", "value": "+525551239876", "cases": 3, "entities": 0}] == common
    assert "+525551239876" in said
    assert "thread_new" in log
    assert "5551239876" not in log
    assert "H-1" not in log


@pytest.mark.parametrize(
    "arguments",
    [
        ["show", "00000000"],
        ["show", "H-1"],
        ["split", "00000000", "11111111"],
        ["rejoin", "00000000", "11111111"],
    ],
)
def test_what_is_not_there_is_refused_with_a_way_out(hope: Desk, arguments: list[str]) -> None:
    """And nothing is changed."""
    before = shown(hope)

    assert "casethread thread" in hope.fails("thread", *arguments)
    assert before == shown(hope)


def test_a_technician_sees_no_thread(hope: Desk) -> None:
    """As soon as there are accounts, it takes a person with a role on cases."""
    thread, marks = shown(hope)
    hope.hire("ann", "technician")
    hope.hire("maria", "caseworker")
    hope.sign_in("ann")
    commands = [
        ["list"],
        ["common"],
        ["show", thread],
        ["split", marks["H-1"], marks["H-3"]],
        ["rejoin", marks["H-1"], marks["H-3"]],
    ]
    refused = [hope.fails("thread", *command) for command in commands]
    hope.ok("staff", "sign-out")
    hope.sign_in("maria")

    assert all("this takes the role" in one for one in refused)
    assert (thread, marks) == shown(hope)


def test_without_threads_the_next_step_is_said(tmp_path: Path) -> None:
    """A new node has none."""
    desk = Desk(tmp_path / "hope")
    options = ["--name", "Hope", "--legal-entity", "TEST:hope", "--role", "hotline"]
    desk.ok("init", "hope", *options, "--endpoint", "127.0.0.1:7001", "--region", "US")

    assert "casethread sync" in desk.ok("thread", "list")
    assert [] == json.loads(desk.ok("thread", "list", "--json"))
    assert "nothing is too common" in desk.ok("thread", "common")
