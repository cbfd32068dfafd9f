# SPDX-License-Identifier: Apache-2.0
"""Guessing what columns mean, in three languages, without guessing whose a phone is."""

import pytest

from federation.errors import InputError
from federation.indicators import Kind, Subject
from federation_node.demo.generate import generate
from federation_node.demo.shapes import SHAPES
from federation_node.intake import CsvRows, Row, guess

R, S, T, F, B = (
    Subject.RECRUITER,
    Subject.SURVIVOR,
    Subject.TRAFFICKER,
    Subject.FACILITATOR,
    Subject.BUSINESS,
)


@pytest.mark.parametrize(
    ("header", "kind", "subject"),
    [
        ("Recruiter phone", Kind.PHONE, R),
        ("recruiterPhone", Kind.PHONE, R),
        ("RECRUITER'S WHATSAPP", Kind.PHONE, R),
        ("Trafficker cell", Kind.PHONE, T),
        ("Driver's mobile no.", Kind.PHONE, F),
        ("Caller phone", Kind.PHONE, S),
        ("Victim telephone", Kind.PHONE, S),
        ("Contact person phone", Kind.PHONE, S),
        ("Phone of the agency", Kind.PHONE, B),
        ("Recruiter e-mail address", Kind.EMAIL, R),
        ("Recruiter Instagram", Kind.HANDLE, R),
        ("Recruiter's profile link", Kind.HANDLE, R),
        ("License plate", Kind.VEHICLE, F),
        ("Recruiter vehicle plate", Kind.VEHICLE, R),
        ("Recruitment office", Kind.COMPANY, B),
        ("Employer name", Kind.COMPANY, B),
        ("Teléfono del reclutador", Kind.PHONE, R),
        ("TELEFONO DE LA RECLUTADORA", Kind.PHONE, R),
        ("Celular del enganchador", Kind.PHONE, R),
        ("Teléfono de la víctima", Kind.PHONE, S),
        ("Móvil de la persona", Kind.PHONE, S),
        ("Correo electrónico del tratante", Kind.EMAIL, T),
        ("Red social del reclutador", Kind.HANDLE, R),
        ("Placas", Kind.VEHICLE, F),
        ("Matrícula del vehículo del reclutador", Kind.VEHICLE, R),
        ("Agencia o empresa", Kind.COMPANY, B),
        ("Telefonnummer Anwerber", Kind.PHONE, R),
        ("Handynr. der Anruferin", Kind.PHONE, S),
        ("Rufnummer Menschenhändler", Kind.PHONE, T),
        ("E-Mail des Vermittlers", Kind.EMAIL, R),
        ("Instagram-Profil des Täters", Kind.HANDLE, T),
        ("Kfz-Kennzeichen", Kind.VEHICLE, F),
        ("Vermittlungsagentur", Kind.COMPANY, B),
        ("Arbeitgeber", Kind.COMPANY, B),
    ],
)
def test_indicator_headers(header, kind, subject):
    """Headers that name a kind and a person are mapped to both."""
    (column,) = guess(["Case ID", header]).columns

    assert (column.column, column.kind, column.subject) == (header, kind, subject)


@pytest.mark.parametrize(
    ("header", "reason"),
    [
        ("Phone", "does not say whose"),
        ("Teléfono", "does not say whose"),
        ("E-Mail", "does not say whose"),
        ("Profil", "does not say whose"),
        ("Caller or recruiter phone", "more than one person"),
        ("Recruiter phone of victim", "more than one person"),
        ("Date of call", "a date"),
        ("Fecha", "a date"),
        ("Datum", "a date"),
        ("Recruiter phone date", "a date"),
        ("Recruiter name", "names of people"),
        ("Nombre de la víctima", "names of people"),
        ("Office address", "addresses"),
        ("Country of origin", "not clear of what"),
        ("Herkunftsland", "not clear of what"),
        ("Recruiter bank account", "bank accounts"),
        ("Driver's licence", "not recognised"),
        ("Shoe size", "not recognised"),
        ("Office licence no.", "completes no other column"),
    ],
)
def test_other_headers_are_ignored_with_a_reason(header, reason):
    """What is not understood, or not safe to guess, is listed with a reason."""
    mapping = guess(["Case ID", header])

    assert mapping.columns == ()
    assert reason in mapping.ignored[header]


@pytest.mark.parametrize(
    ("headers", "case_id", "country", "notes"),
    [
        (["Case No.", "Country", "Notes"], "Case No.", "Country", ("Notes",)),
        (["case_id", "country_code", "Remarks"], "case_id", "country_code", ("Remarks",)),
        (["Número de caso", "País", "Comentarios"], "Número de caso", "País", ("Comentarios",)),
        (["Expediente", "País del caso"], "Expediente", "País del caso", ()),
        (["Aktenzeichen", "Land", "Bemerkung"], "Aktenzeichen", "Land", ("Bemerkung",)),
        (["Fall-Nr.", "Land des Anrufs"], "Fall-Nr.", "Land des Anrufs", ()),
    ],
)
def test_frame_of_the_sheet(headers, case_id, country, notes):
    """Case id, country and notes are found in each language."""
    mapping = guess(headers)

    assert (mapping.case_id, mapping.country, mapping.notes) == (case_id, country, notes)


def test_parts_go_to_the_nearest_column():
    """Country and register columns complete the nearest column of their kind."""
    mapping = guess(
        ["ID", "Recruiter plate", "Plate country", "Office", "Office country", "Licence no.",
         "Recruiter platform", "Recruiter username"]
    )  # fmt: skip

    assert {column.column: column.parts for column in mapping.columns} == {
        "Recruiter plate": {"country": "Plate country"},
        "Office": {"country": "Office country", "register": "Licence no."},
        "Recruiter username": {"platform": "Recruiter platform"},
    }


def test_case_id_is_the_column_that_is_different_in_every_row():
    """Of two candidates the one that identifies the rows is the case id."""
    rows = [Row(2, {"Case": "A", "ID": "1"}), Row(3, {"Case": "A", "ID": "2"})]
    mapping = guess(["Case", "ID"], rows)

    assert mapping.case_id == "ID"
    assert mapping.ignored == {"Case": "another column is the case id"}


def test_no_case_id_is_refused():
    """A sheet without a case id cannot be guessed, and the error says what to do."""
    with pytest.raises(InputError) as caught:
        guess(["Recruiter phone", "Notes"])

    assert caught.value.next_step is not None


@pytest.mark.parametrize("shape", SHAPES, ids=lambda shape: shape.organisation)
def test_carnival_sheets_are_guessed_whole(shape):
    """The three demonstration sheets are mapped completely; only the date is ignored."""
    (sheet,) = (
        s for s in generate(1, cases_per_org=20).sheets if s.organisation == shape.organisation
    )
    rows = CsvRows(sheet.content)
    mapping = guess(rows.headers, rows.sample())
    subjects = {c.column: c.subject for c in mapping.columns}

    assert mapping.case_id == shape.columns["case"]
    assert mapping.country == shape.columns["country"]
    assert mapping.notes == (shape.columns["notes"],)
    assert mapping.ignored == {shape.columns["date"]: "a date"}
    assert mapping.unlisted(rows.headers) == ()
    assert subjects[shape.columns["caller"]] is Subject.SURVIVOR
    assert {slot: subjects[shape.columns[slot]] for slot in ("phone1", "handle", "office")} == {
        "phone1": R, "handle": R, "office": B,
    }  # fmt: skip
