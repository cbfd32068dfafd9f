# SPDX-License-Identifier: Apache-2.0
"""EMAIL: local part and IDNA domain in lower case (RFC 5321, RFC 6531), without asking DNS."""

import re
import unicodedata
from collections.abc import Mapping
from typing import Final
from urllib.parse import unquote

from email_validator import EmailNotValidError, validate_email

from federation.errors import NormalisationError
from federation.indicators.kinds import Kind
from federation.indicators.reasons import Reason
from federation.indicators.text import clean, fields

_FIELDS: Final = frozenset({"address"})

_MAILTO: Final = re.compile(r"mailto:(?P<address>[^?]+)(?:\?.*)?", re.IGNORECASE)
# A name before <address>, a label and a colon before it, or a remark in brackets after it.
_IN_BRACKETS: Final = re.compile(r"[^<>@]*<(?P<address>[^<>]+)>")
_LABELLED: Final = re.compile(r"[^\s:@]+(?: [^\s:@]+)?\s?:\s(?P<address>.+)")
_COMMENTED: Final = re.compile(r"(?P<address>[^()]+?)\s\([^()@]*\)")
_WRITTEN_AT: Final = re.compile(r"\s*[\[({]\s*(?:at|arroba|ät)\s*[\])}]\s*", re.IGNORECASE)
_WRITTEN_DOT: Final = re.compile(
    r"\s*[\[({]\s*(?:dot|punto|punkt|point)\s*[\])}]\s*", re.IGNORECASE
)
_AROUND_AT: Final = re.compile(r"\s*@\s*")
_ENDS: Final = " .,;:\"'`“”„«»\u2018\u2019"


def normalise_email(raw: str | Mapping[str, str], region: str | None) -> str:  # noqa: ARG001
    """Return the one e-mail address of a text in lower case, its domain as IDNA A-labels.

    RFC 5321 lets a host tell `Maria@` from `maria@`; no provider in wide use does, and people
    write both, so the local part is lower case too. Dots and `+tags` stay: what they mean is
    the provider's affair.

    Args:
        raw: An address, `mailto:` link or "Name <address>"; or a mapping with the field
            `address`.
        region: Not used: an address is the same everywhere.

    Returns:
        `local@domain`.

    Raises:
        NormalisationError: There is no address, or more than one.
    """
    if isinstance(raw, Mapping):
        field = "address"
        given = fields(Kind.EMAIL, raw, _FIELDS)
        if field not in given:
            raise NormalisationError(Kind.EMAIL, field, Reason.MISSING_FIELD)
        text = given[field]
    else:
        field = "value"
        text = clean(Kind.EMAIL, field, raw)
    address = _only_address(field, text)
    # A lower-case letter can compose anew, and a composed one have another lower case.
    for _ in range(3):
        address = unicodedata.normalize("NFKC", address.lower())
    try:
        checked = validate_email(address, check_deliverability=False, allow_display_name=False)
    except EmailNotValidError:
        # The library's message quotes the address.
        raise NormalisationError(Kind.EMAIL, field, Reason.NOT_AN_ADDRESS) from None
    if checked.ascii_domain is None:
        raise NormalisationError(Kind.EMAIL, field, Reason.NOT_AN_ADDRESS)
    return f"{checked.local_part}@{checked.ascii_domain}"


def _only_address(field: str, text: str) -> str:
    link = _MAILTO.fullmatch(text)
    if link:
        text = clean(Kind.EMAIL, field, unquote(link["address"]))
    text = _WRITTEN_DOT.sub(".", _WRITTEN_AT.sub("@", text))
    for pattern in (_IN_BRACKETS, _COMMENTED, _LABELLED):
        found = pattern.fullmatch(text)
        if found:
            text = found["address"]
    text = _AROUND_AT.sub("@", text).strip(_ENDS)
    if text.count("@") > 1:
        raise NormalisationError(Kind.EMAIL, field, Reason.SEVERAL_VALUES)
    return text
