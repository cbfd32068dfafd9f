# SPDX-License-Identifier: Apache-2.0
"""Word lists from which invented names are put together."""

FIRST = (
    "ferialuz", "carpaoro", "ruedaverde", "marisolq", "donteo", "lupevia", "kirmesrik", "toboganx",
    "ewajarm", "ionutcar", "radekfun", "sorinpar", "nancyfair", "bigtopjo", "gitafair", "pacoferia",
)  # fmt: skip
"""Beginnings of account names."""

TRADE = ("jobs", "work", "viajes", "empleo", "visas", "praca", "munca", "arbeit", "crew", "tours")
"""Endings of account names."""

MAIL_DOMAIN = ("gmail.com", "outlook.com", "hotmail.com", "yahoo.com", "gmx.de", "wp.pl")
"""Free mail providers."""

PLATE = ("MX", "US", "DE", "PL", "RO", "GT")
"""Countries that have plates here."""

OFFICE_HEAD = {
    "MX": ("Contrataciones", "Reclutamiento", "Servicios Laborales", "Gestión"),
    "US": ("Staffing", "Workforce", "Seasonal Labor", "Recruiting"),
    "DE": ("Personal", "Saisonarbeit", "Vermittlung", "Arbeitsteam"),
    "PL": ("Praca", "Agencja", "Rekrutacja", "Kadry"),
    "RO": ("Recrutare", "Agenţia", "Personal", "Resurse"),
    "GT": ("Contratista", "Empleos", "Reclutadora", "Enlace"),
}
"""First words of office names by country."""

OFFICE_NAME = (
    "Quetzalia", "Montearo", "Belvaro", "Tornado Azul", "Calipso", "Verdanza", "Ostrava Sol",
    "Miradorix", "Lunaparque", "Halcyonia", "Trevalda", "Zafirelle", "Korvanta", "Pelugia",
    "Sandoria", "Wielkora", "Brindalux", "Ambrovia", "Cestrella", "Norvanda", "Espirales",
    "Galdamar", "Ruvella", "Tamborine", "Ostinato", "Vistamora",
)  # fmt: skip
"""Invented middle words of office names; they carry most of the distinction."""

OFFICE_TAIL = {
    "MX": ("Internacional", "del Norte", "y Ferias", "del Golfo", "Exprés"),
    "US": ("Amusements", "Midway", "Carnival Crews", "of Florida", "Outdoor Shows"),
    "DE": ("Schausteller", "Kirmes", "Volksfest", "Osteuropa", "Nord"),
    "PL": ("Zagranica", "Wesołe Miasteczko", "Sezonowa", "Południe"),
    "RO": ("Sezonier", "Parcuri", "Distracţii", "Vest"),
    "GT": ("Centroamérica", "del Sur", "Altiplano", "Unidos"),
}
"""Last words of office names by country."""

LEGAL_FORM = {
    "MX": ("S.A. de C.V.", "S. de R.L. de C.V."),
    "US": ("LLC", "Inc."),
    "DE": ("GmbH",),
    "PL": ("Sp. z o.o.",),
    "RO": ("S.R.L.",),
    "GT": ("S.A.",),
}
"""Legal forms by country."""

REGISTER_HEAD = {"MX": "STPS", "US": "FLC", "DE": "HRB", "PL": "KRAZ", "RO": "ITM", "GT": "IGT"}
"""What a licence or register number begins with, by country."""

PAGE = ("vacantes", "jobs", "ferias", "carnival-crew", "oferta", "apply", "praca", "stellen")
"""Parts of the path of a recruiter's page."""

ADVERT_SITE = {"US": "craigslist", "MX": "craigslist", "DE": "kleinanzeigen"}
"""Where recruiters advertise, by country."""

TOWN = {
    "MX": (19.43, -99.13),
    "US": (27.95, -82.46),
    "DE": (52.52, 13.40),
    "PL": (52.23, 21.01),
    "RO": (44.43, 26.10),
    "GT": (14.63, -90.51),
}
"""A large town of each country, in degrees north and east; sites lie around it."""
