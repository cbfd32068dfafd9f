# SPDX-License-Identifier: Apache-2.0
"""X25519 key agreement (RFC 7748)."""

from cryptography.hazmat.primitives.asymmetric.x25519 import X25519PrivateKey, X25519PublicKey

from federation.errors import DeserializeError, InvalidInputError

__all__ = ["KEY_LENGTH", "exchange", "generate", "public"]

KEY_LENGTH = 32


def _private(secret: bytes) -> X25519PrivateKey:
    if len(secret) != KEY_LENGTH:
        raise DeserializeError("an X25519 key is 32 octets long")
    return X25519PrivateKey.from_private_bytes(secret)


def generate() -> bytes:
    """Make a new secret key, 32 octets."""
    return X25519PrivateKey.generate().private_bytes_raw()


def public(secret: bytes) -> bytes:
    """Return the public key of a secret key, 32 octets.

    Raises:
        DeserializeError: Not 32 octets.
    """
    return _private(secret).public_key().public_bytes_raw()


def exchange(secret: bytes, public_key: bytes) -> bytes:
    """Compute the shared secret of RFC 7748, section 6.1, 32 octets. Derive keys from it.

    Args:
        secret: The own secret key.
        public_key: The other's public key.

    Raises:
        DeserializeError: A key is not 32 octets long.
        InvalidInputError: The result is all zero: the other key is of small order, and the
            secret would be known to everybody.
    """
    private = _private(secret)
    if len(public_key) != KEY_LENGTH:
        raise DeserializeError("an X25519 key is 32 octets long")
    try:
        return private.exchange(X25519PublicKey.from_public_bytes(public_key))
    except ValueError as error:
        raise InvalidInputError("the other key is of small order") from error
