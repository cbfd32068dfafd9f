# SPDX-License-Identifier: Apache-2.0
"""The judge counts by what was planted, in unordered pairs, and forgives nothing."""

import pytest

from federation_node.demo.judge import FoundMatch, NotTokenised, judge
from federation_node.demo.people import Email, Identity, Phone
from federation_node.demo.truth import Cell, ExpectedMatch, Truth

SHARED = Identity("phone-1", Phone("MX", "55", "24681357", mobile=True))
ALONE = Identity("phone-2", Phone("MX", "55", "24681358", mobile=True))
CALLER = Identity("phone-3", Phone("MX", "55", "24681359", mobile=True), lane="survivor")
MAIL = Identity("email-1", Email("a", "example.org"))

TRUTH = Truth(
    ("hope", "amparo", "licht"),
    {identity.id: identity for identity in (SHARED, ALONE, CALLER, MAIL)},
    {
        Cell("hope", "H-1", "Phone"): "phone-1",
        Cell("hope", "H-2", "Phone"): "phone-1",
        Cell("amparo", "A-1", "Tel"): "phone-1",
        Cell("amparo", "A-1", "Mail"): "email-1",
        Cell("licht", "L-1", "Telefon"): "phone-2",
        Cell("hope", "H-1", "Caller"): "phone-3",
        Cell("amparo", "A-1", "Caller"): "phone-3",
    },
)
EXPECTED = ExpectedMatch(("amparo", "hope"), "network", "phone", "phone-1")
HOPE_SEES = FoundMatch("H-1", "Phone", "phone", "amparo", "network")
AMPARO_SEES = FoundMatch("A-1", "Tel", "phone", "hope", "network")


def test_expected_are_unordered_pairs():
    """An identity in several cases of two organisations is one expected match."""
    assert {EXPECTED} == TRUTH.expected()


def test_all_found():
    """A match that both organisations report is found, and nothing is missed or false."""
    verdict = judge(TRUTH, {"hope": [HOPE_SEES], "amparo": [AMPARO_SEES], "licht": []})

    assert verdict.ok
    assert {EXPECTED} == verdict.found


def test_rows_of_one_match_count_once():
    """Several own cases of one match are one match."""
    also = FoundMatch("H-2", "Phone", "phone", "amparo", "network")
    verdict = judge(TRUTH, {"hope": [HOPE_SEES, also], "amparo": [AMPARO_SEES]})

    assert {EXPECTED} == verdict.found


def test_nothing_found():
    """Without reports every expected match is missed as not found."""
    verdict = judge(TRUTH, {})

    assert not verdict.ok
    assert verdict.missed_by_reason() == {"not found": 1}


def test_one_side_is_not_enough():
    """A match that one organisation does not see is missed, and says who saw it."""
    verdict = judge(TRUTH, {"hope": [HOPE_SEES], "amparo": []})

    assert verdict.missed_by_reason() == {"reported by hope only": 1}


def test_refused_is_missed_with_its_reason():
    """Where every cell of one side became no token, the reason is that side's."""
    stopped = [NotTokenised("amparo", "A-1", "Tel", "screened: too short")]

    assert judge(TRUTH, {}, stopped).missed_by_reason() == {"amparo: screened: too short": 1}


def test_partly_refused_is_not_the_whole_reason():
    """Where another cell of the same side became a token, the match was simply not found."""
    stopped = [NotTokenised("hope", "H-1", "Phone", "refused")]

    assert judge(TRUTH, {}, stopped).missed_by_reason() == {"not found; some cells: refused": 1}


@pytest.mark.parametrize(
    ("organisation", "match", "reason"),
    [
        ("hope", FoundMatch("H-9", "Phone", "phone", "amparo", "network"), "nothing was planted"),
        ("hope", FoundMatch("H-1", "Notes", "phone", "amparo", "network"), "nothing was planted"),
        ("hope", FoundMatch("H-1", "Phone", "email", "amparo", "network"), "another kind"),
        ("hope", FoundMatch("H-1", "Phone", "phone", "licht", "network"), "partner does not hold"),
        ("hope", FoundMatch("H-1", "Phone", "phone", "hope", "network"), "partner does not hold"),
        ("licht", FoundMatch("L-1", "Telefon", "phone", "hope", "network"), "partner does not"),
        ("hope", FoundMatch("H-1", "Phone", "phone", "amparo", "survivor"), "in this lane"),
        ("hope", FoundMatch("H-1", "Caller", "phone", "amparo", "network"), "in this lane"),
        ("hope", FoundMatch("H-1", "Caller", "phone", "amparo", "survivor"), "in this lane"),
    ],
)
def test_false_matches(organisation, match, reason):
    """A report that the generator did not plant is false, with the reason."""
    verdict = judge(TRUTH, {organisation: [match]})

    (false,) = verdict.false
    assert (organisation, match) == (false.organisation, false.match)
    assert reason in false.reason
    assert not verdict.ok
