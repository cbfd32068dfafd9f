# SPDX-License-Identifier: Apache-2.0
"""What the person keys keep for everybody, however a name was written down."""

import os
import subprocess
import sys
import unicodedata
from dataclasses import replace
from datetime import date

from hypothesis import given
from hypothesis import strategies as st

from federation.errors import NormalisationError
from federation.indicators.person import (
    GROUP_OF,
    MAX_SLOTS,
    PERSON_VERSION,
    PLAN,
    Family,
    Person,
    Slot,
    slots,
)
from federation.indicators.person.words import essential, name_words
from federation.tokens.inputs import oprf_input

TEXTS = st.one_of(
    st.text(st.characters(), max_size=40),  # lone surrogates too
    st.text("ابتثعبدال القهو", max_size=12),
    st.text("\u1000\u1001\u102c\u103a\u1039\u1031\u103d\u103e\u1037အောင်", max_size=12),
    st.text("王小明欧阳김민수남궁", max_size=8),
    st.sampled_from(["", "MX", "female", "1987-03-05", "--07-21", "1999", "Xalapa", "O'Brien"]),
)
NAMES = st.sampled_from(
    [
        "María",
        "José",
        "Łukasz",
        "Óscar",
        "Zoë",
        "Çelik",
        "Nguyễn",
        "Ștefan",
        "Åsa",
        "Quispe",
        "Okafor",
        "Hernández",
        "Wójcik",
        "Novák",
    ]
)
DATES = st.dates(date(1930, 1, 2), date(2020, 12, 31))
WRITTEN = st.builds(
    Person,
    given=TEXTS,
    family=TEXTS,
    full=TEXTS,
    aliases=st.lists(TEXTS, max_size=6).map(tuple),
    birth_date=st.one_of(TEXTS, DATES.map(date.isoformat)),
    age=st.one_of(st.none(), st.integers(-3, 400)),
    seen=st.one_of(st.none(), st.dates()),
    sex=TEXTS,
    nationality=TEXTS,
    birthplace=TEXTS,
    street=TEXTS,
    number=TEXTS,
    postcode=TEXTS,
    city=TEXTS,
    region=TEXTS,
    country=TEXTS,
)
KNOWN = st.builds(
    Person,
    given=NAMES,
    family=NAMES,
    birth_date=DATES.map(date.isoformat),
    sex=st.sampled_from(["", "female", "male"]),
    birthplace=st.sampled_from(["", "Xalapa", "Łódź"]),
)


def attempt(person: Person) -> tuple[Slot, ...] | NormalisationError:
    """Return the slots, or the one error that `slots` may raise."""
    try:
        return slots(person)
    except NormalisationError as error:
        return error


def values(person: Person, *groups: str) -> dict[str, str]:
    """Return the values of the slots of some groups."""
    return {s.name: s.value for s in slots(person) if GROUP_OF[s.name].name in groups}


@given(WRITTEN)
def test_total_and_capped(person: Person) -> None:
    """Any texts give slots or the one error; at most a hundred, each once, all fit for the OPRF."""
    made = attempt(person)
    if isinstance(made, NormalisationError):
        return
    names = [slot.name for slot in made]
    order = list(GROUP_OF)

    assert 0 < len(made) <= MAX_SLOTS
    assert sorted(set(names), key=order.index) == names
    assert all(
        oprf_input(PERSON_VERSION, "network", "person", "person", s.value, slot=s.name)
        for s in made
    )


@given(WRITTEN)
def test_never_a_name_alone(person: Person) -> None:
    """Whoever has slots has evidence of a date or a place, not only of a name."""
    made = attempt(person)

    assert isinstance(made, NormalisationError) or any(s.family is not Family.NAME for s in made)


def test_plan_fits() -> None:
    """All slots that there are cost no more than a person may."""
    assert len(GROUP_OF) <= MAX_SLOTS
    assert len(GROUP_OF) == sum(group.count for group in PLAN)


@given(KNOWN)
def test_case_marks_titles_and_fields_do_not_matter(person: Person) -> None:
    """Capitals, accents that decompose, a title and one field or two give the same slots."""
    family = "".join(
        c for c in unicodedata.normalize("NFD", person.family) if not unicodedata.combining(c)
    )
    same = replace(person, given="", family="", full=f"Dr. {person.given.upper()} {family}")

    assert slots(person) == slots(same)


@given(KNOWN)
def test_order_of_names_does_not_matter_for_letters(person: Person) -> None:
    """Given and family name in each other's place have the same letters."""
    swapped = replace(person, given=person.family, family=person.given)

    assert values(person, "letters") == values(swapped, "letters")


@given(DATES)
def test_day_and_month_exchanged(day: date) -> None:
    """Two dates with day and month exchanged share the slot of both orders, if both exist."""
    person = Person(given="Ewa", family="Kowalska", birth_date=day.isoformat())
    if day.day > 12:
        return
    other = replace(person, birth_date=date(day.year, day.day, day.month).isoformat())
    first_of_january = day.month == day.day == 1

    assert first_of_january or values(person, "birth") == values(other, "birth") != {}


@given(st.integers(1940, 2010), st.integers(-4, 4))
def test_ages_up_to_four_years_apart_share_a_window(year: int, apart: int) -> None:
    """Whoever is up to four years apart shares all slots of one of the two windows."""
    windows = ("years", "years-shifted")
    one, other = (
        Person(given="Binod", family="Thapa", birth_date=str(born)) for born in (year, year + apart)
    )

    assert any(values(one, window) == values(other, window) for window in windows)


@given(st.integers(1940, 2010), st.integers(8, 40))
def test_ages_eight_years_apart_share_none(year: int, apart: int) -> None:
    """Whoever is eight or more years apart shares no slot that is made of a year."""
    one, other = (
        Person(given="Binod", family="Thapa", birth_date=str(born)) for born in (year, year + apart)
    )
    groups = ("years", "years-shifted", "year", "birth")

    assert not values(one, *groups).items() & values(other, *groups).items()


@given(TEXTS, st.booleans())
def test_folding_is_idempotent(text: str, is_whole: bool) -> None:
    """Folded words fold to themselves."""
    words = essential(name_words(text, is_whole=is_whole))
    again = essential(name_words(" ".join(words), is_whole=is_whole))

    assert essential(again) == again
    assert set(again) <= {part for word in words for part in name_words(word)}


def test_an_alias_and_a_town_are_weak() -> None:
    """Of whom only an alias and a town are known, nothing counts by itself."""
    made = slots(Person(aliases=("El Chino",), birthplace="Tapachula"))

    assert made
    assert all(slot.weak for slot in made)


def test_no_value_is_shown() -> None:
    """Neither a person nor a slot shows what it holds when it is printed."""
    person = Person(given="Xyzzy", family="Plugh", birth_date="1987-03-05")
    shown = repr(person) + repr(slots(person))

    assert not any(secret in shown for secret in ("Xyzzy", "Plugh", "xy", "1987"))


def test_the_same_in_every_process() -> None:
    """Neither the seed of hashes nor the locale decides anything."""
    program = (
        "from federation.indicators.person import Person, slots\n"
        "print([(s.name, s.value) for s in slots(Person(full='Émile Wójcik', aliases=('Milo',),"
        " birth_date='1987-03-05', birthplace='Łódź'))])"
    )
    printed = {
        subprocess.run(
            [sys.executable, "-c", program],
            env={**os.environ, "PYTHONHASHSEED": seed, "LC_ALL": locale, "PYTHONUTF8": "1"},
            capture_output=True,
            check=True,
        ).stdout
        for seed, locale in (("1", "C"), ("2", "tr_TR.UTF-8"))
    }

    assert len(printed) == 1
