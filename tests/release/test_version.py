# SPDX-License-Identifier: Apache-2.0
"""One number: in the library, in the changelog and in the pages that name a file of the release."""

import re
from pathlib import Path

import federation
from proto.released import VERSIONS

ROOT = Path(__file__).parents[2]
PAGES = [
    *(ROOT / "docs").rglob("*.md"),
    *(ROOT / "nodes" / "deploy").iterdir(),
    ROOT / "README.md",
]


def test_the_changelog_knows_the_version() -> None:
    """It is the newest release, or on the way to a later one."""
    number, _, on_the_way = federation.__version__.partition(".dev")

    assert re.fullmatch(r"\d+\.\d+\.\d+", number)
    assert bool(on_the_way) == (number not in VERSIONS)
    if not on_the_way:
        assert number == VERSIONS[0]


def test_pages_name_the_newest_release() -> None:
    """Who follows a page installs what was released last."""
    named = {
        (page.name, found)
        for page in PAGES
        for found in re.findall(r"casethread[-:](\d+\.\d+\.\d+)", page.read_text(encoding="utf-8"))
    }

    assert {page for page, _ in named} >= {"tutorial.md", "service.md", "container.md"}
    assert {VERSIONS[0]} == {version for _, version in named}
