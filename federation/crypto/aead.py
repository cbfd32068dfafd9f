# SPDX-License-Identifier: Apache-2.0
"""Ciphers under a shared key: XChaCha20-Poly1305 for records, raw AES-256 for tokens."""

import secrets

from cryptography.hazmat.primitives.ciphers import Cipher
from cryptography.hazmat.primitives.ciphers.algorithms import AES256
from cryptography.hazmat.primitives.ciphers.modes import ECB
from nacl.bindings import (
    crypto_aead_xchacha20poly1305_ietf_decrypt,
    crypto_aead_xchacha20poly1305_ietf_encrypt,
)
from nacl.exceptions import CryptoError as NaclError

from federation.errors import InvalidInputError, OpenError

__all__ = ["BLOCK_LENGTH", "KEY_LENGTH", "NONCE_LENGTH", "aes_blocks", "decrypt", "encrypt"]

KEY_LENGTH = 32
NONCE_LENGTH = 24
"""Long enough to be drawn at random for every message under one key."""
BLOCK_LENGTH = 16
_TAG_LENGTH = 16


def _check_key(key: bytes) -> None:
    if len(key) != KEY_LENGTH:
        raise InvalidInputError("a key is 32 octets long")


def encrypt(key: bytes, plaintext: bytes, ad: bytes) -> bytes:
    """Encrypt and authenticate with XChaCha20-Poly1305 under a fresh nonce.

    Args:
        key: 32 octets.
        plaintext: Any octets.
        ad: Associated data: where the ciphertext belongs. Needed again to decrypt.

    Returns:
        nonce (24 octets) || ciphertext || tag (16 octets).

    Raises:
        InvalidInputError: The key has a wrong length.
    """
    _check_key(key)
    nonce = secrets.token_bytes(NONCE_LENGTH)
    return nonce + crypto_aead_xchacha20poly1305_ietf_encrypt(plaintext, ad, nonce, key)


def decrypt(key: bytes, ciphertext: bytes, ad: bytes) -> bytes:
    """Open what `encrypt` made.

    Raises:
        OpenError: Another key, another place, or altered.
        InvalidInputError: The key has a wrong length.
    """
    _check_key(key)
    if len(ciphertext) < NONCE_LENGTH + _TAG_LENGTH:
        raise OpenError("the ciphertext is too short")
    nonce, body = ciphertext[:NONCE_LENGTH], ciphertext[NONCE_LENGTH:]
    try:
        return crypto_aead_xchacha20poly1305_ietf_decrypt(body, ad, nonce, key)
    except NaclError as error:
        raise OpenError("the ciphertext does not open with this key and place") from error


def aes_blocks(key: bytes, data: bytes, *, decrypt: bool = False) -> bytes:
    """Apply the AES-256 permutation to every 16-octet block, a million in one call.

    This is ECB, which hides nothing about repeated blocks. It is right only where every
    block is uniformly random, as the halves of a token are, or as a pseudorandom function.

    Args:
        key: 32 octets.
        data: A multiple of 16 octets.
        decrypt: Apply the inverse.

    Raises:
        InvalidInputError: The key or the data has a wrong length.
    """
    _check_key(key)
    if len(data) % BLOCK_LENGTH:
        raise InvalidInputError("the data is not made of whole blocks")
    cipher = Cipher(AES256(key), ECB())  # noqa: S305 - see the docstring
    context = cipher.decryptor() if decrypt else cipher.encryptor()
    return context.update(data) + context.finalize()
