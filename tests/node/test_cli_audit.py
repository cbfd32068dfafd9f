# SPDX-License-Identifier: Apache-2.0
"""The record on the command line: lists, checks, evidence, witnesses."""

import json
import sqlite3
from datetime import timedelta
from pathlib import Path

import pytest

from federation.audit import Event, Word
from federation_node import context as node_context
from federation_node.context import NodeContext
from federation_node.doctor import Finding, Health, examine
from federation_node.home import Home
from federation_node.unlock import Unlock
from tests.node.operator import Operator
from tests.node.test_cli import copy, made, restored_umask, sheet

__all__ = ["made", "restored_umask", "sheet"]

KEY = Unlock(bytes.fromhex("5a" * 32), is_key=True)


@pytest.fixture
def founded(made: Path, tmp_path: Path) -> Operator:
    """Hope's node in a federation with amparo, who never answers."""
    return copy(made, "founded", tmp_path)


@pytest.fixture
def later(monkeypatch: pytest.MonkeyPatch) -> list[timedelta]:
    """Add to this list to let time pass."""
    passed: list[timedelta] = []
    now = node_context.now
    monkeypatch.setattr(node_context, "now", lambda: now() + sum(passed, timedelta()))
    return passed


def publish(node: Operator, later: list[timedelta]) -> None:
    """Let the time of the next checkpoint come, and the node notice it."""
    later.append(timedelta(hours=6))
    with NodeContext.open(Home(node.home), KEY) as opened:
        opened.member._publisher._asked = True  # amparo does not answer
        opened.member._publisher.drive()


def test_the_record_is_listed_in_words(founded: Operator, sheet: Path) -> None:
    """The newest last, in sentences, with filters."""
    founded.ok("case", "import", str(sheet))
    founded.ok("match", "list")
    text = founded.ok("audit", "list")
    events = [one["record"]["event"] for one in founded.json("audit", "list")]

    assert "the operator of Hope brought cases in; 3 cases" in " ".join(text.split())
    assert ["log-begun", "charter-signed", "charter-adopted"] == events[:3]
    assert "cases-put" == events[-1]
    (only,) = founded.json("audit", "list", "--event", "cases-put")
    assert "operator" == only["record"]["actor"]
    assert "nonce" not in only["record"]
    assert [only] == founded.json("audit", "list", "--limit", "1")
    assert founded.json("audit", "list", "--with", "amparo") == []
    assert founded.json("audit", "list", "--since", "2100-01-01") == []
    assert "no such entry" in founded.ok("audit", "list", "--since", "2100-01-01")


def test_nothing_of_the_cases_is_listed(founded: Operator, sheet: Path) -> None:
    """The record has no room for values, ids and notes."""
    founded.ok("case", "import", str(sheet))
    said = founded.ok("audit", "list") + founded.ok("audit", "list", "--json")

    for secret in ("5512345678", "1234 5678", "H-1", "canary-note"):
        assert secret not in said


def test_padding_is_listed_on_demand(founded: Operator, later: list[timedelta]) -> None:
    """It says nothing, and so it is left out."""
    publish(founded, later)

    assert "padding" not in {one["record"]["event"] for one in founded.json("audit", "list")}
    padded = founded.json("audit", "list", "--event", "padding")
    assert {"padding"} == {one["record"]["event"] for one in padded}
    assert 63 == padded[-1]["index"]


def test_the_own_record_is_checked(founded: Operator, later: list[timedelta]) -> None:
    """It says how much was checked, and who watches over it."""
    publish(founded, later)

    assert {"entries": 64} == {
        key: value for key, value in founded.json("audit", "verify").items() if key == "entries"
    }
    said = founded.ok("audit", "verify")
    assert "64 entries: each is as it was written" in said
    assert "covers 64 entries of log 1; 0 of 1 members" in said


def test_a_hand_in_the_database_is_named(founded: Operator) -> None:
    """Exit code 1, what and where, and what to do."""
    with sqlite3.connect(founded.home / "casethread.db") as connection:
        connection.execute("UPDATE audit_leaves SET leaf = zeroblob(80) WHERE place = 1")
    said = founded.fails("audit", "verify")

    assert "entry 1 of the record was altered" in said


def evidence(node: Operator, later: list[timedelta], tmp_path: Path) -> Path:
    """Export what happened since yesterday."""
    publish(node, later)
    out = tmp_path / "evidence.json"
    said = node.ok("audit", "export", "--since", "2020-01-01", "--out", str(out))

    assert "64 entries in" in said
    return out


def test_evidence_is_written_with_its_pages(
    founded: Operator, later: list[timedelta], tmp_path: Path
) -> None:
    """The bundle, a text and an HTML page, for their owner alone."""
    out = evidence(founded, later, tmp_path)
    files = [out, out.with_suffix(".txt"), out.with_suffix(".html")]

    assert {0o600} == {path.stat().st_mode & 0o777 for path in files}
    assert "Evidence about a period from the record of Hope" in files[1].read_text()
    assert "<h1>Evidence about a period" in files[2].read_text()
    said = founded.fails("audit", "export", "--since", "2020-01-01", "--out", str(out))
    assert "exists" in said
    said = founded.fails(
        "audit", "export", "--since", "2020-01-01", "--out", str(tmp_path / "other.txt")
    )
    assert "no name of its own" in said
    exported = founded.json("audit", "list", "--event", "record-exported")
    assert 1 == len(exported)


def test_evidence_is_checked_without_a_node(
    founded: Operator, later: list[timedelta], tmp_path: Path
) -> None:
    """By anybody, anywhere: there is no home, no key and no network."""
    out = evidence(founded, later, tmp_path)
    charter = founded.json("federation", "show")["in_force"]
    stranger = Operator(tmp_path / "nowhere")
    said = stranger.ok("audit", "verify", str(out))

    assert "ok  (10)" in said
    assert " ".join(charter["words"][:1]) in said
    assert "no other member has cosigned it" in said
    shown = stranger.json("audit", "verify", str(out), "--charter", charter["digest"])
    assert charter["words"] == shown["charter"]["words"]
    assert 64 == len(shown["entries"])
    assert not stranger.home.exists()
    refused = stranger.fails("audit", "verify", str(out), "--charter", "00" * 32)
    assert "step 2" in refused
    assert "64 hex digits" in stranger.fails("audit", "verify", str(out), "--charter", "00")
    assert "step 4" in stranger.fails("audit", "verify", str(out), "--witnesses", "1")
    assert "cannot be read" in stranger.fails("audit", "verify", str(tmp_path / "missing.json"))


def test_falsified_evidence_is_refused(
    founded: Operator, later: list[timedelta], tmp_path: Path
) -> None:
    """With the step, what and where."""
    out = evidence(founded, later, tmp_path)
    value = json.loads(out.read_text())
    records = value["logs"][0]["stretches"][0]["records"]
    records[2] = records[2].replace('"node"', '"operator"')
    forged = tmp_path / "forged.json"
    forged.write_text(json.dumps(value, sort_keys=True, separators=(",", ":"), ensure_ascii=False))
    said = founded.fails("audit", "verify", str(forged))

    assert "step 5: an entry from 0 to 63 is not what log 1 of hope with 64 entries" in said


def test_what_is_exported_must_be_named(founded: Operator, tmp_path: Path) -> None:
    """One thing, by an id that is one, and something that happened."""
    out = ["--out", str(tmp_path / "e.json")]

    assert 2 == founded.run("audit", "export", *out).exit_code
    assert 2 == founded.run("audit", "export", "--match", "x", "--letter", "y", *out).exit_code
    assert "no single match" in founded.fails("audit", "export", "--match", "0123456789", *out)
    assert "32 hex digits" in founded.fails("audit", "export", "--letter", "01", *out)
    assert "says nothing" in founded.fails("audit", "export", "--letter", "01" * 16, *out)
    assert "no checkpoint" in founded.fails("audit", "export", "--since", "2020-01-01", *out)


def test_witnesses_are_shown(founded: Operator, later: list[timedelta]) -> None:
    """Who has seen the own record, and that nobody has."""
    assert "no checkpoint yet" in founded.ok("audit", "witnesses")
    publish(founded, later)
    state = founded.json("audit", "witnesses")

    assert {"generation": 1, "size": 64} == {
        key: state["checkpoint"][key] for key in ("generation", "size")
    }
    (amparo,) = state["witnesses"]
    assert ("amparo", None, False) == (amparo["member"], amparo["size"], amparo["current"])
    assert "amparo" in founded.ok("audit", "witnesses")


def test_a_new_log_is_begun_by_a_person(founded: Operator, later: list[timedelta]) -> None:
    """It is asked for once more, and then it goes on in another log."""
    publish(founded, later)

    assert founded.run("audit", "begin-anew", stdin="n\n").exit_code == 1
    assert "log 2 begins" in founded.ok("audit", "begin-anew", "--yes")
    state = founded.json("audit", "witnesses")
    assert (2, 65) == (state["generation"], state["entries"])
    assert 65 == founded.json("audit", "verify")["entries"]


def findings(node: Operator, about: str) -> list[Finding]:
    """Return what the doctor says about the record."""
    with NodeContext.open(Home(node.home), KEY) as opened:
        return [one for one in examine(opened) if one.about == about]


def test_the_doctor_looks_at_the_record(founded: Operator, later: list[timedelta]) -> None:
    """Good while it is young; a look when nobody has seen it for long."""
    assert [Health.GOOD] == [one.health for one in findings(founded, "record")]
    publish(founded, later)
    later.clear()

    assert [Health.GOOD] == [one.health for one in findings(founded, "record")]
    with sqlite3.connect(founded.home / "casethread.db") as connection:
        connection.execute("UPDATE audit_checkpoints SET slot = slot - 200000")
    (unseen,) = findings(founded, "record")
    assert Health.LOOK is unseen.health
    assert "amparo" in unseen.says


@pytest.mark.parametrize(
    ("member", "word", "health", "about"),
    [
        ("amparo", Word.FORKED, Health.BAD, "record of others"),
        ("amparo", Word.UNPROVEN, Health.BAD, "record of others"),
        ("amparo", Word.SHRUNK, Health.LOOK, "record of others"),
        ("amparo", Word.BEGUN, Health.LOOK, "record of others"),
        ("hope", Word.SHRUNK, Health.BAD, "record"),
    ],
)
def test_evidence_is_shown_wherever_one_looks(
    founded: Operator, member: str, word: Word, health: Health, about: str
) -> None:
    """In doctor, in status, and with both notes for programs."""
    with NodeContext.open(Home(founded.home), KEY) as opened, opened.store.write() as tx:
        tx.witnessed.add_evidence(member, word, b"held", b"shown", node_context.now())
    (found,) = findings(founded, about)

    assert health is found.health
    assert found.next_step
    assert [member] == founded.json("status")["record"]["evidence"]
    assert f"the record of {member} does not fit" in founded.ok("status")
    (one,) = founded.json("audit", "witnesses")["evidence"]
    assert ("held", "shown", word.value) == (one["held"], one["shown"], one["finding"])


def test_whoever_looks_at_cases_is_counted(founded: Operator, sheet: Path) -> None:
    """Lists and single cases, one entry for the day."""
    founded.ok("case", "import", str(sheet))
    founded.ok("case", "list")
    founded.ok("case", "show", "--json", stdin="H-1\n")
    with NodeContext.open(Home(founded.home), KEY) as opened, opened.store.write() as tx:
        tx.audit.close_days(node_context.now() + timedelta(days=2))
    (record,) = founded.json("audit", "list", "--event", Event.CASE_READ.value)

    assert {"calls": 2} == record["record"]["counts"]
