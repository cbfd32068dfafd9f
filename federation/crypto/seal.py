# SPDX-License-Identifier: Apache-2.0
"""A message to the holder of one X25519 key: HPKE (RFC 9180), base mode, single shot.

Suite: DHKEM(X25519, HKDF-SHA256) 0x0020, HKDF-SHA256 0x0001, ChaCha20Poly1305 0x0003, by
pyca/cryptography. The context is HPKE's ``info``. A sealed message does not say who sent
it: what must be attributable is signed inside the seal.
"""

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey
from cryptography.hazmat.primitives.hpke import AEAD, KDF, KEM, Suite

from federation.crypto.encoding import LP
from federation.errors import DeserializeError, InvalidInputError, OpenError

__all__ = ["KEY_LENGTH", "OVERHEAD", "open_sealed", "seal"]

KEY_LENGTH = 32
OVERHEAD = 48
"""Octets that a sealed message is longer: encapsulated key 32, tag 16."""

_SUITE = Suite(KEM.X25519, KDF.HKDF_SHA256, AEAD.CHACHA20_POLY1305)
_LABEL = b"ct/v1/seal"


def _info(context: bytes) -> bytes:
    return _LABEL + LP(context)


def seal(public: bytes, plaintext: bytes, context: bytes) -> bytes:
    """Seal a message to a public key.

    Args:
        public: The recipient's X25519 public key.
        plaintext: The message.
        context: What the message belongs to; opening needs the same. At most 65,535 octets.

    Returns:
        enc || ciphertext, `OVERHEAD` octets longer than the message.

    Raises:
        DeserializeError: The key is not 32 octets long.
        InvalidInputError: The key is of small order.
    """
    if len(public) != KEY_LENGTH:
        raise DeserializeError("an X25519 key is 32 octets long")
    try:
        return _SUITE.encrypt(plaintext, X25519PublicKey.from_public_bytes(public), _info(context))
    except ValueError as error:
        raise InvalidInputError("the recipient's key cannot be used") from error


def open_sealed(secret: bytes, ciphertext: bytes, context: bytes) -> bytes:
    """Open a message that `seal` made.

    Args:
        secret: The recipient's X25519 secret key.
        ciphertext: enc || ciphertext.
        context: The context that it was sealed with.

    Raises:
        OpenError: Another key, another context, or altered.
        DeserializeError: The key is not 32 octets long.
    """
    if len(secret) != KEY_LENGTH:
        raise DeserializeError("an X25519 key is 32 octets long")
    if len(ciphertext) < OVERHEAD:
        raise OpenError("the sealed message is too short")
    try:
        return _SUITE.decrypt(
            ciphertext, X25519PrivateKey.from_private_bytes(secret), _info(context)
        )
    except (InvalidTag, ValueError) as error:
        raise OpenError("the message does not open with this key and context") from error
