# SPDX-License-Identifier: Apache-2.0
"""How people name things: by the beginning of a long id."""

from collections.abc import Iterable
from typing import TypeVar

__all__ = ["beginning_with"]

_SHORTEST = 8

T = TypeVar("T")


def beginning_with(prefix: str, things: Iterable[tuple[str, T]]) -> list[T]:
    """Find what is meant by the beginning of an id.

    Args:
        prefix: hex digits, in either case.
        things: each behind its id in lower case; those with one id are one.

    Returns:
        Everything that has the one id that begins so; nothing if the prefix has fewer than 8
        digits, or no single id begins so.
    """
    wanted = prefix.lower()
    found = [(name, thing) for name, thing in things if name.startswith(wanted)]
    if len(wanted) < _SHORTEST or len({name for name, _ in found}) != 1:
        return []
    return [thing for _, thing in found]
