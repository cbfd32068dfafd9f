# SPDX-License-Identifier: Apache-2.0
"""The measures of quality are right. How good anything is, no test says but the last."""

import random

import pytest

from benchmarks.quality.data import Data, Row, generated, half_overlap, halves, possible_date
from benchmarks.quality.matchers import casethread
from benchmarks.quality.measure import Scores
from benchmarks.quality.sessions import ask, by_chance
from federation.indicators.person import Person


def test_quality_by_hand() -> None:
    """Two right and one wrong of three who are in both files."""
    left, right = ["a", "b", "c", "d"], ["a", "b", "e", "c"]
    scores = Scores([(0.9, 0, 0), (0.8, 1, 1), (0.7, 3, 2)], left, right)
    quality = scores.quality(0.5)

    assert (2 / 3, 2 / 3, 2 / 3) == pytest.approx((quality.precision, quality.recall, quality.f1))
    assert quality.low <= quality.f1 <= quality.high
    assert scores.best_threshold() == 0.8
    assert scores.quality(0.8).precision == 1


def test_one_to_one_keeps_the_best() -> None:
    """Each row keeps one pair at most."""
    pairs = [(0.9, 0, 0), (0.8, 0, 1), (0.7, 1, 0), (0.6, 1, 1)]

    assert [(0.9, 0, 0), (0.6, 1, 1)] == Scores(pairs, ["a", "b"], ["a", "b"]).one_to_one().pairs


def test_who_is_left_out_counts_nowhere() -> None:
    """Of rows that were taken away neither pairs nor matches are left."""
    scores = Scores([(0.9, 0, 0), (0.8, 1, 1)], ["a", "b"], ["a", "b"]).only({"a"}, {"a", "b"})

    assert scores.pairs == [(0.9, 0, 0)]
    assert scores.quality(0).recall == 1


def test_parts_of_a_data_set() -> None:
    """Halves share nobody; the half overlap is by entity, as published."""
    rows = [Row(str(number), Person(), {}) for number in range(5_000)]
    data = Data("all", rows, rows)
    one, other = halves(data)
    overlap = half_overlap(data)

    assert not {row.entity for row in one.left} & {row.entity for row in other.left}
    assert len(one.left) + len(other.left) == 5_000
    assert (3_333, 3_333, 1_666) == (len(overlap.left), len(overlap.right), overlap.common)


@pytest.mark.parametrize(
    ("digits", "date"),
    [
        ("19870305", "1987-03-05"),
        ("19872503", "1987-03-25"),
        ("19870340", "1987-03"),
        ("19874040", "1987"),
        ("", ""),
    ],
)
def test_wrong_digits_of_a_date(digits: str, date: str) -> None:
    """Of a date with wrong digits, what can be read is kept."""
    assert date == possible_date(digits)


def test_misspelled_people_are_found() -> None:
    """The whole way, from invented people to a session's answers, finds most, and the best first."""
    data = generated("english", 7, 300)
    scores = casethread(data).one_to_one()
    answers = ask(data, random.Random(1), common=30, people=100)

    assert scores.quality(scores.best_threshold()).f1 > 0.5
    assert sum(answers) > 10
    assert sum(answers[:30]) > sum(answers) / 2


def test_strangers_share_little() -> None:
    """Of people whom nobody sent, few have their birth date among those who were sent."""
    candidates, dates = by_chance(generated("english", 7, 300), random.Random(2), 100)

    assert 0 <= dates < 0.2 < candidates <= 1
