# SPDX-License-Identifier: Apache-2.0
"""Salted commitments: how a log refers to a value without holding it.

The salt is kept apart from the log and deleted on erasure; what stays then says nothing,
whereas a bare hash of a phone number falls to a list of all phone numbers in seconds.
"""

import hashlib
import hmac
import secrets

from federation.errors import InvalidInputError, VerifyError

__all__ = ["SALT_LENGTH", "commitment", "new_salt", "verify_commitment"]

SALT_LENGTH = 32


def new_salt() -> bytes:
    """Draw a salt of 32 octets, one for each commitment."""
    return secrets.token_bytes(SALT_LENGTH)


def commitment(salt: bytes, value: bytes) -> bytes:
    """Commit to a value: SHA-256(salt || value), 32 octets.

    Args:
        salt: From `new_salt`. Its length is fixed, so salt and value cannot run together.
        value: What is committed to.

    Raises:
        InvalidInputError: The salt is not 32 octets long.
    """
    if len(salt) != SALT_LENGTH:
        raise InvalidInputError("a salt is 32 octets long")
    return hashlib.sha256(salt + value).digest()


def verify_commitment(committed: bytes, salt: bytes, value: bytes) -> None:
    """Check an opened commitment in constant time.

    Raises:
        VerifyError: The value is not what was committed to.
        InvalidInputError: The salt is not 32 octets long.
    """
    if not hmac.compare_digest(committed, commitment(salt, value)):
        raise VerifyError("the commitment opens to something else")
