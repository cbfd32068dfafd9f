# SPDX-License-Identifier: Apache-2.0
"""Keys from keys, keys from passphrases, short labelled digests."""

import hashlib

from cryptography.hazmat.primitives.hashes import SHA512
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from nacl.exceptions import CryptoError as NaclError
from nacl.pwhash import argon2id as nacl_argon2id

from federation.errors import InvalidInputError

__all__ = [
    "ARGON2_MEMORY",
    "ARGON2_OPERATIONS",
    "ARGON2_SALT_LENGTH",
    "KEY_LENGTH",
    "argon2id",
    "blake2b_128",
    "hkdf",
]

KEY_LENGTH = 32

ARGON2_SALT_LENGTH = nacl_argon2id.SALTBYTES
ARGON2_OPERATIONS = 3
"""Passes over the memory; libsodium's "moderate" setting."""
ARGON2_MEMORY = 256 * 1024 * 1024
"""Octets of memory; libsodium's "moderate" setting."""


def hkdf(key: bytes, *, info: bytes, salt: bytes = b"", length: int = KEY_LENGTH) -> bytes:
    """Derive a key with HKDF-SHA-512 (RFC 5869).

    Args:
        key: The input keying material.
        info: The label, and whatever the key is bound to.
        salt: Public or secret; empty where the input is a uniform key.
        length: Octets of the result.
    """
    return HKDF(algorithm=SHA512(), length=length, salt=salt or None, info=info).derive(key)


def argon2id(
    passphrase: bytes,
    salt: bytes,
    ops: int = ARGON2_OPERATIONS,
    mem: int = ARGON2_MEMORY,
) -> bytes:
    """Derive a key from a passphrase with Argon2id (RFC 9106), one lane.

    Args:
        passphrase: The passphrase, UTF-8.
        salt: 16 random octets, kept beside the ciphertext.
        ops: Passes.
        mem: Memory in octets.

    Raises:
        InvalidInputError: The salt or a cost is out of range.
    """
    try:
        return nacl_argon2id.kdf(KEY_LENGTH, passphrase, salt, ops, mem)
    except (NaclError, ValueError, TypeError) as error:
        raise InvalidInputError("the salt or the cost of the passphrase is out of range") from error


def blake2b_128(person: bytes, data: bytes, key: bytes = b"") -> bytes:
    """Digest with BLAKE2b to 16 octets (RFC 7693), separated by a label, optionally keyed.

    Args:
        person: The label, at most 16 octets.
        data: What is digested.
        key: At most 64 octets; with a key the digest is a message authentication code.
    """
    return hashlib.blake2b(data, digest_size=16, key=key, person=person).digest()
