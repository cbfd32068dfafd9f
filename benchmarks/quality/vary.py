# SPDX-License-Identifier: Apache-2.0
"""What other plans would do: ``python -m benchmarks.quality.vary``.

Everything happens on what parameters may be chosen on. Each plan's weights are learned on one
half of these people, and F1 is given on the other, one to one, at its best threshold.
"""

import sys
from collections.abc import Callable, Iterator
from dataclasses import replace

from benchmarks.quality.data import FEBRL, FEBRL_NAMES, Data, Row, febrl4, generated, halves
from benchmarks.quality.environments import packages_of, run
from benchmarks.quality.learn import FEBRL_FOLDER, LEAST, levels_of
from benchmarks.quality.measure import Scores
from benchmarks.quality.pairs import Pair, Slots, pairs_sharing
from federation.errors import NormalisationError
from federation.indicators.person import PLAN, Family, Group
from federation.indicators.person.elements import address_letters
from federation.indicators.person.facts import Facts, read_facts
from federation.indicators.person.slots import by_plan
from federation.matching.weights import LEVELS

Plan = tuple[Group, ...]
Part = tuple[Data, list[Pair], list[list[int]]]


def plans() -> Iterator[tuple[str, Plan]]:
    """Give each plan a name."""
    yield "as it is", PLAN
    for picks in (2, 4):
        yield f"{picks} letters in a slot", _changed("letters", picks=picks)
    yield "runs of three letters, not two", _changed("letters", bag=_triples)
    yield "26 slots of a sound without a date", _changed("letters", bag=_sounds, picks=1)
    yield "6 slots of name and address", _changed("home", count=6)
    yield "no windows of years", _without("years", "years-shifted")
    yield "no parts of dates", _without("day", "year-day", "month")


def _triples(facts: Facts) -> tuple[str, ...]:
    return address_letters(facts.words)


def _sounds(facts: Facts) -> tuple[str, ...]:
    return facts.sounds


def _changed(
    name: str,
    *,
    count: int | None = None,
    picks: int | None = None,
    bag: Callable[[Facts], tuple[str, ...]] | None = None,
) -> Plan:
    def change(group: Group) -> Group:
        if group.name != name:
            return group
        (first, size), *others = group.sets
        sets = ((bag or first, picks or size), *others)
        return replace(group, count=count or group.count, sets=sets)

    return tuple(map(change, PLAN))


def _without(*names: str) -> Plan:
    return tuple(group for group in PLAN if group.name not in names)


def _choosable() -> Iterator[Data]:
    folder = packages_of("febrl") / FEBRL_FOLDER
    for columns in (FEBRL, FEBRL_NAMES):
        yield halves(febrl4(folder, columns))[0]
    for culture in ("english", "arabic", "chinese"):
        yield generated(culture, 0)


def _slots(plan: Plan, rows: list[Row]) -> list[Slots]:
    made: list[Slots] = []
    for row in rows:
        try:
            made.append(by_plan(plan, read_facts(row.person)))
        except NormalisationError:
            made.append(())
    return made


def _compared(plan: Plan, data: Data) -> Part:
    left, right = _slots(plan, data.left), _slots(plan, data.right)
    found, levels = [], []
    for one, other in pairs_sharing(left, right, LEAST):
        row = levels_of(left[one], right[other], plan)
        # Names alone make no candidate.
        if any(at > 0 and g.family is not Family.NAME for at, g in zip(row, plan, strict=True)):
            found.append((one, other))
            levels.append(row)
    return data, found, levels


def _f1(part: Part, intercept: float, weights: list[list[float]]) -> float:
    data, found, levels = part
    pairs = []
    for (one, other), row in zip(found, levels, strict=True):
        known = ((line, at) for line, at in zip(weights, row, strict=True) if at >= 0)
        pairs.append((intercept + sum(line[at] for line, at in known), one, other))
    entities = ([row.entity for row in file] for file in (data.left, data.right))
    scores = Scores(pairs, *entities).one_to_one()
    return scores.quality(scores.best_threshold()).f1


def main() -> None:
    split = [halves(data, seed=5) for data in _choosable()]
    print(f"| plan | slots | {' | '.join(one.name for one, _ in split)} |")
    print(f"|---|---:|{'---:|' * len(split)}")
    for name, plan in plans():
        learned = [_compared(plan, one) for one, _ in split]
        rows = [row for *_, levels in learned for row in levels]
        truth = [data.is_match(pair) for data, found, _ in learned for pair in found]
        request = {"levels": len(LEVELS), "rows": rows, "truth": truth}
        intercept, weights = run("fit", "fit.py", request)
        f1s = [_f1(_compared(plan, other), intercept, weights) for _, other in split]
        count = sum(group.count for group in plan)
        print(f"| {name} | {count} | {' | '.join(f'{f1:.3f}' for f1 in f1s)} |", flush=True)
        sys.stdout.flush()


if __name__ == "__main__":
    main()
