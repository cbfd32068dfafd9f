# SPDX-License-Identifier: Apache-2.0
"""What the three organisations of a frozen federation hold: invented, and every kind once."""

import csv
import io

from federation.indicators import Kind, Subject
from federation_node.intake import Mapping
from federation_node.intake.mapping import Column

__all__ = ["AMPARO", "HOPE", "HOPE_FIRST", "LATE", "LICHT", "MAPPING", "NEW", "csv_of"]

R, B, P = Subject.RECRUITER, Subject.BUSINESS, Subject.PLACE

MAPPING = Mapping(
    case_id="case",
    country="country",
    notes=("notes",),
    columns=(
        Column(column="phone", kind=Kind.PHONE, subject=R),
        Column(column="email", kind=Kind.EMAIL, subject=R),
        Column(column="handle", kind=Kind.HANDLE, subject=R, platform="platform"),
        Column(column="plate", kind=Kind.VEHICLE, subject=R, country="plate country"),
        Column(column="office", kind=Kind.COMPANY, subject=B, country="office country"),
        Column(column="link", kind=Kind.URL, subject=R),
        Column(column="account", kind=Kind.BANK_ACCOUNT, subject=R),
        Column(column="wallet", kind=Kind.WALLET, subject=R, chain="chain"),
        Column(
            column="document", kind=Kind.DOCUMENT, subject=R, issuer="issuer", type="document type"
        ),
        Column(column="latitude", kind=Kind.PLACE, subject=P, longitude="longitude"),
        Column(column="device", kind=Kind.DEVICE, subject=R),
        Column(column="caller phone", kind=Kind.PHONE, subject=Subject.SURVIVOR),
    ),
    ignored={"date": "not needed"},
)

Row = dict[str, str]

HOPE_FIRST: list[Row] = [
    {"case": "H-1", "phone": "+52 55 1234 5678", "plate": "KR 39504", "plate country": "PL"},
    {
        "case": "H-2",
        "email": "feria@carnival-crew-0193.mx",
        "plate": "GD 12345",
        "plate country": "PL",
    },
    {"case": "H-3", "plate": "WA 77777", "plate country": "PL", "caller phone": "(214) 925-1930"},
    {"case": "H-4", "phone": "she will call back", "notes": "[INVENTED]"},
    {"case": "H-5", "phone": "+1 202 555 0147"},
]
"""As it was imported first."""

HOPE: list[Row] = [
    *HOPE_FIRST[:1],
    HOPE_FIRST[1] | {"email": "jobs@carnival-crew-0193.mx"},
    *HOPE_FIRST[2:],
]
"""As it was corrected: one address is another."""

LATE: list[Row] = [{"case": "H-9", "phone": "+49 1512 3456789", "country": "DE"}]
"""What came in while one partner was away."""

AMPARO: list[Row] = [
    {"case": "A-1", "phone": "55 1234 5678", "country": "MX"},
    {"case": "A-2", "plate": "kr-39504", "plate country": "Poland"},
    {"case": "A-3", "plate": "GD12345", "plate country": "PL"},
    {"case": "A-4", "plate": "wa 77 777", "plate country": "PL"},
    {"case": "A-5", "plate": "PO 4K712", "plate country": "PL"},
]

LICHT: list[Row] = [
    {"case": "L-1", "phone": "0052 55 12345678", "country": "DE"},
    {"case": "L-2", "email": "Jobs@Carnival-Crew-0193.mx"},
    {"case": "L-3", "phone": "01512 3456789", "country": "DE"},
    {
        "case": "L-4",
        "country": "DE",
        "phone": "0176 41234567",
        "email": "arbeit@kirmes-crew-0193.de",
        "handle": "@Kirmes_Jobs",
        "platform": "instagram",
        "office": "Kadry Norvanda Południe Sp. z o.o.",
        "office country": "PL",
        "link": "https://www.kirmes-crew-0193.de/jobs/?utm_source=feed",
        "account": "GB30 CRNV 6016 1331 9268 19",
        "wallet": "0x52908400098527886E0F7030069857D2E4169EE7",
        "chain": "ethereum",
        "document": "C4VGT0R7W",
        "issuer": "DE",
        "document type": "passport",
        "latitude": "52.516275",
        "longitude": "13.377704",
        "device": "35-881209-417263-8",
    },
]

NEW: Row = {
    "case": "H-10",
    "country": "US",
    "phone": "+49 (0)176 412 345 67",
    "email": "ARBEIT@kirmes-crew-0193.de",
    "handle": "https://instagram.com/kirmes_jobs",
    "plate": "po4k712",
    "plate country": "Poland",
    "office": "KADRY NORVANDA POLUDNIE SP Z O O",
    "office country": "Poland",
    "link": "http://kirmes-crew-0193.de/jobs",
    "account": "GB30CRNV60161331926819",
    "wallet": "0x52908400098527886e0f7030069857d2e4169ee7",
    "chain": "ETH",
    "document": "c4vgt0r7w",
    "issuer": "Germany",
    "document type": "Passport",
    "latitude": "52.51628",
    "longitude": "13.37771",
    "device": "358812094172638",
}
"""Licht's fourth case and Amparo's last plate in other spellings: what a later version imports
and must still match."""


def csv_of(rows: list[Row]) -> str:
    """Write rows as a sheet with every column of the mapping."""
    headers = sorted(MAPPING.used | set(MAPPING.notes) | set(MAPPING.ignored))
    text = io.StringIO()
    writer = csv.DictWriter(text, headers, restval="", lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    return text.getvalue()
