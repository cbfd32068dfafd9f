# SPDX-License-Identifier: Apache-2.0
"""Signed notes, checkpoints and cosignatures: the public format, one spelling, no confusion."""

import base64
from datetime import UTC, datetime
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from federation.audit import (
    Checkpoint,
    Note,
    NoteSignature,
    Origin,
    cosign,
    open_checkpoint,
    sign_checkpoint,
    verify_cosignature,
)
from federation.audit.checkpoint import LIMIT
from federation.audit.note import ED25519, key_id, sign_note, verify_note
from federation.crypto import dsse
from federation.crypto.signing import SigningKey
from federation.errors import CasethreadError, MalformedError, VerifyError
from federation.wire.header import sign_request, verify_request
from tests.audit.support import AT, FEDERATION, KEEPER, ORIGIN, WITNESS, Kept

NEUMANN = (
    "If you think cryptography is the answer to your problem,\n"
    "then you don't know what your problem is.\n"
    "\n"
    "\u2014 PeterNeumann x08go/ZJkuBS9UG/SffcvIAQxVBtiFupLLr8pAcElZInNIuGUgYN1FFYC2pZSNXgKvqfqdngotp"
    "RZb6KE6RyyBwJnAM=\n"
)
NEUMANN_KEY = base64.b64decode("ARpc2QcUPDhMQegwxbzhKqiBfsVkmqq/LDE4izWy10TW")[1:]
"""Text, signature and key of the example in the Go package golang.org/x/mod/sumdb/note."""

C2SP = (
    "example.com/behind-the-sofa\n20852163\nCsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=\n\n"
    "\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2"
    "q1gGzGku9nTo+zyWE+xeMcTOAYQ8=\n"
    "\u2014 witness.example.com/w1 jWbPPwAAAABkGFDLEZMHwSRaJNiIDoe9DYn/zXcrtPHeolMI5OWXEhZCB9dlrDJsX3b2o"
    "yin1nPZqhf5nNo0xUe+mbIUBkBIfZ+qnA==\n"
)
"""The example of c2sp.org/tlog-cosignature."""


def test_a_note_of_another_implementation_holds() -> None:
    """Key id, text and signature are the ones that others compute."""
    note = Note.decode(NEUMANN.encode(), 1000)

    assert NEUMANN.encode() == note.encode()
    assert "c74f20a3" == key_id("PeterNeumann", ED25519, NEUMANN_KEY).hex()
    verify_note(note, "PeterNeumann", NEUMANN_KEY)
    with pytest.raises(VerifyError):
        verify_note(
            Note(note.text.replace("your", "my"), note.signatures), "PeterNeumann", NEUMANN_KEY
        )
    with pytest.raises(VerifyError):
        verify_note(note, "PeterNeumann", KEEPER.signing.verify_key)


def test_the_example_of_the_specification_is_read() -> None:
    """Both lines are read, and written again to the same bytes."""
    note = Note.decode(C2SP.encode(), 1000)

    assert C2SP.encode() == note.encode()
    assert ["example.com/behind-the-sofa", "witness.example.com/w1"] == [
        one.name for one in note.signatures
    ]
    assert [64, 72] == [len(one.signature) for one in note.signatures]
    # The time of the witness, as the specification's text gives it for this signature.
    assert datetime(2023, 3, 20, 12, 25, 47, tzinfo=UTC) == datetime.fromtimestamp(
        int.from_bytes(note.signatures[1].signature[:8]), UTC
    )


LINE = NEUMANN.rpartition("\n\n")[2]
MALFORMED = {
    "empty": "",
    "no signature": "text\n\n",
    "no blank line": "text\n" + LINE,
    "only a blank line": "\n" + LINE,
    "no newline at the end": NEUMANN[:-1],
    "a tab in the text": "te\txt\n\n" + LINE,
    "a carriage return": NEUMANN.replace("\n", "\r\n"),
    "a hyphen for the dash": NEUMANN.replace("\u2014", "-"),
    "two spaces": NEUMANN.replace("\u2014 ", "\u2014  "),
    "a space in the name": NEUMANN.replace("PeterNeumann", "Peter Neumann"),
    "a plus in the name": NEUMANN.replace("PeterNeumann", "Peter+Neumann"),
    "a wide space in the name": NEUMANN.replace("PeterNeumann", "Peter\u3000Neumann"),
    "base64 without padding": NEUMANN.replace("nAM=", "nAM"),
    "base64 with stray bits": NEUMANN.replace("nAM=", "nAN="),
    "base64 of the URL kind": NEUMANN.replace("x08go/", "x08go_"),
    "a key id and nothing else": "text\n\n\u2014 name " + base64.b64encode(b"1234").decode() + "\n",
    "the same key twice": NEUMANN + LINE,
    "something after the signatures": NEUMANN + "more\n",
}


@pytest.mark.parametrize("name", MALFORMED)
def test_a_note_has_one_spelling(name: str) -> None:
    """Whatever is written differently is refused before any signature is looked at."""
    with pytest.raises(MalformedError):
        Note.decode(MALFORMED[name].encode(), 1000)


def test_a_note_is_read_up_to_a_size() -> None:
    """The size is asked first; bytes that are no text are no note."""
    with pytest.raises(MalformedError, match="longer"):
        Note.decode(NEUMANN.encode(), 100)
    with pytest.raises(MalformedError):
        Note.decode(b"\xff\n\n" + LINE.encode(), 1000)


@given(st.binary(max_size=200), st.integers(0, 300))
def test_any_damage_is_seen(noise: bytes, at: int) -> None:
    """A changed note is malformed, or its signature does not hold, or it is the same note."""
    whole = Kept(5).note().encode()
    place = at % len(whole)
    damaged = whole[:place] + noise + whole[place + len(noise) :]
    try:
        open_checkpoint(Note.decode(damaged, LIMIT), KEEPER.signing.verify_key)
    except (MalformedError, VerifyError):
        return

    assert damaged == whole


def test_a_checkpoint_says_which_log_it_is_of() -> None:
    """Origin, size and root; the key is named like the log."""
    kept = Kept(5)
    note = kept.note()
    lines = note.text.split("\n")

    assert f"casethread/{FEDERATION.hex()}/hope/1" == lines[0]
    assert ["5", base64.b64encode(kept.log.root(5)).decode(), ""] == lines[1:]
    assert lines[0] == note.signatures[0].name
    assert kept.checkpoint() == open_checkpoint(note, KEEPER.signing.verify_key)


def test_who_does_not_keep_a_log_does_not_sign_for_it() -> None:
    """Neither by mistake, nor under another key."""
    checkpoint = Kept(5).checkpoint()
    with pytest.raises(VerifyError):
        sign_checkpoint(checkpoint, WITNESS)
    text = str(checkpoint)
    forged = Note(text, (sign_note(text, str(ORIGIN), WITNESS.signing),))
    with pytest.raises(VerifyError):
        open_checkpoint(forged, KEEPER.signing.verify_key)
    other = Note(text, (sign_note(text, f"{ORIGIN.keeper}/2", KEEPER.signing),))
    with pytest.raises(VerifyError):
        open_checkpoint(other, KEEPER.signing.verify_key)


ROOT = base64.b64encode(bytes(32)).decode()
HEX = FEDERATION.hex()
WRONG_TEXT = {
    "two lines": f"casethread/{HEX}/hope/1\n5\n",
    "an extension line": f"casethread/{HEX}/hope/1\n5\n{ROOT}\nmore\n",
    "no last newline": f"casethread/{HEX}/hope/1\n5\n{ROOT}",
    "a size with a zero before": f"casethread/{HEX}/hope/1\n05\n{ROOT}\n",
    "a size with a sign": f"casethread/{HEX}/hope/1\n+5\n{ROOT}\n",
    "a size in other digits": f"casethread/{HEX}/hope/1\n\u0665\n{ROOT}\n",
    "a size beyond all logs": f"casethread/{HEX}/hope/1\n9007199254740993\n{ROOT}\n",
    "a root that is too short": f"casethread/{HEX}/hope/1\n5\n{ROOT[4:]}\n",
    "a root with stray bits": f"casethread/{HEX}/hope/1\n5\n{ROOT[:-2]}B=\n",
    "generation 0": f"casethread/{HEX}/hope/0\n5\n{ROOT}\n",
    "a generation with a zero before": f"casethread/{HEX}/hope/01\n5\n{ROOT}\n",
    "a federation in capitals": f"casethread/{HEX.upper()}/hope/1\n5\n{ROOT}\n",
    "another scheme": f"other/{HEX}/hope/1\n5\n{ROOT}\n",
}


@pytest.mark.parametrize("name", WRONG_TEXT)
def test_a_checkpoint_has_one_spelling(name: str) -> None:
    """Numbers, names and hashes are written in one way."""
    with pytest.raises(MalformedError):
        Checkpoint.parse(WRONG_TEXT[name])


def test_a_witness_signs_with_its_time() -> None:
    """The cosignature names witness and time, and holds for this checkpoint alone."""
    kept = Kept(5)
    line = cosign(kept.checkpoint(), WITNESS, AT)
    note = Note(kept.note().text, (*kept.note().signatures, line))
    key = WITNESS.signing.verify_key
    again = NoteSignature.parse(str(line))

    assert f"casethread/{HEX}/amparo" == line.name
    assert AT == verify_cosignature(kept.checkpoint(), note, "amparo", key)
    assert AT == verify_cosignature(kept.checkpoint(), again, "amparo", key)
    for checkpoint, name, public in (
        (kept.checkpoint(4), "amparo", key),
        (kept.checkpoint(), "licht", key),
        (kept.checkpoint(), "amparo", KEEPER.signing.verify_key),
        (Checkpoint(Origin(FEDERATION, "hope", 2), 5, kept.log.root(5)), "amparo", key),
    ):
        with pytest.raises(VerifyError):
            verify_cosignature(checkpoint, note, name, public)
    later = NoteSignature(
        line.name, line.key_id, (int(AT.timestamp()) + 1).to_bytes(8) + line.signature[8:]
    )
    never = NoteSignature(line.name, line.key_id, b"\xff" * 8 + line.signature[8:])
    for changed in (later, never, NoteSignature(line.name, line.key_id, line.signature[8:])):
        with pytest.raises(VerifyError):
            verify_cosignature(kept.checkpoint(), changed, "amparo", key)


def test_the_keeper_is_not_its_own_witness() -> None:
    """A checkpoint's own signature is no cosignature, and the other way round."""
    kept = Kept(5)
    with pytest.raises(VerifyError):
        verify_cosignature(kept.checkpoint(), kept.note(), "hope", KEEPER.signing.verify_key)
    line = cosign(kept.checkpoint(), KEEPER, AT)
    with pytest.raises(VerifyError):
        open_checkpoint(Note(kept.note().text, (line,)), KEEPER.signing.verify_key)


@given(st.text(max_size=40), st.binary(max_size=60))
def test_what_is_signed_elsewhere_is_no_note(payload_type: str, payload: bytes) -> None:
    """Envelopes and headers, notes and cosignatures begin differently, whatever they hold.

    All are signed with one key, so the first bytes decide what a signature is for.
    """
    envelope = dsse.pae(payload_type, payload)
    note = str(Kept(3).checkpoint()).encode()
    signed: list[bytes] = []

    class Spy(SigningKey):
        def sign(self, message: bytes) -> bytes:
            signed.append(message)
            return super().sign(message)

    spying: Any = Spy(b"a" * 32)
    witness = type(WITNESS)("amparo", spying, b"3" * 32, b"4" * 32)
    cosign(Kept(3).checkpoint(), witness, AT)

    assert envelope.startswith(b"DSSEv1 ")
    assert note.startswith(b"casethread/")
    assert signed[0].startswith(b"cosignature/v1\n")


def test_a_note_opens_no_door() -> None:
    """A member that signs a checkpoint has signed no request and no document, nor the reverse."""
    kept = Kept(3)
    note = kept.note()
    key = KEEPER.signing.verify_key
    envelope = dsse.Envelope(
        "ct/v1/audit-record",
        note.text.encode(),
        (dsse.Signature("hope", note.signatures[0].signature),),
    )
    with pytest.raises(VerifyError):
        dsse.verify(envelope, {"hope": key}, 1, "ct/v1/audit-record")
    header = sign_request(
        KEEPER,
        method="/federation.v1.CharterService/SyncCharter",
        recipient="amparo",
        body=b"",
        request_id=bytes(16),
        charter_version=1,
        charter_digest=bytes(32),
        at=AT,
    )
    from federation.v1.header_pb2 import SignedHeader

    swapped = SignedHeader.FromString(header)
    swapped.signature = note.signatures[0].signature
    with pytest.raises(CasethreadError):
        verify_request(
            swapped.SerializeToString(),
            method="/federation.v1.CharterService/SyncCharter",
            recipient="amparo",
            body=b"",
            key_of=lambda _: key,
            at=AT,
        )
    document = dsse.sign("ct/v1/request", note.text.encode(), "hope", KEEPER.signing)
    name = str(kept.origin)
    borrowed = NoteSignature(name, key_id(name, ED25519, key), document.signatures[0].sig)
    with pytest.raises(VerifyError):
        open_checkpoint(Note(note.text, (borrowed,)), key)
