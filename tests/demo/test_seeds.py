# SPDX-License-Identifier: Apache-2.0
"""The demo's data under seeds that nobody looked at, through the real protocol in memory."""

import random
from collections.abc import Iterator

import pytest

from federation.agreements import MatchBudget
from federation.charter import Rules
from federation.indicators import Case
from federation.testing import Federation
from federation_node.demo.generate import Dataset, generate
from federation_node.demo.judge import FoundMatch, NotTokenised, Verdict, judge
from federation_node.demo.threads import ThreadVerdict, found_thread, judge_threads
from federation_node.intake import CsvRows, RowError, guess, read_cases

SEEDS = random.Random("seeds that nobody looked at").sample(range(10_000, 1_000_000), 20)


def cases_of(dataset: Dataset, organisation: str) -> Iterator[Case]:
    """Read an organisation's sheet as its own import would."""
    sheet = next(one for one in dataset.sheets if one.organisation == organisation)
    rows = CsvRows(sheet.content)
    mapping = guess(rows.headers, rows.sample(), region=sheet.region)
    for item in read_cases(rows, mapping):
        assert not isinstance(item, RowError)
        yield item


def play(dataset: Dataset) -> tuple[Verdict, ThreadVerdict, set[int]]:
    """Let the organisations compare; judge matches and threads, and say how far these reach."""
    names = [sheet.organisation for sheet in dataset.sheets]
    rules = Rules(identifier_daily=50_000, identifier_monthly=50_000)
    with Federation(*names, rules=rules) as fed:
        fed.agree(*names, match_budget=MatchBudget(first=1_000))
        for name in names:
            fed[name].put_cases(cases_of(dataset, name))
        fed.sync()
        found = {
            name: [
                FoundMatch(one.case, one.field, one.kind.value, one.member, one.lane.value)
                for one in fed[name].matches()
                if not one.weak
            ]
            for name in names
        }
        left = [
            NotTokenised(name, one.case_id, one.field, f"{one.status.value}: {one.reason}")
            for name in names
            for one in fed[name].not_tokenised()
        ]
        tied = {
            name: [found_thread(name, fed[name].thread(one.id)) for one in fed[name].threads()]
            for name in names
        }
    reach = {len(one.organisations) for threads in tied.values() for one in threads}
    return judge(dataset.truth, found, left), judge_threads(dataset.truth, tied, left), reach


@pytest.mark.parametrize("seed", SEEDS)
def test_unseen_data_is_matched_exactly(seed: int) -> None:
    """Every planted match is found by both sides, every planted tie made, and nothing else."""
    verdict, threads, reach = play(generate(seed, cases_per_org=40))

    assert () == verdict.missed
    assert () == verdict.false
    assert verdict.expected
    assert () == threads.missed
    assert () == threads.false
    assert {1, 2, 3} == reach


def test_a_missing_organisation_is_noticed() -> None:
    """The judge is no yes-man: cases that never arrive are missed matches."""
    dataset = generate(SEEDS[0], cases_per_org=40)
    verdict = judge(dataset.truth, {sheet.organisation: [] for sheet in dataset.sheets}, [])

    assert len(verdict.expected) == len(verdict.missed) > 0
