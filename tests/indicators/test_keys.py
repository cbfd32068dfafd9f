# SPDX-License-Identifier: Apache-2.0
"""The keys under which an indicator is found."""

import json
import math
from collections.abc import Mapping
from fractions import Fraction
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from federation.errors import NormalisationError
from federation.indicators import Indicator, Key, Kind, keys_of, normalise
from federation.indicators.geohash import cell_of

METRES_PER_DEGREE = 40_007_863 / 360
ALWAYS = 76.0
"""Metres under which two points always meet, from south to north; times the cosine across."""
NEVER = 153.0
"""Metres from which they never do, in either direction; times the cosine across."""


def keys(kind: Kind, raw: str | Mapping[str, str], region: str | None = None) -> tuple[Key, ...]:
    """Return the keys of a raw value."""
    return keys_of(normalise(kind, raw, region=region))


def shared(first: tuple[Key, ...], second: tuple[Key, ...]) -> set[str]:
    """Return the slots in which two indicators meet."""
    return {one.slot for one in set(first) & set(second)}


VECTORS = Path(__file__).parents[2] / "tests/vectors/normalisation_keys.json"


@pytest.mark.parametrize("vector", json.loads(VECTORS.read_text(encoding="utf-8"))["vectors"])
def test_vector(vector: dict[str, Any]) -> None:
    """The published keys of a normal form, which ports to other languages share."""
    indicator = Indicator(Kind(vector["kind"]), vector["value"])
    expected = tuple(Key(key["slot"], key["value"], key["weak"]) for key in vector["keys"])

    assert expected == keys_of(indicator)


PLAIN = {
    Kind.PHONE: "+525512345678",
    Kind.EMAIL: "maria@correo.mx",
    Kind.HANDLE: "x:maria_x",
    Kind.VEHICLE: "MX:ABC1234",
    Kind.URL: "carnavalesdelsol.mx/empleos",
    Kind.BANK_ACCOUNT: "MX:BBVA:1598246703",
    Kind.WALLET: "evm:0xfb6916095ca1df60bb79ce92ce3ea74c37c5d359",
    Kind.DOCUMENT: "MX:passport:G15982467",
    Kind.DEVICE: "imei:868120159824678",
}


@pytest.mark.parametrize(("kind", "value"), PLAIN.items())
def test_most_indicators_have_one_key(kind: Kind, value: str) -> None:
    """The main key is the value, with an empty slot."""
    assert (Key("", value),) == keys_of(Indicator(kind, value))


@pytest.mark.parametrize(
    "address",
    [
        "maria.lopez@gmail.com",
        "m.a.r.i.a.lopez@gmail.com",
        "marialopez+work@gmail.com",
        "MariaLopez@GoogleMail.com",
    ],
)
def test_spellings_of_a_mailbox_meet(address: str) -> None:
    """Dots, tags and the other domain of a provider meet in the second key."""
    assert Key("provider", "marialopez@gmail.com") in keys(Kind.EMAIL, address)


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("maria+x@outlook.com", "maria@outlook.com"),
        ("maria-lopez@yandex.ru", "maria.lopez@ya.ru"),
        ("maria_lopez@proton.me", "marialopez+1@pm.me"),
        ("maria@icloud.com", "maria@me.com"),
    ],
)
def test_other_providers_have_rules_of_their_own(first: str, second: str) -> None:
    """Each listed provider's rule brings two spellings together, in the second key only."""
    assert {"provider"} == shared(keys(Kind.EMAIL, first), keys(Kind.EMAIL, second))


@pytest.mark.parametrize(
    ("first", "second"),
    [
        ("maria.lopez@outlook.com", "marialopez@outlook.com"),
        ("maria+x@correo.mx", "maria@correo.mx"),
        ("maria@outlook.com", "maria@hotmail.com"),
        ("maria@gmail.com", "maria@yandex.ru"),
    ],
)
def test_what_a_provider_tells_apart_stays_apart(first: str, second: str) -> None:
    """Without a rule of the provider two addresses are two mailboxes."""
    assert set() == shared(keys(Kind.EMAIL, first), keys(Kind.EMAIL, second))


@pytest.mark.parametrize("address", ["+x@gmail.com", "...@gmail.com", "no.ne+1@gmail.com"])
def test_a_mailbox_that_says_nothing_is_no_key(address: str) -> None:
    """What the provider's rule leaves empty, or a placeholder, ties nobody together."""
    found = keys_of(Indicator(Kind.EMAIL, address))

    assert [""] == [key.slot for key in found]


def test_a_number_is_the_main_key_of_a_company() -> None:
    """A name beside the number does not keep it from meeting the number alone."""
    both = keys(Kind.COMPANY, {"register": "HRB 12345", "name": "Circo Águila"}, "DE")
    number = keys(Kind.COMPANY, {"register": "HRB 12345"}, "DE")
    name = keys(Kind.COMPANY, "Circo Águila GmbH", "DE")

    assert (
        Key("", "reg:DE:HRB12345"),
        Key("name", "name:DE:circo aguila", weak=True),
    ) == both
    assert (Key("", "reg:DE:HRB12345"),) == number
    assert {""} == shared(both, number)
    assert {"name"} == shared(both, name)
    assert set() == shared(number, name)


def test_two_names_meet_in_the_main_key() -> None:
    """Two organisations that know only the name meet as before."""
    name = keys(Kind.COMPANY, "Circo Águila", "MX")

    assert (Key("", "name:MX:circo aguila"), Key("name", "name:MX:circo aguila", weak=True)) == name


@pytest.mark.parametrize("name", ["unknown", "Agencia de Empleos", "Western Union", "A"])
def test_a_name_that_says_nothing_is_no_key(name: str) -> None:
    """Placeholders, trades and common names beside a number do not tie strangers together."""
    found = keys(Kind.COMPANY, {"register": "HRB 12345", "name": name}, "DE")

    assert (Key("", "reg:DE:HRB12345"),) == found


def test_addresses_meet_in_what_both_know() -> None:
    """A missing postcode leaves a weak key, a town spelled differently a strong one."""
    full = {"street": "Reforma 12", "postcode": "72000", "city": "Puebla"}
    whole = keys(Kind.PLACE, full, "MX")
    no_postcode = keys(Kind.PLACE, {"street": "Reforma 12", "city": "Puebla"}, "MX")
    other_town = keys(Kind.PLACE, full | {"city": "Puebla de Zaragoza"}, "MX")

    assert {"city"} == shared(whole, no_postcode)
    assert {"postcode"} == shared(whole, other_town)
    assert {"city"} == {key.slot for key in whole if key.weak}


def test_two_houses_of_a_street_do_not_meet() -> None:
    """No key of an address is without the house number."""
    first = keys(Kind.PLACE, {"street": "Reforma 12", "city": "Puebla"}, "MX")
    second = keys(Kind.PLACE, {"street": "Reforma 14", "city": "Puebla"}, "MX")

    assert set() == shared(first, second)


def at(latitude: float, longitude: float) -> tuple[Key, ...]:
    """Return the keys of a point."""
    cell = cell_of(Fraction(latitude), Fraction(longitude))
    return keys_of(Indicator(Kind.PLACE, f"cell:{cell}"))


POINTS = st.tuples(st.floats(-70, 70), st.floats(-179.99, 179.99))
STEPS = st.tuples(st.floats(-1, 1), st.floats(-1, 1))


def moved(point: tuple[float, float], north: float, east: float) -> tuple[float, float]:
    """Return a point some cell lengths away; a cell is as many degrees wide as it is high."""
    latitude = point[0] + north / METRES_PER_DEGREE
    longitude = (point[1] + east / METRES_PER_DEGREE + 180) % 360 - 180
    return latitude, longitude


@given(POINTS, STEPS)
@settings(max_examples=500, deadline=None)
def test_points_nearby_always_meet(point: tuple[float, float], step: tuple[float, float]) -> None:
    """Two points within half a coarse cell share a key, whatever edges lie between them."""
    other = moved(point, step[0] * ALWAYS, step[1] * ALWAYS)

    assert shared(at(*point), at(*other))


@given(POINTS, STEPS, st.booleans(), st.floats(1, 1e5))
@settings(max_examples=500, deadline=None)
def test_points_apart_never_meet(
    point: tuple[float, float], step: tuple[float, float], to_north: bool, metres: float
) -> None:
    """Two points a coarse cell apart in one direction share no key."""
    distance = math.copysign(NEVER + metres, step[0])
    north, east = (distance, step[1] * ALWAYS) if to_north else (step[1] * ALWAYS, distance)

    assert set() == shared(at(*point), at(*moved(point, north, east)))


def test_only_the_fine_cell_is_strong() -> None:
    """The same 19 by 38 metres is a match, nearby is a hint."""
    found = keys(Kind.PLACE, "19.4326, -99.1332")

    assert ["", "near/0", "near/1", "near/2", "near/3"] == [key.slot for key in found]
    assert [False, True, True, True, True] == [key.weak for key in found]


def test_points_meet_across_the_date_line() -> None:
    """The first column follows the last."""
    assert shared(at(-17.0, 179.9999), at(-17.0, -179.9999))


@given(st.sampled_from(list(Kind)), st.sampled_from(["MX", "DE"]), st.text(max_size=40))
@settings(max_examples=300, deadline=None)
def test_slots_are_distinct_and_the_first_is_strong(kind: Kind, region: str, raw: str) -> None:
    """Every indicator has its main key first and each slot once."""
    try:
        found = keys(kind, raw, region)
    except NormalisationError:
        return

    assert found[0].slot == ""
    assert not found[0].weak
    assert len(found) == len({key.slot for key in found})


def test_a_key_does_not_show_its_value() -> None:
    """A key is as sensitive as the value it is made of."""
    assert "1234" not in repr(Key("", "+525512345678"))
