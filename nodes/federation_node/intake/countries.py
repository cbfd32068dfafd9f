# SPDX-License-Identifier: Apache-2.0
"""Reads countries as spreadsheets write them: codes, names, and the signs on vehicles."""

import importlib.util
import unicodedata
from functools import cache
from pathlib import Path

from federation.indicators.country import find_country

LANGUAGES = ("en", "es", "de", "fr", "pl", "ro", "pt", "ar")
"""Languages whose country names are understood."""

# Distinguishing signs of vehicles in international traffic that are not ISO codes, and
# short forms in everyday use.
_ALSO = {
    "a": "AT", "b": "BE", "d": "DE", "e": "ES", "f": "FR", "h": "HU", "i": "IT", "l": "LU",
    "n": "NO", "p": "PT", "s": "SE", "gca": "GT", "fl": "LI", "irl": "IE", "slo": "SI",
    "cdn": "CA", "usa": "US", "eeuu": "US", "eua": "US", "vereinigte staaten": "US",
    "estados unidos de america": "US", "united states of america": "US", "uk": "GB",
    "england": "GB", "great britain": "GB", "mexiko": "MX", "mejico": "MX", "brd": "DE",
    "holland": "NL", "czech republic": "CZ", "tschechische republik": "CZ", "rumania": "RO",
    "rumanien": "RO", "turkey": "TR", "turkei": "TR", "moldova": "MD", "republica dominicana": "DO",
}  # fmt: skip


def read_country(text: str) -> str | None:
    """Read a country.

    Args:
        text: an ISO 3166 code, a vehicle sign, or a name in one of `LANGUAGES`.

    Returns:
        The ISO 3166 alpha-2 code, or None for anything else.
    """
    stripped = text.strip()
    return find_country(stripped) or _names().get(_fold(stripped))


def _fold(text: str) -> str:
    """Keep the letters of a name, without case, accents, blanks and signs."""
    decomposed = unicodedata.normalize("NFKD", text.casefold())
    return "".join(c for c in decomposed if c.isalpha())


@cache
def _names() -> dict[str, str]:
    names: dict[str, str] = {}
    for code, by_language in _locale_data().items():
        if find_country(code) != code:
            continue
        for language in LANGUAGES:
            name = by_language.get(language, "")
            if name.startswith("*"):
                name = by_language.get(name[1:], "")
            if name:
                names.setdefault(_fold(name), code)
    return names | {_fold(name): code for name, code in _ALSO.items()}


def _locale_data() -> dict[str, dict[str, str]]:
    """Load country names by code and language; a value "*xx" points to another language.

    They are in phonenumbers, which is there already. The module is loaded by its file,
    because its package would load the geography of every number as well: seconds, and more
    memory than all the rest of an import.
    """
    root = importlib.util.find_spec("phonenumbers")
    if root is None or root.origin is None:
        raise ImportError("phonenumbers is not installed")
    path = Path(root.origin).parent / "geodata" / "locale.py"
    spec = importlib.util.spec_from_file_location("phonenumbers.geodata.locale", path)
    if spec is None or spec.loader is None:
        raise ImportError("phonenumbers has no country names")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    data: dict[str, dict[str, str]] = module.LOCALE_DATA
    return data
