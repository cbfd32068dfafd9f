# SPDX-License-Identifier: Apache-2.0
"""Signing, padding, sealing and opening letters."""

from datetime import timedelta
from typing import Any, ClassVar

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.charter import Identity
from federation.crypto import dsse, seal
from federation.crypto.encoding import LP
from federation.documents import digest, sign
from federation.errors import (
    AuthenticationError,
    ExchangeError,
    MalformedError,
    OpenError,
    VerifyError,
)
from federation.letters import (
    SIZES,
    Letter,
    make_receipt,
    open_letter,
    open_receipt,
    seal_letter,
    sign_letter,
)
from tests.charter.support import FEDERATION, NOW

HOPE, AMPARO, LICHT = (Identity.generate(name) for name in ("hope", "amparo", "licht"))


class Note(Letter):
    """A letter for these tests."""

    TYPE: ClassVar[str] = "ct/test/note"
    LIMIT: ClassVar[int] = 512 * 1024

    text: str = ""


TYPES = {Note.TYPE: Note}


def note(**fields: Any) -> Note:
    """Return a letter from hope to amparo."""
    usual = {
        "id": bytes(16),
        "federation_id": FEDERATION,
        "sender": "hope",
        "recipient": "amparo",
        "issued": NOW,
        "expires": NOW + timedelta(days=1),
    }
    return Note(**(usual | fields))


def sealed(letter: Note, signer: Identity = HOPE, to: Identity = AMPARO) -> bytes:
    """Return a letter as it travels from hope."""
    return seal_letter(
        sign_letter(signer, letter),
        sender="hope",
        recipient=to.member_id,
        sealing_key=to.sealing_key,
    )


def opened(body: bytes, **changes: Any) -> Note:
    """Open a letter as amparo does."""
    usual: dict[str, Any] = {
        "identity": AMPARO,
        "sender": "hope",
        "signing_key": HOPE.signing.verify_key,
        "types": TYPES,
        "federation_id": FEDERATION,
        "at": NOW,
    }
    letter, payload, envelope = open_letter(body, **(usual | changes))
    assert isinstance(letter, Note)
    assert letter == Note.from_bytes(payload) == Note.from_envelope(envelope)
    return letter


@given(length=st.integers(0, 180_000))
def test_a_letter_arrives_as_it_was_written(length: int) -> None:
    """Whatever its length, a letter opens to itself and has one of four sizes."""
    letter = note(text="x" * length)
    body = sealed(letter)

    assert letter == opened(body)
    assert len(body) in SIZES


def test_what_is_inside_does_not_show_in_the_size() -> None:
    """An empty letter and one of two thousand characters look alike."""
    assert len(sealed(note())) == len(sealed(note(text="x" * 2000)))


def test_too_long_a_letter_is_not_sent() -> None:
    """What no size holds is refused before anything leaves."""
    with pytest.raises(MalformedError, match="largest"):
        sealed(note(text="x" * 250_000))


def test_nobody_else_opens_it() -> None:
    """A letter opens with the recipient's key only."""
    with pytest.raises(OpenError):
        opened(sealed(note(), to=LICHT))


def test_it_cannot_be_passed_off_as_another_members() -> None:
    """Who relays a letter as its own is found out: the seal names the sender."""
    with pytest.raises(OpenError):
        opened(sealed(note()), sender="licht", signing_key=LICHT.signing.verify_key)


def test_a_foreign_signature_is_refused() -> None:
    """The transport's sender must have signed it."""
    with pytest.raises(VerifyError):
        opened(sealed(note(), signer=LICHT))


@pytest.mark.parametrize(
    "wrong", [{"sender": "licht"}, {"recipient": "licht"}, {"federation_id": bytes(16)}]
)
def test_who_it_names_must_be_who_it_came_between(wrong: dict[str, Any]) -> None:
    """A letter for another member or federation is refused, though it is signed."""
    with pytest.raises(AuthenticationError):
        opened(sealed(note(**wrong)))


def test_an_expired_letter_is_refused() -> None:
    """What was held back too long does not count any more."""
    body = sealed(note())
    with pytest.raises(ExchangeError, match="expired"):
        opened(body, at=NOW + timedelta(days=1))


def test_an_unknown_kind_is_refused() -> None:
    """A letter that this version does not understand is not taken."""
    with pytest.raises(MalformedError, match="not known"):
        opened(sealed(note()), types={})


@pytest.mark.parametrize("size", [0, 4095, 4097])
def test_other_sizes_are_refused(size: int) -> None:
    """A size that padding never gives is refused before anything is opened."""
    with pytest.raises(MalformedError, match="sizes"):
        opened(bytes(size))


def test_padding_hides_nothing() -> None:
    """Bytes behind the letter would be a channel that no signature covers."""
    envelope = sign_letter(HOPE, note())
    plain = len(envelope).to_bytes(4) + envelope
    plain += b"\x01" * (SIZES[0] - seal.OVERHEAD - len(plain))
    context = b"ct/v1/letter" + LP(b"hope") + LP(b"amparo")
    with pytest.raises(MalformedError, match="padded"):
        opened(seal.seal(AMPARO.sealing_key, plain, context))


def test_a_length_beyond_the_end_is_refused() -> None:
    """The length is believed only as far as there are bytes."""
    plain = b"\xff" * (SIZES[0] - seal.OVERHEAD)
    context = b"ct/v1/letter" + LP(b"hope") + LP(b"amparo")
    with pytest.raises(MalformedError, match="padded"):
        opened(seal.seal(AMPARO.sealing_key, plain, context))


def test_a_receipt_is_for_one_letter() -> None:
    """It names the letter's id and payload, and its recipient signed it."""
    letter = note()
    payload = letter.to_bytes()
    receipt = make_receipt(AMPARO, letter, payload, NOW)
    key = AMPARO.signing.verify_key

    assert NOW == open_receipt(receipt, letter, payload, key).received
    assert receipt == make_receipt(AMPARO, letter, payload, NOW)

    with pytest.raises(ExchangeError):
        open_receipt(receipt, note(text="other"), note(text="other").to_bytes(), key)
    with pytest.raises(VerifyError):
        open_receipt(make_receipt(LICHT, letter, payload, NOW), letter, payload, key)


@pytest.mark.parametrize("wrong", [{"recipient": "hope"}, {"expires": NOW}])
def test_a_letter_must_make_sense(wrong: dict[str, Any]) -> None:
    """It goes to another member, and is valid for some time."""
    with pytest.raises(MalformedError):
        note(**wrong)


def test_a_default_is_not_spelled_out() -> None:
    """A letter has one spelling: an optional field that says nothing is left out."""
    payload = note().to_bytes()
    spelled = payload.replace(b'"text"', b'"text"') if b'"text"' in payload else None
    longer = payload[:-1] + b',"text":""}'

    assert spelled is None
    with pytest.raises(MalformedError, match="spelling"):
        Note.from_bytes(longer)


def test_a_signed_letter_is_an_ordinary_envelope() -> None:
    """What is inside the seal is DSSE over the exact payload, for anybody to check later."""
    envelope = dsse.decode(sign_letter(HOPE, note()), SIZES[-1])

    assert note().to_bytes() == envelope.payload
    assert dsse.encode(sign(note(), "hope", HOPE.signing)) == dsse.encode(envelope)
    assert len(digest(envelope.payload)) == 32
