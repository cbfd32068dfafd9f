# SPDX-License-Identifier: Apache-2.0
"""Words that headers of case sheets are made of, in English, Spanish and German.

A stem matches a word of the header that equals it; with a star in front or behind it
matches a word that ends or begins so, with both a word that contains it. Headers are
compared without accents, in lower case. Adding a language means adding words.
"""

import re
import unicodedata

PHONE = (
    "phone*", "*phone", "telephone*", "tel", "telef*", "*telefon", "telefon*", "mobile*", "movil*",
    "cell", "cellphone", "celular*", "handy*", "mobil*", "rufnummer*", "whatsapp*", "wa",
)  # fmt: skip
EMAIL = ("email*", "mail", "mails", "mailadresse", "correo*", "*email")
HANDLE = (
    "handle", "handles", "username*", "usuario", "perfil*", "profile*", "profil*", "account*",
    "benutzername*", "nickname*", "instagram", "facebook", "tiktok", "telegram",
    "twitter", "insta",
)  # fmt: skip
PLATFORM = ("platform*", "plataforma*", "plattform*", "network", "netzwerk*", "red", "redes", "app")
PLATE = (
    "plate*", "placa*", "matricula*", "*kennzeichen*", "nummernschild*", "*zulassung*", "vin",
    "fahrgestell*", "patente",
)  # fmt: skip
COMPANY = (
    "company*", "office*", "agency", "agencies", "employer*", "business*", "firm", "empresa*",
    "oficina*", "agencia*", "empleador*", "negocio*", "patron", "firma*", "unternehmen*", "*buro",
    "*buros", "*agentur", "arbeitgeber*", "betrieb*",
)  # fmt: skip
REGISTER = (
    "licence*", "license*", "licencia*", "registro*", "register*", "registration*", "rfc", "nit",
    "*register", "*registernummer", "lizenz*", "hrb", "krs", "cui",
)  # fmt: skip
BANK = ("bank*", "banc*", "iban", "konto*", "clabe")
COUNTRY = ("country*", "pais*", "land", "lander", "*land", "staat*")
NOTES = (
    "note*", "comment*", "remark*", "narrative", "summary", "description", "nota*", "observacion*",
    "comentario*", "relato", "descripcion", "resumen", "notiz*", "bemerkung*", "anmerkung*",
    "kommentar*", "beschreibung",
)  # fmt: skip
DATE = ("date*", "day", "time", "fecha*", "hora", "dia", "datum*", "uhrzeit", "zeit", "tag")
NAME = ("name", "names", "nombre*", "apellido*", "vorname*", "nachname*", "surname", "alias")
ADDRESS = ("address*", "street*", "city", "direccion*", "domicilio", "calle", "ciudad", "adresse*",
           "anschrift*", "strasse*", "ort", "stadt")  # fmt: skip

RECRUITER = (
    "recruiter*", "reclutador*", "enganchador*", "contratista*", "anwerber*", "*anwerber",
    "vermittler*", "schleuser*", "rekrutierer*",
)  # fmt: skip
TRAFFICKER = (
    "trafficker*", "exploiter*", "perpetrator*", "suspect*", "tratante*", "explotador*",
    "sospechos*", "tater*", "menschenhandler*", "ausbeuter*", "verdachtig*",
)  # fmt: skip
FACILITATOR = (
    "facilitator*", "driver*", "transporter*", "smuggler*", "facilitador*", "chofer*",
    "conductor*", "transportista*", "coyote", "fahrer*", "helfer*",
)  # fmt: skip
SURVIVOR = (
    "survivor*", "caller*", "victim*", "client*", "beneficiar*", "worker*", "complainant*",
    "sobreviviente*", "llamante*", "usuaria*", "denunciante*", "trabajador*", "llama", "anruf*",
    "betroffen*", "opfer*", "klient*", "uberlebend*", "hilfesuchend*", "ratsuchend*",
)  # fmt: skip
SOMEBODY = ("person", "persona", "contact", "contacto", "kontakt", "own", "propio", "eigen*")
"""Words that mean the caller when a header names nobody else."""

CASE_IDS = frozenset(
    {
        "case id", "case", "case no", "case nr", "case number", "case ref", "case reference",
        "caseid", "id", "record id", "call id", "reference", "ref", "row id", "file number",
        "folio", "expediente", "no expediente", "numero expediente", "caso", "id caso", "no caso",
        "numero caso", "clave caso", "fallnummer", "fall nr", "fallnr", "fall id", "fall nummer",
        "fall", "aktenzeichen", "aktennummer", "vorgangsnummer", "az",
    }
)  # fmt: skip
CASE_COUNTRIES = frozenset(
    {
        "country", "case country", "country case", "country call", "call country", "pais",
        "pais caso", "pais llamada", "land", "land fall", "land falles", "land anruf",
        "land anrufs", "country code", "country iso", "pais iso", "landercode",
    }
)  # fmt: skip
"""Headers, without small words, that mean the country of the case and of nothing else."""

_SMALL = frozenset(
    {
        "the", "of", "a", "an", "de", "del", "la", "el", "los", "las", "que", "y", "o", "or",
        "and", "der", "die", "das", "des", "dem",
    }
)  # fmt: skip


def words(header: str) -> tuple[str, ...]:
    """Split a header into words without accents, in lower case, without small words.

    Args:
        header: as it stands in the sheet.
    """
    # "Call ID" and "callId" are the same to a person.
    spaced = re.sub(r"(?<=[a-z])(?=[A-Z])", " ", header)
    decomposed = unicodedata.normalize("NFKD", spaced.casefold().replace("e-mail", "email"))
    bare = "".join(c for c in decomposed if not unicodedata.combining(c))
    return tuple(w for w in re.findall(r"[^\W_]+", bare) if w not in _SMALL)


def mentions(found: tuple[str, ...], stems: tuple[str, ...]) -> bool:
    """Whether a header's words match one of the stems.

    Args:
        found: what `words` returned.
        stems: one of the tables of this module.
    """
    return any(_matches(word, stem) for word in found for stem in stems)


def _matches(word: str, stem: str) -> bool:
    core = stem.strip("*")
    match stem.startswith("*"), stem.endswith("*"):
        case True, True:
            return core in word
        case True, False:
            return word.endswith(core)
        case False, True:
            return word.startswith(core)
        case _:
            return word == core
