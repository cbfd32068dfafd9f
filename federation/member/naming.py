# SPDX-License-Identifier: Apache-2.0
"""What entries of the record refer to, always spelled alike, so that it is found again."""

import json
from collections.abc import Iterable, Iterator
from typing import Final

from federation.storage import Named

__all__ = ["in_parts", "named_case", "named_letter", "named_match"]

_MOST: Final = 64
"""References of one entry about many things; more make further entries."""


def named_case(source: str, case_id: str) -> Named:
    """Name an own case."""
    return Named("case", json.dumps([source, case_id], ensure_ascii=False).encode())


def named_match(match: bytes) -> Named:
    """Name a match by its own UUID."""
    return Named("match", match)


def named_letter(letter: bytes) -> Named:
    """Name a letter by its id."""
    return Named("letter", letter)


def in_parts(named: Iterable[Named]) -> Iterator[tuple[Named, ...]]:
    """Cut many references into what one entry holds; none give one empty part."""
    rest = tuple(named)
    yield rest[:_MOST]
    for start in range(_MOST, len(rest), _MOST):
        yield rest[start : start + _MOST]
