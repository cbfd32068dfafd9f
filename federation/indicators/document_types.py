# SPDX-License-Identifier: Apache-2.0
"""The types of document that a DOCUMENT can be, and what people call them."""

from collections.abc import Mapping
from typing import Final

from federation.indicators.fold import fold, fold_umlauts

_NAMES: Final[Mapping[str, str]] = {
    "passport": "passport, pass, p, pasaporte, reisepass, passeport, passaporte, pasport,"
    " pașaport, paszport, паспорт, загранпаспорт, pasaport, جواز سفر, 护照, 護照, passport number,"
    " passport no",
    "identity-card": "identity card, id card, id, national id, national identity card, i, cedula,"
    " cedula de identidad, cedula de ciudadania, dni, ine, credencial de elector, ife,"
    " personalausweis, ausweis, carte d'identite, cni, carta d'identita, rg, bilhete de"
    " identidade, carte de identitate, buletin, buletin de identitate, dowod osobisty, dowod,"
    " kimlik, ktp, удостоверение личности, بطاقة هوية, 身份证, 身份證",
    "residence-permit": "residence permit, residence card, green card, permiso de residencia,"
    " tie, nie card, tarjeta de residencia, aufenthaltstitel, aufenthaltserlaubnis, titre de"
    " sejour, carte de sejour, permesso di soggiorno, autorizacao de residencia, permis de sedere,"
    " karta pobytu, вид на жительство",
    "visa": "visa, v, visado, visum, visto, viza, wiza, виза, 签证, 簽證",
    "work-permit": "work permit, employment permit, permiso de trabajo, arbeitserlaubnis, permis"
    " de travail, permesso di lavoro, permis de munca, zezwolenie na prace, iqama, разрешение на"
    " работу",
    "travel-document": "travel document, refugee travel document, emergency passport, laissez"
    " passer, salvoconducto, reiseausweis, titre de voyage, documento de viaje",
    "driving-licence": "driving licence, driver licence, drivers licence, driving license, driver"
    " license, drivers license, dl, licencia, licencia de conducir, licencia de manejo, permiso de"
    " conducir, fuhrerschein, permis de conduire, patente, cnh, carteira de motorista, carta de"
    " conducao, permis de conducere, prawo jazdy, водительские права",
    "crew-certificate": "crew certificate, crew member certificate, seamans book, seafarer's"
    " identity document, libreta de mar, seefahrtbuch",
    "national-number": "national number, personal number, curp, cpf, cnp, pesel, aadhaar, nin,"
    " codigo unico, numero nacional, personal identification number, nik",
    "tax-number": "tax number, tax id, tin, rfc, nif, nie, steuernummer, steuer id, codice"
    " fiscale, numero fiscal, ruc, rut, nit, инн",
    "social-security": "social security, social security number, ssn, nss, seguro social,"
    " sozialversicherungsnummer, nino, national insurance number, snils, снилс",
}


def _folded(name: str) -> str:
    return " ".join(fold_umlauts(word) for word in fold(name))


_BY_NAME: Final = {_folded(type_): type_ for type_ in _NAMES} | {
    _folded(alias): type_ for type_, names in _NAMES.items() for alias in names.split(",")
}

# Codes in a machine-readable zone; the second letter is the issuer's, these have a meaning.
_BY_CODE: Final = {
    "AC": "crew-certificate",
    "IR": "residence-permit",
    "AR": "residence-permit",
    "CR": "residence-permit",
    "PT": "travel-document",
    "PR": "travel-document",
}
_BY_LETTER: Final = {
    "P": "passport",
    "V": "visa",
    "I": "identity-card",
    "A": "identity-card",
    "C": "identity-card",
}


def find_type(name: str) -> str | None:
    """Return the type of document that a name means.

    Args:
        name: What people call it, in any script, or the name in normal forms.

    Returns:
        The type, or None if it is not listed.
    """
    return _BY_NAME.get(_folded(name))


def type_of_code(code: str) -> str | None:
    """Return the type of document of a code in a machine-readable zone.

    Args:
        code: One or two letters (ICAO 9303, parts 4 to 7).

    Returns:
        The type, or None if the code is of no document.
    """
    return _BY_CODE.get(code) or _BY_LETTER.get(code[:1])
