# SPDX-License-Identifier: Apache-2.0
"""Guessing what columns mean, in three languages, without guessing whose a phone is."""

import pytest

from federation.errors import InputError
from federation.indicators import Kind, Subject
from federation_node.demo.generate import generate
from federation_node.demo.shapes import SHAPES
from federation_node.intake import CsvRows, Row, guess

R, S, T, F, B, W = (
    Subject.RECRUITER,
    Subject.SURVIVOR,
    Subject.TRAFFICKER,
    Subject.FACILITATOR,
    Subject.BUSINESS,
    Subject.PLACE,
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
        ("Recruiter bank account", Kind.BANK_ACCOUNT, R),
        ("IBAN des Vermittlers", Kind.BANK_ACCOUNT, R),
        ("Recruiter's crypto wallet", Kind.WALLET, R),
        ("IMEI of the driver's phone", Kind.DEVICE, F),
        ("Recruiter website", Kind.URL, R),
        ("Anuncio del reclutador", Kind.URL, R),
        ("Telefone do recrutador", Kind.PHONE, R),
        ("Celular da vítima", Kind.PHONE, S),
        ("Placa do veículo do motorista", Kind.VEHICLE, F),
        ("Empresa ou agência", Kind.COMPANY, B),
        ("E-mail do aliciador", Kind.EMAIL, R),
        ("Téléphone du recruteur", Kind.PHONE, R),
        ("Courriel de la recruteuse", Kind.EMAIL, R),
        ("Portable de l'appelante", Kind.PHONE, S),
        ("Téléphone de la victime", Kind.PHONE, S),
        ("Immatriculation", Kind.VEHICLE, F),
        ("Agence de recrutement", Kind.COMPANY, B),
        ("Compte Instagram du trafiquant", Kind.HANDLE, T),
        ("Telefonul recrutorului", Kind.PHONE, R),
        ("Număr de telefon victimă", Kind.PHONE, S),
        ("Număr de înmatriculare șofer", Kind.VEHICLE, F),
        ("Angajator", Kind.COMPANY, B),
        ("رقم هاتف الوسيط", Kind.PHONE, R),
        ("هاتف الضحية", Kind.PHONE, S),
        ("البريد الإلكتروني للسمسار", Kind.EMAIL, R),
        ("رقم لوحة السائق", Kind.VEHICLE, F),
        ("شركة التوظيف", Kind.COMPANY, B),
        ("Coordinates of the work site", Kind.PLACE, W),
        ("GPS recruiter's house", Kind.PLACE, R),
        ("Latitude and longitude of the fairground", Kind.PLACE, W),
        ("GPS of the caller's workplace", Kind.PLACE, S),
        ("Coordenadas del lugar de trabajo", Kind.PLACE, W),
        ("Koordinaten Arbeitsort", Kind.PLACE, W),
        ("Coordenadas do local de trabalho", Kind.PLACE, W),
        ("Coordonnées du lieu de travail", Kind.PLACE, W),
        ("Coordonatele locului de muncă", Kind.PLACE, W),
        ("إحداثيات مكان العمل", Kind.PLACE, W),
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
        ("Office address", "an address"),
        ("Country of origin", "not clear of what"),
        ("Herkunftsland", "not clear of what"),
        ("Recruiter bank", "a bank, but no account"),
        ("IBAN", "does not say whose"),
        ("Recruiter passport no.", "a document"),
        ("Latitude of the work site", "a latitude without its longitude"),
        ("Longitude of the work site", "completes no other column"),
        ("Document type", "completes no other column"),
        ("Coordinates", "does not say whose"),
        ("Shelter coordinates", "does not say whose"),
        ("Coordinates of the work site or shelter", "does not say whose"),
        ("Coordenadas del albergue o lugar de trabajo", "does not say whose"),
        ("Koordinaten Arbeitsort und Unterkunft", "does not say whose"),
        ("Passport taken by the trafficker, number", "taken from the caller"),
        ("Phone taken by recruiter", "taken from the caller"),
        ("Shelter office phone", "a shelter's"),
        ("Shelter office coordinates", "a shelter's"),
        ("Coordenadas de la oficina del refugio", "a shelter's"),
        ("Frauenhaus Büro Telefon", "a shelter's"),
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
        (["Nº do processo", "País", "Observações"], "Nº do processo", "País", ("Observações",)),
        (["N° de dossier", "Pays", "Remarques"], "N° de dossier", "Pays", ("Remarques",)),
        (["Nr. dosar", "Țara", "Observații"], "Nr. dosar", "Țara", ("Observații",)),
        (["رقم الحالة", "الدولة", "ملاحظات"], "رقم الحالة", "الدولة", ("ملاحظات",)),
    ],
)
def test_frame_of_the_sheet(headers, case_id, country, notes):
    """Case id, country and notes are found in each language."""
    mapping = guess(headers)

    assert (mapping.case_id, mapping.country, mapping.notes) == (case_id, country, notes)


def rows_of(*values: str, header: str) -> list[Row]:
    """Return rows with a case id and one more column."""
    return [Row(n, {"Case ID": str(n), header: value}) for n, value in enumerate(values, start=2)]


@pytest.mark.parametrize(
    ("header", "values", "kind"),
    [
        ("Recruiter contact", ["a@b.example", "", "c.d@e.example"], Kind.EMAIL),
        ("Recruiter phone", ["a@b.example", "c.d@e.example"], Kind.EMAIL),
        ("Recruiter 2", ["+52 55 1234 5678", "(202) 555-0143", "5512345678"], Kind.PHONE),
        ("Reclutador", ["@maria.x", "https://instagram.com/maria"], Kind.HANDLE),
        ("Recruiter details", ["DE89 3704 0044 0532 0130 00", "MT84MALT011000012345MTLCAST001S"],
         Kind.BANK_ACCOUNT),
        ("Recruiter 3", ["https://jobs.example/1", "www.jobs.example/2"], Kind.URL),
    ],
)  # fmt: skip
def test_values_say_what_a_column_holds(header, values, kind):
    """Where the header names the person only, the values tell the kind."""
    (column,) = guess(["Case ID", header], rows_of(*values, header=header)).columns

    assert (column.kind, column.subject) == (kind, R)


@pytest.mark.parametrize(
    "values",
    [
        ["2026-01-31", "2026-02-01"],
        ["31.01.2026", "01.02.2026"],
        ["María", "Ana"],
        ["1", "2"],
        ["a@b.example"],
        ["a@b.example", "none", "unknown"],
    ],
)
def test_values_that_do_not_say_are_left_alone(values):
    """Dates, names, counts, too few values and mixtures make no guess."""
    mapping = guess(["Case ID", "Recruiter 2"], rows_of(*values, header="Recruiter 2"))

    assert mapping.columns == ()


def test_values_never_say_whose():
    """A column of addresses whose header names nobody is not read, and the reason says so."""
    values = rows_of("a@b.example", "c@d.example", header="(column 2)")
    mapping = guess(["Case ID", "(column 2)"], values)

    assert mapping.columns == ()
    assert mapping.ignored == {"(column 2)": "looks like email, but the header does not say whose"}


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


@pytest.mark.parametrize(
    ("number", "kind", "issuer"),
    [
        ("Recruiter passport no.", "Document type", "Passport issued by"),
        ("Documento del reclutador", "Tipo de documento", "País emisor del documento"),
        ("Ausweisnummer Anwerber", "Art des Ausweises", "Ausstellerland des Ausweises"),
        ("Documento do recrutador", "Tipo de documento", "País do documento"),
        ("Passeport du recruteur", "Type de document", "Pays émetteur du document"),
        ("Pașaportul recrutorului", "Tipul documentului", "Țara documentului"),
        ("جواز الوسيط", "نوع الوثيقة", "بلد الوثيقة"),
    ],
)
def test_documents_are_read_with_their_issuer_and_type(number, kind, issuer):
    """A document's number is read where its issuer and its type have columns, and only there."""
    (column,) = guess(["Case ID", number, kind, issuer]).columns

    assert (column.column, column.kind, column.subject) == (number, Kind.DOCUMENT, R)
    assert {"type": kind, "issuer": issuer} == column.parts
    assert () == guess(["Case ID", number, kind]).columns
    assert () == guess(["Case ID", number, issuer]).columns


@pytest.mark.parametrize(
    ("number", "kind", "issuer"),
    [
        ("Passport kept by recruiter", "Document type", "Passport issued by"),
        ("Pasaporte retenido por el reclutador", "Tipo de documento", "País del documento"),
        ("Vom Anwerber einbehaltener Ausweis", "Art des Ausweises", "Land des Ausweises"),
        ("Passaporte apreendido pelo recrutador", "Tipo de documento", "País do documento"),
        ("Passeport confisqué par le recruteur", "Type de document", "Pays du passeport"),
        ("Pașaport reținut de recrutor", "Tipul documentului", "Țara documentului"),
    ],
)
def test_a_paper_that_was_taken_is_not_the_recruiters(number, kind, issuer):
    """A header that says who has a passport now does not say whose it is, so it is not read."""
    mapping = guess(["Case ID", number, kind, issuer])

    assert mapping.columns == ()
    assert "taken from the caller" in mapping.ignored[number]


def test_what_was_taken_from_a_named_caller_stays_with_survivors():
    """A caller who is named is believed, in the lane that is never compared."""
    mapping = guess(
        ["Case ID", "Victim's passport taken by employer", "Passport type", "Passport country",
         "Phone of the caller in the shelter"]
    )  # fmt: skip

    assert [(Kind.DOCUMENT, S), (Kind.PHONE, S)] == [(c.kind, c.subject) for c in mapping.columns]


@pytest.mark.parametrize(
    ("latitude", "longitude"),
    [
        ("Latitude of the work site", "Longitude of the work site"),
        ("Latitud del lugar de trabajo", "Longitud del lugar de trabajo"),
        ("Breitengrad Arbeitsort", "Längengrad Arbeitsort"),
    ],
)
def test_coordinates_may_stand_in_two_columns(latitude, longitude):
    """A latitude is completed by the longitude beside it."""
    (column,) = guess(["Case ID", latitude, longitude]).columns

    assert (column.kind, column.subject) == (Kind.PLACE, W)
    assert {"longitude": longitude} == column.parts


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
    assert {slot: subjects[shape.columns[slot]] for slot in ("phone1", "handle", "office", "document", "place")} == {
        "phone1": R, "handle": R, "office": B, "document": R, "place": W,
    }  # fmt: skip
