# SPDX-License-Identifier: Apache-2.0
"""Measure how well persons are matched, and print the tables: ``python -m benchmarks.quality``."""

import argparse
import random
import sys
from collections.abc import Callable, Iterator

from benchmarks.quality.cost import cost
from benchmarks.quality.data import (
    FEBRL,
    FEBRL_NAMES,
    Data,
    dated,
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
from benchmarks.quality.sessions import ask, by_chance
from federation_node.demo.persons import CULTURES

_SESSION = 500
"""People in one flat exchange."""
_COMMON = 50
_QUESTIONS = (50, 100, 200)
Part = Callable[[Data], Data]


def comparisons() -> Iterator[tuple[Data, Data, dict[str, Part]]]:
    """Data to choose thresholds on, data to report on, and the parts to report on by themselves."""
    folder = packages_of("febrl") / FEBRL_FOLDER
    yield (*halves(febrl4(folder, FEBRL)), {"50 % overlap": half_overlap})
    parts = {"both birth dates known": dated}
    yield (*halves(febrl4(folder, FEBRL_NAMES)), {"50 % overlap": half_overlap, **parts})
    yield (*halves(pseudopeople(run("pseudopeople", "export_pseudopeople.py", None))), parts)


def against_others() -> None:
    print(
        "| data | matcher | by threshold | precision | recall | one to one | precision | recall |"
    )
    print("|---|---|---:|---:|---:|---:|---:|---:|")
    for chosen_on, reported_on, parts in comparisons():
        for name, match in MATCHERS.items():
            tuning, testing = match(chosen_on), match(reported_on)
            _row(reported_on.name, name, tuning, testing)
            for label, part in parts.items():
                kept = [_kept(*one, part) for one in ((tuning, chosen_on), (testing, reported_on))]
                _row(f"{reported_on.name}; {label}", name, *kept)


def _kept(scores: Scores, data: Data, part: Part) -> Scores:
    kept = part(data)
    return scores.only({row.entity for row in kept.left}, {row.entity for row in kept.right})


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
    threshold = _pooled(tuning)
    for culture in CULTURES:
        data = generated(culture, 1)
        scores = casethread(data)
        cells = [
            _f1(scores.quality(threshold)),
            _f1(scores.one_to_one().quality(threshold)),
            _f1(_kept(scores, data, dated).one_to_one().quality(threshold)),
        ]
        print(f"| {culture} | {' | '.join(cells)} |", flush=True)


def _pooled(tuning: list[Scores]) -> float:
    """Return one threshold for all customs: a node does not know which one it looks at."""
    pairs: list[tuple[float, int, int]] = []
    left: list[str] = []
    right: list[str] = []
    for scores in tuning:
        at, beside = len(left), len(right)
        pairs += [(score, at + one, beside + other) for score, one, other in scores.pairs]
        left += scores.left
        right += scores.right
    return Scores(pairs, left, right).best_threshold()


def costs() -> None:
    print(
        "\n| what one person costs | evaluations | ms: slots | ms: the node | ms: each custodian |"
        " bytes to and from two custodians | bytes of tags |"
    )
    print("|---|---:|---:|---:|---:|---:|---:|")
    for data in _in_sessions():
        one = cost(data)
        times = " | ".join(f"{spent:.1f}" for spent in (one.making, one.node, one.custodian))
        print(
            f"| {data.name} | {one.evaluations:.0f} | {times} |"
            f" {one.evaluated_bytes:,.0f} | {one.tag_bytes:,.0f} |",
            flush=True,
        )


def flat_sessions() -> None:
    asked = " | ".join(f"after {count} questions" for count in _QUESTIONS)
    print(
        f"\n| {_COMMON} of {_SESSION} people in common, sent flat | {asked} | asked in all |"
        " strangers: candidates | strangers: birth date |"
    )
    print(f"|---|{'---:|' * (len(_QUESTIONS) + 3)}")
    for data in _in_sessions():
        found = ask(data, random.Random(1), common=_COMMON, people=_SESSION)
        parts = [f"{sum(found[:count]) / _COMMON:.2f}" for count in _QUESTIONS]
        parts += [str(len(found))]
        parts += [f"{part:.1%}" for part in by_chance(data, random.Random(2), _SESSION)]
        print(f"| {data.name} | {' | '.join(parts)} |", flush=True)


def _in_sessions() -> Iterator[Data]:
    folder = packages_of("febrl") / FEBRL_FOLDER
    yield halves(febrl4(folder, FEBRL))[1]
    yield halves(febrl4(folder, FEBRL_NAMES))[1]
    for culture in ("english", "arabic", "chinese"):
        yield generated(culture, 1)


PARTS = {"others": against_others, "customs": by_custom, "flat": flat_sessions, "cost": costs}


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.quality", description=__doc__)
    parser.add_argument("--only", choices=PARTS, action="append", help="repeatable")
    options = parser.parse_args()
    for part in options.only or PARTS:
        PARTS[part]()
        sys.stdout.flush()


if __name__ == "__main__":
    main()
