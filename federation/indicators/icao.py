# SPDX-License-Identifier: Apache-2.0
"""ICAO Doc 9303: transliteration, issuers, and the machine-readable zone of a document."""

import unicodedata
from dataclasses import dataclass
from enum import Enum
from typing import Final

from federation.indicators.country import find_country

# Part 3, section 6, tables A and B, where they differ from dropping the accent.
_LATIN: Final = {
    "Ä": "AE", "Å": "AA", "Æ": "AE", "Ð": "D", "Đ": "D", "Ħ": "H", "Ł": "L", "Ŋ": "N",
    "Ö": "OE", "Ø": "OE", "Œ": "OE", "Ŧ": "T", "Ü": "UE", "Þ": "TH", "ẞ": "SS", "ß": "SS",
    "\u0138": "Q", "\u0131": "I",
}  # fmt: skip
_SPELLED: Final = (
    "A B V G D E E ZH Z I I I K L M N O P R S T U F KH TS CH SH SHCH IE Y E IU IA"
    " IE I G U D J LJ NJ K C DZ DZ G"
)
_CYRILLIC: Final = dict(
    zip(
        "АБВГДЕЁЖЗИЙІКЛМНОПРСТУФХЦЧШЩЪЫЭЮЯЄЇҐЎЂЈЉЊЌЋЏЅЃ",
        _SPELLED.split(),
        strict=True,
    )
) | {"\u042c": ""}  # the soft sign

# Issuers in a machine-readable zone that are no country of ISO 3166 (part 3, section 5).
_OWN_CODES: Final = {"D": "DE", "RKS": "XK"} | dict.fromkeys(
    ("GBD", "GBN", "GBO", "GBP", "GBS"), "GB"
)
_CODES: Final = "EUE UNO UNA UNK UTO XOM XXA XXB XXC XXX XBA XIM XCC XCE XCO XEC XPO XES XMP XDC"
_ORGANISATIONS: Final = frozenset(_CODES.split())

_WEIGHTS: Final = (7, 3, 1)


class Mrz(Enum):
    """Why a text is not the zone of a document."""

    NOT_ONE = "not the form of one"
    CHECK_DIGIT = "a check digit does not hold"


@dataclass(frozen=True, slots=True)
class Zone:
    """What a machine-readable zone says about the document; nothing about the person."""

    code: str
    """Document code, one or two letters."""
    issuer: str
    """Issuer's code as printed."""
    number: str
    """Document number without fillers."""


def transliterate(text: str) -> str | None:
    """Return letters and digits as a document's zone spells them (part 3, section 6).

    Args:
        text: A number as printed; everything that is no letter or digit is dropped.

    Returns:
        Letters A-Z and digits, or None where a letter is neither Latin nor Cyrillic.
    """
    result = []
    for character in unicodedata.normalize("NFKC", text).upper():
        spelled = _LATIN.get(character, _CYRILLIC.get(character))
        if spelled is None:
            bare = unicodedata.normalize("NFKD", character)[0]
            spelled = _CYRILLIC.get(bare, bare)
            if not spelled.isascii():
                if unicodedata.category(character)[0] in "LN":
                    return None
                continue
        result.append("".join(c for c in spelled if c.isalnum()))
    return "".join(result)


def find_issuer(code: str) -> str | None:
    """Return an issuer's code: two letters for a country, three for an organisation.

    Args:
        code: ISO 3166 (two or three letters) or a code of ICAO 9303; `<` counts as absent.

    Returns:
        The code in upper case, or None if it is neither.
    """
    bare = code.replace("<", "").upper()
    if bare in _ORGANISATIONS:
        return bare
    return _OWN_CODES.get(bare) or find_country(bare)


def read_zone(text: str) -> Zone | Mrz:
    """Read a machine-readable zone (parts 4 to 7) and verify every check digit.

    Args:
        text: The lines one after the other, without spaces, in upper case.

    Returns:
        The zone, or why it is none.
    """
    if len(text) == 90:
        return _td1(text[:30], text[30:60])
    if len(text) == 72:
        return _two_lines(text[:36], text[36:])
    if len(text) == 88:
        return _two_lines(text[:44], text[44:])
    return Mrz.NOT_ONE


def _td1(first: str, second: str) -> Zone | Mrz:
    """Three lines of 30 (part 5); the names on the third are not read."""
    number = _number(first[5:14], first[14], first[15:30])
    composite = first[5:30] + second[0:7] + second[8:15] + second[18:29]
    dates = _holds(second[0:6], second[6]) and _holds(second[8:14], second[14])
    if number is None or not dates or not _holds(composite, second[29]):
        return Mrz.CHECK_DIGIT
    return _zone(first, number)


def _two_lines(first: str, second: str) -> Zone | Mrz:
    """Two lines of 36 or 44 (parts 4, 6 and 7)."""
    is_visa = first[0] == "V"
    optional = second[28:35] if len(second) == 36 and not is_visa else ""
    number = _number(second[0:9], second[9], optional)
    dates = _holds(second[13:19], second[19]) and _holds(second[21:27], second[27])
    if number is None or not dates:
        return Mrz.CHECK_DIGIT
    if not is_visa:
        composite = second[0:10] + second[13:20] + second[21:-1]
        if not _holds(composite, second[-1]):
            return Mrz.CHECK_DIGIT
        if len(second) == 44 and not _holds(second[28:42], second[42]):
            return Mrz.CHECK_DIGIT
    return _zone(first, number)


def _number(field: str, check: str, optional: str) -> str | None:
    """Return the number, which may go on behind a filler where the check digit stands."""
    rest = optional.partition("<")[0]
    if check == "<" and len(rest) > 1:
        field, check = field + rest[:-1], rest[-1]
    if not _holds(field, check) or check == "<":
        return None
    return field.replace("<", "")


def _zone(first: str, number: str) -> Zone | Mrz:
    code, issuer = first[0:2].replace("<", ""), first[2:5]
    if not code.isalpha() or not number:
        return Mrz.NOT_ONE
    return Zone(code, issuer, number)


def _holds(field: str, check: str) -> bool:
    """Verify one check digit (part 3, section 4.9); a filler stands for the zero of nothing."""
    values = (int(c, 36) if c != "<" else 0 for c in field)
    total = sum(value * _WEIGHTS[at % 3] for at, value in enumerate(values))
    return check == str(total % 10) or (check == "<" and not field.strip("<"))
