# SPDX-License-Identifier: Apache-2.0
"""Persons: a set of slots, so that names that are never spelled the same way still meet.

* `person`: `Person`, and `read_person`, which reads one from a row's fields
* `slots`: the one way from a person to what is evaluated
* `plan`: the groups of slots
* `facts`: what is known, checked, folded and taken apart; `elements`, into what
* `words`: names in any script to folded words; `arabic`, `burmese`, `han` where the general
  transliteration does not do
* `sound`, `nicknames`: how a name sounds, and what friends say
* `birth`: dates, parts of dates, ages
* `minhash`: which element of a set stands for it

The rules stand in `proto/spec/person-keys.md`, with vectors for other languages.
"""

from federation.indicators.person.person import Person, read_person
from federation.indicators.person.plan import GROUP_OF, PLAN, Family, Group
from federation.indicators.person.slots import MAX_SLOTS, PERSON_VERSION, Slot, slots

__all__ = [
    "GROUP_OF",
    "MAX_SLOTS",
    "PERSON_VERSION",
    "PLAN",
    "Family",
    "Group",
    "Person",
    "Slot",
    "read_person",
    "slots",
]
