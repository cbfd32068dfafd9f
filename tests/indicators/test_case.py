# SPDX-License-Identifier: Apache-2.0
"""Cases and observations, as an organisation hands them over."""

import dataclasses

import pytest

from federation.errors import InputError
from federation.indicators import Case, Kind, Lane, Observation, Subject


def test_observations_are_chained_in_order() -> None:
    """Calls chain, keep their order, and take the case's region unless they have their own."""
    case = (
        Case("H-17", region="MX")
        .add(Kind.PHONE, "55 1234 5678", Subject.RECRUITER, field="phone")
        .add(Kind.VEHICLE, {"plate": "ABC-123"}, Subject.BUSINESS, region="US")
    )

    expected = (
        Observation(Kind.PHONE, "55 1234 5678", Subject.RECRUITER, "MX", "phone"),
        Observation(Kind.VEHICLE, {"plate": "ABC-123"}, Subject.BUSINESS, "US"),
    )
    assert expected == case.observations


def test_adding_leaves_the_case_as_it_was() -> None:
    """`add` returns a new case."""
    case = Case("H-17", region="MX")
    case.add(Kind.PHONE, "55 1234 5678", Subject.RECRUITER)

    assert case.observations == ()


def test_a_case_cannot_be_changed() -> None:
    """Neither its id nor an observation's fields can be set, nor a mapping changed behind it."""
    fields = {"plate": "ABC-123"}
    case = Case("H-17").add(Kind.VEHICLE, fields, Subject.BUSINESS, region="MX")
    fields["plate"] = "XYZ-987"

    assert case.observations[0].raw == {"plate": "ABC-123"}
    with pytest.raises(dataclasses.FrozenInstanceError):
        case.id = "H-18"  # type: ignore[misc]


def test_raw_values_are_not_shown() -> None:
    """The text of a case never holds what was observed."""
    case = Case("H-17").add(Kind.PHONE, "+52 55 1234 5678", Subject.SURVIVOR)

    assert "1234" not in repr(case)
    assert "1234" not in str(case.observations[0])


@pytest.mark.parametrize("case_id", ["", "   ", "a" * 201, "a\nb", "a\x00", 17, None])
def test_a_case_needs_a_usable_id(case_id: object) -> None:
    """Empty, over-long, unprintable and non-text ids are refused."""
    with pytest.raises(InputError):
        Case(case_id)  # type: ignore[arg-type]


def test_the_longest_id_is_accepted() -> None:
    """200 characters are enough for any case management."""
    assert len(Case("é" * 200).id) == 200


@pytest.mark.parametrize("region", ["", "MEX", "M1", "м", "mé", 52])
def test_a_region_has_two_letters(region: object) -> None:
    """Anything but two ASCII letters is refused, for a case and for an observation."""
    with pytest.raises(InputError):
        Case("H-17", region=region)  # type: ignore[arg-type]
    with pytest.raises(InputError):
        Observation(Kind.PHONE, "1", Subject.RECRUITER, region)  # type: ignore[arg-type]


@pytest.mark.parametrize("raw", ["é" * 513, {"name": "é" * 511}, 5512345678, None, {"name": 5}])
def test_a_raw_value_is_short_text(raw: object) -> None:
    """Over 1,024 bytes and non-text values are refused, and the value is not in the error."""
    with pytest.raises(InputError) as caught:
        Case("H-17").add(Kind.COMPANY, raw, Subject.BUSINESS)  # type: ignore[arg-type]

    assert "é" not in str(caught.value)
    assert "5" not in str(caught.value)


def test_the_longest_raw_value_is_accepted() -> None:
    """1,024 bytes are a value, whatever `normalise` says to it later."""
    case = Case("H-17").add(Kind.COMPANY, "é" * 512, Subject.BUSINESS)

    assert len(case.observations) == 1


@pytest.mark.parametrize(
    ("kind", "subject"), [("phone", Subject.RECRUITER), (Kind.PHONE, "recruiter")]
)
def test_kind_and_subject_are_typed(kind: object, subject: object) -> None:
    """Plain text is not taken for a kind or a subject."""
    with pytest.raises(InputError):
        Case("H-17").add(kind, "1", subject)  # type: ignore[arg-type]


def test_only_survivors_are_in_the_survivor_lane() -> None:
    """Each subject has one lane."""
    survivors = {subject for subject in Subject if subject.lane is Lane.SURVIVOR}

    assert {Subject.SURVIVOR} == survivors
