# SPDX-License-Identifier: Apache-2.0
"""The built-in screening lists, read from `screening_lists.toml` beside this file."""

import re
import tomllib
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from importlib.resources import files

from federation.indicators.fold import fold, fold_umlauts
from federation.indicators.geohash import cell_of


@dataclass(frozen=True, slots=True)
class BuiltIn:
    """The lists, ready for use; the file says what each is."""

    helplines: frozenset[str]
    fictional: tuple[re.Pattern[str], ...]
    domains: frozenset[str]
    locals: frozenset[str]
    handles: frozenset[str]
    common_handles: frozenset[str]
    plates: frozenset[str]
    placeholders: frozenset[str]
    generic: frozenset[str]
    common_companies: frozenset[str]
    fillers: frozenset[str]
    private_hosts: tuple[re.Pattern[str], ...]
    common_hosts: frozenset[str]
    specimen_accounts: frozenset[str]
    burnt_wallets: frozenset[str]
    common_wallets: frozenset[str]
    specimen_documents: frozenset[str]
    centroids: frozenset[str]
    test_handsets: frozenset[str]


@cache
def built_in_bytes() -> bytes:
    """Return the file of the built-in lists as it is."""
    return files("federation.indicators").joinpath("screening_lists.toml").read_bytes()


@cache
def built_in() -> BuiltIn:
    """Return the built-in lists.

    Returns:
        The lists, read once.
    """
    lists = tomllib.loads(built_in_bytes().decode())
    return BuiltIn(
        helplines=frozenset(lists["phone"]["helplines"]),
        fictional=tuple(re.compile(pattern) for pattern in lists["phone"]["fictional"]),
        domains=frozenset(lists["email"]["domains"]),
        locals=frozenset(lists["email"]["locals"]),
        handles=frozenset(lists["handle"]["handles"]),
        common_handles=frozenset(lists["handle"]["common"]),
        plates=frozenset(lists["vehicle"]["plates"]),
        placeholders=_folded(lists["company"]["placeholders"]),
        generic=_folded(lists["company"]["generic"]),
        common_companies=_folded(lists["company"]["common"]),
        fillers=frozenset(lists["numbers"]["fillers"]),
        private_hosts=tuple(re.compile(pattern) for pattern in lists["url"]["private"]),
        common_hosts=frozenset(lists["url"]["common"]),
        specimen_accounts=frozenset(lists["bank-account"]["specimens"]),
        burnt_wallets=frozenset(lists["wallet"]["burnt"]),
        common_wallets=frozenset(lists["wallet"]["common"]),
        specimen_documents=frozenset(lists["document"]["specimens"]),
        centroids=frozenset(_cell(point) for point in lists["place"]["centroids"]),
        test_handsets=frozenset(lists["device"]["tests"]),
    )


def _cell(point: str) -> str:
    latitude, longitude = (Fraction(degrees) for degrees in point.split(","))
    return "cell:" + cell_of(latitude, longitude)


def _folded(names: list[str]) -> frozenset[str]:
    return frozenset(" ".join(fold_umlauts(word) for word in fold(name)) for name in names)
