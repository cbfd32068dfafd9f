# SPDX-License-Identifier: Apache-2.0
"""The case ids of a sheet so far, in some 30 bytes each.

A dictionary would take five times that, and a sheet of a million rows is imported on the
smallest machine.
"""

from array import array
from typing import Final

__all__ = ["SeenIds"]

_FIRST_SLOTS: Final = 1_024


class SeenIds:
    """Tells in which row an id stood before.

    It keeps 64-bit hashes under the interpreter's secret key instead of the ids: two of two
    million are alike by chance once in ten million sheets, and nobody can choose them so. A
    table with open addressing: the slot after a taken one is tried next.
    """

    def __init__(self) -> None:
        """Begin with no row."""
        self._count = 0
        self._make(_FIRST_SLOTS)

    def row_of(self, case_id: str, row: int) -> int | None:
        """Note an id, unless it was there before.

        Args:
            case_id: the id.
            row: where it stands now, from 1.

        Returns:
            The row in which it stood before, or None.
        """
        value = hash(case_id)
        slot = self._slot(value)
        if self._rows[slot]:
            return self._rows[slot]
        self._hashes[slot], self._rows[slot] = value, row
        self._count += 1
        if self._count * 3 > len(self._rows) * 2:
            self._grow()
        return None

    def _slot(self, value: int) -> int:
        """Where a hash is, or where it would be put."""
        hashes, rows, mask = self._hashes, self._rows, len(self._rows) - 1
        slot = value & mask
        while rows[slot] and hashes[slot] != value:
            slot = (slot + 1) & mask
        return slot

    def _make(self, slots: int) -> None:
        self._hashes = array("q", bytes(8 * slots))
        # 0 where nothing is.
        self._rows = array("q", bytes(8 * slots))

    def _grow(self) -> None:
        hashes, rows = self._hashes, self._rows
        self._make(2 * len(rows))
        for value, row in zip(hashes, rows, strict=True):
            if row:
                slot = self._slot(value)
                self._hashes[slot], self._rows[slot] = value, row
