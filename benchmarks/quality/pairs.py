# SPDX-License-Identifier: Apache-2.0
"""Which rows of two files share how many slots, group by group."""

from collections import Counter, defaultdict
from collections.abc import Iterable
from itertools import product

from benchmarks.quality.data import Data, Row
from federation.errors import NormalisationError
from federation.indicators.person import Slot, slots

Slots = tuple[Slot, ...]
Pair = tuple[int, int]


def slots_of(rows: Iterable[Row]) -> list[Slots]:
    """Return the slots of each row; none where too little is known of a person."""
    made: list[Slots] = []
    for row in rows:
        try:
            made.append(slots(row.person))
        except NormalisationError:
            made.append(())
    return made


def pairs_sharing(left: list[Slots], right: list[Slots], least: int) -> list[Pair]:
    """Return the pairs of rows with at least `least` equal slots."""
    hits: Counter[Pair] = Counter()
    here, there = _holders(left), _holders(right)
    for key, holders in here.items():
        if key in there:
            hits.update(product(holders, there[key]))
    return [pair for pair, count in hits.items() if count >= least]


def all_pairs(data: Data, least: int) -> tuple[list[Slots], list[Slots], list[Pair]]:
    """Return the slots of both files, and the pairs with at least `least` equal ones."""
    left, right = slots_of(data.left), slots_of(data.right)
    return left, right, pairs_sharing(left, right, least)


def _holders(people: list[Slots]) -> dict[tuple[str, str], list[int]]:
    holders: dict[tuple[str, str], list[int]] = defaultdict(list)
    for position, person in enumerate(people):
        for slot in person:
            holders[slot.name, slot.value].append(position)
    return holders
