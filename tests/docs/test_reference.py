# SPDX-License-Identifier: Apache-2.0
"""The reference pages against the code, and the site."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[2]
GENERATE = [sys.executable, str(ROOT / "docs" / "generate.py")]


def run(*arguments: str) -> "subprocess.CompletedProcess[str]":
    """Run a program in the repository."""
    return subprocess.run(
        arguments, cwd=ROOT, capture_output=True, text=True, timeout=120, check=False
    )


def test_the_pages_are_those_of_the_code() -> None:
    """Commands, settings, errors and the public face stand there as the code has them."""
    done = run(*GENERATE, "--check")

    assert (done.returncode, done.stderr) == (0, "")


def test_a_page_that_is_behind_is_noticed(tmp_path: Path) -> None:
    """The check names the page and writes nothing."""
    for page in (ROOT / "docs" / "reference").glob("*.md"):
        (tmp_path / page.name).write_bytes(page.read_bytes())
    (tmp_path / "errors.md").write_text("# Errors\n")
    done = run(*GENERATE, "--check", "--out", str(tmp_path))

    assert done.returncode == 1
    assert "errors.md;" in done.stderr
    assert (tmp_path / "errors.md").read_text() == "# Errors\n"


def test_commands_in_the_pages_exist() -> None:
    """Whatever a page tells the reader to type begins with a command of the reference."""
    text = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    known = set(re.findall(r"(?m)^#+ (casethread(?: [a-z]+)*)", text))
    pages = [*(ROOT / "docs").glob("*.md"), *(ROOT / "docs" / "how-to").glob("*.md")]
    unknown = []
    for page in [*pages, ROOT / "README.md"]:
        shown = page.read_text(encoding="utf-8")
        found = re.findall(r"(?m)(?:^|[$/] ?)(casethread(?: [a-z]+)+)", "\n".join(_code(shown)))
        assert found or "casethread " not in shown
        for command in found:
            words = command.split()
            is_group = any(one.startswith(" ".join(words[:2]) + " ") for one in known)
            if " ".join(words[: 3 if is_group else 2]) not in known:
                unknown.append((page.name, command))

    assert [] == unknown


def test_options_in_the_pages_exist() -> None:
    """An option that a page shows beside a command is one of some command."""
    text = (ROOT / "docs" / "reference" / "commands.md").read_text(encoding="utf-8")
    known = set(re.findall(r"`(--[a-z-]+)`", text)) | {"--help", "--version"}
    unknown = []
    for page in [*(ROOT / "docs").glob("*.md"), *(ROOT / "docs" / "how-to").glob("*.md")]:
        for line in "\n".join(_code(page.read_text(encoding="utf-8"))).splitlines():
            if re.search(r"\bcasethread [a-z]", line):
                options = re.findall(r" (--[a-z-]+)", line.partition("casethread ")[2])
                unknown += [(page.name, option) for option in options if option not in known]

    assert [] == unknown


def _code(text: str) -> list[str]:
    """Return blocks and spans of code."""
    blocks = re.findall(r"(?ms)^ *```[^\n]*\n(.*?)^ *```", text)
    rest = re.sub(r"(?ms)^ *```.*?^ *```", "", text)
    return [*blocks, *re.findall(r"`([^`\n]+)`", rest)]


@pytest.mark.slow
def test_the_site_builds_strictly_and_needs_no_other_host(tmp_path: Path) -> None:
    """Every link leads somewhere, and no page loads anything from elsewhere."""
    done = run(sys.executable, "-m", "mkdocs", "build", "--quiet", "--site-dir", str(tmp_path))
    pages = list(tmp_path.rglob("*.html"))
    loaded = [
        found
        for page in pages
        for found in re.findall(
            r"<(?:script|img|iframe)[^>]*src=.?https?:[^>]*|<link[^>]*stylesheet[^>]*https?:[^>]*",
            page.read_text(encoding="utf-8"),
        )
    ]

    assert done.returncode == 0, done.stdout + done.stderr
    assert len(pages) >= 25
    assert [] == loaded
