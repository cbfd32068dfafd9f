# SPDX-License-Identifier: Apache-2.0
"""One-time codes of an authenticator app: TOTP (RFC 6238).

SHA-1, six digits and thirty seconds, because these are what every app takes. The weakness of
SHA-1 is about collisions; HMAC does not rest on them (RFC 6238 section 1.2, RFC 2104).
"""

import secrets
from typing import Final

from cryptography.hazmat.primitives.constant_time import bytes_eq
from cryptography.hazmat.primitives.hashes import SHA1
from cryptography.hazmat.primitives.twofactor.totp import TOTP

from federation.errors import VerifyError

__all__ = ["DIGITS", "SECRET_LENGTH", "STEP", "key_uri", "new_secret", "verify_code"]

SECRET_LENGTH: Final = 20
"""Octets; RFC 4226 section 4, requirement 6, recommends 160 bits."""
DIGITS: Final = 6
STEP: Final = 30
"""Seconds for which a code is shown."""

_DRIFT: Final = 1
"""Steps that the clocks may differ (RFC 6238 section 5.2)."""


def new_secret() -> bytes:
    """Draw a secret of 20 octets, to be shared with one authenticator."""
    return secrets.token_bytes(SECRET_LENGTH)


def verify_code(secret: bytes, code: str, at: float, *, after: int) -> int:
    """Check a code, which may be of the step before or after the present one.

    Args:
        secret: From `new_secret`.
        code: What the person typed: six digits.
        at: Seconds since 1970.
        after: Step of the code that was accepted last, or -1: an older one, and the same again,
            is refused (RFC 6238 section 5.2).

    Returns:
        Its step, to be kept.

    Raises:
        VerifyError: It is wrong, too old, or was used.
    """
    generator = _generator(secret)
    given = code.encode(errors="replace")
    now = int(at) // STEP
    found = -1
    # All steps are computed, whichever fits.
    for step in range(max(0, now - _DRIFT), now + _DRIFT + 1):
        if bytes_eq(generator.generate(step * STEP), given):
            found = step
    if found <= after:
        raise VerifyError("the code is wrong, or was used")
    return found


def key_uri(secret: bytes, account: str, issuer: str) -> str:
    """Return the ``otpauth:`` address that authenticator apps read, often as a picture.

    Args:
        secret: From `new_secret`.
        account: Name of the account.
        issuer: Where it is.
    """
    return _generator(secret).get_provisioning_uri(account, issuer)


def _generator(secret: bytes) -> TOTP:
    return TOTP(secret, DIGITS, SHA1(), STEP)  # noqa: S303 - see the module
