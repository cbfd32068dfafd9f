# SPDX-License-Identifier: Apache-2.0
"""What the demonstration says at its end."""

import io
import json

import pytest
from rich.console import Console

from federation_node.demo import report
from federation_node.demo.generate import Dataset, generate
from federation_node.demo.judge import FoundMatch, NotTokenised, judge
from federation_node.demo.report import Result
from federation_node.demo.traces import (
    Account,
    Advert,
    Handset,
    Page,
    Paper,
    Site,
    Trace,
    Wallet,
)


def result(dataset: Dataset, *, drop: int = 0) -> Result:
    """What perfect nodes would report, without the matches of some organisations."""
    truth = dataset.truth
    found: dict[str, list[FoundMatch]] = {name: [] for name in truth.organisations}
    for match in truth.expected():
        for cell in truth.planted(match.identity):
            others = [name for name in match.organisations if name != cell.organisation]
            if len(others) == 1:
                found[cell.organisation].append(
                    FoundMatch(cell.case, cell.field, match.kind, others[0], match.lane)
                )
    for name in truth.organisations[:drop]:
        found[name] = []
    left = [NotTokenised("hope", "H-1", "x", "waiting-consent")]
    return Result(
        seed=dataset.seed,
        truth=truth,
        cases={sheet.organisation: sheet.cases for sheet in dataset.sheets},
        indicators=100,
        found=found,
        not_tokenised=left,
        namesakes=1,
        verdict=judge(truth, found, left),
        seconds={"import": 1.234, "compare": 2.0},
        quotas={"identifiers_per_day": 5},
    )


DATASET = generate(11, cases_per_org=40)


def test_the_document_has_what_programs_read() -> None:
    """All promised fields; it is JSON, and says ok only if nothing is missed or false."""
    document = report.document(result(DATASET))

    assert json.loads(json.dumps(document)) == document
    assert document["ok"] is True
    assert (document["organisations"], document["cases"]) == (3, 120)
    assert document["expected_matches"] == document["found_matches"] > 0
    assert (document["missed"], document["false_matches"]) == (0, 0)
    assert document["seconds"] == {"import": 1.23, "compare": 2.0}


def test_what_one_side_does_not_see_is_missed() -> None:
    """A match that only one organisation knows of helps nobody."""
    document = report.document(result(DATASET, drop=1))

    assert document["ok"] is False
    assert document["missed"] > 0


def test_shared_things_come_with_their_cases() -> None:
    """Most widely shared first, with own cases at every organisation that shares."""
    rows = report.shared(result(DATASET))
    widths = [len(row.cases) for row in rows]

    assert widths == sorted(widths, reverse=True)
    assert widths[0] == 3
    assert all(all(row.cases.values()) for row in rows)
    assert not any(row.identity.lane == "survivor" for row in rows)


def test_the_table_names_cases_and_reasons() -> None:
    """A caseworker reads which cases to look at, and what took no part."""
    console = Console(file=io.StringIO(), width=200)
    outcome = result(DATASET)
    report.show(outcome, console)
    text = console.file.getvalue()
    row = report.shared(outcome)[0]

    assert all(cases[0] in text for cases in row.cases.values())
    assert "stay at home until the caller consents" in text
    assert "0 missed, 0 false" in text


@pytest.mark.parametrize(
    ("facts", "text"),
    [
        (Page("jobs.example", ("ferias", "oferta-7")), "jobs.example/ferias/oferta-7"),
        (Advert("craigslist", "7712345678"), "advert 7712345678 on craigslist"),
        (Account("DE", "DE89370400440532013000"), "DE89370400440532013000"),
        (Wallet("evm", "0x" + "5aaeb6053f3e94c9b9a0" * 2), "0x5aae...c9b9a0 (evm)"),
        (Paper("MX", "passport", ("G", "1234", "5678")), "passport G 1234 5678 (MX)"),
        (Site(38850, -198265), "19.4250, -99.1325"),
        (Handset("490154203237518"), "IMEI 490154203237518"),
    ],
)
def test_a_trace_is_named_shortly(facts: Trace, text: str) -> None:
    """A caseworker reads what was found in a few words."""
    assert text == report.label(facts)
