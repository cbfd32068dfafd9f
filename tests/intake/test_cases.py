# SPDX-License-Identifier: Apache-2.0
"""From rows to cases: ids, countries, combined columns, and errors without values."""

import pytest

from federation.indicators import Case, Kind, Subject
from federation_node.intake import Column, Mapping, RowError, read_csv
from federation_node.intake.countries import read_country

MAPPING = Mapping(
    case_id="ID",
    country="Country",
    region="US",
    columns=(
        Column(column="Phone", kind=Kind.PHONE, subject=Subject.RECRUITER),
        Column(column="Caller", kind=Kind.PHONE, subject=Subject.SURVIVOR),
        Column(
            column="Handle", kind=Kind.HANDLE, subject=Subject.RECRUITER, platform="Platform"
        ),
        Column(
            column="Plate", kind=Kind.VEHICLE, subject=Subject.RECRUITER, country="Plate country"
        ),
        Column(
            column="Office",
            kind=Kind.COMPANY,
            subject=Subject.BUSINESS,
            country="Office country",
            register="Licence",
        ),
    ),
)  # fmt: skip
HEADERS = ["ID", "Country", "Phone", "Caller", "Handle", "Platform", "Plate", "Plate country",
           "Office", "Office country", "Licence"]  # fmt: skip


def sheet(*rows: dict[str, str]) -> bytes:
    """Write rows, given by header, as a CSV file."""
    lines = [HEADERS, *([row.get(header, "") for header in HEADERS] for row in rows)]
    return "\n".join(",".join(line) for line in lines).encode()


def read(*rows: dict[str, str]) -> list[Case | RowError]:
    """Read rows with the mapping of this file."""
    return list(read_csv(sheet(*rows), MAPPING))


def observed(**row: str) -> list[tuple[object, ...]]:
    """Return what is observed in one row whose country is blank."""
    (case,) = read({"ID": "1", **{key.replace("_", " "): text for key, text in row.items()}})
    assert isinstance(case, Case)
    return [(o.kind, o.raw, o.subject, o.field, o.region) for o in case.observations]


def test_row_becomes_a_case():
    """A row is a case with the source's id, the row's country, and its observations."""
    (case,) = read({"ID": " H-1 ", "Country": "México", "Phone": " 55 1234 5678", "Caller": "1"})

    assert isinstance(case, Case)
    assert (case.id, case.region) == ("H-1", "MX")
    assert [(o.kind, o.raw, o.subject, o.field) for o in case.observations] == [
        (Kind.PHONE, "55 1234 5678", Subject.RECRUITER, "Phone"),
        (Kind.PHONE, "1", Subject.SURVIVOR, "Caller"),
    ]


@pytest.mark.parametrize("blank", ["", "-", "n/a", "unbekannt", "S/N"])
def test_blank_country_is_the_default_region(blank):
    """A case without a country has the mapping's region."""
    (case,) = read({"ID": "1", "Country": blank})

    assert isinstance(case, Case)
    assert case.region == "US"


def test_placeholder_is_kept_for_screening():
    """A placeholder in a main column stays an observation, so that screening can count it."""
    assert observed(Phone="unknown") == [(Kind.PHONE, "unknown", Subject.RECRUITER, "Phone", "US")]


def test_columns_are_put_together():
    """Plate, handle and office are completed by their columns; countries become codes."""
    assert observed(
        Handle="@x", Platform="IG", Plate="B-AB 12", Plate_country="D",
        Office="Acme", Office_country="Deutschland", Licence="HRB 1",
    ) == [
        (Kind.HANDLE, {"handle": "@x", "platform": "IG"}, Subject.RECRUITER, "Handle", "US"),
        (Kind.VEHICLE, {"plate": "B-AB 12", "country": "DE"}, Subject.RECRUITER, "Plate", "US"),
        (
            Kind.COMPANY,
            {"name": "Acme", "country": "DE", "register": "HRB 1"},
            Subject.BUSINESS,
            "Office",
            "US",
        ),
    ]  # fmt: skip


def test_blank_parts_are_left_out():
    """What says that there is nothing completes nothing; a main cell alone is plain text."""
    assert observed(Plate="ABC 123", Plate_country="?", Office="Acme", Licence="n/a") == [
        (Kind.VEHICLE, "ABC 123", Subject.RECRUITER, "Plate", "US"),
        (Kind.COMPANY, "Acme", Subject.BUSINESS, "Office", "US"),
    ]


def test_register_alone_is_an_observation():
    """A licence number without a name is enough; a country or a platform alone is nothing."""
    assert observed(Licence="HRB 1", Plate_country="D", Platform="IG") == [
        (Kind.COMPANY, {"register": "HRB 1"}, Subject.BUSINESS, "Office", "US")
    ]


def test_unknown_country_of_a_part_goes_on():
    """A plate's country that is not understood is passed on, to be refused by name later."""
    ((_, raw, *_),) = observed(Plate="ABC 123", Plate_country="Narnia")

    assert raw == {"plate": "ABC 123", "country": "Narnia"}


@pytest.mark.parametrize(
    ("row", "field", "reason"),
    [
        ({"ID": " ", "Phone": "x"}, "ID", "no case id"),
        ({"ID": "x" * 201}, "ID", "200"),
        ({"ID": "a\x07"}, "ID", "control"),
        ({"ID": "1", "Country": "Narnia"}, "Country", "not a country"),
        ({"ID": "1", "Phone": "secret" * 300}, "Phone", "1024"),
    ],
)
def test_row_errors_name_row_and_column(row, field, reason):
    """A row that cannot be a case is an error with row, column and reason, and no value."""
    (error,) = read(row)

    assert isinstance(error, RowError)
    assert (error.number, error.field) == (2, field)
    assert reason in error.reason
    assert not any(text in repr(error) for text in ("Narnia", "secret", "xxx"))


def test_repeated_case_id_is_an_error():
    """The second row of one id is an error that points to the first."""
    first, second = read({"ID": "1", "Phone": "a"}, {"ID": "1", "Phone": "b"})

    assert isinstance(first, Case)
    assert second == RowError(3, "ID", "the same case id as in row 2")


def test_good_rows_survive_bad_ones():
    """An error costs its own row only."""
    items = read({"ID": "1"}, {"ID": "", "Phone": "x"}, {"ID": "3"})

    assert [item.id if isinstance(item, Case) else item.number for item in items] == ["1", 3, "3"]


def test_phone_country_column_is_its_region():
    """A phone with a country column of its own is read in that country."""
    phone = Column(column="Tel", kind=Kind.PHONE, subject=Subject.RECRUITER, country="Where")
    mapping = Mapping(case_id="ID", region="US", columns=(phone,))
    (case,) = read_csv(b"ID,Tel,Where\n1,55 1234 5678,Mexiko\n", mapping)

    assert isinstance(case, Case)
    assert [o.region for o in case.observations] == ["MX"]


@pytest.mark.parametrize(
    ("column", "cells", "raw"),
    [
        ({"kind": Kind.BANK_ACCOUNT, "bank": "P"}, "123,BBVA", {"account": "123", "bank": "BBVA"}),
        ({"kind": Kind.BANK_ACCOUNT, "country": "P"}, "DE89,Alemania", "DE89"),
        ({"kind": Kind.WALLET, "chain": "P"}, "bc1q,BTC", {"address": "bc1q", "chain": "BTC"}),
        ({"kind": Kind.DOCUMENT, "issuer": "P"}, "G1,México", {"number": "G1", "issuer": "MX"}),
        ({"kind": Kind.PLACE, "longitude": "P"}, "19.4,-99.1",
         {"latitude": "19.4", "longitude": "-99.1"}),
        ({"kind": Kind.PLACE, "city": "P"}, "Calle 5,Puebla", {"street": "Calle 5", "city": "Puebla"}),
        ({"kind": Kind.DEVICE}, "490154203237518,", "490154203237518"),
    ],
)  # fmt: skip
def test_parts_of_each_kind(column, cells, raw):
    """Accounts, wallets, documents and places are put together as their kinds want them."""
    mapping = Mapping(
        case_id="ID", columns=(Column(column="M", subject=Subject.RECRUITER, **column),)
    )
    (case,) = read_csv(f"ID,M,P\n1,{cells}\n".encode(), mapping)

    assert isinstance(case, Case)
    assert [seen.raw for seen in case.observations] == [raw]


def test_faults_matter_in_columns_that_are_read():
    """A cell that cannot be trusted costs its row if the mapping reads it, and nothing else."""
    mapping = Mapping(case_id="ID", columns=MAPPING.columns[:1], ignored={"Age": "not needed"})
    items = list(read_csv(b"ID,Phone,Age\n1,5.2E+11,3\n2,55 1234,5.2E+11\n", mapping))

    assert isinstance(items[0], RowError)
    assert (items[0].number, items[0].field) == (2, "Phone")
    assert isinstance(items[1], Case)


@pytest.mark.parametrize("mark", ["\u200e", "\u202a", "\u2066", "\ufeff"])
def test_direction_marks_are_no_part_of_an_id(mark):
    """An id that was copied from a program that adds marks is the same id."""
    (case,) = read({"ID": f"{mark}H-1{mark}"})

    assert isinstance(case, Case)
    assert case.id == "H-1"


def test_id_that_is_shown_backwards_is_an_error():
    """A right-to-left override makes one id look like another, so it is refused."""
    (error,) = read({"ID": "\u202e1-H"})

    assert isinstance(error, RowError)
    assert "right-to-left" in error.reason


@pytest.mark.parametrize(
    ("text", "code"),
    [
        ("MX", "MX"), ("mx", "MX"), ("MEX", "MX"), ("México", "MX"), ("Mexico", "MX"),
        ("MEXIKO", "MX"), ("EE. UU.", "US"), ("EE.UU.", "US"), ("Estados Unidos", "US"),
        ("U.S.A.", "US"), ("United States", "US"), ("Vereinigte Staaten", "US"),
        ("D", "DE"), ("Alemania", "DE"), ("Rumänien", "RO"), ("Rumania", "RO"), ("Rumanía", "RO"),
        ("GCA", "GT"), ("Polska", "PL"), ("Côte d’Ivoire", "CI"), ("República Dominicana", "DO"),
        ("Dominikanische Republik", "DO"), ("UK", "GB"), ("España", "ES"), ("Honduras", "HN"),
        ("Narnia", None), ("", None), ("123", None), ("ZZ", None),
    ],
)  # fmt: skip
def test_countries(text, code):
    """Countries are read from codes, vehicle signs and names in several languages."""
    assert read_country(text) == code
