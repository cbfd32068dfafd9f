# SPDX-License-Identifier: Apache-2.0
"""The vectors of the person keys, for implementations in other languages too."""

import json
import re
from pathlib import Path
from typing import Any

import pytest

from federation.errors import NormalisationError
from federation.indicators.person import PERSON_VERSION, PLAN, read_person, slots
from federation.indicators.person.sound import sounds
from federation.indicators.person.words import essential, name_words
from federation.tokens.inputs import oprf_input

FILE = Path(__file__).parents[2] / "vectors" / "person.json"
PAGE = Path(__file__).parents[3] / "proto" / "spec" / "person-keys.md"
DOCUMENT: dict[str, Any] = json.loads(FILE.read_text(encoding="utf-8"))
VALID = [vector for vector in DOCUMENT["vectors"] if vector["result"] == "valid"]
REFUSED = [vector for vector in DOCUMENT["vectors"] if vector["result"] == "refused"]


def test_vectors_are_of_this_version() -> None:
    """Another version of the keys comes with other vectors."""
    assert PERSON_VERSION == DOCUMENT["version"]


@pytest.mark.parametrize("vector", VALID, ids=lambda vector: vector["comment"])
def test_slots(vector: dict[str, Any]) -> None:
    """A person has exactly the slots of the vector, in its order."""
    made = [
        {"name": slot.name, "family": slot.family.value, "value": slot.value, "weak": slot.weak}
        for slot in slots(read_person(vector["raw"]))
    ]

    assert vector["slots"] == made


@pytest.mark.parametrize("vector", REFUSED, ids=lambda vector: vector["comment"])
def test_refusals(vector: dict[str, Any]) -> None:
    """Who cannot be told from others, or is written in another way, is refused with a reason."""
    with pytest.raises(NormalisationError) as caught:
        slots(read_person(vector["raw"]))

    assert (vector["field"], vector["reason"]) == (caught.value.field, caught.value.reason)
    assert not any(text in str(caught.value) for text in vector["raw"].values() if len(text) > 3)


@pytest.mark.parametrize("number", range(len(DOCUMENT["words"])))
def test_words(number: int) -> None:
    """A name comes apart into the words of the vector."""
    vector = DOCUMENT["words"][number]
    words = name_words(vector["text"], is_whole=vector["whole"])

    assert vector["words"] == list(words)
    assert vector["kept"] == list(essential(words))


@pytest.mark.parametrize("number", range(len(DOCUMENT["sounds"])))
def test_sounds(number: int) -> None:
    """A word has the codes of the vector, in their order."""
    vector = DOCUMENT["sounds"][number]

    assert vector["sounds"] == list(sounds(vector["word"]))


def test_input() -> None:
    """The version, the class, the kind and the slot's name are in what is evaluated."""
    vector = DOCUMENT["input"]
    made = oprf_input(
        PERSON_VERSION, vector["lane"], "person", "person", vector["value"], slot=vector["slot"]
    )

    assert vector["input"] == made.hex()


def test_the_pages_example() -> None:
    """What the page shows of its example are slots of the vector."""
    example = PAGE.read_text(encoding="utf-8").split("```")[1]
    (vector,) = (vector for vector in VALID if vector["comment"] == "the page's example")
    made = {slot["name"]: slot["value"] for slot in vector["slots"]}
    lines = example[example.index("slots") + len("slots") :].strip().splitlines()
    parts = [part for line in lines for part in re.split(r"\s{2,}", line.strip())]
    *shown, rest = parts

    assert [made.get(name) for name in shown[::2]] == shown[1::2]
    assert f"... {len(made)} in all" == rest


def test_the_pages_table() -> None:
    """The page has the groups of the plan, in their order."""
    rows = re.findall(
        r"^\| `([a-z-]+)` \| (\d+) \| (\w+) \|.*\| (yes)? ?\|$",
        PAGE.read_text(encoding="utf-8"),
        re.MULTILINE,
    )

    assert rows == [
        (group.name, str(group.count), group.family.value, "yes" if group.weak else "")
        for group in PLAN
    ]
