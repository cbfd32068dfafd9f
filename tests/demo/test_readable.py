# SPDX-License-Identifier: Apache-2.0
"""What the generator writes, the intake and the normaliser read: nothing missed, nothing false.

Here both sides meet, and only here: equal normal forms stand in for a federation's matches.
"""

from collections import defaultdict

import pytest

from federation.errors import NormalisationError
from federation.indicators import Case, Lane, Observation, Screen, Verdict, normalise
from federation_node.demo.generate import Dataset, generate
from federation_node.demo.judge import FoundMatch, NotTokenised, judge
from federation_node.demo.truth import Cell
from federation_node.intake import CsvRows, guess, read_cases


def read(dataset: Dataset) -> list[tuple[str, str, Observation]]:
    """Read all sheets as a node would; a row in error fails the test."""
    observed = []
    for sheet in dataset.sheets:
        rows = CsvRows(sheet.content)
        for case in read_cases(rows, guess(rows.headers, rows.sample(), region=sheet.region)):
            assert isinstance(case, Case)
            observed += [(sheet.organisation, case.id, seen) for seen in case.observations]
    return observed


@pytest.mark.parametrize("seed", [2026, 11, 12, 13])
def test_equal_normal_forms_are_the_truth(seed):
    """Comparing normal forms finds every shared identity and nothing else."""
    dataset = generate(seed, cases_per_org=60)
    screen = Screen()
    places = defaultdict(list)
    refused = []
    for organisation, case, seen in read(dataset):
        if seen.subject.lane is Lane.SURVIVOR:
            continue
        try:
            indicator = normalise(seen.kind, seen.raw, region=seen.region)
        except NormalisationError as error:
            refused.append(NotTokenised(organisation, case, seen.field, error.reason))
            continue
        screening = screen.check(indicator)
        if screening.verdict is Verdict.PASS:
            places[indicator].append((organisation, case, seen.field))
        else:
            refused.append(NotTokenised(organisation, case, seen.field, "screened"))
    found = defaultdict(list)
    for indicator, cells in places.items():
        for organisation, case, column in cells:
            for partner in {cell[0] for cell in cells} - {organisation}:
                match = FoundMatch(case, column, indicator.kind, partner, "network")
                found[organisation].append(match)
    verdict = judge(dataset.truth, found, refused)

    assert verdict.missed == ()
    assert verdict.false == ()
    assert verdict.expected
    # Placeholders are refused; nothing that was planted is.
    assert refused
    assert {Cell(r.organisation, r.case, r.field) for r in refused}.isdisjoint(dataset.truth.cells)


def test_callers_are_survivors():
    """Every caller's own telephone is read as a survivor's, and nothing else is."""
    dataset = generate(4, cases_per_org=40)
    identities, cells = dataset.truth.identities, dataset.truth.cells
    lanes = {
        (seen.subject.lane.value, identities[planted].lane)
        for organisation, case, seen in read(dataset)
        for cell, planted in cells.items()
        if (cell.organisation, cell.case, cell.field) == (organisation, case, seen.field)
    }

    assert lanes == {("network", "network"), ("survivor", "survivor")}


def test_every_planted_cell_is_read():
    """Each planted cell becomes exactly one observation of its column."""
    dataset = generate(6, cases_per_org=60)
    planted = {(c.organisation, c.case, c.field) for c in dataset.truth.cells}
    observed = [(organisation, case, seen.field) for organisation, case, seen in read(dataset)]

    assert len(set(observed)) == len(observed)
    assert planted <= set(observed)
