# SPDX-License-Identifier: Apache-2.0
"""What the columns of an organisation's sheet mean; kept in a TOML file that people edit."""

import json
import tomllib
from collections.abc import Iterable
from functools import cached_property
from pathlib import Path
from typing import Self

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from federation.agreements import Purpose
from federation.charter import Role
from federation.errors import InputError
from federation.indicators import Kind, Subject
from federation_node.intake.other_consents import other_consent

PARTS: dict[Kind, frozenset[str]] = {
    Kind.PHONE: frozenset({"country"}),
    Kind.EMAIL: frozenset(),
    Kind.HANDLE: frozenset({"platform"}),
    Kind.VEHICLE: frozenset({"country"}),
    Kind.COMPANY: frozenset({"country", "register"}),
    Kind.URL: frozenset(),
    Kind.BANK_ACCOUNT: frozenset({"country", "bank"}),
    Kind.WALLET: frozenset({"chain"}),
    Kind.DOCUMENT: frozenset({"issuer", "type"}),
    Kind.PLACE: frozenset({"country", "city", "postcode", "number", "longitude"}),
    Kind.DEVICE: frozenset(),
}
"""Further columns that an indicator of each kind can be put together from."""

ERROR_HEADERS = ("casethread row", "casethread column", "casethread reason")
"""Columns that a list of rows in error has beside the sheet's own; they are never read."""

_LARGEST_FILE = 256 * 1024


class Column(BaseModel):
    """One column that holds indicators, with the columns that complete it."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: str
    """Header of the column; the observation's `field`."""
    kind: Kind
    subject: Subject
    country: str | None = None
    """Header of the column with the indicator's own country, where it has one."""
    platform: str | None = None
    """Header of the column with a handle's platform."""
    register_number: str | None = Field(default=None, alias="register")
    """Header of the column with a company's register or licence number."""
    bank: str | None = None
    """Header of the column with an account's bank; without, the account is an IBAN or CLABE."""
    chain: str | None = None
    """Header of the column with a wallet's chain or coin."""
    issuer: str | None = None
    """Header of the column with the country that issued a document."""
    type: str | None = None
    """Header of the column with a document's type."""
    number: str | None = None
    """Header of the column with the number of a house, where the street has its own."""
    city: str | None = None
    postcode: str | None = None
    longitude: str | None = None
    """Header of the column with the longitude of a place whose main column is the latitude."""

    @cached_property
    def parts(self) -> dict[str, str]:
        """Part of the indicator -> header of the column that holds it."""
        named = {
            part: getattr(self, "register_number" if part == "register" else part)
            for part in sorted(frozenset().union(*PARTS.values()))
        }
        return {part: header for part, header in named.items() if header is not None}

    @model_validator(mode="after")
    def _check_parts(self) -> Self:
        unfit = sorted(set(self.parts) - PARTS[self.kind])
        if unfit:
            raise ValueError(f"a {self.kind.value} has no {unfit[0]}")
        return self


class ConsentColumns(BaseModel):
    """Where a sheet says whether a survivor consented to being matched; never guessed."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    column: str
    """Header of the column that says whether there is consent."""
    yes: tuple[str, ...] = Field(min_length=1)
    """What its cells say where there is; capitals do not matter."""
    no: tuple[str, ...] = ()
    """What they say where there is none (any more). Anything else but a blank is an error."""
    given: str
    """Header of the column with the date on which it was given, such as 2026-03-31."""
    expires: str | None = None
    """Header of the column with the date on which it ends; in place of ``days``."""
    days: int | None = Field(default=None, ge=1, le=5 * 366)
    """For how many days it holds."""
    purposes: tuple[Purpose, ...] = Field(min_length=1)
    """What the form that was signed allows sharing for."""
    recipients: tuple[Role, ...] = Field(min_length=1)
    """With organisations of which role it allows it."""
    basis: str
    """Code of that form, such as intake-form-3."""

    @property
    def headers(self) -> tuple[str, ...]:
        """Headers of the columns that are read."""
        return tuple(one for one in (self.column, self.given, self.expires) if one is not None)

    @model_validator(mode="after")
    def _check(self) -> Self:
        for header in self.headers:
            if (why := other_consent(header)) is not None:
                raise ValueError(f"column {header!r} is {why}, and not to being matched")
        if (self.expires is None) == (self.days is None):
            raise ValueError("a consent ends by a column with its end, or after a number of days")
        said = [text.strip().casefold() for text in (*self.yes, *self.no)]
        if len(set(said)) != len(said) or "" in said:
            raise ValueError("a cell says either yes or no, and a blank says neither")
        return self


class Mapping(BaseModel):
    """What every column of a sheet means."""

    model_config = ConfigDict(frozen=True, extra="forbid")

    version: int = Field(default=1, ge=1, le=1)
    case_id: str
    """Header of the column with the source's row id."""
    country: str | None = None
    """Header of the column with the country of the case."""
    region: str | None = Field(default=None, pattern="^[A-Z]{2}$")
    """ISO 3166 country of cases whose own country is blank."""
    encoding: str | None = None
    """Python codec name; None to find out at each import."""
    delimiter: str | None = Field(default=None, min_length=1, max_length=1)
    """Between cells; None to find out at each import."""
    sheet: str | None = None
    """Sheet of a workbook; None for the first that has data and is not hidden."""
    notes: tuple[str, ...] = ()
    """Headers of free text, which is never read."""
    consent: ConsentColumns | None = None
    """Whether a survivor consented to being matched; nobody without."""
    columns: tuple[Column, ...] = ()
    """Columns with indicators."""
    ignored: dict[str, str] = {}
    """Header -> why the column is not read."""

    @model_validator(mode="after")
    def _check_once(self) -> Self:
        headers = [self.case_id, *self.notes, *self.ignored, *(c.column for c in self.columns)]
        headers += self.consent.headers if self.consent is not None else ()
        if len(set(headers)) != len(headers):
            raise ValueError("a column is named twice")
        return self

    @property
    def used(self) -> frozenset[str]:
        """Headers of every column that the import reads."""
        parts = (header for column in self.columns for header in column.parts.values())
        country = () if self.country is None else (self.country,)
        consent = () if self.consent is None else self.consent.headers
        columns = (column.column for column in self.columns)
        return frozenset({self.case_id, *country, *parts, *consent, *columns})

    def unlisted(self, headers: Iterable[str]) -> tuple[str, ...]:
        """Return the headers that the mapping does not know; they are not read either.

        Args:
            headers: headers of a sheet.
        """
        known = self.used | set(self.notes) | set(self.ignored) | set(ERROR_HEADERS)
        return tuple(header for header in headers if header not in known)

    def check(self, headers: Iterable[str]) -> None:
        """Check that a sheet has every column that the mapping reads.

        Args:
            headers: headers of the sheet.

        Raises:
            InputError: one is missing.
        """
        missing = sorted(self.used - set(headers))
        if missing:
            raise InputError(
                f"the file lacks a column that the mapping reads: {', '.join(missing)}",
                next_step="correct the mapping, or import the file without a saved mapping",
            )

    @classmethod
    def from_toml(cls, text: str) -> Self:
        """Read a mapping.

        Args:
            text: a TOML document, as `to_toml` writes it.

        Raises:
            InputError: it is not one.
        """
        try:
            return cls.model_validate(tomllib.loads(text))
        except tomllib.TOMLDecodeError as error:
            raise InputError(f"the mapping is not TOML: {error}") from None
        except ValidationError as error:
            first = error.errors()[0]
            where = ".".join(str(part) for part in first["loc"]) or "mapping"
            raise InputError(f"the mapping is wrong at {where}: {first['msg']}") from None

    @classmethod
    def load(cls, path: Path) -> Self:
        """Read a mapping from a file.

        Args:
            path: the file.

        Raises:
            InputError: it cannot be read, or is not a mapping.
        """
        try:
            with path.open("rb") as file:
                raw = file.read(_LARGEST_FILE + 1)
            if len(raw) > _LARGEST_FILE:
                raise InputError("the mapping is too large to be one")
            return cls.from_toml(raw.decode())
        except OSError as error:
            raise InputError(f"the mapping cannot be opened: {error.strerror}") from None
        except UnicodeDecodeError:
            raise InputError("the mapping is not UTF-8 text") from None

    def save(self, path: Path) -> None:
        """Write the mapping to a file.

        Args:
            path: the file; an earlier one is replaced.
        """
        path.write_text(self.to_toml(), encoding="utf-8")

    def to_toml(self) -> str:
        """Write the mapping as a TOML document with a line of help at the top."""
        lines = ["# What the columns mean. Edit it, and import again with it."]
        for name in ("version", "case_id", "country", "region", "encoding", "delimiter", "sheet"):
            value = getattr(self, name)
            if value is not None:
                lines.append(f"{name} = {_toml(value)}")
        lines.append(f"notes = [{', '.join(_toml(note) for note in self.notes)}]")
        if self.consent is not None:
            lines += ["", "[consent]"]
            for name, value in self.consent.model_dump(mode="json", exclude_none=True).items():
                lines.append(f"{name} = {_toml(value)}")
        for column in self.columns:
            lines += ["", "[[columns]]", f"column = {_toml(column.column)}"]
            lines += [f"kind = {_toml(column.kind.value)}"]
            lines += [f"subject = {_toml(column.subject.value)}"]
            lines += [f"{part} = {_toml(header)}" for part, header in column.parts.items()]
        lines += ["", "[ignored]"]
        lines += [f"{_toml(header)} = {_toml(why)}" for header, why in self.ignored.items()]
        return "\n".join(lines) + "\n"


def _toml(value: str | int | list[str]) -> str:
    """Write a TOML value: JSON's strings are TOML's basic strings, but for the DEL character."""
    return json.dumps(value, ensure_ascii=False).replace("\x7f", "\\u007f")
