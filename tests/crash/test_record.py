# SPDX-License-Identifier: Apache-2.0
"""Whoever dies at whatever step of publishing: the record holds, and nobody is accused."""

from functools import cache

import pytest

from federation.audit import OPERATOR, Event
from federation.member.deeds import deed
from tests.crash.fragile import Crash, FragileFederation, Template

MEMBERS = ("amparo", "hope", "licht")
STEPS = 44
"""As many as publishing takes, with the two witnesses that are asked."""


@cache
def template() -> Template:
    """Three members with a charter."""
    return Template(FragileFederation(*MEMBERS, keys=False))


def drive(fed: FragileFederation, *members: str) -> None:
    """Let members work; who dies comes back."""
    for name in members:
        try:
            fed[name].drive()
        except Crash as crash:
            fed.restart(crash.member)


def holds(fed: FragileFederation) -> None:
    """Every record is what was signed, and no witness has anything against anybody."""
    for name, seat in fed.seats.items():
        with seat.store.read() as tx:
            size, evidence = tx.audit.size(), tx.witnessed.evidence()
            published = tx.checkpoints.list(1)

        assert size == seat.member.record.check(), name
        assert evidence == [], name
        assert all(one.size % 64 == 0 for one in published), name


@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_death_at_any_step_of_publishing(step: int) -> None:
    """Nothing is signed twice, no witness is deceived, and in the end everybody cosigned."""
    fed = template().start()
    for _ in range(2):
        with deed(fed["hope"]._core, OPERATOR) as done:
            done.record(Event.CASE_READ)
        fed.clock.advance(hours=6)
        fed.crash_in = step
        drive(fed, "hope")
        fed.crash_in = 0
        holds(fed)
        drive(fed, "amparo", "licht")
    for _ in range(4):
        fed.clock.advance(hours=2)
        drive(fed, *MEMBERS)
    holds(fed)
    for name, seat in fed.seats.items():
        with seat.store.read() as tx:
            latest = tx.checkpoints.latest()
            assert latest is not None
            cosigned = tx.checkpoints.cosignatures(latest.generation, latest.size)

        assert set(MEMBERS) - {name} == set(cosigned)


def test_there_are_as_many_steps() -> None:
    """Fewer would leave some of publishing untried."""
    fed = template().start()
    fed.clock.advance(hours=6)
    fed.crash_in = 10**6
    drive(fed, "hope")

    assert STEPS >= 10**6 - fed.crash_in
