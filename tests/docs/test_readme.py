# SPDX-License-Identifier: Apache-2.0
"""The README's commands. Its first program is run by ``tests/test_public_face.py``."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.docs.walk import Step, Walk, steps

ROOT = Path(__file__).parents[2]
TEXT = (ROOT / "README.md").read_text(encoding="utf-8")
SHEET = ROOT / "examples" / "carnival" / "hope.csv"

pytestmark = pytest.mark.slow


@pytest.fixture
def walk(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Iterator[Walk]:
    """One organisation with a sheet of calls."""
    monkeypatch.chdir(tmp_path)
    (tmp_path / "calls.csv").write_bytes(SHEET.read_bytes())
    before = os.umask(0o077)
    found = Walk(tmp_path, ["hope"])
    yield found
    found.stop()
    os.umask(before)


def test_the_commands_work_as_they_are_written(walk: Walk) -> None:
    """From making a node to serving it; whatever is not ``casethread`` is a target of make."""
    shown = [one for one in steps(TEXT) if isinstance(one, Step)]
    commands = [one for one in shown if one.command.startswith("casethread ")]
    for one in commands:
        walk.run(Step("hope", one.command, one.printed))
    walk.wait_for_servers()
    targets = re.findall(r"(?m)^([a-z]+):", (ROOT / "Makefile").read_text(encoding="utf-8"))

    assert commands[-1].command == "casethread serve"
    assert {one.command for one in shown if one not in commands} <= {
        f"make {target}" for target in targets
    }


def test_links_lead_somewhere() -> None:
    """Every relative link of the README names a file of the repository."""
    links = re.findall(r"\]\((?!https?:)([^)#]+)", TEXT)

    assert links
    assert [] == [link for link in links if not (ROOT / link).exists()]
