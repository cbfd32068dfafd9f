# SPDX-License-Identifier: Apache-2.0
"""Words that headers of case sheets are made of, in seven languages.

They are English, Spanish, German, Portuguese, French, Romanian and Arabic. A stem matches a
word of the header that equals it; with a star in front or behind it matches a word that ends
or begins so, with both a word that contains it. Headers are compared without accents, in
lower case, Arabic without its article. Adding a language means adding words.

A word is here only if it names one side: Arabic "mujannad", unvocalised, is the one who
recruits and the one who was recruited, so it is not.
"""

import re
import unicodedata

PHONE = (
    "phone*", "*phone", "telephone*", "tel", "telef*", "*telefon", "telefon*", "mobile*", "movil*",
    "cell", "cellphone", "celular*", "handy*", "mobil*", "rufnummer*", "whatsapp*", "wa",
    "telemovel*", "portable", "gsm", "هاتف*", "تليفون*", "تلفون*", "جوال*", "موبايل*", "محمول",
    "واتساب*",
)  # fmt: skip
EMAIL = (
    "email*", "mail", "mails", "mailadresse", "correo*", "*email", "courriel*", "mel", "بريد*",
    "ايميل*",
)  # fmt: skip
HANDLE = (
    "handle", "handles", "username*", "usuario", "perfil*", "profile*", "profil*", "account*",
    "benutzername*", "nickname*", "instagram", "facebook", "tiktok", "telegram",
    "twitter", "insta", "pseudo*", "compte*", "conta", "cont", "utilizator*", "utilizador",
    "حساب*", "فيسبوك", "انستغرام", "تيليجرام",
)  # fmt: skip
PLATFORM = (
    "platform*", "plataforma*", "plattform*", "network", "netzwerk*", "red", "redes", "rede", "app",
    "plateforme*", "reseau*", "retea*", "منصه*", "شبكه*",
)  # fmt: skip
PLATE = (
    "plate*", "placa*", "matricula*", "*kennzeichen*", "nummernschild*", "*zulassung*", "vin",
    "fahrgestell*", "patente", "plaque*", "immatriculation*", "inmatricul*", "لوحه*",
)  # fmt: skip
COMPANY = (
    "company*", "office*", "agency", "agencies", "employer*", "business*", "firm", "empresa*",
    "oficina*", "agencia*", "empleador*", "negocio*", "patron", "firma*", "unternehmen*", "*buro",
    "*buros", "*agentur", "arbeitgeber*", "betrieb*", "escritorio*", "empregador*", "patrao",
    "societe*", "entreprise*", "agence*", "employeur*", "bureau*", "companie*", "companiei",
    "agentie*", "agentia", "agentiei", "angajator*", "birou*", "شركه*", "مكتب*", "وكاله*",
)  # fmt: skip
REGISTER = (
    "licence*", "license*", "licencia*", "registro*", "register*", "registration*", "rfc", "nit",
    "*register", "*registernummer", "lizenz*", "hrb", "krs", "cui", "cnpj", "nipc", "siret",
    "siren", "licenca*", "alvara", "licenta*", "سجل*", "رخصه*", "ترخيص*",
)  # fmt: skip
BANK = ("bank*", "banc*", "banq*", "iban", "konto*", "clabe", "ايبان", "مصرف*", "بنك*")
BANK_ACCOUNT = (
    "iban", "clabe", "account*", "konto*", "bankkonto*", "cuenta*", "compte*", "conta", "cont",
    "contul*", "bankverbindung*", "حساب*", "ايبان",
)  # fmt: skip
"""Words that make of a bank's column one of accounts."""
WALLET = (
    "wallet*", "crypto*", "cripto*", "krypto*", "bitcoin*", "btc", "usdt", "ethereum", "billetera*",
    "carteira", "portefeuille*", "portofel*", "محفظه*",
)  # fmt: skip
CHAIN = ("chain", "blockchain", "coin", "currency", "moneda", "moeda", "monnaie", "wahrung")
DEVICE = ("imei*", "imsi*")
URL = (
    "url*", "link*", "website*", "webseite*", "webpage*", "web", "sitio", "site", "enlace*",
    "anuncio*", "advert*", "anzeige*", "annonce*", "lien*", "anunt*", "رابط*", "موقع*", "اعلان*",
)  # fmt: skip
DOCUMENT = (
    "passport*", "pasaporte*", "reisepass*", "passaporte*", "passeport*", "pasaport*", "ausweis*",
    "document", "documento", "documentul*", "dokument*", "جواز*", "وثيقه*",
)  # fmt: skip
DOCUMENT_TYPE = ("type*", "tipo*", "typ", "art", "tip", "tipul", "نوع*")
ISSUER = (
    "issued", "issuer*", "issuing", "emisor*", "emitido*", "emissor*", "expedid*", "ausgestellt*",
    "ausstell*", "emetteur*", "emitent*",
)  # fmt: skip
COORDINATES = (
    "coordinate*", "coordenada*", "koordinate*", "coordonnee*", "coordonate*", "gps", "احداثي*",
)  # fmt: skip
LATITUDE = ("latitude*", "latitud", "lat", "breitengrad*", "latitudine*")
LONGITUDE = ("longitude*", "longitud", "lon", "lng", "langengrad*", "longitudine*")
WORKPLACE = (
    "work", "workplace*", "worksite*", "jobsite*", "venue*", "fairground*", "trabajo",
    "obra", "finca", "feria*", "arbeitsort*", "einsatzort*", "arbeitsplatz*", "arbeitsstelle*",
    "trabalho", "travail", "chantier", "munca", "عمل",
)  # fmt: skip
"""Where people are put to work."""
SHELTER = (
    "shelter*", "safehouse*", "refuge", "refuges", "refugio*", "albergue*", "schutzwohnung*",
    "schutzhaus*", "schutzunterkunft*", "frauenhaus*", "abrigo*", "foyer*", "adapost*", "ماوي*",
    "ملجا*",
)  # fmt: skip
"""Where survivors are safe as long as nobody is told where that is."""
DWELLING = (
    *SHELTER, "home*", "house*", "housing", "accommodation*", "lodging*", "casa*", "vivienda*",
    "alojamiento*", "hogar*", "*unterkunft*", "*haus", "wohn*", "moradia*", "alojamento*",
    "hebergement*", "logement*", "domicil*", "locuint*", "cazare*", "سكن*", "بيت*", "منزل*",
)  # fmt: skip
"""Where people sleep: it may be a shelter, so such a place is nobody's but who is named."""
WITHHELD = (
    "taken", "took", "kept", "keeps", "held", "holds", "withheld", "retained", "confiscat*",
    "seized", "stolen", "retenid*", "retiene*", "quitad*", "quito", "confiscad*", "incautad*",
    "decomisad*", "robad*", "*einbehalt*", "abgenommen*", "weggenommen*", "beschlagnahmt*",
    "eingezogen*", "gestohlen*", "retid*", "apreendid*", "tomad*", "roubad*", "confisqu*",
    "retenu*", "saisi*", "pris", "retinut*", "luat*", "furat*", "مصادر*", "محتجز*", "محجوز*",
)  # fmt: skip
"""What was taken from somebody: "Passport kept by recruiter" is about the caller's passport."""
COUNTRY = (
    "country*", "pais*", "land", "lander", "*land", "staat*", "pays", "tara", "tarii", "دوله*",
    "بلد*",
)  # fmt: skip
NOTES = (
    "note*", "comment*", "remark*", "narrative", "summary", "description", "nota*", "observacion*",
    "comentario*", "relato", "descripcion", "resumen", "notiz*", "bemerkung*", "anmerkung*",
    "kommentar*", "beschreibung", "observacao", "observacoes", "descricao", "resumo",
    "remarque*", "commentaire*", "observation*", "recit", "observatii", "comentarii", "descriere",
    "rezumat", "ملاحظه*", "ملاحظات", "وصف", "ملخص",
)  # fmt: skip
DATE = (
    "date*", "day", "time", "fecha*", "hora", "dia", "datum*", "uhrzeit", "zeit", "tag", "data",
    "heure", "jour", "ora", "ziua", "تاريخ*", "وقت",
)  # fmt: skip
NAME = (
    "name", "names", "nombre*", "apellido*", "vorname*", "nachname*", "surname", "alias", "nome*",
    "apelido*", "nom", "noms", "prenom*", "nume", "numele", "prenume*", "اسم*",
)  # fmt: skip
ADDRESS = (
    "address*", "street*", "city", "direccion*", "domicilio", "calle", "ciudad", "adresse*",
    "anschrift*", "strasse*", "ort", "stadt", "endereco*", "morada", "rua", "cidade", "rue",
    "ville", "adresa*", "strada*", "oras*", "عنوان*", "شارع", "مدينه",
)  # fmt: skip

RECRUITER = (
    "recruiter*", "reclutador*", "enganchador*", "contratista*", "anwerber*", "*anwerber",
    "vermittler*", "schleuser*", "rekrutierer*", "recrutador*", "aliciador*", "recruteur*",
    "recruteuse*", "rabatteu*", "recrutor*", "racolator*", "وسيط*", "سمسار*",
)  # fmt: skip
TRAFFICKER = (
    "trafficker*", "exploiter*", "perpetrator*", "suspect*", "tratante*", "explotador*",
    "sospechos*", "tater*", "menschenhandler*", "ausbeuter*", "verdachtig*", "traficante*",
    "explorador*", "suspeit*", "trafiquant*", "exploiteu*", "traficant*", "exploatator*",
    "متاجر*", "تاجر*", "مشتبه*", "مستغل",
)  # fmt: skip
FACILITATOR = (
    "facilitator*", "driver*", "transporter*", "smuggler*", "facilitador*", "chofer*",
    "conductor*", "transportista*", "coyote", "fahrer*", "helfer*", "motorista*", "condutor*",
    "coiote", "facilitateur*", "chauffeur*", "conducteur*", "passeur*", "passeuse*", "sofer*",
    "transportator*", "سائق*", "مهرب*",
)  # fmt: skip
SURVIVOR = (
    "survivor*", "caller*", "victim*", "client*", "beneficiar*", "worker*", "complainant*",
    "sobreviviente*", "llamante*", "usuaria*", "denunciante*", "trabajador*", "llama", "anruf*",
    "betroffen*", "opfer*", "klient*", "uberlebend*", "hilfesuchend*", "ratsuchend*",
    "sobrevivente*", "vitima*", "trabalhador*", "ligou", "survivant*", "appelant*", "plaignant*",
    "beneficiaire*", "travailleu*", "apelant*", "supravietuit*", "lucrator*", "reclamant*",
    "muncitor*", "ضحيه*", "ضحايا", "ناجيه*", "ناجي", "متصل*", "عامل", "عامله", "مستفيد*",
)  # fmt: skip
SOMEBODY = (
    "person", "persona", "contact", "contacto", "kontakt", "own", "propio", "eigen*", "pessoa",
    "contato", "personne", "persoana", "شخص", "اتصال",
)  # fmt: skip
"""Words that mean the caller when a header names nobody else."""

CASE_IDS = frozenset(
    {
        "case id", "case", "case no", "case nr", "case number", "case ref", "case reference",
        "caseid", "id", "record id", "call id", "reference", "ref", "row id", "file number",
        "folio", "expediente", "no expediente", "numero expediente", "caso", "id caso", "no caso",
        "numero caso", "clave caso", "fallnummer", "fall nr", "fallnr", "fall id", "fall nummer",
        "fall", "aktenzeichen", "aktennummer", "vorgangsnummer", "az",
        "numero processo", "no processo", "processo", "protocolo", "numero protocolo",
        "codigo caso",
        "dossier", "no dossier", "n dossier", "numero dossier", "id dossier", "cas", "numero cas",
        "reference dossier", "dosar", "numar dosar", "nr dosar", "caz", "nr caz", "numar caz",
        "id caz", "قضيه", "حاله", "رقم قضيه", "رقم حاله", "رقم ملف", "رمز حاله", "معرف حاله",
        "case id display", "uuid", "instanceid", "meta instance id", "meta instanceid",
    }
)  # fmt: skip
CASE_COUNTRIES = frozenset(
    {
        "country", "case country", "country case", "country call", "call country", "pais",
        "pais caso", "pais llamada", "land", "land fall", "land falles", "land anruf",
        "land anrufs", "country code", "country iso", "pais iso", "landercode",
        "pais chamada", "pays", "pays dossier", "pays appel", "code pays", "tara", "tara caz",
        "tara apel", "tara apelului", "دوله", "بلد", "دوله حاله", "بلد حاله", "بلد اتصال",
    }
)  # fmt: skip
"""Headers, without small words, that mean the country of the case and of nothing else."""

_SMALL = frozenset(
    {
        "the", "of", "a", "an", "de", "del", "la", "el", "los", "las", "que", "y", "o", "or",
        "and", "der", "die", "das", "des", "dem", "do", "da", "dos", "e", "quem", "du", "le",
        "les", "l", "d", "et", "al", "ale", "lui", "din", "si", "cu", "s",
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
    bare = "".join(c for c in decomposed if not unicodedata.combining(c) and c != _STRETCH)
    found = (_without_article(word) for word in re.findall(r"[^\W_]+", bare))
    return tuple(word for word in found if word not in _SMALL)


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


_STRETCH = "\u0640"
"""Lengthens an Arabic word and means nothing (tatweel)."""
_ARTICLES = ("وال", "بال", "لل", "ال")
_ONE_SPELLING = str.maketrans({"ة": "ه", "ى": "ي"})  # noqa: RUF001 - Arabic, no Latin letter


def _without_article(word: str) -> str:
    """Take the article off an Arabic word, and spell its end in one way."""
    for article in _ARTICLES:
        if word.startswith(article) and len(word) > len(article) + 1:
            word = word.removeprefix(article)
            break
    return word.translate(_ONE_SPELLING)
