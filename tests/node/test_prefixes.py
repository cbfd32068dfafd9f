# SPDX-License-Identifier: Apache-2.0
"""Naming things by the beginning of their ids."""

import pytest

from federation_node.actions.prefixes import beginning_with

THINGS = [("abcdef0123", 1), ("abcdef0124", 2), ("0123456789", 3), ("0123456789", 4)]


@pytest.mark.parametrize(
    ("prefix", "found"),
    [
        ("abcdef0123", [1]),
        ("ABCDEF0124", [2]),
        ("01234567", [3, 4]),
        ("abcdef01", []),
        ("0123456", []),
        ("", []),
        ("ffffffff", []),
    ],
)
def test_one_id_is_meant_or_none(prefix: str, found: list[int]) -> None:
    """Everything with the one id that begins so; nothing for too few digits, or several ids."""
    assert found == beginning_with(prefix, THINGS)
