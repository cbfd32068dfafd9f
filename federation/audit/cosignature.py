# SPDX-License-Identifier: Apache-2.0
"""Cosignatures: a witness has seen that a log only grew (c2sp.org/tlog-cosignature, Ed25519).

It says: at this time, the largest log of this name that I have seen is this one, and each
that I saw before was a beginning of it.
"""

from datetime import UTC, datetime
from typing import Final

from federation.audit.checkpoint import Checkpoint, witness_name
from federation.audit.note import Note, NoteSignature, key_id
from federation.charter import Identity
from federation.crypto import signing
from federation.errors import VerifyError

__all__ = ["COSIGNATURE", "cosign", "verify_cosignature"]

COSIGNATURE: Final = 0x04
"""Signature type: timestamped Ed25519 cosignature."""

_TIME: Final = 8
_LATEST: Final = 253_402_300_799  # the last second of the year 9999


def cosign(checkpoint: Checkpoint, identity: Identity, at: datetime) -> NoteSignature:
    """Cosign a checkpoint that was found to be consistent.

    Args:
        checkpoint: Of another member's log.
        identity: The witness.
        at: Now, whole seconds.
    """
    name = witness_name(checkpoint.origin.federation_id, identity.member_id)
    seconds = int(at.timestamp())
    signature = identity.signing.sign(_message(str(checkpoint), seconds))
    number = key_id(name, COSIGNATURE, identity.signing.verify_key)
    return NoteSignature(name, number, seconds.to_bytes(_TIME) + signature)


def verify_cosignature(
    checkpoint: Checkpoint, note: Note | NoteSignature, witness: str, public: bytes
) -> datetime:
    """Check that a witness has cosigned a checkpoint.

    Args:
        checkpoint: The checkpoint.
        note: Its note, or one line of it.
        witness: Member id.
        public: The witness's Ed25519 key, from the charter.

    Returns:
        When it did, by its own clock.

    Raises:
        VerifyError: It has not.
    """
    name = witness_name(checkpoint.origin.federation_id, witness)
    wanted = (name, key_id(name, COSIGNATURE, public))
    lines = note.signatures if isinstance(note, Note) else (note,)
    found = next((one for one in lines if (one.name, one.key_id) == wanted), None)
    if found is None or len(found.signature) != _TIME + signing.SIGNATURE_LENGTH:
        raise VerifyError("a checkpoint is not cosigned by this witness")
    seconds = int.from_bytes(found.signature[:_TIME])
    if seconds > _LATEST:
        raise VerifyError("a cosignature is from no usable time")
    signing.verify(public, _message(str(checkpoint), seconds), found.signature[_TIME:])
    return datetime.fromtimestamp(seconds, UTC)


def _message(text: str, seconds: int) -> bytes:
    return f"cosignature/v1\ntime {seconds}\n{text}".encode()
