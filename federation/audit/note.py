# SPDX-License-Identifier: Apache-2.0
"""Signed notes: a text for machines and people, and signatures under it (c2sp.org/signed-note).

::

    casethread/5f0c…/hope/1
    128
    CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

    — casethread/5f0c…/hope/1 Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5…

A note has one spelling; anything else is refused before a signature is looked at.
"""

import base64
import hashlib
import re
from dataclasses import dataclass
from typing import Final

from federation.crypto import signing
from federation.crypto.signing import SigningKey
from federation.errors import MalformedError, VerifyError

__all__ = ["ED25519", "Note", "NoteSignature", "key_id", "sign_note", "verify_note"]

ED25519: Final = 0x01
"""Signature type: Ed25519 over the text."""

MAX_SIGNATURES: Final = 512
"""More members than this have no federation that compares by voice."""

_TEXT: Final = re.compile(r"(?:[^\x00-\x1f]*\n)+")
_LINE: Final = re.compile("\u2014 ([^\\s+]{1,200}) ([A-Za-z0-9+/]{4,700}={0,2})")
_KEY_ID: Final = 4


@dataclass(frozen=True, slots=True)
class NoteSignature:
    """One signature line."""

    name: str
    """Of the key."""
    key_id: bytes
    """4 octets; together with the name they say which key, and which kind of signature."""
    signature: bytes
    """What the kind of signature makes of the text."""

    def __str__(self) -> str:
        return f"\u2014 {self.name} {_encode(self.key_id + self.signature)}\n"

    @classmethod
    def parse(cls, line: str) -> "NoteSignature":
        """Read one line, with the newline at its end.

        Raises:
            MalformedError: It is no signature line in its one spelling.
        """
        found = _LINE.fullmatch(line.removesuffix("\n"))
        raw = _decode(found[2]) if found else None
        if found is None or raw is None or len(raw) <= _KEY_ID or not line.endswith("\n"):
            raise MalformedError("malformed signature line of a note")
        return cls(found[1], raw[:_KEY_ID], raw[_KEY_ID:])


@dataclass(frozen=True, slots=True)
class Note:
    """A text and its signatures."""

    text: str
    """Lines, each with its newline; signed."""
    signatures: tuple[NoteSignature, ...]
    """In the order of the note; which of them count is the reader's decision."""

    def encode(self) -> bytes:
        """Return the one spelling."""
        return (self.text + "\n" + "".join(map(str, self.signatures))).encode()

    @classmethod
    def decode(cls, raw: bytes, limit: int) -> "Note":
        """Read a note without believing it.

        Args:
            raw: The octets.
            limit: Most octets.

        Raises:
            MalformedError: Too long, or not a note in its one spelling.
        """
        if len(raw) > limit:
            raise MalformedError(f"a note is longer than {limit} bytes")
        try:
            whole = raw.decode()
        except UnicodeDecodeError:
            raise MalformedError("malformed note") from None
        text, gap, lines = whole.rpartition("\n\n")
        text += "\n"
        if not gap or _TEXT.fullmatch(text) is None or text == "\n":
            raise MalformedError("malformed note")
        listed = re.findall(r"[^\n]*\n|[^\n]+", lines)
        if not 0 < len(listed) <= MAX_SIGNATURES:
            raise MalformedError("a note has no signature, or too many")
        signatures = tuple(NoteSignature.parse(line) for line in listed)
        if len({(one.name, one.key_id) for one in signatures}) != len(signatures):
            raise MalformedError("a note is signed twice with one key")
        return cls(text, signatures)

    def find(self, name: str, number: bytes) -> NoteSignature | None:
        """Return the signature of one key, or None."""
        wanted = (name, number)
        return next((one for one in self.signatures if (one.name, one.key_id) == wanted), None)


def key_id(name: str, kind: int, public: bytes) -> bytes:
    """Return the id of a key: SHA-256(name || 0x0A || kind || public key)[:4].

    Args:
        name: Of the key.
        kind: Signature type.
        public: The public key.
    """
    return hashlib.sha256(name.encode() + b"\n" + bytes([kind]) + public).digest()[:_KEY_ID]


def sign_note(text: str, name: str, key: SigningKey) -> NoteSignature:
    """Sign a text with Ed25519.

    Args:
        text: Lines, each with its newline.
        name: Of the key.
        key: The key.
    """
    return NoteSignature(name, key_id(name, ED25519, key.verify_key), key.sign(text.encode()))


def verify_note(note: Note, name: str, public: bytes) -> None:
    """Check that a key signed a note with Ed25519.

    Args:
        note: The note.
        name: Of the key.
        public: Its public half.

    Raises:
        VerifyError: It has not.
    """
    found = note.find(name, key_id(name, ED25519, public))
    if found is None:
        raise VerifyError("a note is not signed with the key that it should be")
    signing.verify(public, note.text.encode(), found.signature)


def _encode(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def _decode(text: str) -> bytes | None:
    try:
        raw = base64.b64decode(text, validate=True)
    except ValueError:
        return None
    return raw if _encode(raw) == text else None
