# SPDX-License-Identifier: Apache-2.0
"""The judge of threads goes by what was planted, and forgives nothing that ties alone."""

import pytest

from federation_node.demo.judge import NotTokenised
from federation_node.demo.threads import FoundEdge, FoundThread, ThreadVerdict, judge_threads
from tests.demo.test_judge import TRUTH

PHONE = FoundEdge("phone", False, (("H-1", "Phone"), ("H-2", "Phone")), ("amparo",))
HOPE = FoundThread("hope", "a" * 32, ("H-1", "H-2"), (PHONE,))
AMPARO = FoundThread(
    "amparo", "b" * 32, ("A-1",), (FoundEdge("phone", False, (("A-1", "Tel"),), ("hope",)),)
)


def judged(*threads: FoundThread, left: tuple[NotTokenised, ...] = ()) -> ThreadVerdict:
    """Judge threads of two organisations."""
    found = {
        name: [one for one in threads if one.organisation == name] for name in ("hope", "amparo")
    }
    return judge_threads(TRUTH, found, left)


def test_everything_is_tied_as_it_was_planted() -> None:
    """Own cases with each other, and whoever else holds the same."""
    assert judged(HOPE, AMPARO).ok
    assert ["amparo", "hope"] == HOPE.organisations


def test_what_is_the_same_and_not_tied_is_missed() -> None:
    """In two threads, in none, or in one that does not reach the partner."""
    alone = FoundEdge("phone", False, (("H-1", "Phone"),), ())
    apart = FoundThread("hope", "c" * 32, ("H-1",), (alone,))
    without = FoundThread("hope", "d" * 32, ("H-1", "H-2"), ())

    assert {"hope: cases with the same phone are in no one thread"} <= {*judged(AMPARO).missed}
    assert (
        "hope: cases with the same phone are in no one thread",
        "hope: no thread with a phone reaches amparo",
    ) == judged(apart, AMPARO).missed
    assert ("hope: no thread with a phone reaches amparo",) == judged(without, AMPARO).missed


def test_what_never_became_a_pseudonym_is_not_missed() -> None:
    """It can tie nothing."""
    left = (NotTokenised("hope", "H-2", "Phone", "refused"),)
    short = FoundThread(
        "hope", "c" * 32, ("H-1",), (FoundEdge("phone", False, (("H-1", "Phone"),), ("amparo",)),)
    )

    assert judged(short, AMPARO, left=left).ok


@pytest.mark.parametrize(
    ("edge", "said"),
    [
        (FoundEdge("phone", False, (("A-1", "Tel"), ("A-1", "Mail")), ()), "not the same"),
        (FoundEdge("phone", False, (("A-9", "Tel"),), ()), "not the same"),
        (FoundEdge("phone", False, (("A-1", "Tel"),), ("licht",)), "licht does not hold"),
    ],
)
def test_what_is_tied_and_not_the_same_is_false(edge: FoundEdge, said: str) -> None:
    """With the reason; unless it only counts beside something else."""
    weak = FoundEdge(edge.kind, True, edge.cells, edge.members)
    false = FoundThread("amparo", "b" * 32, ("A-1",), (*AMPARO.edges, edge))
    namesake = FoundThread("amparo", "b" * 32, ("A-1",), (*AMPARO.edges, weak))
    (line,) = judged(HOPE, false).false

    assert said in line
    assert judged(HOPE, namesake).ok
