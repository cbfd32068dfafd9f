# SPDX-License-Identifier: Apache-2.0
"""Deeds and letters: all of it or nothing, once, however often it is tried."""

from collections.abc import Iterator
from datetime import timedelta
from typing import ClassVar

import pytest

from federation.audit import NODE, OPERATOR, Event, StaffRole
from federation.errors import (
    CasethreadError,
    ExchangeError,
    MalformedError,
    PeerUnreachableError,
    PolicyError,
)
from federation.letters import Letter, seal_letter, sign_letter
from federation.member.deeds import Deed, deed
from federation.messages import DeliverLetter
from federation.storage import LetterStatus, OutgoingLetter
from federation.testing import Federation


class Note(Letter):
    """A letter for these tests."""

    TYPE: ClassVar[str] = "ct/test/note"

    text: str = ""


class Inbox:
    """What a member was told."""

    def __init__(self) -> None:
        self.notes: list[str] = []
        self.refuse: CasethreadError | None = None

    def take(self, done: Deed, letter: Note) -> None:
        """Handle a note."""
        done.record(Event.DISPUTE_RECEIVED, member=letter.sender)
        if self.refuse is not None:
            raise self.refuse
        self.notes.append(letter.text)


@pytest.fixture
def fed() -> Iterator[Federation]:
    """Two members that write to each other."""
    with Federation("hope", "amparo", keys=False) as made:
        for member in made:
            member._letters.on(Note, lambda done, letter: done.record(Event.DISPUTE_RECEIVED))
        yield made


@pytest.fixture
def inbox(fed: Federation) -> Inbox:
    """What amparo is told."""
    box = Inbox()
    fed["amparo"]._letters.on(Note, box.take)
    return box


def write(fed: Federation, text: str = "x", *, later: timedelta = timedelta()) -> Note:
    """Let hope write a note to amparo, as a deed."""
    with deed(fed["hope"]._core, OPERATOR, StaffRole.CASEWORKER) as done:
        letter = Note(text=text, **done.letter_fields("amparo"))
        done.record(Event.DISPUTE_FILED, member="amparo")
        done.send(letter, due=done.at + later)
    return letter


def outbox(fed: Federation) -> list[OutgoingLetter]:
    """Return hope's letters."""
    with fed.seats["hope"].store.read() as tx:
        return tx.letters.listed_out()


OF_LETTERS = (
    Event.DISPUTE_FILED,
    Event.DISPUTE_RECEIVED,
    Event.LETTER_DELIVERED,
    Event.LETTER_UNDELIVERED,
)


def events(fed: Federation, name: str) -> list[Event]:
    """Return what a member's record says of these letters."""
    with fed.seats[name].store.read() as tx:
        return [one.record.event for one in tx.audit.entries(events=OF_LETTERS)]


def test_a_letter_is_delivered_and_recorded_on_both_sides(fed: Federation, inbox: Inbox) -> None:
    """The recipient takes it in one transaction with its entry; the sender keeps the receipt."""
    write(fed)
    fed.drive()

    assert ["x"] == inbox.notes
    assert [LetterStatus.DELIVERED] == [one.status for one in outbox(fed)]
    assert [Event.DISPUTE_FILED, Event.LETTER_DELIVERED] == events(fed, "hope")
    assert [Event.DISPUTE_RECEIVED] == events(fed, "amparo")


def test_a_lost_receipt_changes_nothing(fed: Federation, inbox: Inbox) -> None:
    """A letter whose receipt was lost comes again, and is taken once."""
    write(fed)
    fed.faults.lose_reply = 1.0
    fed["hope"].drive()

    assert ["x"] == inbox.notes
    assert [LetterStatus.WAITING] == [one.status for one in outbox(fed)]

    fed.faults.lose_reply = 0.0
    fed.clock.advance(minutes=5)
    fed.drive()

    assert ["x"] == inbox.notes
    assert [LetterStatus.DELIVERED] == [one.status for one in outbox(fed)]
    assert [Event.DISPUTE_RECEIVED] == events(fed, "amparo")


def test_what_is_refused_is_not_taken(fed: Federation, inbox: Inbox) -> None:
    """A refusal undoes everything at the recipient; the sender sees it and tries again later."""
    inbox.refuse = PolicyError("not today")
    write(fed)
    fed["hope"].drive()

    assert events(fed, "amparo") == []
    (waiting,) = outbox(fed)
    assert (LetterStatus.WAITING, "PolicyError") == (waiting.status, waiting.reason)

    inbox.refuse = None
    fed.clock.advance(hours=7)
    fed.drive()

    assert ["x"] == inbox.notes


def test_who_is_down_is_tried_again(fed: Federation, inbox: Inbox) -> None:
    """An unreachable member gets its letters, in order, when it is back."""
    fed.faults.down = {"amparo"}
    write(fed, "first")
    write(fed, "second")

    assert fed["hope"].drive()
    assert sorted(one.attempts for one in outbox(fed)) == [0, 1]

    fed.faults.down = set()
    fed.clock.advance(hours=2)
    fed.drive()

    assert ["first", "second"] == inbox.notes


def test_a_letter_for_later_waits(fed: Federation, inbox: Inbox) -> None:
    """What is due later leaves later."""
    write(fed, later=timedelta(hours=1))
    fed.drive()

    assert inbox.notes == []

    fed.clock.advance(hours=1)
    fed.drive()

    assert ["x"] == inbox.notes


def test_what_nobody_takes_is_given_up(fed: Federation) -> None:
    """After its lifetime a letter is undelivered, and the record says so."""
    fed.faults.down = {"amparo"}
    write(fed)
    fed["hope"].drive()
    fed.clock.advance(days=31)
    fed["hope"].drive()

    assert [LetterStatus.UNDELIVERED] == [one.status for one in outbox(fed)]
    assert [Event.DISPUTE_FILED, Event.LETTER_UNDELIVERED] == events(fed, "hope")


def test_one_id_is_one_letter(fed: Federation, inbox: Inbox) -> None:
    """A sender cannot replace a letter that was taken."""
    letter = write(fed)
    fed.drive()
    changed = letter.replace(text="other")
    seats = fed.seats
    body = seal_letter(
        sign_letter(seats["hope"].identity, changed),
        sender="hope",
        recipient="amparo",
        sealing_key=seats["amparo"].identity.sealing_key,
    )
    with pytest.raises(ExchangeError, match="one id"):
        fed["amparo"].handle("hope", DeliverLetter(body))

    assert ["x"] == inbox.notes


def test_a_kind_that_is_not_understood_is_refused(fed: Federation) -> None:
    """A node of an older version says so, and the letter stays owed."""
    fed["amparo"]._letters.types.clear()
    write(fed)
    fed["hope"].drive()
    (waiting,) = outbox(fed)

    assert MalformedError.__name__ == waiting.reason


def test_a_forged_receipt_delivers_nothing(fed: Federation, inbox: Inbox) -> None:
    """A recipient cannot say that it took another letter than the one that was sent."""
    write(fed, "first")
    fed.drive()
    with fed.seats["hope"].store.read() as tx:
        (sent,) = tx.letters.listed_out()
        old = tx.letters.receipt(sent.id)
    fed.faults.tamper = lambda _to, _request, reply: type(reply)(old)
    write(fed, "second")
    fed["hope"].drive()

    assert [LetterStatus.DELIVERED, LetterStatus.WAITING] == [one.status for one in outbox(fed)]


def test_a_deed_leaves_an_entry_or_does_not_happen(fed: Federation) -> None:
    """Forgetting the record is a mistake that undoes the deed."""
    core = fed["hope"]._core
    with pytest.raises(AssertionError, match="no entry"), deed(core, OPERATOR) as done:
        done.tx.settings.put("test", b"1")
    with fed.seats["hope"].store.read() as tx:
        assert tx.settings.get("test") is None


def test_a_failed_deed_leaves_no_entry_and_no_letter(fed: Federation) -> None:
    """Deed, entry and letter are one."""

    def fail() -> None:
        with deed(fed["hope"]._core, OPERATOR) as done:
            done.record(Event.DISPUTE_FILED)
            done.send(Note(**done.letter_fields("amparo")))
            raise PeerUnreachableError

    with pytest.raises(PeerUnreachableError):
        fail()

    assert events(fed, "hope") == []
    assert outbox(fed) == []


def test_who_lacks_the_role_does_nothing(fed: Federation) -> None:
    """The role is asked before anything is done: the node has none, an auditor another."""
    auditor = fed.person("hope", "maria", StaffRole.AUDITOR)
    for who in (NODE, auditor):
        with (
            pytest.raises(PolicyError, match="caseworker"),
            deed(fed["hope"]._core, who, StaffRole.CASEWORKER),
        ):
            pytest.fail("the deed began")
