# SPDX-License-Identifier: Apache-2.0
"""Reads what a row says about a survivor's consent, in the words of the mapping and no others."""

import re
from datetime import UTC, datetime, timedelta
from typing import Final

from federation.agreements import Consent
from federation.errors import InputError
from federation.member import ImportedConsent
from federation_node.intake.mapping import ConsentColumns
from federation_node.intake.rows import Row, RowError

__all__ = ["read_consent"]

_DATE: Final = re.compile(r"(\d{4}-\d{2}-\d{2})(?:[ T]00:00:00)?")
"""As people write it, and as a workbook gives it."""


def read_consent(
    row: Row, case_id: str, columns: ConsentColumns
) -> ImportedConsent | RowError | None:
    """Read the consent of a row.

    Args:
        row: the row.
        case_id: of its case.
        columns: where the sheet says it.

    Returns:
        What it says; None if it says nothing; or why it cannot be understood.
    """
    said = row.cells[columns.column].strip().casefold()
    if not said:
        return None
    if said in {text.strip().casefold() for text in columns.no}:
        return ImportedConsent(case_id, None)
    if said not in {text.strip().casefold() for text in columns.yes}:
        reason = "neither yes nor no, as the mapping spells them"
        return RowError(row.number, columns.column, reason, row.cells)
    given = _date(row.cells[columns.given])
    if given is None:
        return _no_date(row, columns.given)
    if columns.expires is None:
        expires = given + timedelta(days=columns.days or 0)
    else:
        last = _date(row.cells[columns.expires])
        if last is None:
            return _no_date(row, columns.expires)
        expires = last + timedelta(days=1)
    try:
        consent = Consent(
            purposes=frozenset(columns.purposes),
            recipients=frozenset(columns.recipients),
            given=given,
            expires=expires,
            basis=columns.basis,
        )
    except InputError as error:
        return RowError(row.number, columns.column, str(error), row.cells)
    return ImportedConsent(case_id, consent)


def _date(cell: str) -> datetime | None:
    found = _DATE.fullmatch(cell.strip())
    if found is None:
        return None
    try:
        return datetime.fromisoformat(found[1]).replace(tzinfo=UTC)
    except ValueError:
        return None


def _no_date(row: Row, header: str) -> RowError:
    return RowError(row.number, header, "no date such as 2026-03-31", row.cells)
