# SPDX-License-Identifier: Apache-2.0
"""Signing, padding, sealing and opening letters.

On the way a letter is one of four sizes of random-looking bytes: who carries it learns
sender, recipient and size class, and not what kind of letter it is.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Final

from federation.charter import Identity
from federation.crypto import dsse, seal
from federation.crypto.encoding import LP
from federation.documents import digest, open_envelope, sign
from federation.errors import AuthenticationError, ExchangeError, MalformedError
from federation.letters.letter import Letter, Receipt

__all__ = ["SIZES", "open_letter", "open_receipt", "seal_letter", "sign_letter"]

SIZES: Final = (4 * 1024, 16 * 1024, 64 * 1024, 256 * 1024)
"""A sealed letter has one of these sizes, in bytes."""

_LABEL: Final = b"ct/v1/letter"
_LENGTH: Final = 4
"""Octets before the envelope that say how long it is."""


def sign_letter(identity: Identity, letter: Letter) -> bytes:
    """Sign a letter.

    Args:
        identity: The sender.
        letter: The letter.

    Returns:
        Its envelope.

    Raises:
        MalformedError: It is larger than others accept.
    """
    return dsse.encode(sign(letter, identity.member_id, identity.signing))


def seal_letter(envelope: bytes, *, sender: str, recipient: str, sealing_key: bytes) -> bytes:
    """Pad and seal a signed letter.

    Args:
        envelope: From `sign_letter`.
        sender: Member id.
        recipient: Member id.
        sealing_key: The recipient's X25519 key, from the charter.

    Returns:
        One of `SIZES` bytes.

    Raises:
        MalformedError: It is too large for the largest size.
    """
    needed = _LENGTH + len(envelope) + seal.OVERHEAD
    size = next((one for one in SIZES if needed <= one), None)
    if size is None:
        raise MalformedError("a letter is larger than the largest size")
    plain = len(envelope).to_bytes(_LENGTH) + envelope
    plain += bytes(size - seal.OVERHEAD - len(plain))
    return seal.seal(sealing_key, plain, _context(sender, recipient))


def open_letter(
    sealed: bytes,
    identity: Identity,
    *,
    sender: str,
    signing_key: bytes,
    types: Mapping[str, type[Letter]],
    federation_id: bytes,
    at: datetime,
) -> tuple[Letter, bytes, bytes]:
    """Open a letter and verify everything that its sender says in it.

    Args:
        sealed: What was delivered.
        identity: The recipient.
        sender: Who delivered it, authenticated by the transport.
        signing_key: The sender's Ed25519 key, from the charter.
        types: Letters that are understood here, by payload type.
        federation_id: Of the charter in force.
        at: Now.

    Returns:
        The letter, its exact payload, and its envelope.

    Raises:
        OpenError: It is sealed to another member, or altered.
        MalformedError: It has a wrong size or padding, or is no letter that is known here.
        VerifyError: The signature is not the sender's.
        AuthenticationError: It is for, or from, another member or federation.
        ExchangeError: It has expired.
    """
    if len(sealed) not in SIZES:
        raise MalformedError("a sealed letter has none of the sizes")
    plain = seal.open_sealed(identity.sealing_secret, sealed, _context(sender, identity.member_id))
    end = _LENGTH + int.from_bytes(plain[:_LENGTH])
    if end > len(plain) or any(plain[end:]):
        raise MalformedError("a letter is not padded as it should be")
    envelope = plain[_LENGTH:end]
    opened = dsse.decode(envelope, SIZES[-1])
    kind = types.get(opened.payload_type)
    if kind is None:
        raise MalformedError("this kind of letter is not known here")
    letter = open_envelope(kind, opened, {sender: signing_key}, 1)
    if (letter.sender, letter.recipient) != (sender, identity.member_id):
        raise AuthenticationError("a letter names other members than those it came between")
    if letter.federation_id != federation_id:
        raise AuthenticationError("a letter is of another federation")
    if at >= letter.expires:
        raise ExchangeError("a letter has expired")
    return letter, opened.payload, envelope


def open_receipt(receipt: bytes, letter: Letter, payload: bytes, signing_key: bytes) -> Receipt:
    """Verify what a recipient signed for a letter.

    Args:
        receipt: The receipt's envelope.
        letter: The own letter.
        payload: Its exact payload.
        signing_key: The recipient's Ed25519 key.

    Raises:
        VerifyError: The signature is not the recipient's.
        ExchangeError: It is for another letter.
        MalformedError: It is no receipt.
    """
    opened = open_envelope(Receipt, receipt, {letter.recipient: signing_key}, 1)
    expected = (letter.id, digest(payload), letter.sender, letter.recipient)
    if (opened.letter, opened.digest, opened.sender, opened.recipient) != expected:
        raise ExchangeError("a receipt is for another letter")
    return opened


def _context(sender: str, recipient: str) -> bytes:
    return _LABEL + LP(sender.encode()) + LP(recipient.encode())
