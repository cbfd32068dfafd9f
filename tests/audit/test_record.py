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
from federation.audit.words import EVENTS, describe
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


@pytest.mark.parametrize("event", Event)
def test_every_entry_can_be_put_into_words(event: Event) -> None:
    """A list, or a page for an officer, has a sentence for whatever happened."""
    said = describe(record(event=event, actor="program"), "hope")

    assert EVENTS[event] in said
    assert event is Event.PADDING or said.startswith("a program of hope ")


def test_words_say_who_and_with_which_roles() -> None:
    """Both people where it takes two, and what an account may do from now on."""
    said = describe(
        record(
            event=Event.STAFF_CHANGED,
            actor="staff:00000000000000aa",
            second_actor="staff:00000000000000bb",
            roles=(StaffRole.AUDITOR, StaffRole.REVIEWER),
        ),
        "hope",
        name_of={"hope": "Hope Line"}.__getitem__,
    )

    assert said == (
        "staff account 00000000000000aa of Hope Line and staff account 00000000000000bb of "
        "Hope Line changed an account of the staff; roles from now on: auditor, reviewer"
    )


@pytest.mark.parametrize("what", Count)
def test_every_count_can_be_put_into_words(what: Count) -> None:
    """One is one, and many are many; a version is a number and no amount."""
    one, many = (describe(record(counts={what: amount}), "hope") for amount in (1, 2))

    assert one.endswith("version 1") if what is Count.VERSION else "; 1 " in one
    assert many.endswith("version 2") if what is Count.VERSION else "; 2 " in many


def test_one_match_is_a_match() -> None:
    """Numbers agree with their nouns."""
    said = describe(record(counts={Count.MATCHES: 1, Count.TAGS: 2}), "hope")

    assert said.endswith("; 1 match, 2 tags")
