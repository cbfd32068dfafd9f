# SPDX-License-Identifier: Apache-2.0
"""Whoever dies at whatever step of a disclosure: what left stands in the record, once."""

from collections.abc import Callable
from contextlib import suppress
from functools import cache

import pytest

from federation.agreements import Purpose
from federation.audit import Event
from federation.disclosure import Choice, DisclosureAnswer, DisclosureRequest
from federation.documents import digest
from federation.errors import InputError
from federation.indicators import Kind
from federation.member import DisclosureStatus
from federation.storage import Direction
from tests.crash.fragile import Crash, FragileFederation, Template
from tests.member import asking, support

MEMBERS = ("amparo", "hope")
STEPS = 80
"""As many as a disclosure takes."""
CHOICE = Choice(kinds=(Kind.PHONE,))


@cache
def template() -> Template:
    """Two members with a match, of whom one person approves."""
    fed = FragileFederation(*MEMBERS, rules=support.GENEROUS)
    asking.agree(fed, approvers=1)
    asking.match(fed)
    return Template(fed)


def attempt(fed: FragileFederation, act: Callable[[], object]) -> None:
    """Do something; who dies over it comes back."""
    try:
        act()
    except Crash as crash:
        fed.restart(crash.member)


def drive(fed: FragileFederation) -> None:
    """Let both work once."""
    for name in MEMBERS:
        attempt(fed, fed[name].drive)


def ask(fed: FragileFederation) -> None:
    """Ask, unless it was asked."""
    with fed.seats["amparo"].store.read() as tx:
        asked = tx.disclosures.list(Direction.ASKED)
    (found,) = fed["amparo"].matches()
    if not asked:
        fed["amparo"].requests.ask([bytes.fromhex(found.id)], {Kind.PHONE}, Purpose.SUPPORT)


def approve(fed: FragileFederation) -> None:
    """Approve what waits."""
    with fed.seats["hope"].store.read() as tx:
        waiting = tx.disclosures.waiting(Direction.RECEIVED)
    for one in waiting:
        with suppress(InputError):
            hope = fed["hope"].disclosures
            hope.approve(one.request, CHOICE, hope.preview(one.request, CHOICE).seen)


def holds(fed: FragileFederation) -> None:
    """Row, letter and entry are there together or not at all; what arrived was recorded before."""
    sent: dict[str, set[bytes]] = {}
    for name, sends, event in (
        ("amparo", DisclosureRequest, Event.DISCLOSURE_ASKED),
        ("hope", DisclosureAnswer, Event.DISCLOSURE_ANSWERED),
    ):
        with fed.seats[name].store.read() as tx:
            entries = [one.record for one in tx.audit.entries(events=(event,))]
            letters = tx.letters.listed_out(sends.TYPE)
            rows = tx.disclosures.list()
        written = [digest(sends.decode_envelope(one.envelope).payload) for one in letters]
        assert sorted(written) == sorted(hashed for one in entries for hashed in one.documents)
        assert len(written) == len([one for one in rows if name == "amparo" or one.answer])
        sent[name] = set(written)
    for name, other, takes, event in (
        ("hope", "amparo", DisclosureRequest, Event.DISCLOSURE_RECEIVED),
        ("amparo", "hope", DisclosureAnswer, Event.DISCLOSURE_ARRIVED),
    ):
        with fed.seats[name].store.read() as tx:
            came = [one.digest for one in tx.letters.listed_in(takes.TYPE)]
            entries = [one.record for one in tx.audit.entries(events=(event,))]
        assert set(came) <= sent[other]
        assert sorted(came) == sorted(hashed for one in entries for hashed in one.documents)


@pytest.mark.parametrize("step", range(1, STEPS + 1))
def test_death_at_any_step_of_a_disclosure(step: int) -> None:
    """Never one of deed, entry and letter without the others; and in the end it is answered."""
    fed = template().start()
    fed.crash_in = step
    for act in (ask, drive, approve, drive):
        attempt(fed, lambda act=act: act(fed))  # type: ignore[misc]
        holds(fed)
    fed.crash_in = 0
    for act in (ask, drive, approve, drive):
        act(fed)
        # Whatever could not be delivered is tried again after a pause.
        fed.clock.advance(hours=1)
        drive(fed)
        holds(fed)
    with fed.seats["amparo"].store.read() as tx:
        (asked,) = tx.disclosures.list()

    assert DisclosureStatus.APPROVED is asked.status
    assert fed["amparo"].requests.read(asked.request).answer.cases


def test_there_are_as_many_steps() -> None:
    """Fewer would leave some of a disclosure untried."""
    fed = template().start()
    fed.crash_in = 10**6
    for act in (ask, drive, approve, drive):
        act(fed)

    assert STEPS >= 10**6 - fed.crash_in
