# SPDX-License-Identifier: Apache-2.0
"""Checkpoints: what a log was at a size, signed by who keeps it (c2sp.org/tlog-checkpoint).

A member's log is called ``casethread/<federation id>/<member>/<generation>``. The member signs
with the key that the charter lists for it. What it signs elsewhere begins with ``DSSEv1`` (all
envelopes, all headers of requests), a checkpoint with the log's name, a cosignature with
``cosignature/v1``: no signature of one kind is one of another (spec page ``audit-log``).
"""

import base64
import re
from dataclasses import dataclass
from typing import Final

from federation.audit.note import Note, sign_note, verify_note
from federation.charter import Identity
from federation.crypto.merkle import HASH_LENGTH, MAX_SIZE
from federation.errors import MalformedError, VerifyError

__all__ = ["LIMIT", "Checkpoint", "Origin", "open_checkpoint", "sign_checkpoint"]

LIMIT: Final = 128 * 1024
"""Largest note of a checkpoint with cosignatures, bytes."""

_ORIGIN: Final = re.compile(r"casethread/([0-9a-f]{32})/([a-z][a-z0-9-]{1,31})/([1-9][0-9]{0,8})")
_SIZE: Final = re.compile(r"0|[1-9][0-9]{0,15}")
_ROOT: Final = re.compile(r"[A-Za-z0-9+/]{43}=")


@dataclass(frozen=True, slots=True)
class Origin:
    """The name of a log."""

    federation_id: bytes
    """16 octets."""
    member: str
    """Who keeps it."""
    generation: int
    """From 1; a member that lost entries begins a new one."""

    def __str__(self) -> str:
        return f"{self.keeper}/{self.generation}"

    @property
    def keeper(self) -> str:
        """The member's name as a witness of others."""
        return witness_name(self.federation_id, self.member)

    @classmethod
    def parse(cls, text: str) -> "Origin":
        """Read a name.

        Raises:
            MalformedError: It is not one in its one spelling.
        """
        found = _ORIGIN.fullmatch(text)
        if found is None:
            raise MalformedError("malformed name of a log")
        return cls(bytes.fromhex(found[1]), found[2], int(found[3]))


def witness_name(federation_id: bytes, member: str) -> str:
    """Return the name of a member's key in its cosignatures."""
    return f"casethread/{federation_id.hex()}/{member}"


@dataclass(frozen=True, slots=True)
class Checkpoint:
    """What a log was at a size."""

    origin: Origin
    size: int
    """How many entries it has."""
    root: bytes
    """Of its tree, 32 octets."""

    def __str__(self) -> str:
        return f"{self.origin}\n{self.size}\n{base64.b64encode(self.root).decode()}\n"

    @classmethod
    def parse(cls, text: str) -> "Checkpoint":
        """Read the text of a checkpoint.

        Raises:
            MalformedError: It is not one in its one spelling. Extension lines are refused:
                nobody could check what they say.
        """
        lines = text.split("\n")
        if len(lines) != 4 or lines[3]:
            raise MalformedError("malformed checkpoint: not three lines")
        if _SIZE.fullmatch(lines[1]) is None or int(lines[1]) > MAX_SIZE:
            raise MalformedError("malformed checkpoint: the size")
        if _ROOT.fullmatch(lines[2]) is None:
            raise MalformedError("malformed checkpoint: the root")
        found = cls(Origin.parse(lines[0]), int(lines[1]), base64.b64decode(lines[2]))
        # 32 octets leave two bits of the last character unused: they must be zero.
        if str(found) != text or len(found.root) != HASH_LENGTH:
            raise MalformedError("malformed checkpoint: the root")
        return found


def sign_checkpoint(checkpoint: Checkpoint, identity: Identity) -> Note:
    """Sign a checkpoint of the own log.

    Args:
        checkpoint: It names the signer as the keeper.
        identity: The keeper.

    Raises:
        VerifyError: The log is another member's.
    """
    if checkpoint.origin.member != identity.member_id:
        raise VerifyError("a checkpoint is signed by who keeps the log")
    text = str(checkpoint)
    return Note(text, (sign_note(text, str(checkpoint.origin), identity.signing),))


def open_checkpoint(note: Note, public: bytes) -> Checkpoint:
    """Read a checkpoint that its keeper signed.

    Args:
        note: The note.
        public: The keeper's Ed25519 key, from the charter.

    Raises:
        MalformedError: It is no checkpoint.
        VerifyError: The signature is not the keeper's.
    """
    checkpoint = Checkpoint.parse(note.text)
    verify_note(note, str(checkpoint.origin), public)
    return checkpoint
