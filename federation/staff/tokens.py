# SPDX-License-Identifier: Apache-2.0
"""What proves a session, and codes for who has lost the second factor."""

import base64
import re
import secrets
from dataclasses import dataclass, field
from typing import Final, Self

from federation.errors import MalformedError

__all__ = ["RECOVERY_CODES", "SessionToken", "fold_recovery_code", "new_recovery_codes"]

RECOVERY_CODES: Final = 10
"""How many codes an account gets; each is good once."""

_ACCOUNT: Final = 8
_SECRET: Final = 32
_CODE: Final = 10
"""Octets of a recovery code: too many to guess, so its hash needs no salt and no stretching."""
_GROUP: Final = 4
_TEXT: Final = re.compile(r"[0-9a-f]{80}")


@dataclass(frozen=True, slots=True)
class SessionToken:
    """Who has it is the account, until the session is over."""

    account: bytes
    """Its id: the mark of a session is taken over both, so that a session's row says nothing
    for another account."""
    secret: bytes = field(repr=False)
    """32 random bytes."""

    @classmethod
    def new(cls, account: bytes) -> Self:
        """Draw a token for a new session of an account."""
        return cls(account, secrets.token_bytes(_SECRET))

    @classmethod
    def parse(cls, text: str) -> Self:
        """Read a token.

        Args:
            text: 80 hex digits in lower case, nothing else.

        Raises:
            MalformedError: It is none.
        """
        if _TEXT.fullmatch(text) is None:
            raise MalformedError("this is no token of a session")
        content = bytes.fromhex(text)
        return cls(content[:_ACCOUNT], content[_ACCOUNT:])

    def text(self) -> str:
        """Return what `parse` reads."""
        return self.to_bytes().hex()

    def to_bytes(self) -> bytes:
        """Return account and secret."""
        return self.account + self.secret


def new_recovery_codes() -> tuple[str, ...]:
    """Draw ten codes of sixteen letters and digits, in groups of four."""
    return tuple(_grouped(secrets.token_bytes(_CODE)) for _ in range(RECOVERY_CODES))


def fold_recovery_code(code: str) -> str:
    """Return a typed code as it was made: capitals, without the dashes."""
    return re.sub(r"[\s-]", "", code).upper()


def _grouped(content: bytes) -> str:
    text = base64.b32encode(content).decode("ascii")
    return "-".join(text[start : start + _GROUP] for start in range(0, len(text), _GROUP))
