# SPDX-License-Identifier: Apache-2.0
"""The keys of an indicator: what is evaluated, each in a slot of its own.

Most indicators have one. Others have further keys, so that two spellings, two points or two
degrees of knowledge that normal forms cannot bring together still meet in one of them.
"""

import dataclasses
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass
from typing import Final

from federation.indicators.address import parse_address
from federation.indicators.builtin_checks import check_built_in
from federation.indicators.company import split_company
from federation.indicators.geohash import overlapping
from federation.indicators.kinds import Kind
from federation.indicators.mail_providers import mailbox
from federation.indicators.normalise import Indicator
from federation.indicators.verdicts import Verdict


@dataclass(frozen=True, slots=True)
class Key:
    """One input of the OPRF. Keys meet only in the same slot."""

    slot: str
    """Empty for the main key; a part of the input, so that slots never meet each other."""
    value: str = dataclasses.field(repr=False)
    """What is evaluated; as sensitive as the raw value."""
    weak: bool = False
    """Whether equality says "namesake" or "nearby", and not "the same"."""


def keys_of(indicator: Indicator) -> tuple[Key, ...]:
    """Return the keys under which an indicator is found.

    The first is the main key, with an empty slot, and is never weak. Its value is the
    indicator's, except where the value holds more than one form of the fact (a COMPANY with
    number and name): then it is the strongest of them.

    Args:
        indicator: What `normalise` made.

    Returns:
        At least one key, each slot once.
    """
    further = _FURTHER.get(indicator.kind)
    if further is None:
        return (Key("", indicator.value),)
    return tuple(further(indicator.value))


def _email(value: str) -> Iterator[Key]:
    """Every address of a listed provider has the second key, or two spellings would not meet."""
    yield Key("", value)
    same = mailbox(value)
    if same is not None and _passes(Kind.EMAIL, same):
        yield Key("provider", same)


def _company(value: str) -> Iterator[Key]:
    number, name = split_company(value)
    yield Key("", number or value)
    # A placeholder beside a number must not tie strangers together.
    if name is not None and _passes(Kind.COMPANY, name):
        yield Key("name", name, weak=True)


def _place(value: str) -> Iterator[Key]:
    yield Key("", value)
    address = parse_address(value)
    if address is None:
        for at, cell in enumerate(overlapping(value.removeprefix("cell:"))):
            yield Key(f"near/{at}", cell, weak=True)
        return
    if address.postcode:
        # Where the town is spelled differently, or not known.
        without_city = dataclasses.replace(address, city="")
        yield Key("postcode", str(without_city))
    if address.city:
        # Where the postcode is not known; a country has several towns of one name.
        without_postcode = dataclasses.replace(address, postcode="")
        yield Key("city", str(without_postcode), weak=True)


def _passes(kind: Kind, value: str) -> bool:
    return check_built_in(Indicator(kind, value)).verdict is Verdict.PASS


_FURTHER: Final[Mapping[Kind, Callable[[str], Iterator[Key]]]] = {
    Kind.EMAIL: _email,
    Kind.COMPANY: _company,
    Kind.PLACE: _place,
}
