# SPDX-License-Identifier: Apache-2.0
"""Weights of evidence, written by `benchmarks/quality/learn.py`; natural logarithms of odds.

One for each group of slots and level of agreement, as Fellegi and Sunter (A Theory for Record
Linkage, JASA 1969) have them, but learned together, since groups are not independent. They are
used at home only: nodes with different weights still meet.
"""

from typing import Final

LEVELS: Final = (0.0, 0.1, 0.2, 0.35, 0.5, 0.75)
"""Parts of a group's slots that must be exceeded for the next level."""
INTERCEPT: Final = -6.06
"""Before anything is compared: most pairs of persons are different people."""
WEIGHTS: Final[dict[str, tuple[float, ...]]] = {
    "letters": (-0.47, 1.31, 2.63, 3.86, 4.62, 5.45, 5.69),
    "town": (-1.23, -0.06, 1.1, 1.32, 1.45, 2.0, 2.5),
    "home": (-0.87, 0.31, 1.25, 2.06, 2.51, 2.69, 2.74),
    "address": (-0.87, 1.31, 2.98, 4.13, 4.89, 5.09, 5.22),
    "address-letters": (-0.87, 0.97, 2.84, 4.51, 5.49, 5.8, 6.0),
    "years": (-0.49, -0.09, 0.31, 0.7, 1.12, 1.71, 1.71),
    "years-shifted": (-0.49, -0.16, 0.17, 0.49, 0.81, 1.22, 1.52),
    "year": (-0.68, 0.4, 1.49, 1.49, 1.49, 1.78, 1.78),
    "day": (-0.32, 0.51, 1.34, 2.31, 4.28, 5.45, 6.01),
    "year-day": (-0.32, -0.1, 0.12, 0.12, 0.12, 0.12, 0.29),
    "month": (-0.22, -0.22, -0.22, -0.02, 0.36, 0.68, 1.18),
    "birth": (-0.32, 0.86, 2.04, 3.23, 4.41, 5.6, 6.78),
    "birth-nationality": (-1.2, -1.12, -1.04, -0.95, -0.87, -0.79, -0.71),
    "birth-sex": (-1.43, -0.92, -0.41, 0.11, 0.62, 1.13, 1.65),
}
"""For each group: nothing equal, then one level after the other. None falls."""
