# SPDX-License-Identifier: Apache-2.0
"""Guesses from headers and values what the columns mean; a person corrects the guess.

A wrong guess about *whose* phone it is would put a caller's number into the lane of the
recruiters. So a phone, handle or address whose header names nobody is not read until a
person says whose it is, and a header that names two is not read either; nor is what a
recruiter took from somebody, or what may be a shelter's. Values may say what something is
("Recruiter 2" full of addresses is e-mail); they never say whose.
"""

from collections.abc import Sequence
from dataclasses import dataclass, field

from federation.errors import InputError
from federation.indicators import Kind, Lane, Subject
from federation_node.intake import vocabulary
from federation_node.intake.htcds import section_of
from federation_node.intake.mapping import ERROR_HEADERS, Column, Mapping
from federation_node.intake.other_consents import mentions_consent
from federation_node.intake.rows import UNNAMED, Row
from federation_node.intake.samples import kind_of
from federation_node.intake.vocabulary import mentions, words

NOT_GUESSED = "consent to being matched is never guessed; write [consent] into a mapping"

_WHO = (
    (Subject.RECRUITER, vocabulary.RECRUITER),
    (Subject.TRAFFICKER, vocabulary.TRAFFICKER),
    (Subject.FACILITATOR, vocabulary.FACILITATOR),
    (Subject.SURVIVOR, vocabulary.SURVIVOR),
)

_NOT_THEIRS = (
    (vocabulary.WITHHELD, "it may have been taken from the caller"),
    (vocabulary.SHELTER, "it may be a shelter's"),
)
"""Words with which a header that names a recruiter or business may yet mean the other side."""


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
    sheet: str | None = None,
) -> Mapping:
    """Guess the mapping of a sheet.

    Args:
        headers: its headers.
        sample_rows: a few of its rows, to tell which of several columns is the case id, and
            what stands in a column whose header does not say.
        region: ISO 3166 country of cases whose own country is blank.
        encoding: to be kept in the mapping.
        delimiter: to be kept in the mapping.
        sheet: to be kept in the mapping.

    Returns:
        A mapping in which every header appears; what is not read is listed with a reason.

    Raises:
        InputError: no column looks like the case id.
    """
    found = _Sorted()
    person = _standard_person(headers)
    for header in headers:
        values = kind_of(row.cells.get(header, "") for row in sample_rows)
        if header in ERROR_HEADERS:
            continue
        if section_of(header) is None or not _sort_standard(header, person, found):
            _sort(header, found, values)
    if all(kind is not Kind.HANDLE for _, kind, _ in found.main):
        # "Red social del reclutador" alone holds the accounts themselves.
        for header in found.parts.pop((Kind.HANDLE, "platform"), []):
            _add_main(header, Kind.HANDLE, words(header), found)
    _drop_incomplete(found)
    case_id = _case_id(headers, found, sample_rows)
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
        sheet=sheet,
        notes=tuple(found.notes),
        columns=tuple(columns),
        ignored={header: found.ignored[header] for header in headers if header in found.ignored},
    )


def _standard_person(headers: Sequence[str]) -> Subject | None:
    """Whom the ``prs_`` columns of a sheet in HTCDS are about: the victim, unless roles vary.

    The standard has one table of persons; what kind of person it is, the columns of the other
    tables beside it tell.
    """
    sections = {section_of(header) for header in headers}
    return Subject.SURVIVOR if "vic" in sections and "per" not in sections else None


def _sort_standard(header: str, person: Subject | None, found: _Sorted) -> bool:
    """Put a header of HTCDS where it belongs; False if its words should be asked instead."""
    section = section_of(header)
    said = words(header)
    if section == "con":
        found.ignored[header] = NOT_GUESSED
    elif section in {"cco", "hte", "spl"} or (section == "vic"):
        found.ignored[header] = "part of the standard, but nothing that is matched"
    elif section == "org":
        found.ignored[header] = "about an organisation that helps"
    elif section == "prs":
        kind = _kind(said)
        if kind is None:
            found.ignored[header] = _why_ignored(said)
        elif person is None:
            found.ignored[header] = (
                f"looks like {kind.value}, but the role of the person differs by row"
            )
        else:
            found.main.append((header, kind, person))
    else:
        return False
    return True


def _sort(header: str, found: _Sorted, values: Kind | None) -> None:
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
    elif (kind := _kind_with(said, values)) is not None:
        _add_main(header, kind, said, found)
    elif mentions_consent(header):
        found.ignored[header] = NOT_GUESSED
    else:
        found.ignored[header] = _why_ignored(said)


def _part(said: tuple[str, ...]) -> tuple[Kind, str] | None:
    """Return the kind and part that a column completes, if it is such a column."""
    country = mentions(said, vocabulary.COUNTRY)
    register = mentions(said, vocabulary.REGISTER)
    elsewhere = (vocabulary.BANK, vocabulary.EMAIL, vocabulary.DATE)
    if any(mentions(said, stems) for stems in elsewhere):
        return None
    if mentions(said, vocabulary.LONGITUDE) and not mentions(said, vocabulary.LATITUDE):
        return (Kind.PLACE, "longitude")
    if (part := _document_part(said)) is not None:
        return (Kind.DOCUMENT, part)
    if mentions(said, vocabulary.PHONE):
        return (Kind.PHONE, "country") if country else None
    if mentions(said, vocabulary.PLATE):
        return (Kind.VEHICLE, "country") if country else None
    if country and mentions(said, vocabulary.COMPANY):
        return (Kind.COMPANY, "country")
    # A driver's licence is a document of a person, not a company's licence.
    if register and not any(mentions(said, stems) for _, stems in _WHO):
        return (Kind.COMPANY, "register")
    if mentions(said, vocabulary.CHAIN) and not mentions(said, vocabulary.WALLET):
        return (Kind.WALLET, "chain")
    if mentions(said, vocabulary.PLATFORM) and not mentions(said, vocabulary.HANDLE):
        return (Kind.HANDLE, "platform")
    return None


def _document_part(said: tuple[str, ...]) -> str | None:
    """Return what a column tells of a document, if it is not its number."""
    if not mentions(said, vocabulary.DOCUMENT):
        return None
    if mentions(said, vocabulary.DOCUMENT_TYPE):
        return "type"
    issuer = (*vocabulary.COUNTRY, *vocabulary.ISSUER)
    return "issuer" if mentions(said, issuer) else None


def _add_main(header: str, kind: Kind, said: tuple[str, ...], found: _Sorted) -> None:
    """Add a column of indicators if its header says of exactly one side whose they are."""
    who = [subject for subject, stems in _WHO if mentions(said, stems)]
    if not who and mentions(said, vocabulary.SOMEBODY):
        who = [Subject.SURVIVOR]
    if not who and (kind is Kind.COMPANY or mentions(said, vocabulary.COMPANY)):
        who = [Subject.BUSINESS]
    if not who and kind is Kind.VEHICLE:
        who = [Subject.FACILITATOR]
    if not who and kind is Kind.PLACE and _is_workplace(said):
        who = [Subject.PLACE]
    doubt = next((why for stems, why in _NOT_THEIRS if mentions(said, stems)), None)
    match who:
        case [subject] if doubt is not None and subject.lane is Lane.NETWORK:
            found.ignored[header] = f"looks like {kind.value}, but {doubt}"
        case [subject]:
            # A company is a business, whoever's it is: what matters is whom it is about.
            about = Subject.BUSINESS if kind is Kind.COMPANY else subject
            found.main.append((header, kind, about))
        case []:
            found.ignored[header] = f"looks like {kind.value}, but the header does not say whose"
        case _:
            found.ignored[header] = (
                f"looks like {kind.value}, but the header names more than one person"
            )


def _is_workplace(said: tuple[str, ...]) -> bool:
    return mentions(said, vocabulary.WORKPLACE) and not mentions(said, vocabulary.DWELLING)


def _drop_incomplete(found: _Sorted) -> None:
    """Leave out columns of papers and places that lack the columns which complete them."""
    parts = set(found.parts)
    for main in list(found.main):
        header, kind, _ = main
        said = words(header)
        if kind is Kind.DOCUMENT:
            complete = {(kind, "issuer"), (kind, "type")} <= parts
            why = "a document; a mapping must name the columns of its issuer and type"
        elif kind is Kind.PLACE and not mentions(said, vocabulary.COORDINATES):
            complete = mentions(said, vocabulary.LONGITUDE) or (kind, "longitude") in parts
            why = "a latitude without its longitude"
        else:
            continue
        if not complete:
            found.main.remove(main)
            found.ignored[header] = why


def _kind_with(said: tuple[str, ...], values: Kind | None) -> Kind | None:
    """Return what the header says, or what the values say where it says nothing.

    Where both speak the header is believed, but for e-mail addresses: nothing else looks
    like one, and people write them into a column of telephones.
    """
    if mentions(said, vocabulary.DATE):
        return None
    kind = _kind(said)
    if values is Kind.EMAIL and kind in {None, Kind.PHONE, Kind.HANDLE}:
        return values
    other = (vocabulary.BANK, vocabulary.REGISTER, vocabulary.DOCUMENT)
    if kind is None and not any(mentions(said, table) for table in other):
        return values
    return kind


def _kind(said: tuple[str, ...]) -> Kind | None:
    if mentions(said, vocabulary.DATE):
        return None
    if mentions(said, vocabulary.BANK):
        reaches = mentions(said, vocabulary.PHONE) or mentions(said, vocabulary.EMAIL)
        is_account = mentions(said, vocabulary.BANK_ACCOUNT) and not reaches
        return Kind.BANK_ACCOUNT if is_account else None
    tables = (
        (Kind.PLACE, (*vocabulary.COORDINATES, *vocabulary.LATITUDE)),
        (Kind.EMAIL, vocabulary.EMAIL),
        (Kind.WALLET, vocabulary.WALLET),
        (Kind.DEVICE, vocabulary.DEVICE),
        (Kind.PHONE, vocabulary.PHONE),
        (Kind.HANDLE, vocabulary.HANDLE),
        (Kind.VEHICLE, vocabulary.PLATE),
        (Kind.DOCUMENT, vocabulary.DOCUMENT),
        (Kind.URL, vocabulary.URL),
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
        return "a bank, but no account"
    if mentions(said, vocabulary.COUNTRY):
        return "a country, but it is not clear of what"
    if mentions(said, vocabulary.NAME):
        return "names of people are not matched"
    if mentions(said, vocabulary.ADDRESS):
        return "an address; a mapping must name the columns that make one"
    return "not recognised"


def _case_id(headers: Sequence[str], found: _Sorted, sample_rows: Sequence[Row]) -> str:
    """Return the first candidate that is filled and different in every sample row."""
    first = headers[0] if headers else ""
    in_standard = any(section_of(header) for header in headers)
    if in_standard and not found.case_ids and first == UNNAMED.format(1):
        # Forms of HTCDS number their rows in a column without a name.
        found.ignored.pop(first, None)
        found.case_ids.append(first)
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
    return Column.model_validate({"column": header, "kind": kind, "subject": who, **parts})
