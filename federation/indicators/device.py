# SPDX-License-Identifier: Apache-2.0
"""DEVICE: a handset by its IMEI (3GPP TS 23.003), a subscriber's card by its IMSI (E.212)."""

import re
from collections.abc import Mapping
from typing import Final

from stdnum import imsi, luhn
from stdnum.exceptions import ValidationError

from federation.errors import NormalisationError
from federation.indicators.kinds import Kind
from federation.indicators.reasons import Reason
from federation.indicators.text import clean, fields

_FIELDS: Final = frozenset({"imei", "imeisv", "imsi"})

_LABELLED: Final = re.compile(
    r"(?P<form>imei ?sv|imei|imsi)(?: ?[12](?=[\s:#]))?(?: ?(?:no|nr|n[úu]mero|number)\.?)?"
    r"\s?[:#]?\s?(?P<rest>.+)",
    re.IGNORECASE,
)
# A handset that shows its software version does so behind the number.
_WITH_VERSION: Final = re.compile(r"(?P<imei>[0-9 -]{15,20}?) ?/ ?[0-9]{2}")
_SEPARATORS: Final = re.compile(r"[\s./-]+")
_LIST: Final = re.compile(r"[,;&|]|(?:[0-9][\s.-]*){28,}|imei.*imei|imsi.*imsi", re.IGNORECASE)
_HIDDEN: Final = re.compile(r"[?*…_]|\.\.\.|[Xx]{2}")
_IMEI_LENGTH: Final = 15
_IMEISV_LENGTH: Final = 16
_IDENTITY_LENGTH: Final = 14


def normalise_device(raw: str | Mapping[str, str], region: str | None) -> str:  # noqa: ARG001
    """Return the handset's IMEI, or the card's IMSI.

    An IMEI with software version (IMEISV) is the same handset, so it gets the same form. A
    number without a word in front is an IMEI and must have its check digit: nothing tells an
    IMSI, or an IMEI with a digit missing, from other numbers.

    Args:
        raw: A number, perhaps with `IMEI`, `IMEISV` or `IMSI` in front; or a mapping with one
            of the fields `imei`, `imeisv`, `imsi`.
        region: Not used: the numbers are the same everywhere.

    Returns:
        `imei:` and 15 digits, or `imsi:` and 14 or 15 digits.

    Raises:
        NormalisationError: There is no such number, more than one, or a wrong check digit.
    """
    if isinstance(raw, Mapping):
        given = fields(Kind.DEVICE, raw, _FIELDS)
        if not given:
            raise NormalisationError(Kind.DEVICE, "imei", Reason.MISSING_FIELD)
        if len(given) > 1:
            # A handset and a card are two facts: whoever has both observes both.
            raise NormalisationError(Kind.DEVICE, sorted(given)[1], Reason.CONFLICTING_FIELDS)
        ((form, text),) = given.items()
        return _number(form, form, text)
    text = clean(Kind.DEVICE, "value", raw)
    if _LIST.search(text):
        raise NormalisationError(Kind.DEVICE, "value", Reason.SEVERAL_VALUES)
    labelled = _LABELLED.fullmatch(text)
    if labelled is None:
        return _number("value", "imei", text)
    return _number("value", labelled["form"].replace(" ", "").casefold(), labelled["rest"])


def _number(field: str, form: str, text: str) -> str:
    if _HIDDEN.search(text):
        raise NormalisationError(Kind.DEVICE, field, Reason.PARTIAL)
    if _LIST.search(text):
        raise NormalisationError(Kind.DEVICE, field, Reason.SEVERAL_VALUES)
    shown = _WITH_VERSION.fullmatch(text)
    digits = _SEPARATORS.sub("", shown["imei"] if shown else text)
    if not (digits.isascii() and digits.isdigit()):
        raise NormalisationError(Kind.DEVICE, field, Reason.NOT_A_DEVICE)
    if form == "imsi":
        return _imsi(field, digits)
    if form == "imeisv" and len(digits) == _IMEISV_LENGTH:
        identity = digits[:_IDENTITY_LENGTH]
        return f"imei:{identity}{luhn.calc_check_digit(identity)}"
    if len(digits) == _IDENTITY_LENGTH:
        raise NormalisationError(Kind.DEVICE, field, Reason.PARTIAL)
    if len(digits) != _IMEI_LENGTH:
        raise NormalisationError(Kind.DEVICE, field, Reason.NOT_A_DEVICE)
    if not luhn.is_valid(digits):
        raise NormalisationError(Kind.DEVICE, field, Reason.CHECK_DIGIT)
    return f"imei:{digits}"


def _imsi(field: str, digits: str) -> str:
    try:
        return f"imsi:{imsi.validate(digits)}"
    except ValidationError:
        raise NormalisationError(Kind.DEVICE, field, Reason.NOT_A_DEVICE) from None
