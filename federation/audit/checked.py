# SPDX-License-Identifier: Apache-2.0
"""What a bundle turned out to prove."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any, TypeVar

from federation.agreements import Terms
from federation.audit.bundle import Bundle
from federation.audit.checkpoint import Checkpoint
from federation.audit.record import Record
from federation.charter import Charter
from federation.errors import CryptoError, VerifyError
from federation.letters import Receipt

__all__ = ["Checked", "CheckedEntry", "CheckedLog", "Enclosed", "Keys", "Step", "first_that_holds"]

T = TypeVar("T")

Keys = dict[str, list[bytes]]
"""Every signing key that a version of the charter lists for a member, the newest first."""


@dataclass(frozen=True, slots=True)
class Step:
    """One thing that was checked and holds."""

    number: int
    says: str


@dataclass(frozen=True, slots=True)
class CheckedEntry:
    """An entry that is proved to be in the log."""

    generation: int
    index: int
    record: Record
    opened: dict[int, bytes] = field(repr=False)
    """What its references mean, by position, where the exporter says it."""


@dataclass(frozen=True, slots=True)
class CheckedLog:
    """A log whose checkpoint holds."""

    checkpoint: Checkpoint
    witnesses: dict[str, datetime]
    """Who has seen that it only grew, and when."""


@dataclass(frozen=True, slots=True)
class Enclosed:
    """A signed document that belongs to an entry."""

    type: str
    signers: tuple[str, ...]
    """Members; empty if the document itself is not shown."""
    content: dict[str, Any] | None = field(repr=False)
    """What it says, if it is shown."""
    receipt: Receipt | None
    """What the recipient of a letter signed."""


@dataclass(slots=True)
class Checked:
    """A bundle, as far as it holds."""

    bundle: Bundle
    charter: Charter
    """The newest version in the bundle."""
    charter_digest: bytes
    """SHA-256 of its payload."""
    logs: list[CheckedLog] = field(default_factory=list)
    entries: list[CheckedEntry] = field(default_factory=list)
    agreements: dict[bytes, tuple[Terms, frozenset[str]]] = field(default_factory=dict)
    """Terms and who signed them, by hash."""
    enclosed: dict[bytes, Enclosed] = field(default_factory=dict)
    """Signed documents by hash."""
    steps: list[Step] = field(default_factory=list)

    def passed(self, number: int, says: str) -> None:
        """Note that a step holds."""
        self.steps.append(Step(number, says))

    def name_of(self, member: str) -> str:
        """Return a member's name for people, as the newest charter that is here lists it."""
        known = {one.id: one.name for one in self.charter.members}
        return known.get(member, member)


def first_that_holds(keys: Iterable[bytes], check: Callable[[bytes], T], failure: str) -> T:
    """Check a signature with each of a member's keys.

    Args:
        keys: The keys.
        check: Returns something, or raises CryptoError.
        failure: What to say if none holds.

    Raises:
        VerifyError: None does.
    """
    for key in keys:
        try:
            return check(key)
        except CryptoError:
            continue
    raise VerifyError(failure)
