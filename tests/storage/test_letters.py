# SPDX-License-Identifier: Apache-2.0
"""Letters in the database."""

from datetime import datetime, timedelta
from pathlib import Path

from federation.storage import AtRest, LetterStatus, Store

ID, OTHER = b"\x01" * 16, b"\x02" * 16
HOUR = timedelta(hours=1)


def put(store: Store, at: datetime, letter: bytes = ID, due: datetime | None = None) -> None:
    """Put a letter for amparo into the outbox."""
    with store.write() as tx:
        tx.letters.put_out(
            letter, "amparo", "ct/test", b"{envelope}", due=due or at, expires=at + 24 * HOUR
        )


def test_a_letter_waits_until_it_is_due(store: Store, at: datetime) -> None:
    """A letter for later is not delivered before, and the older comes first."""
    put(store, at, OTHER, due=at + HOUR)
    put(store, at, ID)
    with store.read() as tx:
        now = tx.letters.due(at, 10)
        later = tx.letters.due(at + HOUR, 10)
        (first,) = tx.letters.due(at + HOUR, 1)

    assert [ID] == [one.id for one in now]
    assert [OTHER, ID] == [one.id for one in later]
    assert b"{envelope}" == now[0].envelope
    assert OTHER == first.id


def test_a_delivered_letter_is_not_due(store: Store, at: datetime) -> None:
    """The receipt ends it; it can be put back for a partner that lost its memory."""
    put(store, at)
    with store.write() as tx:
        tx.letters.mark_delivered(ID, b"{receipt}", at)
    with store.read() as tx:
        assert tx.letters.due(at, 10) == []
        assert b"{receipt}" == tx.letters.receipt(ID)
        assert tx.letters.counts_out()[LetterStatus.DELIVERED] == 1
    with store.write() as tx:
        tx.letters.send_again(ID, at)
    with store.read() as tx:
        assert [ID] == [one.id for one in tx.letters.due(at, 10)]


def test_a_failed_delivery_is_tried_later(store: Store, at: datetime) -> None:
    """The reason stays visible, and attempts are counted."""
    put(store, at)
    with store.write() as tx:
        tx.letters.mark_failed(ID, "PeerUnreachableError", at + HOUR)
    with store.read() as tx:
        found = tx.letters.get_out(ID)

        assert tx.letters.due(at, 10) == []
    assert found is not None
    assert ("PeerUnreachableError", 1, at + HOUR) == (found.reason, found.attempts, found.due)


def test_what_nobody_took_is_given_up(store: Store, at: datetime) -> None:
    """A letter whose time is over is said to be undelivered, once."""
    put(store, at)
    with store.write() as tx:
        assert tx.letters.expire_out(at) == []
        assert not tx.letters.any_expired(at)
        assert tx.letters.any_expired(at + 24 * HOUR)
        assert [ID] == [one.id for one in tx.letters.expire_out(at + 24 * HOUR)]
        assert tx.letters.expire_out(at + 24 * HOUR) == []
    with store.read() as tx:
        assert [LetterStatus.UNDELIVERED] == [one.status for one in tx.letters.listed_out()]


def test_ids_belong_to_their_senders(store: Store, at: datetime) -> None:
    """Two members may use the same id; a second letter with an id changes nothing."""
    with store.write() as tx:
        tx.letters.put_in("amparo", ID, "ct/test", b"d", b"{a}", at)
        tx.letters.put_in("licht", ID, "ct/test", b"d", b"{b}", at)
        tx.letters.put_in("amparo", ID, "ct/test", b"e", b"{c}", at)
    with store.read() as tx:
        found = {one.sender: one.envelope for one in tx.letters.listed_in("ct/test")}

        assert tx.letters.get_in("hope", ID) is None
        assert [b"{a}"] == [one.envelope for one in tx.letters.listed_in("ct/test", "amparo")]
    assert {"amparo": b"{a}", "licht": b"{b}"} == found


def test_lists_are_of_one_kind(store: Store, at: datetime) -> None:
    """Own letters are listed by type and recipient."""
    put(store, at)
    with store.read() as tx:
        assert [ID] == [one.id for one in tx.letters.listed_out("ct/test", "amparo")]
        assert tx.letters.listed_out("ct/other") == []
        assert tx.letters.listed_out(recipient="licht") == []


def test_letters_are_not_readable_without_the_key(
    sqlite_url: str, at_rest: AtRest, at: datetime
) -> None:
    """A stolen database shows with whom this member corresponds, and nothing of what it says."""
    with Store.open(sqlite_url, at_rest) as store:
        put(store, at)
        store.scrub()
    raw = Path(sqlite_url.removeprefix("sqlite:///")).read_bytes()

    assert b"amparo" in raw
    assert b"envelope}" not in raw
