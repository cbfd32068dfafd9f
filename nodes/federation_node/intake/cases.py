# SPDX-License-Identifier: Apache-2.0
"""Turns rows into cases, as the mapping says."""

import re
from collections.abc import Callable, Iterator

from federation.errors import InputError
from federation.indicators import Case, Kind
from federation.member import ImportedConsent
from federation_node.intake.consent_cells import read_consent
from federation_node.intake.countries import read_country
from federation_node.intake.mapping import Column, Mapping
from federation_node.intake.rows import Row, RowError, RowSource
from federation_node.intake.seen import SeenIds

_MAIN_PART = {
    Kind.HANDLE: "handle",
    Kind.VEHICLE: "plate",
    Kind.COMPANY: "name",
    Kind.BANK_ACCOUNT: "account",
    Kind.WALLET: "address",
    Kind.DOCUMENT: "number",
    Kind.PLACE: "street",
}
"""What the main column is called where an indicator is put together from parts."""

_NOTHING = frozenset(
    {
        "", "-", "--", "---", "?", "??", "/", ".", "n/a", "n.a.", "n. a.", "none", "unknown",
        "no number", "s/n", "s.n.", "sin numero", "sin número", "ninguno", "ninguna",
        "desconocido", "desconocida", "no sabe", "k. a.", "k.a.", "keine", "keiner",
        "keine angabe", "unbekannt",
    }
)  # fmt: skip
"""How a completing cell says that there is nothing, in lower case.

Only completing cells: a main cell goes to screening as it is, so that a placeholder there
is counted and shown.
"""

_MARKS = re.compile("[\ufeff\u200b\u200e\u200f\u061c\u202a-\u202c\u2066-\u2069]")
"""Marks of direction that programs add when text is copied; an id is the same without."""
_OVERRIDE = re.compile("[\u202d\u202e]")
"""Marks that make text look like other text: "1-H" for "H-1"."""


def read_cases(
    rows: RowSource,
    mapping: Mapping,
    consents: Callable[[ImportedConsent], None] = lambda _: None,
) -> Iterator[Case | RowError]:
    """Turn each row into a case, or into an error that says where and why.

    Args:
        rows: the sheet.
        mapping: what its columns mean.
        consents: told what rows say about consent, if the mapping reads it.

    Yields:
        A case with the source's row id, or an error without a value.

    Raises:
        InputError: the sheet lacks a column that the mapping reads, or cannot be read.
    """
    mapping.check(rows.headers)
    used = mapping.used
    seen = SeenIds()
    for row in rows:
        if isinstance(row, RowError):
            yield row
            continue
        fault = next(((name, why) for name, why in row.faults.items() if name in used), None)
        case_id = _MARKS.sub("", row.cells[mapping.case_id]).strip()
        if fault is not None:
            yield RowError(row.number, *fault, row.cells)
        elif not case_id:
            yield RowError(row.number, mapping.case_id, "no case id", row.cells)
        elif _OVERRIDE.search(case_id):
            reason = "text that is shown backwards (a right-to-left override)"
            yield RowError(row.number, mapping.case_id, reason, row.cells)
        elif (before := seen.row_of(case_id, row.number)) is not None:
            # Two rows of one id would overwrite each other at every import.
            reason = f"the same case id as in row {before}"
            yield RowError(row.number, mapping.case_id, reason, row.cells)
        else:
            yield _read_row(row, case_id, mapping, consents)


def _read_row(
    row: Row, case_id: str, mapping: Mapping, consents: Callable[[ImportedConsent], None]
) -> Case | RowError:
    case = _read_case(row, case_id, mapping)
    if mapping.consent is None or isinstance(case, RowError):
        return case
    told = read_consent(row, case_id, mapping.consent)
    if isinstance(told, RowError):
        return told
    if told is not None:
        consents(told)
    return case


def _read_case(row: Row, case_id: str, mapping: Mapping) -> Case | RowError:
    region = mapping.region
    if mapping.country is not None:
        written = row.cells[mapping.country].strip()
        if written.lower() not in _NOTHING:
            region = read_country(written)
            if region is None:
                return RowError(
                    row.number, mapping.country, "not a country that is known here", row.cells
                )
    try:
        case = Case(case_id, region=region)
    except InputError as error:
        return RowError(row.number, mapping.case_id, str(error), row.cells)
    for column in mapping.columns:
        try:
            case = _with_observation(case, row, column)
        except InputError as error:
            return RowError(row.number, column.column, str(error), row.cells)
    return case


def _with_observation(case: Case, row: Row, column: Column) -> Case:
    main = row.cells[column.column].strip()
    parts = {part: row.cells[header].strip() for part, header in column.parts.items()}
    parts = {part: text for part, text in parts.items() if text.lower() not in _NOTHING}
    if not main and "register" not in parts:
        # A country or a platform alone says nothing.
        return case
    if "country" in parts:
        # What is not understood goes on as it is, to be refused by name.
        parts["country"] = read_country(parts["country"]) or parts["country"]
    if "issuer" in parts:
        parts["issuer"] = read_country(parts["issuer"]) or parts["issuer"]
    if column.kind not in _MAIN_PART or (column.kind is Kind.BANK_ACCOUNT and "bank" not in parts):
        # An IBAN or a CLABE says itself which bank it is of.
        region = parts.get("country")
        return case.add(column.kind, main, column.subject, region=region, field=column.column)
    if not parts:
        return case.add(column.kind, main, column.subject, field=column.column)
    name = "latitude" if "longitude" in parts else _MAIN_PART[column.kind]
    whole = {name: main, **parts} if main else parts
    return case.add(column.kind, whole, column.subject, field=column.column)
