# SPDX-License-Identifier: Apache-2.0
"""Who scores pairs: the product, and others in the same run on the same rows."""

from collections.abc import Callable

from benchmarks.quality.data import Data
from benchmarks.quality.environments import run
from benchmarks.quality.measure import Scores
from benchmarks.quality.pairs import all_pairs
from federation.matching.candidates import DEFAULT_THRESHOLD, is_candidate
from federation.matching.scoring import compare


def casethread(data: Data) -> Scores:
    """Slots that are equal, as in an exchange: candidates first, then the score."""
    left, right, found = all_pairs(data, DEFAULT_THRESHOLD)
    here = [{slot.name: slot.value for slot in person} for person in left]
    there = [{slot.name: slot.value for slot in person} for person in right]
    scored = []
    for one, other in found:
        own, theirs = here[one], there[other]
        equal = {name for name, value in own.items() if theirs.get(name) == value}
        if is_candidate(equal, DEFAULT_THRESHOLD):
            scored.append((compare(own.keys(), theirs.keys(), equal).score, one, other))
    return _scores(data, scored)


def _other(environment: str, script: str) -> Callable[[Data], Scores]:
    def score(data: Data) -> Scores:
        rows = (*data.left, *data.right)
        columns = list(dict.fromkeys(column for row in rows for column in row.fields))
        request = {
            "columns": columns,
            "left": [[row.fields.get(column, "") for column in columns] for row in data.left],
            "right": [[row.fields.get(column, "") for column in columns] for row in data.right],
        }
        return _scores(data, list(zip(*run(environment, script, request), strict=True)))

    return score


def _scores(data: Data, pairs: list[tuple[float, int, int]]) -> Scores:
    left, right = ([row.entity for row in file] for file in (data.left, data.right))
    return Scores(pairs, left, right)


MATCHERS: dict[str, Callable[[Data], Scores]] = {
    "Casethread": casethread,
    "clkhash+anonlink": _other("anonlink", "rivals/anonlink_scores.py"),
    "Splink, in the clear": _other("splink", "rivals/splink_scores.py"),
}
