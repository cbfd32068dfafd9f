# SPDX-License-Identifier: Apache-2.0
"""PHONE: E.164, `+` and digits (ITU-T E.164), by libphonenumber's numbering plans."""

import re
import unicodedata
from collections.abc import Iterator, Mapping
from typing import Final
from urllib.parse import unquote

import phonenumbers

from federation.errors import NormalisationError
from federation.indicators.fold import fold
from federation.indicators.kinds import Kind
from federation.indicators.reasons import Reason
from federation.indicators.text import clean, fields

_FIELDS: Final = frozenset({"number"})

# Links and URIs whose number is international, with or without `+`.
_CHAT_LINKS: Final = tuple(
    re.compile(pattern + r"\+?(?P<number>[0-9]+)/?(?:[?&#@].*)?", re.IGNORECASE)
    for pattern in (
        r"(?:https?://)?(?:www\.)?wa\.me/",
        r"(?:https?://)?(?:api|web|chat)\.whatsapp\.com/send/?\?(?:[^#\s]*&)?phone=",
        r"whatsapp://send/?\?(?:[^#\s]*&)?phone=",
        r"whatsapp:",
        r"viber://(?:chat|add)/?\?(?:[^#\s]*&)?number=",
        r"(?:https?://)?(?:t\.me|telegram\.me)/(?=\+)",
        r"(?:https?://)?signal\.me/#p/",
        r"(?=[0-9]+@(?:s\.whatsapp\.net|c\.us)$)",
    )
)
# RFC 3966 (tel), RFC 5724 (sms); `;` starts a parameter, of which only the context matters.
_TEL_URI: Final = re.compile(
    r"(?:tel|sms|smsto|callto):(?://)?(?P<number>[^;?]+)(?P<parameters>[;?].*)?", re.IGNORECASE
)
_PHONE_CONTEXT: Final = re.compile(r";phone-context=(?P<prefix>\+[0-9]{1,3})(?:;|$)", re.IGNORECASE)
_OTHER_LINK: Final = re.compile(r"://|www\.|[a-z]\.[a-z]{2,}/", re.IGNORECASE)

_EXTENSION: Final = re.compile(
    r"(?<=[0-9)\]\s,;.])[\s,;(]*(?:e?xt(?:ensi[oó]n|ensão|n)?|x|int(?:erno)?|anexo|poste|доб"
    r"|durchwahl|nebenstelle|nst|#)[\s.:]*[0-9]{1,7}\s*\)?$",
    re.IGNORECASE,
)
_NUMBER: Final = re.compile(r"[+()\[\]./ ·•~-]*[0-9][0-9+()\[\]./ ·•~-]*")
_NOT_DIGITS: Final = re.compile(r"[^0-9]+")
_MORE_AT_THE_END: Final = re.compile(r"[(\[][^()\[\]]*[0-9][^()\[\]]*[)\]]?[ .-]*$")
_LIST_NUMBER: Final = re.compile(r"[0-9]{1,2}(?:\)|\. )")
_LAST_WORD: Final = re.compile(r"[^\W\d_]+$")
# Words that people write in front of a number without a space.
_LABEL_WORDS: Final = (
    "tel telf tlf telefon telefono telefone telephone fon phone mob mobil mobile movil cel celular"
    " cell handy whatsapp whats wa wsp wapp signal sms no nr num numero number"
)
_LABELS: Final = frozenset(_LABEL_WORDS.split())

# Prefixes that are no longer dialled but still written, and the number that must follow: Mexico
# gave up trunk and mobile prefixes in 2019 and 2020, and libphonenumber has forgotten them.
_RETIRED: Final = re.compile(r"\+52(?:1|01|044|045)(?P<rest>[0-9]{10})")
# The 1 only ever followed the country code; at home it is North America's.
_RETIRED_AT_HOME: Final = re.compile(r"\+52(?:01|044|045)(?P<rest>[0-9]{10})")

_MIN_DIGITS: Final = 7
"""Fewest digits of a whole number, country code included."""
_MIN_WITHOUT_PLUS: Final = 11
"""Digits from which a number without plus may carry its country code."""
_MIN_AFTER_SLASH: Final = 4
"""Digits after a slash; fewer are the end of a second number (`030 123456/57`)."""


def normalise_phone(raw: str | Mapping[str, str], region: str | None) -> str:
    """Return the E.164 form of the one phone number in a text.

    A number without `+` or `00` is read in the region first, and as an international one only
    where the region has no such number. What two readings disagree on is refused.

    Args:
        raw: A number, `tel:` URI or chat link, perhaps with a label, a name or an extension;
            or a mapping with the field `number`.
        region: Two-letter code of the country that a national spelling belongs to.

    Returns:
        `+` and 7 to 15 digits.

    Raises:
        NormalisationError: There is no number, more than one, or none that is in use.
    """
    if isinstance(raw, Mapping):
        field = "number"
        given = fields(Kind.PHONE, raw, _FIELDS)
        if field not in given:
            raise NormalisationError(Kind.PHONE, field, Reason.MISSING_FIELD)
        text = given[field]
    else:
        field = "value"
        text = clean(Kind.PHONE, field, raw)
    number = _linked_number(field, text) or _only_number(field, text)
    readings = set(_readings(number, region))
    if len(readings) > 1:
        raise NormalisationError(Kind.PHONE, field, Reason.AMBIGUOUS)
    if readings:
        return readings.pop()
    national = not number.startswith(("+", "00"))
    if national and region is None:
        raise NormalisationError(Kind.PHONE, "region", Reason.COUNTRY_NEEDED)
    raise NormalisationError(Kind.PHONE, field, Reason.NOT_A_NUMBER_IN_USE)


def _linked_number(field: str, text: str) -> str | None:
    """Return what a chat link or a `tel:` URI holds, or None if the text is neither."""
    address = unquote(text).strip()
    for pattern in _CHAT_LINKS:
        found = pattern.fullmatch(address)
        if found:
            digits = found["number"]
            return digits if digits.startswith("00") else "+" + digits
    found = _TEL_URI.fullmatch(address)
    if not found:
        if _OTHER_LINK.search(address):
            raise NormalisationError(Kind.PHONE, field, Reason.NO_NUMBER)
        return None
    number = _only_number(field, found["number"])
    context = _PHONE_CONTEXT.search(found["parameters"] or "")
    if context and not number.startswith("+"):
        return context["prefix"] + number
    return number


def _only_number(field: str, text: str) -> str:
    """Return the one number of a text as digits, with a leading plus if it is written."""
    # Enclosing keycaps and the like: drawn around a digit, not a part of it.
    bare = "".join(c for c in text if unicodedata.category(c) not in {"Mn", "Me"})
    bare = _EXTENSION.sub("", bare)
    runs = list(_NUMBER.finditer(bare))
    if not runs:
        raise NormalisationError(Kind.PHONE, field, Reason.NO_NUMBER)
    if len(runs) > 1:
        raise NormalisationError(Kind.PHONE, field, Reason.SEVERAL_VALUES)
    run = runs[0]
    _check_surroundings(field, bare[: run.start()], run[0], bare[run.end() :])
    return _digits(field, run[0].strip())


def _check_surroundings(field: str, before: str, run: str, after: str) -> None:
    """Refuse letters that may be a part of the number, and signs of a missing digit."""
    if after[:1] in {"?", "*", "…"} or before[-1:] == "*":
        raise NormalisationError(Kind.PHONE, field, Reason.PARTIAL)
    word = _LAST_WORD.search(before)
    touches_before = run[0].isdigit() and (
        (word is not None and "".join(fold(word[0])) not in _LABELS) or before[-1:] in {"@", "_"}
    )
    touches_after = (run[-1].isdigit() or run[-1] == "-") and (
        after[:1].isalpha() or after[:1] in {"@", "_"}
    )
    if touches_before or touches_after:
        raise NormalisationError(Kind.PHONE, field, Reason.LETTERS_IN_NUMBER)


def _digits(field: str, run: str) -> str:
    """Return digits and leading plus of a run, unless it looks like two numbers."""
    head, plus, tail = run.rpartition("+")
    digits = _NOT_DIGITS.sub("", run)
    end = _MORE_AT_THE_END.search(run)
    several = (
        any(c.isdigit() for c in head)
        or ("+" in head)
        or _LIST_NUMBER.match(run)
        or (end and sum(c.isdigit() for c in run[: end.start()]) >= _MIN_DIGITS)
        or ("/" in tail and sum(c.isdigit() for c in tail.rpartition("/")[2]) < _MIN_AFTER_SLASH)
    )
    if several:
        raise NormalisationError(Kind.PHONE, field, Reason.SEVERAL_VALUES)
    return plus + digits


def _readings(number: str, region: str | None) -> Iterator[str]:
    """Yield what the digits can mean, each as E.164."""
    if number.startswith("+"):
        yield from _valid(number, None)
        return
    at_home = [] if region is None else list(_valid(number, region))
    yield from at_home
    if number.startswith("00"):
        yield from _valid("+" + number[2:], None)
    elif region is not None and not at_home and len(number) >= _MIN_WITHOUT_PLUS:
        yield from _valid("+" + number, None)


def _valid(number: str, region: str | None) -> Iterator[str]:
    """Yield the E.164 form, if it is a number of a numbering plan."""
    retired = _RETIRED_AT_HOME if region == "MX" else _RETIRED
    try:
        parsed = phonenumbers.parse(number, region)
        former = retired.fullmatch(_e164(parsed))
        if former:
            parsed = phonenumbers.parse("+52" + former["rest"], None)
        if not phonenumbers.is_valid_number(parsed):
            return
        result = _e164(parsed)
        # A normal form is its own normal form; a plan that breaks this has no safe one.
        is_own = result == number or phonenumbers.parse(result, None) == parsed
        if is_own and len(result) > _MIN_DIGITS:
            yield result
    except phonenumbers.NumberParseException:
        return


def _e164(number: phonenumbers.PhoneNumber) -> str:
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164)
