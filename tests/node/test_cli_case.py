# SPDX-License-Identifier: Apache-2.0
"""Importing by the command line: corrections, replacing, crashes, taking back."""

import json
import os
import shutil
import signal
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import Result

from tests.intake.workbooks import workbook
from tests.node.operator import KEY, Operator, make_home

HEAD = "Case ID,Country,Recruiter phone\n"

KILLED = """\
import os, signal, sys
from pathlib import Path
from federation_node.actions.intake import import_sheet
from federation_node.context import NodeContext
from federation_node.home import Home
from federation_node.unlock import find_unlock

with NodeContext.open(Home(Path(sys.argv[1])), find_unlock(os.environ, None)) as context:
    import_sheet(
        context,
        Path(sys.argv[2]),
        progress=lambda rows: rows < 2_500 or os.kill(os.getpid(), signal.SIGKILL),
    )
"""
"""Imports a file, and dies without a word in the middle of it."""


class Node(Operator):
    """One node, alone, and its operator who works on cases."""

    def run(self, *arguments: str, stdin: str | None = None) -> Result:
        """Run a command of the group."""
        return super().run("case", *arguments, stdin=stdin)

    def phones(self) -> dict[str, str]:
        """Case id -> the phone as it was written."""
        ids = [one["case"] for one in self.json("list")]
        shown = [json.loads(self.ok("show", "--json", stdin=f"{one}\n")) for one in ids]
        return {one["case"]: "".join(o["written"] for o in one["observations"]) for one in shown}


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that tests copy."""
    return make_home(tmp_path_factory.mktemp("made") / "hope")


@pytest.fixture
def hope(made: Path, tmp_path: Path) -> Node:
    """A node without cases."""
    path = tmp_path / "hope"
    shutil.copytree(made, path)
    return Node(path)


@pytest.fixture
def sheet(tmp_path: Path) -> Path:
    """A sheet of two cases."""
    path = tmp_path / "cases.csv"
    path.write_text(HEAD + "H-1,US,+1 202 555 0143\nH-2,MX,+52 55 1234 5678\n")
    return path


def test_a_workbook_is_imported(hope: Node, tmp_path: Path) -> None:
    """From the sheet that is named, with what is odd about the file."""
    path = tmp_path / "cases.xlsx"
    rows = [("Case ID", "Country", "Recruiter phone"), ("H-1", "US", "+1 202 555 0143")]
    path.write_bytes(workbook(rows, lambda book: book.create_sheet("Two").append(("Folio", "x"))))
    mapping = tmp_path / "mapping.toml"

    assert "only the sheet Sheet was read, not Two" in hope.ok(
        "import", str(path), "--save-mapping", str(mapping)
    )
    assert 'sheet = "Sheet"' in mapping.read_text()
    assert hope.json("import", str(path), "--mapping", str(mapping))["unchanged"] == 1
    assert hope.json("import", str(path), "--sheet", "Two", "--source", "b")["new"] == 0
    assert "name one of: Sheet, Two" in hope.fails("import", str(path), "--sheet", "Three")


def test_rows_are_corrected_and_imported_again(hope: Node, sheet: Path) -> None:
    """The list of errors becomes an import of its own, with the same source."""
    sheet.write_text(HEAD + "H-1,Narnia,+1 202 555 0143\nH-2,MX,+52 55 1234 5678\n")
    done = hope.json("import", str(sheet))
    listed = Path(done["errors_file"])
    listed.write_text(listed.read_text("utf-8-sig").replace("Narnia", "USA"), "utf-8-sig")
    again = hope.json("import", str(listed))

    assert (done["new"], done["errors"], again["new"], again["errors"]) == (1, 1, 1, 0)
    assert again["ignored"] == {}
    assert hope.phones() == {"H-1": "+1 202 555 0143", "H-2": "+52 55 1234 5678"}


def test_a_second_list_of_errors_overwrites_none(hope: Node, sheet: Path) -> None:
    """Corrections that somebody is making are not lost by importing again."""
    sheet.write_text(HEAD + "H-1,Narnia,1\n")
    names = [Path(hope.json("import", str(sheet))["errors_file"]).name for _ in range(2)]

    assert names == ["cases.casethread-errors.csv", "cases.casethread-errors-2.csv"]
    assert "overwrite the sheet" in hope.fails("import", str(sheet), "--errors", str(sheet))


def test_replace_removes_what_is_gone(hope: Node, sheet: Path) -> None:
    """Without the option nothing is removed; with it, only cases of the same source."""
    hope.ok("import", str(sheet))
    hope.ok("import", str(sheet), "--source", "other")
    sheet.write_text(HEAD + "H-2,MX,+52 55 1234 5678\n")

    assert hope.json("import", str(sheet))["removed"] == 0
    assert hope.json("import", str(sheet), "--replace")["removed"] == 1
    listed = [(one["case"], one["source"]) for one in hope.json("list")]
    assert listed == [("H-2", "csv"), ("H-1", "other"), ("H-2", "other")]


def test_replace_removes_nothing_while_rows_are_in_error(hope: Node, sheet: Path) -> None:
    """A row that cannot be read may be a case that is there."""
    hope.ok("import", str(sheet))
    sheet.write_text(HEAD + "H-1,Narnia,1\n")

    assert "no case was removed" in hope.ok("import", str(sheet), "--replace")
    assert len(hope.json("list")) == 2


def test_an_import_is_taken_back(hope: Node, sheet: Path) -> None:
    """New cases go, changed and removed ones are what they were."""
    hope.ok("import", str(sheet))
    sheet.write_text(HEAD + "H-2,MX,+52 55 8765 4321\nH-3,US,+1 202 555 0199\n")
    run = hope.json("import", str(sheet), "--replace")["run"]
    assert hope.phones() == {"H-2": "+52 55 8765 4321", "H-3": "+1 202 555 0199"}

    assert hope.json("import", "--undo", run) == {
        "run": run, "deleted": 1, "restored": 2, "left": 0,
    }  # fmt: skip
    assert hope.phones() == {"H-1": "+1 202 555 0143", "H-2": "+52 55 1234 5678"}
    statuses = [(one["run"], one["status"]) for one in hope.json("imports")]
    assert statuses == [(run, "undone"), ("1", "done")]


def test_what_cannot_be_taken_back_says_why(hope: Node, sheet: Path) -> None:
    """Unknown, later ones first, nothing kept, done already."""
    hope.ok("import", str(sheet))
    hope.ok("import", str(sheet), "--no-undo")

    assert "no such import" in hope.fails("import", "--undo", "77")
    assert "no such import" in hope.fails("import", "--undo", "last")
    assert "case import --undo 2" in hope.fails("import", "--undo", "1")
    assert "not kept" in hope.fails("import", "--undo", "2")
    hope.ok("import", str(sheet), "--source", "other")
    hope.ok("import", "--undo", "3")
    assert "already" in hope.fails("import", "--undo", "3")


def test_a_file_or_an_import_is_named(hope: Node, sheet: Path) -> None:
    """Neither, or both, is a mistake in the command."""
    assert hope.run("import").exit_code == 2
    assert hope.run("import", str(sheet), "--undo", "1").exit_code == 2


def test_a_killed_import_is_repeated(hope: Node, tmp_path: Path) -> None:
    """After kill -9 the same command goes on: nothing is lost or there twice."""
    sheet = tmp_path / "many.csv"
    sheet.write_text(HEAD + "".join(f"H-{n},US,+1 202 555 {n:04}\n" for n in range(2_700)))
    environment = {**os.environ, **KEY}
    script = [sys.executable, "-c", KILLED, str(hope.home), str(sheet)]
    killed = subprocess.run(script, env=environment, check=False, capture_output=True)
    assert killed.returncode == -signal.SIGKILL, killed.stderr
    before = len(hope.json("list"))
    assert 0 < before < 2_700

    again = hope.json("import", str(sheet))
    assert (again["run"], again["resumed"]) == ("1", True)
    assert (again["new"], again["unchanged"]) == (2_700 - before, before)
    assert len(hope.json("list")) == 2_700
    assert hope.json("import", "--undo", "1")["deleted"] == 2_700


def test_a_dry_run_lists_errors_and_stores_nothing(hope: Node, sheet: Path) -> None:
    """What would be done is counted; there is no import of it."""
    sheet.write_text(HEAD + "H-1,Narnia,1\nH-2,US,2\n")
    done = hope.json("import", str(sheet), "--dry-run")

    assert (done["run"], done["errors"], done["observations"]) == ("", 1, 1)
    assert (hope.json("list"), hope.json("imports")) == ([], [])
