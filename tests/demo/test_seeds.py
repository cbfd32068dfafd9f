# SPDX-License-Identifier: Apache-2.0
"""The demo's data under seeds that nobody looked at, through the real protocol in memory."""

import random
from collections.abc import Iterator

import pytest

from federation.agreements import MatchBudget
from federation.charter import Rules
from federation.indicators import Case, Kind
from federation.testing import Federation
from federation_node.demo.generate import Dataset, generate
from federation_node.demo.judge import FoundMatch, NotTokenised, Verdict, judge
from federation_node.demo.traces import Site
from federation_node.intake import CsvRows, RowError, guess, read_cases

TRACES = {"url", "bank-account", "wallet", "document", "place", "device"}

SEEDS = random.Random("seeds that nobody looked at").sample(range(10_000, 1_000_000), 20)


def cases_of(dataset: Dataset, organisation: str) -> Iterator[Case]:
    """Read an organisation's sheet as its own import would."""
    sheet = next(one for one in dataset.sheets if one.organisation == organisation)
    rows = CsvRows(sheet.content)
    mapping = guess(rows.headers, rows.sample(), region=sheet.region)
    for item in read_cases(rows, mapping):
        assert not isinstance(item, RowError)
        yield item


def neighbours(dataset: Dataset) -> set[tuple[str, str, str, str]]:
    """Return whose cell lies next to a place of which other organisation, from the drawing.

    Without those where that organisation holds the same place as well: who knows that does
    not read that it is near.
    """
    truth, holders = dataset.truth, dataset.truth.holders()
    sites = {cell: truth.identities[held].facts for cell, held in truth.cells.items()}
    places = [(cell, site) for cell, site in sites.items() if isinstance(site, Site)]
    return {
        (one.organisation, one.case, one.field, other.organisation)
        for one, here in places
        for other, there in places
        if other.organisation not in holders[truth.cells[one]]
        and one.organisation != other.organisation
        and abs(here.north - there.north) == 1
        and here.east == there.east
    }


def play(dataset: Dataset) -> tuple[Verdict, set[tuple[str, str, str, str]]]:
    """Let the organisations compare, judge what they found, and return which places are near."""
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
        near = {
            (name, one.case, one.field, one.member)
            for name in names
            for one in fed[name].matches()
            if one.weak and one.kind is Kind.PLACE
        }
        left = [
            NotTokenised(name, one.case_id, one.field, f"{one.status.value}: {one.reason}")
            for name in names
            for one in fed[name].not_tokenised()
        ]
    return judge(dataset.truth, found, left), near


@pytest.mark.parametrize("seed", SEEDS)
def test_unseen_data_is_matched_exactly(seed: int) -> None:
    """Every planted match of every kind is found by both sides, and nothing else."""
    dataset = generate(seed, cases_per_org=40)
    verdict, near = play(dataset)

    assert () == verdict.missed
    assert () == verdict.false
    assert {kind.value for kind in Kind} >= {match.kind for match in verdict.expected} >= TRACES
    assert neighbours(dataset) == near


def test_a_missing_organisation_is_noticed() -> None:
    """The judge is no yes-man: cases that never arrive are missed matches."""
    dataset = generate(SEEDS[0], cases_per_org=40)
    verdict = judge(dataset.truth, {sheet.organisation: [] for sheet in dataset.sheets}, [])

    assert len(verdict.expected) == len(verdict.missed) > 0
