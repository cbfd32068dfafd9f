# SPDX-License-Identifier: Apache-2.0
"""Geohash cells, and overlapping grids in which neighbours meet.

Degrees are exact fractions: a float would put a point on an edge into another cell on another
machine.
"""

import re
from fractions import Fraction
from typing import Final

_ALPHABET: Final = "0123456789bcdefghjkmnpqrstuvwxyz"

FINE: Final = 8
"""Characters of a fine cell: 20 bits of latitude and 20 of longitude; 19.1 m from south to
north, 38.2 m from west to east at the equator and less by the cosine of the latitude."""
COARSE: Final = 7
"""Characters of a coarse cell: 17 bits of latitude, 18 of longitude; 152.9 m by 152.9 m at the
equator."""

_CELL: Final = re.compile(f"[{_ALPHABET}]{{{FINE}}}")
_FINE_BITS: Final = 20
_ROWS: Final = 8
"""Fine cells in a coarse one, from south to north."""
_COLUMNS: Final = 4
"""Fine cells in a coarse one, from west to east."""


def is_cell(text: str) -> bool:
    """Say whether a text is a fine cell.

    Args:
        text: A geohash in lower case.
    """
    return _CELL.fullmatch(text) is not None


def cell_of(latitude: Fraction, longitude: Fraction) -> str:
    """Return the fine cell of a point.

    Args:
        latitude: Degrees north, from -90 to 90.
        longitude: Degrees east, from -180 to 180.

    Returns:
        A geohash of `FINE` characters.
    """
    cells = 1 << _FINE_BITS
    row = min(int((latitude + 90) * cells // 180), cells - 1)
    column = int((longitude + 180) * cells // 360) % cells
    return _encoded(row, column, FINE)


def overlapping(cell: str) -> tuple[str, str, str, str]:
    """Return the coarse cells that hold a fine one, in four grids half a cell apart.

    Two fine cells at most four rows and two columns apart share a coarse cell in at least one
    of the four grids; eight rows or four columns apart they share none. In metres: points
    closer than 76.4 m in latitude, and 76.4 m times the cosine of the latitude in longitude,
    always meet; points farther than twice that in either direction never do.

    Args:
        cell: A fine cell.

    Returns:
        A geohash of `COARSE` characters in each grid: as it is, moved north, moved east, both.
    """
    row, column = _decoded(cell)
    moved = []
    for rows, columns in ((0, 0), (_ROWS // 2, 0), (0, _COLUMNS // 2), (_ROWS // 2, _COLUMNS // 2)):
        # Past the pole there is one more half row, which is given to the last one; past the
        # date line the first column follows.
        last = (1 << _FINE_BITS) // _ROWS - 1
        north = min((row + rows) // _ROWS, last)
        east = ((column + columns) // _COLUMNS) % ((1 << _FINE_BITS) // _COLUMNS)
        moved.append(_encoded(north, east, COARSE))
    return moved[0], moved[1], moved[2], moved[3]


def _encoded(row: int, column: int, length: int) -> str:
    """Interleave the bits, longitude first, and write five a character."""
    bits = 5 * length
    rows, columns = bits // 2, bits - bits // 2
    number = 0
    for at in range(bits):
        of_column = at % 2 == 0
        left = (columns if of_column else rows) - 1 - at // 2
        number = number << 1 | (column if of_column else row) >> left & 1
    return "".join(_ALPHABET[number >> 5 * (length - 1 - at) & 31] for at in range(length))


def _decoded(cell: str) -> tuple[int, int]:
    number = 0
    for character in cell:
        number = number << 5 | _ALPHABET.index(character)
    row = column = 0
    for at in range(5 * len(cell) - 1, -1, -2):
        column = column << 1 | number >> at & 1
        row = row << 1 | number >> at - 1 & 1
    return row, column
