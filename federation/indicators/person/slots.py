# SPDX-License-Identifier: Apache-2.0
"""The slots of a person: the exact values under which alike persons meet."""

import dataclasses
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from typing import Final

from federation.errors import NormalisationError
from federation.indicators.person.facts import Facts, read_facts
from federation.indicators.person.minhash import pick
from federation.indicators.person.person import KIND, Person
from federation.indicators.person.plan import PLAN, Family, Group
from federation.indicators.reasons import Reason

PERSON_VERSION: Final = 1
"""Version of everything that decides a slot's value; a part of each token's input."""
MAX_SLOTS: Final = 100
"""Evaluations that a person costs at most."""


@dataclass(frozen=True, slots=True)
class Slot:
    """One value, and so one token, of a person. Slots meet only under the same name."""

    name: str
    """Group and number, such as `month/3`; a part of the OPRF's input."""
    family: Family
    """What it is evidence of."""
    value: str = dataclasses.field(repr=False)
    """What is evaluated; as sensitive as what it was made of."""
    weak: bool = False
    """Whether equality says "namesake", so that it counts only beside something else."""


def slots(person: Person) -> tuple[Slot, ...]:
    """Return the slots of a person.

    Args:
        person: As it was heard and typed.

    Returns:
        At most `MAX_SLOTS` slots, each name once, the least specific first: what says only
        something about the name stands before what says something about the place, and that
        before what says something about the birth date.

    Raises:
        NormalisationError: A field cannot be used, or too little is known: a person needs a
            name and one of birth date, age, birthplace and address.
    """
    made = by_plan(PLAN, read_facts(person))
    if all(slot.family is Family.NAME for slot in made):
        # Under two families of evidence nothing can ever match.
        raise NormalisationError(KIND, "value", Reason.TOO_LITTLE)
    return made


def by_plan(plan: Iterable[Group], facts: Facts) -> tuple[Slot, ...]:
    """Return the slots that a plan makes of what is known; the experiment has other plans."""
    return tuple(slot for group in plan for slot in _slots(group, facts))


def _slots(group: Group, facts: Facts) -> Iterator[Slot]:
    beside = () if group.beside is None else (group.beside(facts),)
    if "" in beside or len(facts.words) < group.words:
        return
    picked = [
        pick(f"{group.name}/{number}", bag(facts), group.count, size)
        for number, (bag, size) in enumerate(group.sets)
    ]
    if not all(picked):
        return  # too little to pick from
    # A group that picks nothing has the one value beside it.
    for name, parts in zip(group.names, zip(*picked, strict=True) if picked else [()], strict=True):
        value = " ".join((*(element for part in parts for element in part), *beside))
        yield Slot(name, group.family, value, group.weak)
