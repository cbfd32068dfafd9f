# SPDX-License-Identifier: Apache-2.0
"""The generator: reproducible, marked as invented, and as large as it says."""

import csv
import io
from itertools import combinations
from pathlib import Path

import phonenumbers
import pytest
from stdnum import bitcoin, iban, imei

from federation.indicators import Kind
from federation_node.demo.cast import TRACES
from federation_node.demo.generate import DEFAULT_SEED, Dataset, generate, main
from federation_node.demo.people import Phone
from federation_node.demo.shapes import SHAPES
from federation_node.demo.spell import CALLING_CODE
from federation_node.demo.traces import Account, Handset, Site, Wallet

EXAMPLES = Path(__file__).parents[2] / "examples" / "carnival"
ENCODINGS = {shape.organisation: shape.encoding for shape in SHAPES}
DELIMITERS = {shape.organisation: shape.delimiter for shape in SHAPES}


@pytest.fixture(scope="module")
def dataset() -> Dataset:
    """The data of the default seed."""
    return generate(DEFAULT_SEED)


def rows(dataset: Dataset, organisation: str) -> list[dict[str, str]]:
    """Read a sheet with nothing but the standard library."""
    (sheet,) = (s for s in dataset.sheets if s.organisation == organisation)
    text = sheet.content.decode(ENCODINGS[organisation])
    return list(csv.DictReader(io.StringIO(text, newline=""), delimiter=DELIMITERS[organisation]))


def test_same_seed_same_bytes(dataset):
    """The same seed gives the same spreadsheets and the same truth."""
    again = generate(DEFAULT_SEED)

    assert dataset.files == again.files
    assert dataset.truth.cells == again.truth.cells


def test_other_seed_other_people(dataset):
    """Another seed gives other spreadsheets."""
    assert set(dataset.files.values()).isdisjoint(generate(DEFAULT_SEED + 1).files.values())


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.organisation)
def test_examples_are_up_to_date(dataset, shape):
    """The files in examples/carnival are what the generator writes for the default seed."""
    assert dataset.files[shape.filename] == (EXAMPLES / shape.filename).read_bytes()


def test_default_size(dataset):
    """Three organisations have at least 200 cases each, and 600 in all."""
    assert [sheet.organisation for sheet in dataset.sheets] == ["hope", "amparo", "licht"]
    assert all(sheet.cases >= 200 for sheet in dataset.sheets)
    assert dataset.cases >= 600


@pytest.mark.parametrize("seed", [DEFAULT_SEED, 1, 2, 3])
def test_what_is_shared(seed):
    """One to two dozen identities are known to all three, two to four dozen to two."""
    truth = generate(seed).truth
    network = [
        names for identity, names in truth.holders().items()
        if truth.identities[identity].lane == "network"
    ]  # fmt: skip

    assert 10 <= sum(len(names) == 3 for names in network) <= 26
    assert 22 <= sum(len(names) == 2 for names in network) <= 52
    assert {kind.value for kind in Kind} == {match.kind for match in truth.expected()}


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("cases", [20, 40, 220])
def test_every_trace_is_shared(seed, cases):
    """However few cases there are, there is a shared one of each kind that is seldom told."""
    assert set(TRACES) <= {m.kind for m in generate(seed, cases_per_org=cases).truth.expected()}


def test_every_kind_is_in_every_sheet(dataset):
    """Each organisation writes something of each kind."""
    truth = dataset.truth
    planted = {
        (cell.organisation, truth.identities[held].kind) for cell, held in truth.cells.items()
    }

    assert {(s.organisation, kind.value) for s in dataset.sheets for kind in Kind} == planted


@pytest.mark.parametrize("cases", [20, 40, 100])
def test_smaller_data_still_shares(cases):
    """Small data has the size asked for, and something to find for every pair."""
    dataset = generate(7, cases_per_org=cases)

    assert [cases] * 3 == [sheet.cases for sheet in dataset.sheets]
    assert len({match.organisations for match in dataset.truth.expected()}) == 3


def test_too_small_is_refused():
    """Data too small for what is to be shared is refused."""
    with pytest.raises(ValueError, match="at least 20"):
        generate(1, cases_per_org=19)


def test_truth_names_filled_cells(dataset):
    """Every cell of the truth exists and is filled; a case id stands once in its sheet."""
    cells = {}
    for shape in SHAPES:
        case_column = shape.columns["case"]
        table = {row[case_column]: row for row in rows(dataset, shape.organisation)}
        assert len(table) == 220
        cells[shape.organisation] = table

    assert all(cells[c.organisation][c.case][c.field].strip() for c in dataset.truth.cells)


def test_every_row_is_marked_invented(dataset):
    """Each row's note begins with the word "invented" in the sheet's language."""
    for shape in SHAPES:
        notes = [row[shape.columns["notes"]] for row in rows(dataset, shape.organisation)]

        assert all(note.startswith(shape.mark) for note in notes)


def test_phones_are_of_real_form():
    """A validating parser accepts every number that is drawn, in its own country."""
    phones = [
        identity.facts
        for seed in range(3)
        for identity in generate(seed).truth.identities.values()
        if isinstance(identity.facts, Phone)
    ]
    for phone in phones:
        number = f"+{CALLING_CODE[phone.country]}{phone.area}{phone.subscriber}"
        parsed = phonenumbers.parse(number)

        assert phonenumbers.is_valid_number(parsed)
        assert phone.country == phonenumbers.region_code_for_number(parsed)


def test_numbers_have_their_check_digits():
    """IBANs, handsets and wallets are of real form, as another program checks it."""
    facts = [
        identity.facts for seed in range(3) for identity in generate(seed).truth.identities.values()
    ]
    ibans = [f.number for f in facts if isinstance(f, Account) and f.country != "MX"]
    handsets = [f.imei for f in facts if isinstance(f, Handset)]
    wallets = [f.address for f in facts if isinstance(f, Wallet) and f.chain == "bitcoin"]

    assert {"DE", "PL", "RO", "GT"} == {number[:2] for number in ibans}
    assert [] == [number for number in ibans if not iban.is_valid(number)]
    assert handsets
    assert [] == [number for number in handsets if not imei.is_valid(number)]
    assert wallets
    assert [] == [address for address in wallets if not bitcoin.is_valid(address)]


def test_sites_are_far_apart_or_neighbours():
    """Two places are either 56 m apart, one north of the other, or more than a kilometre."""
    sites = [i.facts for i in generate(8).truth.identities.values() if isinstance(i.facts, Site)]
    apart = {
        (abs(one.north - other.north), abs(one.east - other.east))
        for one, other in combinations(sites, 2)
    }

    assert (1, 0) in apart
    assert all(max(gap) > 20 for gap in apart - {(1, 0)})


def test_decoys_are_near_and_alone(dataset):
    """Some numbers differ from a shared one in the last digit only, and are known to one."""
    truth, holders = dataset.truth, dataset.truth.holders()
    phones = {
        identity.id: identity.facts.country + identity.facts.area + identity.facts.subscriber
        for identity in truth.identities.values()
        if isinstance(identity.facts, Phone) and identity.lane == "network"
    }
    shared = {number[:-1] for key, number in phones.items() if len(holders[key]) > 1}
    alone = {number[:-1] for key, number in phones.items() if len(holders[key]) == 1}

    assert len(shared & alone) >= 3


def test_callers_are_never_expected(dataset):
    """Some callers called two organisations; no match is expected for them."""
    truth = dataset.truth
    twice = {
        key for key, names in truth.holders().items()
        if truth.identities[key].lane == "survivor" and len(names) == 2
    }  # fmt: skip

    assert len(twice) >= 3
    assert twice.isdisjoint(match.identity for match in truth.expected())
    assert twice == {match.identity for match in truth.expected("survivor")}


def test_placeholders_are_not_planted(dataset):
    """Cells with a placeholder exist in every sheet and belong to no identity."""
    for shape in SHAPES:
        header = shape.columns["phone1"]
        placeholders = [
            (shape.organisation, row[shape.columns["case"]], header)
            for row in rows(dataset, shape.organisation)
            if row[header] in shape.placeholders
        ]
        planted = {(c.organisation, c.case, c.field) for c in dataset.truth.cells}

        assert placeholders
        assert planted.isdisjoint(placeholders)


def test_program_writes_the_files(tmp_path, capsys):
    """The program writes the three files of a seed and says what is in them."""
    assert main(["--seed", "5", "--cases", "30", "--write", str(tmp_path / "out")]) == 0

    written = {path.name: path.read_bytes() for path in (tmp_path / "out").iterdir()}
    assert generate(5, cases_per_org=30).files == written
    assert "hope.csv: 30 invented cases" in capsys.readouterr().out
