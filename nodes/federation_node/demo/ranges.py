# SPDX-License-Identifier: Apache-2.0
"""Telephone number ranges of the countries in the demonstration.

They are in use, because a validating parser must accept what is drawn; no number was looked up.
"""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class NumberRange:
    """Area codes of one country and the number of subscriber digits behind each."""

    mobile: tuple[str, ...]
    fixed: tuple[str, ...]
    mobile_digits: int
    national_digits: int | None = None
    """Total length where area codes differ in length, else None."""
    fixed_digits: int = 0


RANGES: dict[str, NumberRange] = {
    "MX": NumberRange(
        ("55", "33", "81", "664", "998", "656", "222", "229", "951", "961", "867", "899"),
        ("55", "33", "81", "442", "477", "228"),
        0,
        national_digits=10,
    ),
    "US": NumberRange(
        ("813", "407", "305", "214", "713", "512", "404", "615", "901", "602"),
        ("813", "407", "214", "713", "404", "615"),
        0,
        national_digits=10,
    ),
    "DE": NumberRange(("151", "152", "157", "159"), ("30", "40", "69", "89"), 8, fixed_digits=8),
    "PL": NumberRange(
        ("501", "512", "532", "571", "602", "663", "691", "725", "781", "883"),
        ("22", "12", "61"),
        6,
        fixed_digits=7,
    ),
    "RO": NumberRange(("722", "733", "744", "755", "766"), ("21",), 6, fixed_digits=7),
    "GT": NumberRange(("30", "41", "42", "50", "55"), ("22", "23", "24"), 6, fixed_digits=6),
    "HN": NumberRange(("31", "33", "95", "97", "98", "99"), ("22",), 6, fixed_digits=6),
    "ES": NumberRange(("612", "633", "644", "655", "677"), ("91", "93", "95"), 6, fixed_digits=7),
}
"""Number ranges per country, written down from how people there give their numbers."""
