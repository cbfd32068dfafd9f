# SPDX-License-Identifier: Apache-2.0
"""One flat exchange as the protocol has it: who is asked about, and who is then found."""

import random
from collections import defaultdict

from benchmarks.quality.data import Data, Row
from benchmarks.quality.pairs import slots_of
from federation.matching.candidates import (
    DEFAULT_THRESHOLD,
    choose,
    is_candidate,
    prospect,
    to_return,
)
from federation.matching.scoring import POSSIBLE_SCORE, compare

Slots = dict[str, str]
Holders = defaultdict[tuple[str, str], set[str]]


def ask(data: Data, rng: random.Random, *, common: int, people: int) -> list[bool]:
    """Run an exchange between two organisations that share some people.

    Args:
        data: Whose people they are.
        rng: Where chance comes from.
        common: How many are known to both.
        people: How many the sender sends, and how many the receiver has, if there are.

    Returns:
        For each question, the most promising first, whether it ended with the right person.
    """
    sent, own = _drawn(data, rng, common, people)
    theirs = _by_entity(sent)
    holders = _holders(theirs)
    questions = []
    for entity, slots in _by_entity(own).items():
        hits = _hits(slots, holders)
        returned = to_return(hits, DEFAULT_THRESHOLD)
        if returned and is_candidate(hits, DEFAULT_THRESHOLD):
            promise = prospect(slots.keys(), hits)
            if promise >= POSSIBLE_SCORE:
                questions.append((promise, entity, slots, returned))
    questions.sort(key=lambda question: question[:2], reverse=True)
    return [_is_found(entity, slots, told, theirs, holders) for _, entity, slots, told in questions]


def by_chance(data: Data, rng: random.Random, people: int) -> tuple[float, float]:
    """Return what a receiver sees of people of whom the sender has none.

    Returns:
        The part of them with enough hits to be candidates, and the part whose birth date is
        among the sender's.
    """
    sent, own = _drawn(data, rng, 0, people)
    holders = _holders(_by_entity(sent))
    seen = [_hits(slots, holders) for slots in _by_entity(own).values()]
    candidates = sum(is_candidate(hits, DEFAULT_THRESHOLD) for hits in seen)
    return candidates / len(seen), sum("birth" in hits for hits in seen) / len(seen)


def _holders(people: dict[str, Slots]) -> Holders:
    holders: Holders = defaultdict(set)
    for entity, slots in people.items():
        for key in slots.items():
            holders[key].add(entity)
    return holders


def _hits(slots: Slots, holders: Holders) -> set[str]:
    return {name for name, value in slots.items() if (name, value) in holders}


def _drawn(data: Data, rng: random.Random, common: int, people: int) -> tuple[list[Row], list[Row]]:
    """Draw the sender's people and the receiver's; beyond the common ones they share nobody."""
    here, there = ({row.entity: row for row in file} for file in (data.left, data.right))
    both = rng.sample(sorted(here.keys() & there.keys()), len(here.keys() & there.keys()))
    shared, rest = both[:common], both[common:]
    middle = len(rest) // 2
    strangers = [*sorted(there.keys() - here.keys()), *rest[:middle]][: people - common]
    others = [*sorted(here.keys() - there.keys()), *rest[middle:]][: people - common]
    return [there[one] for one in (*shared, *strangers)], [here[one] for one in (*shared, *others)]


def _by_entity(rows: list[Row]) -> dict[str, Slots]:
    made = zip(rows, slots_of(rows), strict=True)
    return {row.entity: {slot.name: slot.value for slot in slots} for row, slots in made}


def _is_found(
    entity: str,
    slots: Slots,
    returned: tuple[str, ...],
    theirs: dict[str, Slots],
    holders: Holders,
) -> bool:
    held: defaultdict[str, set[str]] = defaultdict(set)
    for name in returned:
        for person in holders[name, slots[name]]:
            held[person].add(name)
    opened = choose(returned, held, DEFAULT_THRESHOLD)
    if opened != entity:
        return False
    equal = {name for name, value in theirs[opened].items() if slots.get(name) == value}
    return compare(slots.keys(), theirs[opened].keys(), equal).match_class is not None
