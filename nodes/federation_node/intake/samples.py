# SPDX-License-Identifier: Apache-2.0
"""What kind of thing stands in a column, told from the values of some rows.

Values say what something is, never whose it is: that stays with the header.
"""

import re
from collections.abc import Iterable
from typing import Final

from federation.indicators import Kind

_LEAST: Final = 2
"""So many values at least must be there to say anything."""
_SHARE: Final = 0.8
"""So many of them must agree; the rest are blanks and slips."""

_SHAPES: Final = (
    (Kind.EMAIL, re.compile(r"[^\s@]+@[^\s@]+\.[^\s@.]{2,}")),
    (Kind.WALLET, re.compile(r"0x[0-9a-fA-F]{40}|bc1[0-9a-z]{20,}|T[1-9A-HJ-NP-Za-km-z]{33}")),
    (Kind.BANK_ACCOUNT, re.compile(r"[A-Z]{2}\d{2}(?: ?[0-9A-Z]{2,4}){3,8}")),
    (Kind.HANDLE, re.compile(r"@[\w.]{3,}|(?:https?://)?(?:www\.)?(?:instagram\.com|facebook\.com"
                             r"|tiktok\.com|t\.me|twitter\.com|x\.com)/\S+")),
    (Kind.URL, re.compile(r"(?:https?://|www\.)\S+\.\S+")),
    (Kind.PHONE, re.compile(r"(?=(?:\D*\d){8,15}\D*$)\+?[\d\s().\-/]+")),
)  # fmt: skip
"""The first that fits counts. A date has fewer separators in a row of digits: see `_DATE`."""

_DATE: Final = re.compile(r"\d{1,4}[./-]\d{1,2}[./-]\d{1,4}.*")


def kind_of(values: Iterable[str]) -> Kind | None:
    """Tell what stands in a column.

    Args:
        values: cells of some rows.

    Returns:
        The kind, or None if the values do not say.
    """
    filled = [text for value in values if (text := value.strip())]
    if len(filled) < _LEAST:
        return None
    for kind, shape in _SHAPES:
        fitting = sum(
            shape.fullmatch(text) is not None and not _DATE.fullmatch(text) for text in filled
        )
        if fitting >= _SHARE * len(filled):
            return kind
    return None
