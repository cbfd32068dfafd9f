# SPDX-License-Identifier: Apache-2.0
"""What a sheet says about consent: in the words of the mapping, or not at all."""

from typing import Any

import pytest

from federation.agreements import Purpose
from federation.charter import Role
from federation.errors import InputError
from federation.member import ImportedConsent
from federation_node.intake import Mapping, Row, RowError, guess
from federation_node.intake.consent_cells import read_consent

TOML = """
case_id = "Case"

[consent]
column = "May we match"
yes = ["yes", "Sí"]
no = ["no"]
given = "Signed on"
days = 365
purposes = ["support"]
recipients = ["hotline", "ngo"]
basis = "intake-form-3"
"""


def read(said: str, given: str = "2026-01-31", toml: str = TOML) -> Any:
    """Read one row."""
    mapping = Mapping.from_toml(toml)
    assert mapping.consent is not None
    cells = {"Case": "C-1", "May we match": said, "Signed on": given, "Until": "2026-02-28"}
    return read_consent(Row(2, cells), "C-1", mapping.consent)


def test_yes() -> None:
    """A consent for what the mapping says, from the day that the row says."""
    told = read(" sí ")

    assert (told.case, told.consent.purposes) == ("C-1", {Purpose.SUPPORT})
    assert {Role.HOTLINE, Role.NGO} == told.consent.recipients
    assert "2026-01-31T00:00:00+00:00" == told.consent.given.isoformat()
    assert "2027-01-31T00:00:00+00:00" == told.consent.expires.isoformat()


def test_the_last_day_counts() -> None:
    """A column with the end names the last day on which it holds."""
    told = read("yes", toml=TOML.replace("days = 365", 'expires = "Until"'))

    assert "2026-03-01T00:00:00+00:00" == told.consent.expires.isoformat()


def test_no_and_nothing() -> None:
    """A no ends a consent; a blank says nothing."""
    assert ImportedConsent("C-1", None) == read("NO")
    assert read("  ") is None


@pytest.mark.parametrize(
    ("said", "given"),
    [
        ("true", "2026-01-31"),
        ("x", "2026-01-31"),
        ("yes", "31.1.2026"),
        ("yes", ""),
        ("yes", "2026-02-30"),
    ],
)
def test_nothing_is_guessed(said: str, given: str) -> None:
    """Another word than the mapping's, or a day that can be read in two ways, is an error."""
    assert isinstance(read(said, given), RowError)


@pytest.mark.parametrize(
    "column", ["con_Consent", "group/con_Consent", "consent_for_services", "Disclosure_Other_Orgs"]
)
def test_other_consents_are_refused_by_name(column: str) -> None:
    """A consent to keep a record, or to services, is none to be matched."""
    with pytest.raises(InputError, match="and not to being matched"):
        Mapping.from_toml(TOML.replace("May we match", column))


@pytest.mark.parametrize(
    ("old", "new"),
    [
        ('yes = ["yes", "Sí"]', "yes = []"),
        ('no = ["no"]', 'no = ["YES"]'),
        ("days = 365", ""),
        ("days = 365", 'days = 365\nexpires = "Until"'),
        ('purposes = ["support"]', "purposes = []"),
        ('purposes = ["support"]', 'purposes = ["everything"]'),
        ('given = "Signed on"', ""),
        ('basis = "intake-form-3"', ""),
    ],
)
def test_a_mapping_says_all_of_it(old: str, new: str) -> None:
    """Nothing about a consent has a default."""
    with pytest.raises(InputError, match="consent"):
        Mapping.from_toml(TOML.replace(old, new))


def test_a_mapping_with_consent_is_saved_whole() -> None:
    """What was written is read back."""
    mapping = Mapping.from_toml(TOML)

    assert Mapping.from_toml(mapping.to_toml()) == mapping


@pytest.mark.parametrize("header", ["Consent", "Einwilligung", "Consentimiento informado"])
def test_a_column_is_not_guessed_to_be_consent(header: str) -> None:
    """It is listed as not read, with the way to have it read."""
    guessed = guess(["Case ID", header, "Survivor phone"])

    assert guessed.consent is None
    assert "never guessed" in guessed.ignored[header]
