# SPDX-License-Identifier: Apache-2.0
"""Resharing among real nodes over mutual TLS while `kill -9` takes one after the other.

2-of-3 to 3-of-5 and back, then a refresh. Each participant dies at a step of its own
(`node_worker` says what a step is), is started again, and dies again further on.
``CASETHREAD_LONG=1`` runs it for every first step, so that every step of every participant is
once the last thing it did.
"""

import logging
import os
import secrets
from collections import Counter
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pytest

from federation.crypto.group import random_elements
from federation.errors import GenerationError, MembershipError
from federation.indicators import IndicatorClass, Kind, Lane, Subject
from federation.member import CeremonyPlan
from federation.messages import Evaluate
from federation_node.actions import custody
from tests.member import resharing, support
from tests.member.resharing import FIVE, THREE
from tests.node.fleet import Fleet, copied, found_homes

LOG: Final = logging.getLogger(__name__)
LAST: Final = 110
"""About how many steps a participant has in one resharing."""
FIRST_STEPS: Final = range(1, LAST + 1) if os.environ.get("CASETHREAD_LONG") == "1" else (5,)
APART: Final = 13
"""By how many steps one node dies later than the one before it."""
SURE: Final = 50
"""How many steps every participant has in the first resharing at least."""
DEATHS: Final = 2
"""How often each node dies in each of the three."""


@pytest.fixture(scope="module")
def template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Five members with keys 2-of-3; one has made its tokens, and has an agreement."""
    folder = tmp_path_factory.mktemp("template")
    found_homes(
        folder,
        FIVE,
        holders=THREE,
        custodians=FIVE,
        drive_seconds=0.3,
        agreements=[("hope", "echo")],
        cases={"hope": support.phones(range(4))},
    )
    return folder


def step_of(name: str, first: int) -> int:
    """Return at which step a node dies first; beyond the last one it is again an early one."""
    return (first + APART * sorted(FIVE).index(name) - 1) % LAST + 1


class Reaper:
    """Lets every node die at a step, and a bit later again."""

    def __init__(self, fleet: Fleet, first: int) -> None:
        self._fleet = fleet
        self._left = dict.fromkeys(fleet.nodes, DEATHS)
        for name, node in fleet.nodes.items():
            node.steps.arm(step_of(name, first))

    def go_on(self) -> None:
        """Start again who has died, and say when it dies next."""
        for name in self._fleet.revive():
            self._left[name] -= 1
            if self._left[name] > 0:
                self._fleet[name].steps.arm(APART)


@pytest.fixture
def fleet(template: Path, tmp_path: Path) -> Iterator[Fleet]:
    """The five, serving."""
    with Fleet(copied(template, tmp_path / "homes"), tmp_path / "notes") as running:
        running.start()
        yield running


def tokens_of(fleet: Fleet, name: str) -> set[bytes]:
    """Return every token that a member has, decrypted."""
    (key,) = fleet[name].charter.live_keys(Lane.NETWORK, IndicatorClass.IDENTIFIER)
    with fleet[name].context.store.read() as tx:
        return {token for _, token in tx.tokens.eligible(key.key_id, Kind, Subject)}


def move(
    fleet: Fleet, first: int, generation: int, threshold: int, holders: tuple[str, ...]
) -> None:
    """Reshare the keys, with deaths, and wait until nobody is behind."""
    without = tuple(name for name in FIVE if name not in holders)
    ceremony = custody.start(
        fleet["hope"].context, CeremonyPlan(reshare=True, threshold=threshold, without=without)
    )
    reaper = Reaper(fleet, first)
    fleet.until(
        lambda: all(
            {key.generation for key in node.charter.keys} == {generation}
            for node in fleet.nodes.values()
        ),
        fleet.accept,
        fleet.sign,
        reaper.go_on,
    )
    for node in fleet.nodes.values():
        node.steps.arm()
    fleet.until(fleet.all_answer)
    (key,) = {
        (key.threshold, tuple(one.member for one in key.custodians))
        for key in fleet["echo"].charter.keys
    }

    assert (threshold, set(holders)) == (key[0], set(key[1]))
    for name, node in fleet.nodes.items():
        with node.context.store.read() as tx:
            held = [share.generation for share in tx.shares.list()]
            known = {one.id for one in tx.ceremonies.list()}
        assert known == ({ceremony} if name in {*holders, *THREE} else set())
        assert held == ([generation] * 4 if name in holders else [])


def matches_after(fleet: Fleet, count: int) -> set[str]:
    """Let echo bring in some of what hope had before, and return which of its cases match."""
    fleet["echo"].context.member.put_cases(support.phones(range(count)))
    for name in ("echo", "hope", "echo"):
        assert fleet[name].sync_at_once()
    return {match.case for match in fleet["echo"].context.member.matches()}


def refused(fleet: Fleet, generation: int) -> set[str]:
    """Return which of the first holders refuse to answer for an old generation, over the wire."""
    (key,) = fleet["hope"].charter.live_keys(Lane.NETWORK, IndicatorClass.IDENTIFIER)
    found = set()
    for name in THREE:
        asker = fleet["echo" if name != "echo" else "hope"]
        request = Evaluate(
            request_id=secrets.token_bytes(16),
            key_id=key.key_id,
            generation=generation,
            quorum=(1, 2, 3),
            elements=random_elements(8),
            prove=True,
        )
        try:
            asker.context.peers.connect(asker.charter.member(name)).call(request)
        except (GenerationError, MembershipError):
            found.add(name)
    return found


def nothing_left(fleet: Fleet, looked_for: set[bytes]) -> None:
    """Wait until none of it lies in any file of any home, in whatever form."""
    spelt = looked_for | {one.hex().encode() for one in looked_for}
    fleet.until(lambda: not resharing.left(fleet.folder, spelt))


def shares_of(fleet: Fleet) -> set[bytes]:
    """Return every share in the clear."""
    found = set()
    for node in fleet.nodes.values():
        with node.context.store.read() as tx:
            found |= {share.secret for share in tx.shares.list()}
    return found


@pytest.mark.slow
@pytest.mark.parametrize("first", FIRST_STEPS)
def test_there_and_back_and_a_refresh(fleet: Fleet, first: int) -> None:
    """Whoever dies at whichever step: same tokens; old shares refuse, and are nowhere on disk."""
    before = tokens_of(fleet, "hope")
    stores = [node.context.store for node in fleet.nodes.values()]
    sealed, plain = resharing.secrets_of(stores), shares_of(fleet)
    assert len(before) == 4
    assert resharing.left(fleet.folder, sealed) == sealed

    move(fleet, first, 2, 3, FIVE)
    middle = resharing.secrets_of(stores)
    assert refused(fleet, 1) == set(THREE)
    nothing_left(fleet, (sealed | plain | fleet.wrapped()) - middle - shares_of(fleet))
    assert matches_after(fleet, 2) == {"C-0", "C-1"}
    assert tokens_of(fleet, "echo") < before

    plain |= shares_of(fleet)
    move(fleet, first, 3, 2, THREE)
    last = resharing.secrets_of(stores)
    assert refused(fleet, 2) == set(THREE)
    nothing_left(fleet, (sealed | middle | plain | fleet.wrapped()) - last - shares_of(fleet))
    assert matches_after(fleet, 4) == {"C-0", "C-1", "C-2", "C-3"}
    assert tokens_of(fleet, "echo") == before

    plain |= shares_of(fleet)
    move(fleet, first, 4, 2, THREE)
    fresh = resharing.secrets_of(stores)
    assert refused(fleet, 3) == set(THREE)
    nothing_left(fleet, (last | plain | fleet.wrapped()) - fresh - shares_of(fleet))
    dead = {name for name, _ in fleet.kills}
    assert {name for name in FIVE if step_of(name, first) <= SURE} <= dead
    LOG.info("killed at %s", sorted(Counter(step for _, step in fleet.kills).items()))
