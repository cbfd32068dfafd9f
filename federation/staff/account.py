# SPDX-License-Identifier: Apache-2.0
"""An account of a person, and what a session of it is."""

import re
import secrets
import unicodedata
from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Final, Self

from federation.audit import StaffRole
from federation.errors import InputError

__all__ = [
    "CLI",
    "CONSOLE",
    "Account",
    "Lifetime",
    "SessionKind",
    "StaffSession",
    "check_full_name",
    "check_name",
]

_ID: Final = 8
_MINUTE: Final = timedelta(minutes=1)
_NAME: Final = re.compile(r"[a-z0-9][a-z0-9._@-]{1,63}")
_LONGEST_FULL_NAME: Final = 100


@dataclass(frozen=True, slots=True)
class Account:
    """One person who works with the node.

    Accounts are disabled, never deleted: the record names them.
    """

    id: bytes
    """8 random bytes; says nothing about the person."""
    name: str = field(repr=False)
    """What the person signs in with."""
    full_name: str = field(repr=False)
    roles: frozenset[StaffRole]
    password: str = field(repr=False)
    """Argon2id string."""
    password_changed: datetime
    password_once: bool
    """Somebody else knows the password: it is good for one sign-in, and for choosing another."""
    created: datetime
    disabled: datetime | None
    failures: int
    """Failed attempts since the last success."""
    locked_until: datetime | None
    second_factor: bytes | None = field(repr=False)
    """Secret of the one-time codes (RFC 6238), or None."""
    code_step: int
    """Step of the code that was accepted last; -1 before the first."""

    @classmethod
    def new(
        cls,
        name: str,
        full_name: str,
        roles: Collection[StaffRole],
        password: str,
        at: datetime,
        *,
        once: bool = False,
    ) -> Self:
        """Return an account with a random id, that nobody has used.

        Args:
            name: From `check_name`.
            full_name: From `check_full_name`.
            roles: At least one.
            password: Argon2id string.
            at: Now.
            once: Whether the password is only good for choosing another.
        """
        return cls(
            id=secrets.token_bytes(_ID),
            name=name,
            full_name=full_name,
            roles=frozenset(roles),
            password=password,
            password_changed=at,
            password_once=once,
            created=at,
            disabled=None,
            failures=0,
            locked_until=None,
            second_factor=None,
            code_step=-1,
        )

    @property
    def actor(self) -> str:
        """How the record names the account."""
        return f"staff:{self.id.hex()}"


class SessionKind(StrEnum):
    """Through what somebody is signed in."""

    CLI = "cli"
    CONSOLE = "console"


@dataclass(frozen=True, slots=True)
class Lifetime:
    """How long a session lasts."""

    whole: timedelta
    """From the sign-in."""
    idle: timedelta
    """From its last use."""


CLI: Final = Lifetime(whole=timedelta(hours=8), idle=timedelta(hours=2))
"""A working day at a terminal."""
CONSOLE: Final = Lifetime(whole=timedelta(hours=8), idle=timedelta(minutes=30))
"""A browser that may be left open."""


@dataclass(frozen=True, slots=True)
class StaffSession:
    """Somebody who is signed in."""

    mark: bytes = field(repr=False)
    """Keyed hash of the token; the token itself is nowhere in the node."""
    account: bytes
    kind: SessionKind
    strong: bool
    """Whether a second factor was given."""
    created: datetime
    used: datetime
    """Last, to the minute."""

    @property
    def lifetime(self) -> Lifetime:
        """How long a session of this kind lasts."""
        return CLI if self.kind is SessionKind.CLI else CONSOLE

    @property
    def expires(self) -> datetime:
        """When it is over, used or not."""
        return self.created + self.lifetime.whole

    def stale(self, at: datetime) -> bool:
        """Tell whether its last use is to be written anew: at most once a minute.

        Args:
            at: Now.
        """
        return at - self.used >= _MINUTE

    def lasts(self, at: datetime) -> bool:
        """Tell whether it is not over.

        Args:
            at: Now. A clock that went back before its beginning ends it too.
        """
        return self.created <= at < min(self.expires, self.used + self.lifetime.idle)


def check_name(name: str) -> str:
    """Return the name of an account in its one spelling.

    Args:
        name: As typed: letters a to z, digits, dot, dash, underscore, at; capitals are the same.

    Raises:
        InputError: It cannot be a name.
    """
    folded = name.strip().lower()
    if _NAME.fullmatch(folded) is None:
        raise InputError(
            "this cannot be the name of an account",
            next_step="use 2 to 64 letters a-z, digits, dots, dashes, underscores or at signs",
        )
    return folded


def check_full_name(full_name: str) -> str:
    """Return a person's name in one line, in Unicode's composed form.

    Args:
        full_name: As people write it, in any script; may be empty.

    Raises:
        InputError: It is longer than 100 characters, or holds control characters.
    """
    composed = unicodedata.normalize("NFC", full_name).strip()
    if len(composed) > _LONGEST_FULL_NAME or not all(map(_is_visible, composed)):
        raise InputError("the full name is longer than 100 characters, or not in one line")
    return composed


def _is_visible(char: str) -> bool:
    # Cf holds the joiners of some scripts, and the marks that turn text around: keep neither.
    return unicodedata.category(char) not in {"Cc", "Cf", "Cs", "Co", "Zl", "Zp"}
