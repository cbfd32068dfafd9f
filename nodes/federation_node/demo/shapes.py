# SPDX-License-Identifier: Apache-2.0
"""The three organisations' spreadsheets: columns, encodings, and habits."""

from collections.abc import Mapping
from dataclasses import dataclass

PLACEHOLDERS_EN = (
    "unknown",
    "n/a",
    "N/A",
    "?",
    "-",
    "000000",
    "555-0100",
    "none",
    "refused to say",
)
PLACEHOLDERS_ES = ("desconocido", "no sabe", "s/n", "N/A", "-", "000000", "no recuerda", "ninguno")
PLACEHOLDERS_DE = ("unbekannt", "k. A.", "keine Angabe", "-", "000000", "n/a", "?", "weiß nicht")


@dataclass(frozen=True, slots=True)
class Shape:
    """How one organisation keeps its calls.

    Attributes:
        organisation: the member's id.
        filename: name of the spreadsheet.
        region: country of the organisation, ISO 3166 alpha-2.
        encoding: Python codec of the file.
        delimiter: between cells.
        line_end: between rows.
        date: `strftime` pattern.
        case_id: pattern of a case id, with `{number}`.
        columns: what a cell means -> its header, in the order of the sheet.
        countries: country code -> how this organisation writes it.
        plate_countries: the same in the column for plates.
        papers: type of a document -> how this organisation writes it.
        row_countries: country of a case -> weight.
        placeholders: what is written when nothing is known.
        none: what is written when there is nothing to know.
        mark: begins every note, so that no row can be taken for a real one.
        notes: free text that the import ignores.
    """

    organisation: str
    filename: str
    region: str
    encoding: str
    delimiter: str
    line_end: str
    date: str
    case_id: str
    columns: Mapping[str, str]
    countries: Mapping[str, str]
    plate_countries: Mapping[str, str]
    papers: Mapping[str, tuple[str, ...]]
    row_countries: Mapping[str, int]
    placeholders: tuple[str, ...]
    none: str
    mark: str
    notes: tuple[str, ...]


_CODES = {code: code for code in ("MX", "US", "DE", "PL", "RO", "GT", "HN", "ES")}

HOPE = Shape(
    organisation="hope",
    filename="hope.csv",
    region="US",
    encoding="utf-8",
    delimiter=",",
    line_end="\n",
    date="%Y-%m-%d",
    case_id="H-{number:04d}",
    columns={
        "case": "Case ID",
        "date": "Date of call",
        "country": "Country",
        "caller": "Caller phone",
        "phone1": "Recruiter phone",
        "phone2": "Recruiter other phone",
        "platform": "Recruiter platform",
        "handle": "Recruiter handle",
        "email": "Recruiter email",
        "plate": "Recruiter vehicle plate",
        "plate_country": "Plate country",
        "office": "Recruitment office",
        "office_country": "Office country",
        "register": "Office licence no.",
        "url": "Recruiter website or advert link",
        "bank-account": "Recruiter bank account",
        "coin": "Coin",
        "wallet": "Recruiter crypto wallet",
        "document": "Recruiter document no.",
        "document_type": "Document type",
        "document_issuer": "Document issued by",
        "place": "Work site coordinates",
        "device": "Recruiter phone IMEI",
        "notes": "Notes",
    },
    countries=_CODES,
    plate_countries={
        "MX": "Mexico",
        "US": "USA",
        "DE": "Germany",
        "PL": "Poland",
        "RO": "Romania",
        "GT": "Guatemala",
    },
    papers={
        "passport": ("Passport", "passport"),
        "identity-card": ("ID card", "national ID"),
        "driving-licence": ("Driver's license", "driving licence", "DL"),
    },
    row_countries={"US": 70, "MX": 20, "GT": 6, "HN": 4},
    placeholders=PLACEHOLDERS_EN,
    none="n/a",
    mark="[INVENTED]",
    notes=(
        "Promised a visa, rides and food stands.",
        'Caller says "three of us", wants a call back.',
        "Paid a fee before travelling; passport kept.\nSecond call expected.",
        "=SUM(overtime) never paid, according to the caller",
        "",
    ),
)

AMPARO = Shape(
    organisation="amparo",
    filename="amparo.csv",
    region="MX",
    encoding="utf-8-sig",
    delimiter=",",
    line_end="\r\n",
    date="%d/%m/%Y",
    case_id="AMP/2026/{number:04d}",
    columns={
        "case": "Folio",
        "date": "Fecha de la llamada",
        "country": "País",
        "phone1": "Teléfono del reclutador",
        "phone2": "Otro teléfono del reclutador",
        "handle": "Perfil o red social del reclutador",
        "email": "Correo electrónico del reclutador",
        "office": "Oficina de reclutamiento",
        "register": "Registro o licencia de la oficina",
        "office_country": "País de la oficina",
        "plate": "Placas del vehículo del reclutador",
        "plate_country": "País de las placas",
        "url": "Anuncio o página del reclutador",
        "bank-account": "Cuenta bancaria del reclutador (CLABE o IBAN)",
        "wallet": "Billetera cripto del reclutador",
        "document_type": "Tipo de documento",
        "document": "Documento del reclutador",
        "document_issuer": "País emisor del documento",
        "place": "Coordenadas del lugar de trabajo",
        "device": "IMEI del celular del reclutador",
        "caller": "Teléfono de la persona que llama",
        "notes": "Observaciones",
    },
    countries={
        "MX": "México",
        "US": "Estados Unidos",
        "DE": "Alemania",
        "PL": "Polonia",
        "RO": "Rumania",
        "GT": "Guatemala",
        "HN": "Honduras",
        "ES": "España",
    },
    plate_countries={
        "MX": "México",
        "US": "EE.UU.",
        "DE": "Alemania",
        "PL": "Polonia",
        "RO": "Rumania",
        "GT": "Guatemala",
    },
    papers={
        "passport": ("Pasaporte", "pasaporte"),
        "identity-card": ("DNI", "cédula", "Cédula de identidad"),
        "driving-licence": ("Licencia de conducir", "licencia"),
    },
    row_countries={"MX": 78, "GT": 9, "HN": 8, "US": 5},
    placeholders=PLACEHOLDERS_ES,
    none="s/n",
    mark="[INVENTADO]",
    notes=(
        "Le ofrecieron trabajo en ferias; cobraron la visa.",
        "Retuvieron su pasaporte, según dice.\nPide que no la llamen de noche.",
        'Habló de "don Teo"; no sabe el apellido.',
        "",
    ),
)

LICHT = Shape(
    organisation="licht",
    filename="licht.csv",
    region="DE",
    encoding="cp1252",
    delimiter=";",
    line_end="\r\n",
    date="%d.%m.%Y",
    case_id="L2026-{number:04d}",
    columns={
        "case": "Fallnummer",
        "date": "Datum",
        "caller": "Telefon der anrufenden Person",
        "country": "Land",
        "office": "Vermittlungsbüro",
        "office_country": "Land des Büros",
        "register": "Handelsregister- oder Lizenznummer",
        "phone1": "Telefon Anwerber",
        "phone2": "Telefon 2 Anwerber",
        "email": "E-Mail Anwerber",
        "handle": "Profil-Link Anwerber",
        "plate": "Kennzeichen Anwerber",
        "plate_country": "Zulassungsland",
        "url": "Webseite oder Anzeige Anwerber",
        "bank-account": "Bankverbindung Anwerber",
        "wallet": "Krypto-Wallet Anwerber",
        "document": "Ausweisnummer Anwerber",
        "document_type": "Art des Ausweises",
        "document_issuer": "Ausstellerland des Ausweises",
        "place": "Breitengrad Arbeitsort",
        "longitude": "Längengrad Arbeitsort",
        "device": "IMEI Anwerber",
        "notes": "Bemerkungen",
    },
    countries={
        "MX": "Mexiko",
        "US": "USA",
        "DE": "Deutschland",
        "PL": "Polen",
        "RO": "Rumänien",
        "GT": "Guatemala",
        "HN": "Honduras",
        "ES": "Spanien",
    },
    plate_countries={"MX": "MEX", "US": "USA", "DE": "D", "PL": "PL", "RO": "RO", "GT": "GCA"},
    papers={
        "passport": ("Reisepass", "Pass"),
        "identity-card": ("Personalausweis", "Ausweis"),
        "driving-licence": ("Führerschein",),
    },
    row_countries={"DE": 72, "PL": 12, "RO": 11, "ES": 5},
    placeholders=PLACEHOLDERS_DE,
    none="k. A.",
    mark="[ERFUNDEN]",
    notes=(
        "Arbeit auf der Kirmes; Lohn wurde einbehalten.",
        "Ausweis abgenommen; Rückruf vereinbart.\r\nSpricht wenig Deutsch.",
        'Nennt den Fahrer nur "Rik"; war zu dritt.',
        "",
    ),
)

SHAPES = (HOPE, AMPARO, LICHT)
"""All three organisations, in the order in which the demonstration founds them."""
