# SPDX-License-Identifier: Apache-2.0
"""Whether what somebody gave to sign in is right, at one cost for everybody."""

from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final

from federation.crypto.password import decoy, verify_password
from federation.crypto.totp import verify_code
from federation.errors import InputError, VerifyError
from federation.staff import Account, prepare_password

__all__ = ["FIRST_PASSWORD_LIFETIME", "Proof", "fits", "prove"]

FIRST_PASSWORD_LIFETIME: Final = timedelta(days=7)
"""How long a password that somebody else knows can be used to choose another."""


@dataclass(frozen=True, slots=True)
class Proof:
    """With what an attempt was right."""

    reason: str
    """As the record says it."""
    step: int | None = None
    """Of the one-time code."""
    recovery: str | None = field(default=None, repr=False)
    """The recovery code, to be used up."""


def fits(hashed: str, password: str) -> bool:
    """Tell whether a password fits; always at the same cost.

    Args:
        hashed: Argon2id string.
        password: As typed.
    """
    try:
        prepared = prepare_password(password)
    except InputError:
        hashed, prepared = decoy(), b""
    try:
        verify_password(hashed, prepared)
    except VerifyError:
        return False
    return True


def prove(
    account: Account | None, password: str, code: str, at: datetime, *, recovery: bool
) -> Proof | None:
    """Look at everything that was given; None if any of it is wrong.

    Args:
        account: Whose it is to be; None for a name that nobody has.
        password: As typed.
        code: As typed.
        at: Now.
        recovery: Whether the code is one of the account's recovery codes.
    """
    right = fits(decoy() if account is None else account.password, password)
    if account is None:
        return None
    late = account.password_once and at >= account.password_changed + FIRST_PASSWORD_LIFETIME
    proof: Proof | None = Proof("password")
    if account.second_factor is not None:
        proof = _second(account.second_factor, account.code_step, code, at, recovery=recovery)
    return proof if right and not late else None


def _second(secret: bytes, last: int, code: str, at: datetime, *, recovery: bool) -> Proof | None:
    if recovery:
        return Proof("recovery-code", recovery=code)
    try:
        return Proof("second-factor", step=verify_code(secret, code, at.timestamp(), after=last))
    except VerifyError:
        return None
