# SPDX-License-Identifier: Apache-2.0
"""Precision, recall and F1 of scored pairs, by threshold and one to one, with intervals."""

import random
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

Pair = tuple[float, int, int]
"""Score, position in the left file, position in the right one."""
_ROUNDS = 300


@dataclass(frozen=True, slots=True)
class Quality:
    """How good some pairs are."""

    precision: float
    recall: float
    f1: float
    low: float
    """2.5 % of the bootstrap's F1."""
    high: float
    """97.5 %."""


@dataclass(frozen=True, slots=True)
class Scores:
    """Scored pairs of two files, and who is whom."""

    pairs: Sequence[Pair]
    left: Sequence[str]
    """Entities of the left file's rows."""
    right: Sequence[str]

    def one_to_one(self) -> "Scores":
        """Keep for each row at most one pair, the best first."""
        lefts: set[int] = set()
        rights: set[int] = set()
        kept = []
        for score, one, other in sorted(self.pairs, key=lambda p: (-p[0], p[1], p[2])):
            if one not in lefts and other not in rights:
                lefts.add(one)
                rights.add(other)
                kept.append((score, one, other))
        return Scores(kept, self.left, self.right)

    def only(self, lefts: set[str], rights: set[str]) -> "Scores":
        """Keep the pairs, and the rows, of some entities."""
        pairs = [p for p in self.pairs if self.left[p[1]] in lefts and self.right[p[2]] in rights]
        blank = [entity if entity in lefts else "" for entity in self.left]
        return Scores(pairs, blank, [entity if entity in rights else "" for entity in self.right])

    def best_threshold(self) -> float:
        """Return the score from which F1 is best."""
        common = len(_common(self))
        right = wrong = 0
        best, at = -1.0, 1.0
        ordered = sorted(self.pairs, reverse=True)
        for number, (score, one, other) in enumerate(ordered):
            if self.left[one] == self.right[other]:
                right += 1
            else:
                wrong += 1
            is_last = number + 1 == len(ordered) or ordered[number + 1][0] != score
            f1 = 2 * right / (right + wrong + common)
            if is_last and f1 > best:
                best, at = f1, score
        return at

    def quality(self, threshold: float) -> Quality:
        """Measure the pairs from a score on; the bootstrap draws entities."""
        common = _common(self)
        tally: dict[str, list[int]] = {entity: [0, 0, 1] for entity in sorted(common)}
        for score, one, other in self.pairs:
            if score >= threshold:
                is_match = self.left[one] == self.right[other]
                tally.setdefault(self.left[one], [0, 0, 0])[0 if is_match else 1] += 1
        counts = list(tally.values())
        rng = random.Random(0)
        f1s = sorted(_f1(rng.choices(counts, k=len(counts))) for _ in range(_ROUNDS))
        right, wrong, there = (sum(column) for column in zip(*counts, strict=True))
        return Quality(
            right / max(right + wrong, 1),
            right / max(there, 1),
            _f1(counts),
            f1s[int(0.025 * _ROUNDS)],
            f1s[int(0.975 * _ROUNDS)],
        )


def _common(scores: Scores) -> set[str]:
    return (set(scores.left) & set(scores.right)) - {""}


def _f1(counts: Iterable[Sequence[int]]) -> float:
    right, wrong, there = (sum(column) for column in zip(*counts, strict=True))
    return 2 * right / max(right + wrong + there, 1)
