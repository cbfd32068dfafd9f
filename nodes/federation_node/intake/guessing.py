# SPDX-License-Identifier: Apache-2.0
"""Guesses from headers what the columns of a sheet mean; a person corrects the guess.

A wrong guess about *whose* phone it is would put a caller's number into the lane of the
recruiters. So a phone, handle or address whose header names nobody is not read until a
person says whose it is, and a header that names two is not read either.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from federation.errors import InputError
from federation.indicators import Kind, Subject
from federation_node.intake import vocabulary
from federation_node.intake.mapping import Column, Mapping
from federation_node.intake.rows import Row
from federation_node.intake.vocabulary import mentions, words

_WHO = (
    (Subject.RECRUITER, vocabulary.RECRUITER),
    (Subject.TRAFFICKER, vocabulary.TRAFFICKER),
    (Subject.FACILITATOR, vocabulary.FACILITATOR),
    (Subject.SURVIVOR, vocabulary.SURVIVOR),
)


@dataclass(slots=True)
class _Sorted:
    """Headers by meaning, in the order of the sheet; `parts` by (kind, part)."""

    case_ids: list[str] = field(default_factory=list)
    countries: list[str] = field(default_factory=list)
    notes: list[str] = field(default_factory=list)
    main: list[tuple[str, Kind, Subject]] = field(default_factory=list)
    parts: dict[tuple[Kind, str], list[str]] = field(default_factory=dict)
    ignored: dict[str, str] = field(default_factory=dict)


def guess(
    headers: Sequence[str],
    sample_rows: Sequence[Row] = (),
    *,
    region: str | None = None,
    encoding: str | None = None,
    delimiter: str | None = None,
) -> Mapping:
    """Guess the mapping of a sheet.

    Args:
        headers: its headers.
        sample_rows: a few of its rows, to tell which of several columns is the case id.
        region: ISO 3166 country of cases whose own country is blank.
        encoding: to be kept in the mapping.
        delimiter: to be kept in the mapping.

    Returns:
        A mapping in which every header appears; what is not read is listed with a reason.

    Raises:
        InputError: no column looks like the case id.
    """
    found = _Sorted()
    for header in headers:
        _sort(header, found)
    if all(kind is not Kind.HANDLE for _, kind, _ in found.main):
        # "Red social del reclutador" alone holds the accounts themselves.
        for header in found.parts.pop((Kind.HANDLE, "platform"), []):
            _add_main(header, Kind.HANDLE, words(header), found)
    case_id = _case_id(found, sample_rows)
    for header in found.case_ids:
        if header != case_id:
            found.ignored[header] = "another column is the case id"
    for header in found.countries[1:]:
        found.ignored[header] = "another column is the country of the case"
    columns = [_column(headers, found, *main) for main in found.main]
    used = {header for column in columns for header in column.parts.values()}
    for unused in (h for hs in found.parts.values() for h in hs if h not in used):
        found.ignored[unused] = "completes no other column"
    return Mapping(
        case_id=case_id,
        country=found.countries[0] if found.countries else None,
        region=region,
        encoding=encoding,
        delimiter=delimiter,
        notes=tuple(found.notes),
        columns=tuple(columns),
        ignored={header: found.ignored[header] for header in headers if header in found.ignored},
    )


def _sort(header: str, found: _Sorted) -> None:
    """Put one header where it belongs; the order of the questions is the order of trust."""
    said = words(header)
    joined = " ".join(said)
    part = _part(said)
    if joined in vocabulary.CASE_IDS:
        found.case_ids.append(header)
    elif joined in vocabulary.CASE_COUNTRIES:
        found.countries.append(header)
    elif mentions(said, vocabulary.NOTES):
        found.notes.append(header)
    elif part is not None:
        found.parts.setdefault(part, []).append(header)
    elif (kind := _kind(said)) is not None:
        _add_main(header, kind, said, found)
    else:
        found.ignored[header] = _why_ignored(said)


def _part(said: tuple[str, ...]) -> tuple[Kind, str] | None:
    """Return the kind and part that a column completes, if it is such a column."""
    country = mentions(said, vocabulary.COUNTRY)
    register = mentions(said, vocabulary.REGISTER)
    elsewhere = (vocabulary.BANK, vocabulary.EMAIL, vocabulary.DATE)
    if any(mentions(said, stems) for stems in elsewhere):
        return None
    if mentions(said, vocabulary.PHONE):
        return (Kind.PHONE, "country") if country else None
    if mentions(said, vocabulary.PLATE):
        return (Kind.VEHICLE, "country") if country else None
    if country and mentions(said, vocabulary.COMPANY):
        return (Kind.COMPANY, "country")
    # A driver's licence is a document of a person, not a company's licence.
    if register and not any(mentions(said, stems) for _, stems in _WHO):
        return (Kind.COMPANY, "register")
    if mentions(said, vocabulary.PLATFORM) and not mentions(said, vocabulary.HANDLE):
        return (Kind.HANDLE, "platform")
    return None


def _add_main(header: str, kind: Kind, said: tuple[str, ...], found: _Sorted) -> None:
    """Add a column of indicators if its header says of exactly one side whose they are."""
    who = [subject for subject, stems in _WHO if mentions(said, stems)]
    if not who and mentions(said, vocabulary.SOMEBODY):
        who = [Subject.SURVIVOR]
    if not who and (kind is Kind.COMPANY or mentions(said, vocabulary.COMPANY)):
        who = [Subject.BUSINESS]
    if not who and kind is Kind.VEHICLE:
        who = [Subject.FACILITATOR]
    match who:
        case [subject]:
            # A company is a business, whoever's it is: what matters is whom it is about.
            about = Subject.BUSINESS if kind is Kind.COMPANY else subject
            found.main.append((header, kind, about))
        case []:
            found.ignored[header] = f"a {kind.value}, but the header does not say whose"
        case _:
            found.ignored[header] = f"a {kind.value}, but the header names more than one person"


def _kind(said: tuple[str, ...]) -> Kind | None:
    if mentions(said, vocabulary.DATE) or mentions(said, vocabulary.BANK):
        return None
    tables = (
        (Kind.EMAIL, vocabulary.EMAIL),
        (Kind.PHONE, vocabulary.PHONE),
        (Kind.HANDLE, vocabulary.HANDLE),
        (Kind.VEHICLE, vocabulary.PLATE),
    )
    for kind, stems in tables:
        if mentions(said, stems):
            return kind
    other = (vocabulary.ADDRESS, vocabulary.COUNTRY)
    if mentions(said, vocabulary.COMPANY) and not any(mentions(said, table) for table in other):
        return Kind.COMPANY
    return None


def _why_ignored(said: tuple[str, ...]) -> str:
    if mentions(said, vocabulary.DATE):
        return "a date"
    if mentions(said, vocabulary.BANK):
        return "bank accounts are not matched"
    if mentions(said, vocabulary.COUNTRY):
        return "a country, but it is not clear of what"
    if mentions(said, vocabulary.NAME):
        return "names of people are not matched"
    if mentions(said, vocabulary.ADDRESS):
        return "addresses are not matched"
    return "not recognised"


def _case_id(found: _Sorted, sample_rows: Sequence[Row]) -> str:
    """Return the first candidate that is filled and different in every sample row."""
    for header in found.case_ids:
        ids = [row.cells.get(header, "").strip() for row in sample_rows]
        if all(ids) and len(set(ids)) == len(ids):
            return header
    if sample_rows and len(found.case_ids) == 1:
        # A few blank or doubled ids are errors of those rows, not of the mapping.
        return found.case_ids[0]
    raise InputError(
        "no column looks like the case id",
        next_step="name the column that holds it in a mapping file",
    )


def _column(
    headers: Sequence[str], found: _Sorted, header: str, kind: Kind, who: Subject
) -> Column:
    """Complete a main column with the nearest columns that belong to its kind."""
    place = headers.index(header)
    parts = {
        part: min(candidates, key=lambda other: abs(headers.index(other) - place))
        for (of, part), candidates in found.parts.items()
        if of is kind
    }
    return Column(
        column=header,
        kind=kind,
        subject=who,
        country=parts.get("country"),
        platform=parts.get("platform"),
        register=parts.get("register"),
    )
