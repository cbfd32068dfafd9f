# SPDX-License-Identifier: Apache-2.0
"""The drawing of a thread: legible, well formed, the same each time, and safe with any text."""

import re
from datetime import UTC, datetime
from itertools import combinations
from xml.etree import ElementTree as ET

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.indicators import Kind, Subject
from federation.matching.strands import Why
from federation.member import Edge, EdgeEnd, EdgeMember, Share, Thread, ThreadCase, shares_of
from federation_node.drawing.plan import Box, Plan, plan
from federation_node.drawing.svg import draw
from federation_node.drawing.text import cut, isolated, printable, width

SVG = "{http://www.w3.org/2000/svg}"
KINDS = (Kind.PHONE, Kind.HANDLE, Kind.COMPANY, Kind.PLACE)
RTL, OVERRIDE = "\u0642\u0636\u064a\u0629 7", "\u202e"


def thread(*names: str, shared: int = 3, members: tuple[str, ...] = ("amparo",)) -> Thread:
    """A thread of these cases, tied by some edges, each with a window of the cases."""
    cases = tuple(
        ThreadCase(f"{number:032x}", name, "test", number == 1) for number, name in enumerate(names)
    )
    step = max(1, len(cases) // shared)
    edges = tuple(
        Edge(
            KINDS[number % len(KINDS)],
            Why.BESIDE if number % 4 == 3 else Why.SAME,
            tuple(
                EdgeEnd(case.mark, "tel", Subject.RECRUITER)
                for case in cases[number * step : (number + 2) * step]
            ),
            tuple(
                EdgeMember(member, "00" * 16, False)
                for place, member in enumerate(members)
                if (number + place) % 2 == 0
            ),
        )
        for number in range(shared)
    )
    held = {end.case for edge in edges for end in edge.ends}
    return Thread(
        id=cases[0].mark,
        begun=datetime(2026, 1, 5, tzinfo=UTC),
        minor=len(cases) > 1,
        cases=tuple(case for case in cases if case.mark in held),
        edges=edges,
        members=shares_of(edges),
        common=(),
        apart=(),
    )


def drawn(one: Thread, *, title: str = "Thread", notes: tuple[str, ...] = ()) -> str:
    """Draw it, with words that say little."""
    return draw(one, title=title, notes=notes, word=word, share=share)


def word(edge: Edge) -> str:
    """Kind of an edge."""
    return edge.kind.value


def share(one: Share) -> list[str]:
    """Who holds how much."""
    return [one.member, *(f"{count} {kind.value}" for kind, count in one.kinds.items())]


def planned(one: Thread) -> Plan:
    """Lay it out."""
    return plan(one, word, share)


def overlap(one: Box, other: Box) -> bool:
    """Whether two boxes cover each other."""
    across = one.x < other.x + other.width and other.x < one.x + one.width
    return across and one.y < other.y + other.height and other.y < one.y + one.height


def texts(document: str) -> list[str]:
    """Every text in a drawing that is shown, without the marks around it."""
    found = [each.text or "" for each in ET.fromstring(document).iter(f"{SVG}text")]
    return [text.strip("\u2068\u2069") for text in found]


@pytest.mark.parametrize("count", [1, 3, 12, 60, 300])
def test_every_case_is_to_be_read(count: int) -> None:
    """Once, in a box that covers no other and stands within the drawing."""
    one = thread(*(f"H-{number}" for number in range(count)), members=("amparo", "licht"))
    made = planned(one)
    boxes = [box for column in made.columns for box in column]
    shown = texts(drawn(one))

    assert not any(overlap(*pair) for pair in combinations(boxes, 2))
    for box in boxes:
        assert -0.01 <= box.x <= box.x + box.width <= made.width + 0.01
        assert -0.01 <= box.y <= box.y + box.height <= made.height + 0.01
        assert all(width(cell) <= box.cell for row in box.rows for cell in row)
    for case in one.cases:
        assert 1 == sum(text.removesuffix(" (minor)") == case.case for text in shown)
    assert {"amparo", "licht"} >= {text for text in shown if text in {"amparo", "licht"}}


def test_lines_say_what_ties_what() -> None:
    """From cases to what they share, and on to who holds it too; weak ones are dashed."""
    one = thread("a", "b", "c", "d", "e", "f", shared=4)
    made = planned(one)
    ends = {(line.start.full, line.end.full, line.weak) for line in made.lines}

    assert ("phone", "amparo\n1 company\n1 phone", False) in ends
    assert all(weak is (start == "place" or end == "place") for start, end, weak in ends)
    # The legend has one of its own.
    dashed = re.findall("<path[^>]*stroke-dasharray", drawn(one))
    assert 1 + sum(line.weak for line in made.lines) == len(dashed)


def test_the_same_thread_gives_the_same_drawing() -> None:
    """Byte for byte, so that two drawings can be compared."""
    one = thread(*(f"H-{number}" for number in range(30)), shared=7, members=("amparo", "licht"))

    assert drawn(one) == drawn(one)


def test_text_is_no_markup_and_turns_nothing() -> None:
    """Ids come from outside: markup stays text, and a turning mark is shown as unfit."""
    hostile = "<script>&\"'</script>"
    one = thread(hostile, f"{OVERRIDE}H-2", RTL, "H\x00\n4", shared=2)
    document = drawn(one, title=hostile, notes=(hostile, OVERRIDE))
    shown = texts(document)
    tags = {each.tag.removeprefix(SVG) for each in ET.fromstring(document).iter()}

    assert {"svg", "title", "rect", "text", "g", "path"} == tags
    assert hostile in shown
    assert RTL in shown
    assert "\ufffdH-2 (minor)" in shown
    assert "H\ufffd\ufffd4" in shown
    assert OVERRIDE not in document


def test_a_drawing_names_no_other_host() -> None:
    """It is looked at without a network: no picture, no font, no link."""
    document = drawn(thread("a", "b"))

    assert ["http://www.w3.org/2000/svg"] == re.findall(r"https?://[^\"]*", document)
    assert not re.search(r"href|url\(|<image|<style|@import", document)


def test_what_is_too_long_is_cut_and_stays_in_the_tip() -> None:
    """A reader sees that something is missing, and finds it."""
    long = "H-" + "x" * 200
    document = drawn(thread(long, "H-2"))
    tips = [each.text for each in ET.fromstring(document).iter(f"{SVG}title")]

    assert any(text.endswith("\u2026") for text in texts(document))
    assert any(long in (tip or "") for tip in tips)


@given(text=st.text(max_size=60), most=st.floats(20, 400))
def test_any_text_is_cut_to_its_place(text: str, most: float) -> None:
    """What fits stays as it is."""
    made = printable(text)
    short = cut(made, most)

    assert width(short) <= most
    assert short == made or short.endswith("\u2026")
    assert (width(made) <= most) is (short == made)


@given(names=st.lists(st.text(min_size=1, max_size=30), min_size=1, max_size=12, unique=True))
def test_any_ids_give_a_drawing(names: list[str]) -> None:
    """Well formed whatever they hold, each with its own direction."""
    document = drawn(thread(*names, shared=2))

    ET.fromstring(document.encode())
    assert document.count("\u2068") == document.count("\u2069")
    assert isolated("x") == "\u2068x\u2069"
