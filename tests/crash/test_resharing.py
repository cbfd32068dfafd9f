# SPDX-License-Identifier: Apache-2.0
"""Resharing while its participants die: at the end everybody has the same, and only the new.

Somebody dies every few steps, again and again, until it is done. A step is one side of a
commit or of a message (`fragile`), and who is at work when the step comes is the one who dies.
``CASETHREAD_LONG=1`` runs it for every rhythm, so that each step is somebody's last.
"""

import os
from collections.abc import Callable, Iterator
from functools import cache
from itertools import combinations

import pytest

from federation.crypto.group import scalarmult_base
from federation.crypto.shares import combine_shares
from tests.crash.fragile import Crash, FragileFederation, Template
from tests.member import resharing, support
from tests.member.resharing import FIVE, THREE

RHYTHMS = range(2, 40) if os.environ.get("CASETHREAD_LONG") else (7, 18)


@cache
def template() -> Template:
    """Found five members once, keys 2-of-3, and let one of them make tokens."""
    fed = FragileFederation(*FIVE, custodians=THREE, rules=support.GENEROUS)
    resharing.widen(fed)
    fed["hope"].put_cases(support.phones(range(4)))
    fed["hope"].tokenise()
    return Template(fed)


class Mortals:
    """Lets members work, and brings back who dies."""

    def __init__(self, fed: FragileFederation, rhythm: int) -> None:
        self.fed = fed
        self._rhythm = rhythm
        self.deaths = 0
        fed.crash_in = rhythm

    def attempt(self, work: Callable[[], object]) -> None:
        """Do a piece of work, unless somebody dies over it."""
        try:
            work()
        except Crash as crash:
            self.fed.restart(crash.member)
        if not self.fed.crash_in:
            # Die a little later each time, or everybody would die over the same work for ever.
            self.deaths += 1
            self.fed.crash_in = self._rhythm + self.deaths

    def until(self, done: Callable[[], bool], *steps: Callable[[], object]) -> None:
        """Let everybody work until it is done; operators repeat what was lost."""
        for _ in range(60):
            for step in steps:
                self.attempt(step)
            for name in FIVE:
                self.attempt(lambda name=name: self.fed[name].drive())  # type: ignore[misc]
            if done():
                return
        raise AssertionError("it does not come to an end")


def accept_all(fed: FragileFederation) -> Iterator[Callable[[], object]]:
    """Yield what each operator does: say yes to what is proposed."""

    def accept(name: str) -> None:
        for view in fed[name].ceremonies():
            if view.status.value == "proposed":
                fed[name].accept_ceremony(view.id)

    def sign(name: str) -> None:
        for proposal in fed[name].proposals():
            if name in proposal.missing.members:
                fed[name].sign_charter(proposal.digest)

    for name in FIVE:
        yield lambda name=name: accept(name)  # type: ignore[misc]
        yield lambda name=name: sign(name)  # type: ignore[misc]


def move(
    mortals: Mortals, generation: int, threshold: int, holders: tuple[str, ...], **plan: object
) -> None:
    """Reshare, and check what came of it."""
    fed = mortals.fed

    def start() -> None:
        if not any(
            view.reshares and view.threshold == threshold for view in fed["hope"].ceremonies()
        ):
            resharing.start(fed, threshold=threshold, **plan)

    def done() -> bool:
        return all(
            {key.generation for key in resharing.keys(fed, name)} == {generation} for name in FIVE
        ) and all(
            found == ([generation] * 4 if name in holders else [])
            for name, found in resharing.generations(fed).items()
        )

    mortals.until(done, start, *accept_all(fed))
    assert [one.member for one in resharing.keys(fed)[0].custodians] == list(holders)
    for key in resharing.keys(fed):
        held = {}
        for custodian in key.custodians:
            with fed.seats[custodian.member].store.read() as tx:
                share = tx.shares.get(key.key_id, custodian.public_share)
            assert share is not None
            held[custodian.index] = share.secret
        for quorum in combinations(held, threshold):
            whole = combine_shares({index: held[index] for index in quorum})
            assert scalarmult_base(whole) == key.public_key


@pytest.mark.parametrize("rhythm", RHYTHMS)
def test_there_and_back(rhythm: int) -> None:
    """2-of-3 to 3-of-5 and back, over and over interrupted: the same tokens as before."""
    fed = template().start()
    with fed:
        mortals = Mortals(fed, rhythm)

        move(mortals, 2, 3, (*THREE, "delta", "echo"))
        move(mortals, 3, 2, THREE, without=("delta", "echo"))

        assert mortals.deaths > 3
        fed.crash_in = 0
        fed["echo"].put_cases(support.phones(range(4), prefix="E"))
        fed["echo"].tokenise()
        assert resharing.all_tokens(fed, "echo") == resharing.all_tokens(fed, "hope")
        for seat in fed.seats.values():
            with seat.store.read() as tx:
                assert all(tx.ceremonies.secret(one.id) is None for one in tx.ceremonies.list())
