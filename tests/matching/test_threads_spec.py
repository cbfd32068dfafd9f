# SPDX-License-Identifier: Apache-2.0
"""The table of the spec page on threads, read and compared with the program."""

import re
from pathlib import Path

import pytest

from federation.matching.threads import ThreadRules, partition
from tests.matching.yarn import evidence

PAGE = (Path(__file__).parents[2] / "proto" / "spec" / "threads.md").read_text()
ROWS = re.findall(r"^\| `([A-Za-z ]+)` \| `([A-Za-z ]+)` \| (yes|no) \|$", PAGE, re.MULTILINE)


def observations(words: str) -> list[list[int]]:
    """Values of each observation, from letters."""
    return [[ord(letter) for letter in word] for word in words.split()]


def test_the_table_is_read() -> None:
    """It has rows of both kinds."""
    assert {"yes", "no"} == {tied for _, _, tied in ROWS}
    assert len(ROWS) >= 10


@pytest.mark.parametrize(("one", "other", "tied"), ROWS)
def test_the_table_holds(one: str, other: str, tied: str) -> None:
    """In either order of the two cases."""
    weak = [ord(letter) for letter in "abcdefghijklmnopqrstuvwxyz"]
    for first, second in ((one, other), (other, one)):
        found = evidence({"a": observations(first), "b": observations(second)}, weak=weak)

        assert (tied == "yes") is (len(partition(found)) == 1)


def test_the_page_names_the_limits() -> None:
    """As they are without a setting."""
    rules = ThreadRules()

    assert f"`cases` ({rules.cases})" in PAGE
    assert f"`per_thousand` ({rules.per_thousand})" in PAGE
    assert f"`entities` ({rules.entities})" in PAGE
