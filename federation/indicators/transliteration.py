# SPDX-License-Identifier: Apache-2.0
"""Transliteration to Latin by the one table that this version of the rules means.

The table is anyascii's, and its releases differ: between 0.3.2 and 0.3.3 the small Japanese
tsu went from `tsu` to `t`. Two nodes with different tables would hold the same office under
two names and silently never meet, so a node works with the table of its rules or not at all.
"""

import hashlib
from functools import cache
from typing import Final

from anyascii import anyascii

from federation.errors import ConfigurationError
from federation.indicators.kinds import NORMALISATION_VERSION

__all__ = ["check_table", "to_latin"]

TABLES: Final = {
    1: ("0.3.3", "d2f7d2798f19b0704bd002a96026d1164893371d82dd7a7ded503e018a06a853"),
}
"""For each version of the rules: the release of anyascii that it was written with, and the
fingerprint of its table."""

_CODE_POINTS: Final = (*range(0x80, 0xD800), *range(0xE000, 0x40000))
"""Planes 0 to 3 without ASCII and surrogates: every letter that has a transliteration."""


def to_latin(text: str) -> str:
    """Return a text in ASCII, each character by the table.

    Args:
        text: In any script.
    """
    return anyascii(text)


@cache
def check_table() -> None:
    """Check that the installed table is the one that this version of the rules means.

    It takes a sixth of a second, once in a process.

    Raises:
        ConfigurationError: It is another; says which release to install.
    """
    release, expected = TABLES[NORMALISATION_VERSION]
    if _fingerprint() != expected:
        raise ConfigurationError(
            "the installed release of anyascii spells names differently from version "
            f"{NORMALISATION_VERSION} of the normalisation rules, so offices would not be "
            "found by other members",
            next_step=f"install the release that the rules mean: pip install anyascii=={release}",
        )


def _fingerprint() -> str:
    """Return SHA-256 over the spelling of every code point, each on a line, in hex."""
    lines = anyascii("\n".join(map(chr, _CODE_POINTS)))
    return hashlib.sha256(lines.encode()).hexdigest()
