# SPDX-License-Identifier: Apache-2.0
"""Entries of the record."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.audit import (
    NODE,
    OPERATOR,
    Actor,
    Count,
    Event,
    Outcome,
    Record,
    Reference,
    StaffRole,
    peer,
)
from federation.audit.actor import staff
from federation.errors import MalformedError, PolicyError
from federation.indicators import Kind, Lane
from tests.charter.support import NOW


def record(**fields: Any) -> Record:
    """Return an entry."""
    usual = {"at": NOW, "event": Event.MATCH_DECIDED, "nonce": bytes(32), "actor": "operator"}
    return Record(**(usual | fields))


def test_an_entry_has_one_spelling() -> None:
    """What says nothing is left out, and what is read back gives the same bytes."""
    entry = record(
        member="amparo",
        lane=Lane.NETWORK,
        kinds=(Kind.EMAIL, Kind.PHONE),
        outcome=Outcome.CONFIRMED,
        counts={Count.MATCHES: 1},
        references=(Reference(name="match", commitment=bytes(32)),),
    )
    raw = entry.to_bytes()

    assert entry == Record.from_bytes(raw)
    assert b"agreement" not in raw
    assert b'"counts":{"matches":1}' in raw
    with pytest.raises(MalformedError):
        Record.from_bytes(raw[:-1] + b',"purpose":null}')


@pytest.mark.parametrize(
    "wrong",
    [
        {"reason": "He said his number is 5551234567"},
        {"reason": "5551234567"},
        {"actor": "Maria"},
        {"actor": "staff:maria"},
        {"member": "Not A Member"},
        {"kinds": (Kind.PHONE, Kind.EMAIL)},
        {"counts": {Count.CASES: -1}},
        {"note": "free text"},
    ],
)
def test_there_is_no_room_for_words(wrong: dict[str, Any]) -> None:
    """No field takes free text, a number that is no count, or a name."""
    with pytest.raises(MalformedError):
        record(**wrong)


@given(st.sets(st.sampled_from(StaffRole)), st.sampled_from(StaffRole))
def test_a_role_is_needed(roles: set[StaffRole], wanted: StaffRole) -> None:
    """Who has the role may; who has not is told which one it takes."""
    actor = staff(bytes(8), frozenset(roles))
    if wanted in roles:
        actor.require(wanted)
    else:
        with pytest.raises(PolicyError, match=wanted.value):
            actor.require(wanted)


def test_any_one_of_several_roles_is_enough() -> None:
    """A deed may be open to several roles."""
    actor = Actor("staff:" + "0" * 16, frozenset({StaffRole.REVIEWER}))

    actor.require(StaffRole.CASEWORKER, StaffRole.REVIEWER)


@pytest.mark.parametrize("actor", [NODE, OPERATOR, peer("amparo"), staff(bytes(8), frozenset())])
def test_every_actor_can_stand_in_an_entry(actor: Actor) -> None:
    """The record names each kind of actor."""
    assert actor.id == record(actor=actor.id).actor


def test_the_node_decides_nothing() -> None:
    """What takes a role takes a person."""
    for role in StaffRole:
        with pytest.raises(PolicyError):
            NODE.require(role)
