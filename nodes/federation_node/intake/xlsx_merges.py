# SPDX-License-Identifier: Apache-2.0
"""Merged cells: only the first of them holds something, though all of them show it."""

import re
from typing import Final

from federation.errors import InputError
from federation_node.intake.xlsx_package import Package

MERGED_FAULT: Final = "part of merged cells; un-merge them and fill in each row"

_MOST: Final = 100_000
_MERGE: Final = re.compile(
    rb"<(?:\w+:)?mergeCell\s[^<>]*?ref=[\"']([A-Z]{1,3})(\d{1,7}):([A-Z]{1,3})(\d{1,7})[\"']"
)
_OVERLAP: Final = 256


class Merges:
    """The merged cells of a sheet; they stand behind its rows, so they are looked for first."""

    def __init__(self, package: Package, part: str) -> None:
        """Find them, without reading the sheet as XML.

        Args:
            package: the workbook.
            part: the sheet.

        Raises:
            InputError: there are too many.
        """
        found: set[tuple[int, int, int, int]] = set()
        rest = b""
        for chunk in package.chunks(part):
            piece = rest + chunk
            for left, top, right, bottom in _MERGE.findall(piece):
                found.add((int(top), int(bottom), column_number(left), column_number(right)))
            if len(found) > _MOST:
                raise InputError(f"the sheet has more than {_MOST} merged cells")
            rest = piece[-_OVERLAP:]
        self._waiting = sorted(found, reverse=True)
        self._active: list[tuple[int, int, int, int]] = []

    def covered(self, row: int, width: int) -> set[int]:
        """Return the columns of a row that belong to merged cells but are not their first.

        Args:
            row: number of the row; larger at each call.
            width: columns of the sheet that matter.

        Returns:
            Columns from 0.
        """
        while self._waiting and self._waiting[-1][0] <= row:
            self._active.append(self._waiting.pop())
        if not self._active:
            return set()
        self._active = [merge for merge in self._active if merge[1] >= row]
        return {
            column - 1
            for top, _, left, right in self._active
            for column in range(left, min(right, width) + 1)
            if (row, column) != (top, left)
        }


def column_number(letters: bytes) -> int:
    """Turn the letters of a cell reference into the number of its column, from 1.

    Args:
        letters: such as ``AB``.
    """
    number = 0
    for letter in letters:
        number = number * 26 + letter - 64
    return number
