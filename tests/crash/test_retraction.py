# SPDX-License-Identifier: Apache-2.0
"""Whoever dies at whatever step of a withdrawal: it happened, is recorded and is told, or not."""

from collections.abc import Callable
from contextlib import suppress
from functools import cache

import pytest

from federation.agreements import Purpose
from federation.audit import Event
from federation.errors import InputError
from federation.indicators import Subject
from federation.letters import Retraction
from tests.crash.fragile import Crash, FragileFederation, Template
from tests.member import support
from tests.member.test_survivor_lane import A, B, meet, release, rows, tokens

STEPS = 70
"""As many as a withdrawal takes, until its receipt is here."""


@cache
def template() -> Template:
    """Two members that have proved that they met the same survivor."""
    fed = FragileFederation(A, B, rules=support.GENEROUS)
    fed.agree(A, B, subjects={Subject.SURVIVOR}, purposes=(Purpose.SUPPORT,))
    meet(fed, A)
    meet(fed, B)
    fed.sync()
    (holder,) = [name for name in (A, B) if rows(fed, name)]
    release(fed, holder)
    fed.sync()
    fed.sync()
    assert {("H-1", A)} == support.found(fed, B)
    return Template(fed)


def attempt(fed: FragileFederation, act: Callable[[], object]) -> None:
    """Do something; who dies over it comes back."""
    try:
        act()
    except Crash as crash:
        fed.restart(crash.member)


def withdraw(fed: FragileFederation) -> None:
    """Withdraw, unless that is done."""
    with suppress(InputError):
        fed[A].consents.withdraw("A-1", source="api")


def drive(fed: FragileFederation) -> None:
    """Let both work once."""
    for name in (A, B):
        attempt(fed, fed[name].drive)


def holds(fed: FragileFederation) -> None:
    """Consent, tokens, letter and entry changed together; so did the match, where it was told."""
    with fed.seats[A].store.read() as tx:
        (consent,) = tx.consents.list()
        letters = tx.letters.listed_out(Retraction.TYPE)
        written = tx.audit.entries(events=(Event.RETRACTION_SENT,))
        ended = tx.audit.entries(events=(Event.CONSENT_WITHDRAWN,))
        owed = tx.retractions.owed()
        left = tx.matches.list()
        delivered = [one for one in letters if one.delivered is not None]
        receipts = tx.audit.entries(events=(Event.LETTER_DELIVERED,))
    with fed.seats[B].store.read() as tx:
        came = tx.letters.listed_in(Retraction.TYPE)
        taken = tx.audit.entries(events=(Event.RETRACTION_RECEIVED,))
        (match,) = tx.matches.list()
    over = int(not consent.counts)

    assert (over, over, over, over) == (len(letters), len(written), len(ended), len(owed))
    assert 1 - over == tokens(fed, A) == len(left)
    assert len(came) == len(taken) <= over
    assert (match.status.value == "withdrawn") is bool(came)
    assert len(delivered) == len(receipts) <= len(came)


@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_death_at_any_step_of_a_withdrawal(step: int) -> None:
    """Never one without the others; and in the end the partner knows, and says so."""
    fed = template().start()
    fed.crash_in = step
    for act in (withdraw, drive, drive):
        attempt(fed, lambda act=act: act(fed))  # type: ignore[misc]
        holds(fed)
    fed.crash_in = 0
    for act in (withdraw, drive, drive):
        act(fed)
        # What could not be delivered is tried again after a pause.
        fed.clock.advance(hours=1)
        drive(fed)
        holds(fed)

    assert {} == fed[A].retracting.owed_to()
    assert ["withdrawn"] == [one.status.value for one in fed[B].matches(status=None)]


def test_there_are_as_many_steps() -> None:
    """Fewer would leave some of a withdrawal untried."""
    fed = template().start()
    fed.crash_in = 10**6
    for act in (withdraw, drive, drive):
        act(fed)

    assert STEPS >= 10**6 - fed.crash_in
