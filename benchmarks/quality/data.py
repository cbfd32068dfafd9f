# SPDX-License-Identifier: Apache-2.0
"""Two files of persons each, and who is whom."""

import csv
import random
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from pathlib import Path

from federation.errors import NormalisationError
from federation.indicators.person import Person
from federation.indicators.person.birth import read_birth
from federation_node.demo.persons import Habits, Writer, Written, draw

Fields = dict[str, str]
"""A row for those who compare fields: name and text, absent where not known."""


@dataclass(frozen=True, slots=True)
class Row:
    """One record of one file."""

    entity: str
    """Who it is; never compared."""
    person: Person
    fields: Fields


@dataclass(frozen=True, slots=True)
class Data:
    """Two files, each without duplicates."""

    name: str
    left: list[Row]
    right: list[Row]

    @property
    def common(self) -> int:
        """How many entities are in both."""
        return len({row.entity for row in self.left} & {row.entity for row in self.right})

    def is_match(self, pair: tuple[int, int]) -> bool:
        """Tell whether two rows, by their positions, are about the same person."""
        return self.left[pair[0]].entity == self.right[pair[1]].entity

    def only(self, name: str, entities: Iterable[str], others: Iterable[str] = ()) -> "Data":
        """Keep some entities; `others` are those of the right file, if they differ."""
        lefts = set(entities)
        rights = set(others) or lefts
        return Data(
            name,
            [row for row in self.left if row.entity in lefts],
            [row for row in self.right if row.entity in rights],
        )


FEBRL = ("given_name", "surname", "date_of_birth", "street_number", "address_1", "address_2",
         "suburb", "postcode", "state")  # fmt: skip
FEBRL_NAMES = FEBRL[:3]


def febrl4(folder: Path, columns: tuple[str, ...]) -> Data:
    """FEBRL-4: 5,000 invented Australians and a corrupted copy of each."""
    left, right = (_febrl(folder / f"dataset4{file}.csv", columns) for file in "ab")
    what = "names, birth date, address" if len(columns) > len(FEBRL_NAMES) else "names, birth date"
    return Data(f"FEBRL-4, {what}", left, right)


def halves(data: Data, seed: int = 4) -> tuple[Data, Data]:
    """Split the entities in two: one half to choose thresholds on, one to report on."""
    entities = sorted({row.entity for row in (*data.left, *data.right)})
    random.Random(seed).shuffle(entities)
    middle = len(entities) // 2
    return data.only(data.name, entities[:middle]), data.only(data.name, entities[middle:])


def half_overlap(data: Data) -> Data:
    """Records 0 to 3,332 of one file against 1,667 to 4,999 of the other, by entity."""
    entities = [str(number) for number in range(5_000)]
    return data.only(f"{data.name}, 50 % overlap", entities[:3_333], entities[1_667:])


def dated(data: Data) -> Data:
    """Keep in each file the records with a birth date, and not only a year of it."""
    files = (data.left, data.right)
    known = [[row.entity for row in file if len(row.person.birth_date) > len("1999")]
             for file in files]  # fmt: skip
    return data.only(f"{data.name}, both birth dates known", *known)


def _febrl(path: Path, columns: tuple[str, ...]) -> list[Row]:
    rows = []
    with path.open(encoding="utf-8", newline="") as file:
        reader = csv.reader(file, skipinitialspace=True)
        head = next(reader)
        for line in reader:
            whole = dict(zip(head, line, strict=False))
            fields = {column: whole[column].strip() for column in columns if whole.get(column)}
            fields = {column: text for column, text in fields.items() if text}
            rows.append(Row(whole["rec_id"].split("-")[1], _person_of_febrl(fields), fields))
    return sorted(rows, key=lambda row: int(row.entity))


def _person_of_febrl(fields: Fields) -> Person:
    streets = (fields.get("address_1"), fields.get("address_2"))
    return Person(
        given=fields.get("given_name", ""),
        family=fields.get("surname", ""),
        birth_date=possible_date(fields.get("date_of_birth", "")),
        street=" ".join(street for street in streets if street),
        number=fields.get("street_number", ""),
        postcode=fields.get("postcode", ""),
        city=fields.get("suburb", ""),
        region=fields.get("state", ""),
    )


def possible_date(digits: str) -> str:
    """Return what can be read of eight digits, some of which are wrong: a date, or less."""
    year, month, day = digits[:4], digits[4:6], digits[6:]
    for text in (f"{year}-{month}-{day}", f"{year}-{day}-{month}", f"{year}-{month}", year):
        try:
            read_birth("person", text, None, None)
        except NormalisationError:
            continue
        return text
    return ""


def pseudopeople(records: dict[str, list[Fields]], count: int = 3_000) -> Data:
    """A census against a social-security register, half of each in the other.

    Never looked at while anything was chosen.

    Args:
        records: What `export_pseudopeople.py` writes.
        count: Rows in each file.
    """
    sides = [{one["simulant_id"]: one for one in records[side]} for side in ("left", "right")]
    common = sorted(sides[0].keys() & sides[1].keys())
    random.Random("pseudopeople").shuffle(common)
    left, right = common[:count], common[count // 2 : count // 2 + count]
    return Data(
        "pseudopeople, names, birth date; 50 % overlap",
        [_row_of_register(sides[0][one]) for one in left],
        [_row_of_register(sides[1][one]) for one in right],
    )


def _row_of_register(record: Fields) -> Row:
    digits = "".join(c for c in record["date_of_birth"] if c.isdigit())
    if "/" in record["date_of_birth"]:
        month, day, year = (*record["date_of_birth"].split("/"), "", "")[:3]
        digits = f"{year:0>4}{month:0>2}{day:0>2}"
    fields = {
        "given_name": record["first_name"].lower(),
        "surname": record["last_name"].lower(),
        "date_of_birth": digits if digits.isdigit() and len(digits) == 8 else "",
    }
    fields = {column: text for column, text in fields.items() if text}
    return Row(record["simulant_id"], _person_of_febrl(fields), fields)


def generated(culture: str, seed: int, count: int = 900) -> Data:
    """Invented persons of one naming custom, heard by two organisations; a third in both."""
    people = draw(random.Random(f"{culture} {seed}"), culture, count)
    third = count // 3
    here = Writer(random.Random(f"here {culture} {seed}"), Habits("english", home_script=0.5))
    listener = "spanish" if seed % 2 else "german"
    there = Writer(random.Random(f"there {culture} {seed}"), Habits(listener, home_script=0.1))
    left = [(p.id, here.write(p, seen=date(2024, 5, 1))) for p in people[: 2 * third]]
    right = [(p.id, there.write(p, seen=date(2025, 3, 1))) for p in people[third:]]
    return Data(culture, *([_row(*one) for one in file] for file in (left, right)))


def _row(entity: str, written: Written) -> Row:
    person = Person(
        given=written.given,
        family=written.family,
        full=written.full,
        birth_date=written.birth_date,
        age=int(written.age) if written.age else None,
        seen=date.fromisoformat(written.seen) if written.seen else None,
        sex=written.sex,
        nationality=written.nationality,
        birthplace=written.birthplace,
    )
    whole = written.full or f"{written.given} {written.family}"
    year = written.birth_date[:4]
    if written.age:
        year = str(int(written.seen[:4]) - int(written.age))
    fields = {
        "given_name": whole.split()[0],
        "surname": whole.split()[-1],
        "date_of_birth": written.birth_date.replace("-", "") if len(written.birth_date) > 4 else "",
        "year": year,
        "birthplace": written.birthplace,
    }
    return Row(entity, person, {field: text for field, text in fields.items() if text})
