# SPDX-License-Identifier: Apache-2.0
"""Sheets in the Human Trafficking Case Data Standard (HTCDS 2.0, IOM).

The first row holds names such as ``prs_MobilePhone``, the second labels such as "Mobile
Phone". In the published template five names stand over the wrong labels, one name is
missing and one is misspelt; forms made from the standard spell names in their own ways
(``prs_Mobile_Phone``). People fill in what the label says, so the label decides.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

_NAME: Final = re.compile(r"(?:.*[/.])?(org|prs|vic|per|cas|cco|hte|spl|con)_+([A-Za-z][\w]*)")
"""A name of the standard, perhaps behind the group of a form."""

_LEAST: Final = 3
"""So many names make a sheet one of the standard; fewer may be a coincidence."""

LABELS: Final[dict[str, dict[str, str]]] = {
    "prs": {
        "salutation": "Salutation", "firstname": "FirstName", "middlename": "MiddleName",
        "secondname": "SecondName", "birthdate": "Birthdate", "gender": "Gender",
        "citizenship": "Citizenship", "title": "Title", "email": "Email",
        "identitynumber": "IdentityNumber", "homephone": "HomePhone",
        "mobilephone": "MobilePhone", "mailingcity": "MailingCity",
        "mailingcountry": "MailingCountry", "mailingstateprovince": "MailingState",
        "mailingstreet": "MailingStreet", "mailingzippostalcode": "MailingPostalCode",
    },
    "org": {
        "organisationname": "Name", "shippingcity": "ShippingCity",
        "shippingcountry": "ShippingCountry", "shippingstateprovince": "ShippingState",
        "shippingstreet": "ShippingStreet", "shippingzippostalcode": "ShippingPostalCode",
        "phone": "Phone",
    },
    "vic": {
        "traffickingstatusdecisionmakingorganization": "TraffickingStatusDecisionMakingOrg",
    },
    "cas": {"reasonforoutgoingreferral": "ReasonForOutgoingReferral"},
}  # fmt: skip
"""Section -> label without blanks, in lower case -> name without the section.

Only labels that differ from their names, or whose names are known to stand wrongly; any
other label spells the name."""


@dataclass(frozen=True, slots=True)
class Standard:
    """The headers of a sheet in the standard."""

    headers: tuple[str, ...]
    labelled: bool
    """The second row holds labels, no data."""
    remarks: tuple[str, ...]


def read_names(first: Sequence[str], second: Sequence[str] | None) -> Standard | None:
    """Read the names and labels at the top of a sheet in the standard.

    Args:
        first: the first row.
        second: the row below, or None if there is none.

    Returns:
        What the columns are called by their labels; None for any other sheet.
    """
    names = [_parse(cell) for cell in first]
    if sum(name is not None for name in names) < _LEAST:
        return None
    labels = list(second or ())
    labels += [""] * (len(names) - len(labels))
    if not _are_labels(names, labels):
        spelled = (_spelled(name) or cell for name, cell in zip(names, first, strict=True))
        return Standard(tuple(spelled), False, ())
    headers: list[str] = []
    remarks: list[str] = []
    for position, (name, cell) in enumerate(zip(names, first, strict=True), start=1):
        label = labels[position - 1].strip()
        meant = _meant(name, label)
        headers.append(meant or cell)
        if meant and name is not None and _fold(meant) != _fold("_".join(name)):
            remarks.append(
                f"column {position} is named {cell.strip()} but labelled '{label}': "
                "the label was believed"
            )
    return Standard(tuple(headers), True, tuple(remarks))


def section_of(header: str) -> str | None:
    """Return the section of a header such as "prs", or None for another header.

    Args:
        header: as `read_names` returned it.
    """
    name = _parse(header)
    return None if name is None else name[0]


def _parse(cell: str) -> tuple[str, str] | None:
    found = _NAME.fullmatch(cell.strip())
    return None if found is None else (found[1], found[2])


def _fold(text: str) -> str:
    return re.sub(r"[^a-z]", "", text.lower())


def _spelled(name: tuple[str, str] | None) -> str | None:
    """Spell a name as the standard does, if it is one whose drift matters here."""
    if name is None:
        return None
    section, rest = name
    known = {_fold(spelling): spelling for spelling in LABELS.get(section, {}).values()}
    return f"{section}_{known.get(_fold(rest), rest)}"


def _meant(name: tuple[str, str] | None, label: str) -> str | None:
    """Return the name that a label stands for."""
    if not label:
        return _spelled(name)
    if name is None:
        sections = [s for s, labels in LABELS.items() if _fold(label) in labels]
        return f"{sections[0]}_{LABELS[sections[0]][_fold(label)]}" if sections else label
    by_label = LABELS.get(name[0], {}).get(_fold(label))
    if by_label is not None:
        return f"{name[0]}_{by_label}"
    return _spelled(name)


def _are_labels(names: Sequence[tuple[str, str] | None], labels: Sequence[str]) -> bool:
    """Whether the second row repeats in words what the first says."""
    asked = [(name, label) for name, label in zip(names, labels, strict=False) if name]
    agreeing = sum(
        _fold(label) == _fold(name[1]) or _fold(label) in LABELS.get(name[0], {})
        for name, label in asked
    )
    return agreeing * 2 > len(asked)
