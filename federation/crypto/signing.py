# SPDX-License-Identifier: Apache-2.0
"""Ed25519 signatures (RFC 8032), by PyNaCl, which refuses keys and points of small order."""

import secrets

from nacl.bindings import crypto_sign_seed_keypair
from nacl.exceptions import CryptoError as NaclError
from nacl.signing import SigningKey as NaclSigningKey
from nacl.signing import VerifyKey as NaclVerifyKey

from federation.errors import DeserializeError, VerifyError

__all__ = ["KEY_LENGTH", "SIGNATURE_LENGTH", "SigningKey", "verify"]

KEY_LENGTH = 32
SIGNATURE_LENGTH = 64


class SigningKey:
    """A secret signing key; printing it shows the public half at most."""

    __slots__ = ("_key", "_seed")

    def __init__(self, seed: bytes) -> None:
        """Use `generate` or `from_bytes`."""
        if len(seed) != KEY_LENGTH:
            raise DeserializeError("a signing key is 32 octets long")
        self._seed = seed
        self._key = NaclSigningKey(seed)

    @classmethod
    def generate(cls) -> "SigningKey":
        """Make a new key."""
        return cls(secrets.token_bytes(KEY_LENGTH))

    @classmethod
    def from_bytes(cls, seed: bytes) -> "SigningKey":
        """Restore a key from `to_bytes`.

        Raises:
            DeserializeError: Not 32 octets.
        """
        return cls(seed)

    def to_bytes(self) -> bytes:
        """Return the secret seed, for the keystore only."""
        return self._seed

    @property
    def verify_key(self) -> bytes:
        """The public key, 32 octets."""
        public, _ = crypto_sign_seed_keypair(self._seed)
        return public

    def sign(self, message: bytes) -> bytes:
        """Sign a message; 64 octets."""
        return bytes(self._key.sign(message).signature)

    def __repr__(self) -> str:
        return f"<SigningKey for {self.verify_key.hex()[:16]}>"

    def __reduce__(self) -> str | tuple[object, ...]:
        # A key that travels through pickle ends up in files and core dumps.
        raise TypeError("a signing key is not pickled; use to_bytes")


def verify(public: bytes, message: bytes, signature: bytes) -> None:
    """Check a signature.

    Args:
        public: The public key, 32 octets.
        message: What was signed.
        signature: 64 octets.

    Raises:
        VerifyError: The signature does not hold, or key or signature are malformed.
    """
    if len(public) != KEY_LENGTH or len(signature) != SIGNATURE_LENGTH:
        raise VerifyError("a key or a signature has the wrong length")
    try:
        NaclVerifyKey(public).verify(message, signature)
    except NaclError as error:
        raise VerifyError("the signature does not hold") from error
