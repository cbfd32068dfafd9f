# SPDX-License-Identifier: Apache-2.0
"""Weights of evidence, written by `benchmarks/quality/learn.py`; natural logarithms of odds.

One for each group of slots and level of agreement, as Fellegi and Sunter (A Theory for Record
Linkage, JASA 1969) have them, but learned together, since groups are not independent. They are
used at home only: nodes with different weights still meet.
"""

from typing import Final

LEVELS: Final = (0.0, 0.1, 0.2, 0.35, 0.5, 0.75)
"""Parts of a group's slots that must be exceeded for the next level."""
INTERCEPT: Final = -6.04
"""Before anything is compared: most pairs of persons are different people."""
WEIGHTS: Final[dict[str, tuple[float, ...]]] = {
    "letters": (-0.48, 1.3, 2.61, 3.84, 4.6, 5.44, 5.69),
    "town": (-1.24, -0.07, 1.1, 1.32, 1.44, 1.99, 2.49),
    "home": (-0.84, -0.02, 0.8, 1.51, 1.88, 2.15, 2.21),
    "address": (-0.84, 1.38, 3.06, 4.24, 5.07, 5.26, 5.37),
    "address-letters": (-0.84, 1.02, 2.94, 4.63, 5.61, 5.91, 6.1),
    "years": (-0.48, -0.09, 0.3, 0.7, 1.12, 1.71, 1.71),
    "years-shifted": (-0.48, -0.16, 0.16, 0.49, 0.81, 1.22, 1.52),
    "year": (-0.68, 0.4, 1.47, 1.47, 1.47, 1.76, 1.76),
    "day": (-0.32, 0.51, 1.34, 2.3, 4.27, 5.43, 5.99),
    "year-day": (-0.32, -0.1, 0.11, 0.11, 0.11, 0.11, 0.29),
    "month": (-0.22, -0.22, -0.22, -0.03, 0.34, 0.66, 1.16),
    "birth": (-0.32, 0.86, 2.04, 3.22, 4.41, 5.59, 6.77),
    "birth-nationality": (-1.2, -1.12, -1.04, -0.96, -0.87, -0.79, -0.71),
    "birth-sex": (-1.43, -0.91, -0.4, 0.12, 0.63, 1.15, 1.66),
}
"""For each group: nothing equal, then one level after the other. None falls."""
