# SPDX-License-Identifier: Apache-2.0
"""Signed envelopes: DSSE v1 (github.com/secure-systems-lab/dsse), with Ed25519.

A signature covers the type and the exact octets of a payload. Verifying hands the payload
out, so that nothing is parsed that was not verified. An envelope has one encoding; any
other spelling of the same JSON is refused.
"""

import base64
import json
import re
from collections.abc import Mapping
from dataclasses import dataclass

from federation.crypto import signing
from federation.crypto.signing import SigningKey
from federation.errors import MalformedError, VerifyError

__all__ = [
    "Envelope",
    "Signature",
    "Verified",
    "add_signature",
    "decode",
    "encode",
    "merge",
    "pae",
    "sign",
    "verify",
]

_NAME = re.compile(r"[\x21-\x7e]{1,200}")
"""What a payload type or a key id may look like in an envelope from outside."""


@dataclass(frozen=True, slots=True, order=True)
class Signature:
    """One signature."""

    keyid: str
    """Names the key; a hint that the signature does not cover."""
    sig: bytes
    """64 octets."""


@dataclass(frozen=True, slots=True)
class Envelope:
    """A payload and its signatures."""

    payload_type: str
    """What the payload is; signed."""
    payload: bytes
    """The exact octets; signed."""
    signatures: tuple[Signature, ...]
    """Ascending by key id, one for each."""


@dataclass(frozen=True, slots=True)
class Verified:
    """What an envelope turned out to hold."""

    payload: bytes
    """Octets that enough of the keys have signed."""
    signers: frozenset[str]
    """The key ids whose signature holds."""


def pae(payload_type: str, payload: bytes) -> bytes:
    """Return the pre-authentication encoding: what is signed."""
    name = payload_type.encode()
    return b"DSSEv1 %d %b %d %b" % (len(name), name, len(payload), payload)


def sign(payload_type: str, payload: bytes, keyid: str, key: SigningKey) -> Envelope:
    """Make an envelope with one signature."""
    signature = Signature(keyid, key.sign(pae(payload_type, payload)))
    return Envelope(payload_type, payload, (signature,))


def add_signature(envelope: Envelope, keyid: str, key: SigningKey) -> Envelope:
    """Return the envelope with one more signature, or the same key's signature renewed."""
    fresh = Signature(keyid, key.sign(pae(envelope.payload_type, envelope.payload)))
    others = [signature for signature in envelope.signatures if signature.keyid != keyid]
    return Envelope(envelope.payload_type, envelope.payload, tuple(sorted([*others, fresh])))


def merge(first: Envelope, second: Envelope, keys: Mapping[str, bytes]) -> Envelope:
    """Collect the valid signatures of two envelopes over the same payload.

    Args:
        first: An envelope.
        second: An envelope with the same type and payload.
        keys: Public keys by key id. Signatures that do not hold under them are left out,
            so that a bad copy cannot push out a good one.

    Raises:
        MalformedError: The payloads differ.
    """
    if (first.payload_type, first.payload) != (second.payload_type, second.payload):
        raise MalformedError("the envelopes hold different payloads")
    message = pae(first.payload_type, first.payload)
    kept = {
        signature.keyid: signature
        for signature in (*second.signatures, *first.signatures)
        if _holds(keys, message, signature)
    }
    return Envelope(first.payload_type, first.payload, tuple(sorted(kept.values())))


def _holds(keys: Mapping[str, bytes], message: bytes, signature: Signature) -> bool:
    public = keys.get(signature.keyid)
    if public is None:
        return False
    try:
        signing.verify(public, message, signature.sig)
    except VerifyError:
        return False
    return True


def verify(
    envelope: Envelope, keys: Mapping[str, bytes], threshold: int, payload_type: str
) -> Verified:
    """Check that enough distinct keys signed the payload as what it is taken for.

    As DSSE says, signatures that do not hold are not counted, and do no harm.

    Args:
        envelope: The envelope.
        keys: The public keys that may sign, by key id.
        threshold: How many distinct keys must have signed, at least 1.
        payload_type: The type that is expected.

    Returns:
        The payload, and who signed it.

    Raises:
        VerifyError: Another type, or too few signatures hold.
    """
    if threshold < 1:
        raise VerifyError("a threshold is at least 1")
    if envelope.payload_type != payload_type:
        raise VerifyError("the envelope holds another type of payload")
    message = pae(envelope.payload_type, envelope.payload)
    signers = frozenset(
        signature.keyid for signature in envelope.signatures if _holds(keys, message, signature)
    )
    # Distinct keys, not distinct names: one key listed twice counts once.
    if len({keys[keyid] for keyid in signers}) < threshold:
        raise VerifyError("too few signatures hold")
    return Verified(envelope.payload, signers)


def encode(envelope: Envelope) -> bytes:
    """Return the one JSON encoding: sorted keys, no spaces, ASCII."""
    value = {
        "payload": base64.b64encode(envelope.payload).decode(),
        "payloadType": envelope.payload_type,
        "signatures": [
            {"keyid": signature.keyid, "sig": base64.b64encode(signature.sig).decode()}
            for signature in envelope.signatures
        ],
    }
    return json.dumps(value, sort_keys=True, separators=(",", ":")).encode()


def decode(data: bytes, max_size: int) -> Envelope:
    """Read an envelope in its one encoding.

    Args:
        data: The JSON text.
        max_size: Longest accepted text, in octets.

    Raises:
        MalformedError: Too long, not an envelope, signatures unsorted or repeated, or
            another spelling than `encode` gives.
    """
    if len(data) > max_size:
        raise MalformedError("the envelope is too long")
    try:
        value = json.loads(data.decode("ascii"))
        envelope = Envelope(
            value["payloadType"],
            base64.b64decode(value["payload"], validate=True),
            tuple(
                Signature(item["keyid"], base64.b64decode(item["sig"], validate=True))
                for item in value["signatures"]
            ),
        )
        names = [envelope.payload_type, *(item.keyid for item in envelope.signatures)]
        if not all(_NAME.fullmatch(name) for name in names):
            raise MalformedError("a payload type or a key id is not a plain name")
        canonical = encode(envelope)
    except (ValueError, KeyError, TypeError, AttributeError, RecursionError) as error:
        raise MalformedError("not an envelope") from error
    # Encoding anew finds every other spelling: spaces, escapes, order, repeated or unknown
    # members, base64 with stray bits.
    if canonical != data:
        raise MalformedError("the envelope is not in its one encoding")
    keyids = [signature.keyid for signature in envelope.signatures]
    if not keyids or keyids != sorted(set(keyids)):
        raise MalformedError("the signatures are missing, repeated or unsorted")
    if any(len(signature.sig) != signing.SIGNATURE_LENGTH for signature in envelope.signatures):
        raise MalformedError("a signature has the wrong size")
    return envelope
