# SPDX-License-Identifier: Apache-2.0
"""Columns of case management systems that hold consents to something else than being matched.

A tick for "consents to services" is not a tick for "may be compared with other organisations".
Such a column is never read as a consent, also if a mapping names it.
"""

import re
from typing import Final

__all__ = ["mentions_consent", "other_consent"]

_NOT_LETTERS: Final = re.compile(r"[^a-z0-9]+")

_OTHERS: Final = {
    # HTCDS 2.0: one tick, without a purpose, a receiver or an end.
    "conconsent": "the consent of HTCDS to keeping a record",
    # Primero: services of the own organisation, tracing of families, reports to donors.
    "consentforservices": "a consent to services",
    "consentfortracing": "a consent to tracing",
    "consentreporting": "a consent to reports",
    "consentdatasharing": "a consent to sharing of another kind",
    "disclosureotherorgs": "a consent to referral",
    "disclosurepublicname": "a consent to publishing",
    "disclosurepublicphoto": "a consent to publishing",
    "disclosurepublicrelief": "a consent to publishing",
}
"""Name without blanks and marks, in lower case -> what it is a consent to."""

_STEMS: Final = ("consent", "consim", "einwillig", "einverstand", "einverständ", "zgod", "saglas")


def other_consent(header: str) -> str | None:
    """Say to what else a column is known to hold consents, or None.

    Args:
        header: as it stands in the sheet; the name of a form may stand before it.
    """
    name = _NOT_LETTERS.sub("", re.split(r"[/.]", header.casefold())[-1])
    return _OTHERS.get(name)


def mentions_consent(header: str) -> bool:
    """Whether a header seems to be about some consent."""
    folded = header.casefold()
    return other_consent(header) is not None or any(stem in folded for stem in _STEMS)
