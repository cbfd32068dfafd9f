# SPDX-License-Identifier: Apache-2.0
"""The tutorial, command by command, between three real nodes; then the README's program."""

import os
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import federation
from federation import Case, Kind, Subject
from tests.docs.walk import Step, Walk, Written, steps

ROOT = Path(__file__).parents[2]
INSTALLING = ("python3 -m venv", ". casethread-env", "pip install", "casethread --version")
"""What the page says before there are organisations; releases are tested by themselves."""

pytestmark = pytest.mark.slow


def page() -> list[Step | Written]:
    """Return the steps of the tutorial."""
    return steps((ROOT / "docs" / "tutorial.md").read_text(encoding="utf-8"))


@pytest.fixture(scope="module")
def walked(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Walk]:
    """The three organisations as the tutorial leaves them; their nodes still serve."""
    organisations = {one.organisation for one in page() if isinstance(one, Step)}
    walk = Walk(tmp_path_factory.mktemp("tutorial"), sorted(organisations - {""}))
    # Commands set the umask of their process, and files are named relative to where one is.
    umask, before = os.umask(0o077), Path.cwd()
    os.chdir(walk.directory)
    try:
        for one in page():
            if isinstance(one, Written):
                walk.write(one)
            elif one.organisation:
                walk.run(one)
        yield walk
    finally:
        os.chdir(before)
        os.umask(umask)
        walk.stop()


def test_the_tutorial_leads_to_a_match(walked: Walk) -> None:
    """Every command worked as it is written, and printed what the page shows."""
    commands = [one.command for one in page() if isinstance(one, Step)]

    assert any(command.startswith("casethread match show") for command in commands)
    # Ceremony, agreement, match and the mark of a case: each named by its own id.
    assert len(walked.ids) == 4


def test_other_commands_only_install() -> None:
    """A prompt without an organisation is only there to install the program."""
    other = [one.command for one in page() if isinstance(one, Step) and not one.organisation]

    assert [] == [command for command in other if not command.startswith(INSTALLING)]


def test_a_wrong_page_is_noticed(walked: Walk) -> None:
    """What a page shows and no command prints fails, and so does a command that fails."""
    wrong = Step("hope", "casethread case list", ["case source region", "H-17 csv US 2 2"])
    refused = Step("hope", "casethread federation join for-amparo.invitation --out other.request")

    for step in (wrong, refused):
        with pytest.raises(AssertionError):
            walked.run(step)


def test_the_program_in_the_readme(
    walked: Walk, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    """An organisation's own program hands over a case, and hears of the match."""
    text = (ROOT / "README.md").read_text(encoding="utf-8")
    (program,) = [
        block
        for block in re.findall(r"```python\n(.*?)```", text, re.DOTALL)
        if "connect()" in block
    ]
    case = Case("A-11", region="US").add(Kind.PHONE, "+52 55 1234 5678", Subject.RECRUITER)
    with federation.connect(walked.directory / "amparo") as amparo:
        amparo.put_cases([case])
        amparo.sync()
    monkeypatch.setenv("CASETHREAD_HOME", str(walked.directory / "hope"))
    exec(compile(program, "README.md", "exec"), {})

    assert "H-17 amparo" in capsys.readouterr().out.splitlines()
