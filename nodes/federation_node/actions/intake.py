# SPDX-License-Identifier: Apache-2.0
"""Importing a spreadsheet of cases."""

import secrets
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from federation.indicators import Case
from federation.member import ImportResult
from federation_node.context import NodeContext
from federation_node.intake import CsvRows, Mapping, RowError, guess, read_cases, write_errors

__all__ = ["Imported", "import_csv", "open_sheet"]

_RUN_SIZE = 8


@dataclass(frozen=True, slots=True)
class Imported:
    """What an import did."""

    run: str
    """Names this import; cases remember the last one that changed them."""
    new: int
    """Cases that were not there before."""
    changed: int
    unchanged: int
    observations: int
    """Observations in all cases of the file."""
    errors: int
    """Rows that could not be read."""
    errors_file: Path | None
    """Where the rows in error are listed, by number and column."""
    ignored: dict[str, str]
    """Columns that were not read, with the reason."""
    dry_run: bool
    """Nothing was stored."""

    def document(self) -> dict[str, Any]:
        """Put it into one object for programs."""
        return {
            "run": self.run,
            "new": self.new,
            "changed": self.changed,
            "unchanged": self.unchanged,
            "observations": self.observations,
            "errors": self.errors,
            "errors_file": None if self.errors_file is None else str(self.errors_file),
            "ignored": self.ignored,
            "dry_run": self.dry_run,
        }


def open_sheet(path: Path, saved: Path | None, region: str | None) -> tuple[CsvRows, Mapping]:
    """Open a sheet, and load what its columns mean or guess it from the headers.

    Args:
        path: the sheet.
        saved: a mapping file, or None.
        region: country of local phone numbers if the mapping names none.

    Returns:
        The rows, and what the columns mean.

    Raises:
        InputError: the sheet or the mapping cannot be used.
    """
    if saved is None:
        rows = CsvRows(path)
        return rows, guess(
            rows.headers,
            rows.sample(),
            region=region,
            encoding=rows.encoding,
            delimiter=rows.delimiter,
        )
    mapping = Mapping.load(saved)
    if mapping.region is None:
        mapping = mapping.model_copy(update={"region": region})
    return CsvRows(path, encoding=mapping.encoding, delimiter=mapping.delimiter), mapping


def import_csv(
    context: NodeContext,
    path: Path,
    *,
    mapping: Path | None = None,
    source: str = "csv",
    errors_file: Path | None = None,
    dry_run: bool = False,
) -> Imported:
    """Import a CSV file; the same file again changes nothing.

    Args:
        context: the node.
        path: the file.
        mapping: what its columns mean; None to guess from the headers.
        source: name of the system that the file comes from; case ids are unique within it.
        errors_file: where to list the rows in error, by number and column and without their
            values; None means beside the sheet.
        dry_run: read and count, store nothing.

    Returns:
        What was done.

    Raises:
        InputError: the file or the mapping cannot be used.
    """
    rows, meaning = open_sheet(path, mapping, context.config.organisation.region)
    run = secrets.token_hex(_RUN_SIZE)
    failed: list[RowError] = []
    seen = _Counted(read_cases(rows, meaning), failed)
    if dry_run:
        result = ImportResult()
        for _ in seen:
            pass
    else:
        # Not the file's name: it may name a person.
        result = context.member.put_cases(seen, source=source, run=run)
    listed = errors_file or path.with_name(f"{path.stem}.casethread-errors.csv")
    written = write_errors(listed, failed)
    return Imported(
        run=run,
        new=result.new,
        changed=result.changed,
        unchanged=result.unchanged,
        observations=seen.observations,
        errors=written,
        errors_file=listed if written else None,
        ignored=dict(meaning.ignored)
        | dict.fromkeys(meaning.unlisted(rows.headers), "not in the mapping"),
        dry_run=dry_run,
    )


class _Counted:
    """Passes cases on, counts their observations and keeps the rows in error."""

    def __init__(self, items: Iterator[Case | RowError], failed: list[RowError]) -> None:
        self._items = items
        self._failed = failed
        self.observations = 0

    def __iter__(self) -> Iterator[Case]:
        for item in self._items:
            if isinstance(item, RowError):
                self._failed.append(item)
            else:
                self.observations += len(item.observations)
                yield item
