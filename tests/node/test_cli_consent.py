# SPDX-License-Identifier: Apache-2.0
"""Consents by the command line, and by import."""

import hashlib
import json
import shutil
from pathlib import Path

import pytest

from tests.node.operator import Operator, make_home

SHEET = "Case ID,Survivor phone,May we match,Signed on\n"
ROW = "S-1,+49 151 23571113,{said},2026-01-31\n"
CONSENT = """
[consent]
column = "May we match"
yes = ["yes"]
no = ["no"]
given = "Signed on"
expires = "Until"
purposes = ["support"]
recipients = ["hotline"]
basis = "intake-form-3"
""".replace('expires = "Until"', "days = 1800")
RECORD = ("--purpose", "support", "--role", "hotline", "--basis", "intake-form-3")


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home with one survivor's case, that tests copy."""
    home = make_home(tmp_path_factory.mktemp("made") / "hope")
    sheet = home.parent / "cases.csv"
    sheet.write_text(SHEET + ROW.format(said=""))
    Operator(home).ok("case", "import", str(sheet))
    return home


@pytest.fixture
def hope(made: Path, tmp_path: Path) -> Operator:
    """A node with one survivor's case."""
    path = tmp_path / "hope"
    shutil.copytree(made, path)
    return Operator(path)


def status(hope: Operator) -> str:
    """Return how far the survivor's phone is."""
    shown = json.loads(hope.ok("case", "show", "--json", stdin="S-1\n"))
    (seen,) = shown["observations"]
    return str(seen["status"])


def test_a_consent_is_recorded_shown_and_withdrawn(hope: Operator, tmp_path: Path) -> None:
    """With the fingerprint of the form, by whom, and what became of it."""
    form = tmp_path / "form.pdf"
    form.write_bytes(b"signed")
    options = (*RECORD, "--expires", "2030-12-31", "--evidence", str(form))
    assert "until 2030-12-31" in hope.ok("consent", "record", *options, stdin="S-1\n")
    (row,) = hope.json("consent", "list")

    assert ("S-1", "valid", ["support"], ["hotline"]) == (
        row["case"],
        row["state"],
        row["purposes"],
        row["roles"],
    )
    assert hashlib.sha256(b"signed").hexdigest() == row["evidence_sha256"]
    assert "operator" == row["recorded_by"]
    assert "pending" == status(hope)
    hope.ok("consent", "withdraw", stdin="S-1\n")
    (row,) = hope.json("consent", "show", stdin="S-1\n")
    assert "withdrawn" == row["state"]
    assert "waiting-consent" == status(hope)


def test_refusals(hope: Operator) -> None:
    """Each says what to do instead."""
    hope.fails("consent", "withdraw", stdin="S-1\n")
    hope.fails("consent", "show", stdin="S-9\n")
    hope.fails("consent", "record", *RECORD, "--expires", "2020-01-31", stdin="S-1\n")
    police = ("--purpose", "support", "--role", "law-enforcement", "--basis", "x")
    assert 2 == hope.run("consent", "record", *police, "--expires", "2030-01-31").exit_code


def test_an_import_brings_consents_where_the_mapping_says_so(
    hope: Operator, tmp_path: Path
) -> None:
    """Never without; and the same sheet does not bring back what was withdrawn."""
    sheet, mapping = tmp_path / "cases.csv", tmp_path / "mapping.toml"
    sheet.write_text(SHEET + ROW.format(said="yes"))
    done = hope.json("case", "import", str(sheet), "--save-mapping", str(mapping))
    assert (0, "waiting-consent") == (done["consents_recorded"], status(hope))

    text = mapping.read_text()
    kept = [line for line in text.splitlines() if not line.startswith(('"May', '"Signed'))]
    mapping.write_text("\n".join(kept) + CONSENT)
    again = hope.json("case", "import", str(sheet), "--mapping", str(mapping))
    assert (1, "pending") == (again["consents_recorded"], status(hope))
    hope.ok("consent", "withdraw", stdin="S-1\n")
    last = hope.json("case", "import", str(sheet), "--mapping", str(mapping))

    assert (0, "waiting-consent") == (last["consents_recorded"], status(hope))
