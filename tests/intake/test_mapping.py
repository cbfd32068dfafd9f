# SPDX-License-Identifier: Apache-2.0
"""The mapping: saved as a file that people edit, read strictly."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.errors import InputError
from federation.indicators import Kind, Subject
from federation_node.intake import Column, Mapping

MAPPING = Mapping(
    case_id="Case ID",
    country="Country",
    region="US",
    encoding="cp1252",
    delimiter=";",
    notes=("Notes",),
    columns=(
        Column(column="Phone", kind=Kind.PHONE, subject=Subject.RECRUITER),
        Column(
            column="Office",
            kind=Kind.COMPANY,
            subject=Subject.BUSINESS,
            country="Office country",
            register="Licence",
        ),
    ),
    ignored={"Date": "a date", 'Odd "name"\\': "not recognised"},
)


def test_round_trip(tmp_path):
    """A mapping that is saved and loaded is the same."""
    path = tmp_path / "mapping.toml"
    MAPPING.save(path)

    assert Mapping.load(path) == MAPPING


_HEADER = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=20)


@given(headers=st.lists(_HEADER, min_size=2, max_size=5, unique=True), why=_HEADER)
def test_any_header_survives(headers, why):
    """Whatever a header is called, the TOML file holds it unchanged."""
    mapping = Mapping(case_id=headers[0], ignored=dict.fromkeys(headers[1:], why))

    assert Mapping.from_toml(mapping.to_toml()) == mapping


@pytest.mark.parametrize(
    ("text", "match"),
    [
        ("case_id = ", "not TOML"),
        ("region = 'US'", "case_id"),
        ("case_id = 'a'\nsurprise = 1", "surprise"),
        ("case_id = 'a'\nversion = 2", "version"),
        ("case_id = 'a'\nregion = 'usa'", "region"),
        ("case_id = 'a'\ndelimiter = ', '", "delimiter"),
        ("case_id = 'a'\n[ignored]\na = 'twice'", "named twice"),
        (
            "case_id = 'a'\n[[columns]]\ncolumn = 'b'\nkind = 'shoe'\nsubject = 'recruiter'",
            "columns.0.kind",
        ),
        (
            "case_id = 'a'\n[[columns]]\ncolumn = 'b'\nkind = 'phone'\nsubject = 'witness'",
            "columns.0.subject",
        ),
        (
            "case_id='a'\n[[columns]]\ncolumn='b'\nkind='email'\nsubject='recruiter'\nregister='c'",
            "email has no register",
        ),
    ],
)
def test_wrong_mapping_is_refused(text, match):
    """A mapping with an error is refused, and the message says where."""
    with pytest.raises(InputError, match=match):
        Mapping.from_toml(text)


def test_unreadable_mapping_is_refused(tmp_path):
    """A file that is missing, too large or no text is refused."""
    (tmp_path / "large.toml").write_bytes(b"#" * (256 * 1024 + 1))
    (tmp_path / "binary.toml").write_bytes(b"\xff\xfe")

    for name in ("missing.toml", "large.toml", "binary.toml"):
        with pytest.raises(InputError, match="the mapping"):
            Mapping.load(tmp_path / name)


def test_missing_column_is_refused():
    """A sheet without a column that the mapping reads is refused by the column's name."""
    with pytest.raises(InputError, match="Licence"):
        MAPPING.check(["Case ID", "Country", "Phone", "Office", "Office country"])


def test_new_column_is_listed():
    """A column that the mapping does not know is listed, not dropped silently."""
    headers = ["Case ID", "Country", "Phone", "Office", "Licence", "Date", "Notes", "Brand new"]

    assert MAPPING.unlisted(headers) == ("Brand new",)
