# SPDX-License-Identifier: Apache-2.0
"""Passwords of people, kept as Argon2id strings (RFC 9106) that say their own cost."""

import base64
import secrets
from typing import Final

from nacl.exceptions import CryptoError as NaclError
from nacl.pwhash import argon2id

from federation.errors import VerifyError

__all__ = ["MEMORY", "PASSES", "decoy", "hash_password", "is_current", "verify_password"]

PASSES = 3
"""Passes over the memory (RFC 9106 section 4, second recommended option)."""
MEMORY = 64 * 1024 * 1024
"""Octets of memory, of the same option; libsodium has one lane where the RFC has four."""

_DIGEST_LENGTH: Final = 32


def hash_password(password: bytes) -> str:
    """Hash a password under a fresh salt.

    Args:
        password: What the person typed, prepared and in UTF-8.

    Returns:
        ``$argon2id$v=19$m=...,t=...,p=1$salt$digest``.
    """
    return argon2id.str(password, PASSES, MEMORY).decode("ascii")


def verify_password(hashed: str, password: bytes) -> None:
    """Check a password in constant time.

    Args:
        hashed: From `hash_password` or `decoy`.
        password: What the person typed, prepared and in UTF-8.

    Raises:
        VerifyError: It is another password, or the string is damaged.
    """
    try:
        argon2id.verify(hashed.encode("ascii"), password)
    except (NaclError, ValueError) as error:
        raise VerifyError("the password is wrong") from error


def is_current(hashed: str) -> bool:
    """Tell whether a string was made at today's cost; if not, hash anew when it is next given."""
    return hashed.startswith(_head())


def decoy() -> str:
    """Return a string that no password fits, and that takes as long to find out.

    For a name that nobody has: the time of the answer must not tell.
    """
    salt = secrets.token_bytes(argon2id.SALTBYTES)
    return f"{_head()}{_base64(salt)}${_base64(secrets.token_bytes(_DIGEST_LENGTH))}"


def _head() -> str:
    return f"$argon2id$v=19$m={MEMORY // 1024},t={PASSES},p=1$"


def _base64(content: bytes) -> str:
    return base64.b64encode(content).decode("ascii").rstrip("=")
