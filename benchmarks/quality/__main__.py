# SPDX-License-Identifier: Apache-2.0
"""Measure how well persons are matched, and print the tables: ``python -m benchmarks.quality``."""

import argparse
import random
import sys
import time
from collections.abc import Iterator

from benchmarks.quality.data import (
    FEBRL,
    FEBRL_NAMES,
    Data,
    febrl4,
    generated,
    half_overlap,
    halves,
    pseudopeople,
)
from benchmarks.quality.environments import packages_of, run
from benchmarks.quality.learn import FEBRL_FOLDER
from benchmarks.quality.matchers import MATCHERS, casethread
from benchmarks.quality.measure import Quality, Scores
from benchmarks.quality.pairs import slots_of
from federation.matching.scoring import DEFAULT_THRESHOLD, POSSIBLE_SCORE, is_candidate, prospect
from federation_node.demo.persons import CULTURES

_SESSION = 500
"""People in one flat exchange."""


def comparisons() -> Iterator[tuple[Data, Data, bool]]:
    """Data to choose thresholds on, data to report on, and whether half the overlap counts too."""
    folder = packages_of("febrl") / FEBRL_FOLDER
    for columns in (FEBRL, FEBRL_NAMES):
        yield (*halves(febrl4(folder, columns)), True)
    yield (*halves(pseudopeople(run("pseudopeople", "export_pseudopeople.py", None))), False)


def against_others() -> None:
    print(
        "| data | matcher | by threshold | precision | recall | one to one | precision | recall |"
    )
    print("|---|---|---:|---:|---:|---:|---:|---:|")
    for chosen_on, reported_on, has_half in comparisons():
        for name, match in MATCHERS.items():
            tuning, testing = match(chosen_on), match(reported_on)
            _row(reported_on.name, name, tuning, testing)
            if has_half:
                lefts = {row.entity for row in half_overlap(reported_on).left}
                lefts |= {row.entity for row in half_overlap(chosen_on).left}
                rights = {row.entity for row in half_overlap(reported_on).right}
                rights |= {row.entity for row in half_overlap(chosen_on).right}
                label = f"{reported_on.name}; 50 % overlap"
                _row(label, name, tuning.only(lefts, rights), testing.only(lefts, rights))


def _row(label: str, name: str, tuning: Scores, testing: Scores) -> None:
    cells = [label, name]
    for chosen, reported in ((tuning, testing), (tuning.one_to_one(), testing.one_to_one())):
        quality = reported.quality(chosen.best_threshold())
        cells += [_f1(quality), f"{quality.precision:.3f}", f"{quality.recall:.3f}"]
    print(f"| {' | '.join(cells)} |", flush=True)


def _f1(quality: Quality) -> str:
    return f"{quality.f1:.3f} ({quality.low:.3f}-{quality.high:.3f})"


def by_custom() -> None:
    print("\n| naming custom | by threshold | one to one | with both birth dates, one to one |")
    print("|---|---:|---:|---:|")
    tuning = [casethread(generated(culture, 0)) for culture in CULTURES]
    pairs = [(score, number * 10_000 + one, number * 10_000 + other)
             for number, scores in enumerate(tuning) for score, one, other in scores.pairs]  # fmt: skip
    threshold = _pooled(tuning, pairs)
    for culture in CULTURES:
        data = generated(culture, 1)
        scores = casethread(data)
        dated = [{row.entity for row in file if len(row.person.birth_date) > 4}
                 for file in (data.left, data.right)]  # fmt: skip
        cells = [
            _f1(scores.quality(threshold)),
            _f1(scores.one_to_one().quality(threshold)),
            _f1(scores.only(*dated).one_to_one().quality(threshold)),
        ]
        print(f"| {culture} | {' | '.join(cells)} |", flush=True)


def _pooled(tuning: list[Scores], pairs: list[tuple[float, int, int]]) -> float:
    """Return one threshold for all customs: a node does not know which one it looks at."""
    left = [""] * (10_000 * len(tuning))
    right = [""] * (10_000 * len(tuning))
    for number, scores in enumerate(tuning):
        left[number * 10_000 : number * 10_000 + len(scores.left)] = scores.left
        right[number * 10_000 : number * 10_000 + len(scores.right)] = scores.right
    return Scores(pairs, left, right).best_threshold()


def cost() -> None:
    print(
        "\n| what one person costs | evaluations | milliseconds | bytes of tags | asked in vain |"
    )
    print("|---|---:|---:|---:|---:|")
    folder = packages_of("febrl") / FEBRL_FOLDER
    for data in (
        halves(febrl4(folder, FEBRL))[1],
        halves(febrl4(folder, FEBRL_NAMES))[1],
        generated("english", 1),
        generated("chinese", 1),
    ):
        start = time.process_time()
        people = slots_of(data.left)
        spent = (time.process_time() - start) / len(people) * 1_000
        count = sum(map(len, people)) / len(people)
        row = f"{count:.0f} | {spent:.2f} | {16 * count:,.0f} | {_in_vain(data):.1%}"
        print(f"| {data.name} | {row} |", flush=True)


def _in_vain(data: Data) -> float:
    """Of people whom no partner knows, the part that looks worth asking about all the same."""
    mine = data.left[:_SESSION]
    known = {row.entity for row in mine}
    strangers = [row for row in data.right if row.entity not in known]
    random.Random(0).shuffle(strangers)
    flat = {(s.name, s.value) for person in slots_of(strangers[:_SESSION]) for s in person}
    asked = 0
    for person in slots_of(mine):
        hits = {slot.name for slot in person if (slot.name, slot.value) in flat}
        if is_candidate(hits, DEFAULT_THRESHOLD):
            asked += prospect({slot.name for slot in person}, hits) >= POSSIBLE_SCORE
    return asked / len(mine)


PARTS = {"others": against_others, "customs": by_custom, "cost": cost}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.add_argument("--only", choices=PARTS, action="append", help="repeatable")
    options = parser.parse_args()
    for part in options.only or PARTS:
        PARTS[part]()
        sys.stdout.flush()


if __name__ == "__main__":
    main()
