# SPDX-License-Identifier: Apache-2.0
"""Invented persons and their misspellings, for the demonstration and the benchmarks."""

import ast
import random
from dataclasses import fields
from datetime import date
from pathlib import Path

import pytest

import federation_node.demo.persons as package
from federation.indicators.person import read_person
from federation_node.demo.persons import CULTURES, Habits, Writer, Written, draw

SEEN = date(2024, 5, 1)
CAREFUL = Habits(heard=0, typed=0, short=0, swapped=0, partial=0, title=0, slip_of_date=0)


def written(culture: str, seed: int, habits: Habits | None = None) -> list[Written]:
    """Thirty people of a naming custom as one organisation wrote them down."""
    people = draw(random.Random(culture), culture, 30)
    writer = Writer(random.Random(seed), habits)
    return [writer.write(person, seen=SEEN) for person in people]


@pytest.mark.parametrize("culture", CULTURES)
def test_people_differ(culture: str) -> None:
    """As many as asked for are drawn, each with an id of its own, none twice."""
    people = draw(random.Random(0), culture, 200)

    assert len({person.id for person in people}) == 200
    assert len({(p.given, p.family, p.born) for p in people}) == 200


@pytest.mark.parametrize("culture", CULTURES)
def test_the_same_seed_writes_the_same(culture: str) -> None:
    """Chance comes from the seed alone, and another organisation writes otherwise."""
    assert written(culture, 1) == written(culture, 1)
    assert written(culture, 1) != written(culture, 2)


@pytest.mark.parametrize("culture", CULTURES)
def test_a_row_can_be_read(culture: str) -> None:
    """What was written is taken as a person's fields; nobody is without a name."""
    for row in written(culture, 3):
        texts = {field.name: getattr(row, field.name) for field in fields(row)}
        person = read_person(texts)

        assert person.full or person.given or person.family
        assert not (person.birth_date and person.age is not None)


def test_people_are_written_in_their_own_script() -> None:
    """At least five scripts are met: Latin, Cyrillic, Arabic, Burmese, Chinese."""
    home = Habits(home_script=1, short=0)
    letters = {
        character
        for culture in CULTURES
        for row in written(culture, 4, home)
        for character in row.full + row.given + row.family
    }

    assert all(sign in letters for sign in ("a", "а", "م", "မ", "王"))


def test_habits_misspell() -> None:
    """Who listens badly writes most names otherwise than who is careful."""
    careful = written("russian", 5, CAREFUL)
    careless = written("russian", 5, Habits(listener="german", heard=1, typed=1, home_script=0))

    assert sum(one != other for one, other in zip(careful, careless, strict=True)) > 25


def test_it_shares_nothing_with_what_it_measures() -> None:
    """No module of the generator imports the library."""
    for path in Path(package.__file__).parent.glob("*.py"):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        imported = {
            node.module or "" for node in ast.walk(tree) if isinstance(node, ast.ImportFrom)
        }
        imported |= {a.name for n in ast.walk(tree) if isinstance(n, ast.Import) for a in n.names}

        assert not any(name.split(".")[0] == "federation" for name in imported)
