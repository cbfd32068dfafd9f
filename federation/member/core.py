# SPDX-License-Identifier: Apache-2.0
"""What every protocol run of one member shares: who it is, its store, its charter, its peers."""

from collections.abc import Callable, Collection
from contextlib import suppress
from dataclasses import dataclass, field
from typing import TypeVar

from federation.agreements import Consent
from federation.audit import StaffRole
from federation.charter import Charter, Identity, check_usable
from federation.charter import Member as Listing
from federation.errors import CharterStaleError, ConfigurationError, MembershipError
from federation.indicators import Screen
from federation.member.ports import Clock, Connect, Log
from federation.messages import Request
from federation.storage import Store, Tx
from federation.tokens import Compute

__all__ = ["NO_CHARTER", "Core", "InForce"]

R = TypeVar("R")

NO_CHARTER = bytes(32)
"""Stands for a charter's digest before there is one."""


@dataclass(frozen=True, slots=True)
class InForce:
    """The charter in force and the hash of its exact bytes."""

    charter: Charter
    digest: bytes
    """32 bytes."""


@dataclass(slots=True)
class Core:
    """The common ground of a member's protocol runs."""

    identity: Identity
    store: Store
    clock: Clock
    connect: Connect
    screen: Callable[[], Screen]
    """What is never to become a token, or waits for a person, as it stands now."""
    log: Log
    compute: Compute
    """Does the arithmetic of large batches."""
    strong_roles: frozenset[StaffRole] = frozenset()
    """Roles that count only in a session that began with a second factor."""
    accept_charters: Callable[[tuple[bytes, ...]], None] | None = None
    """Verifies and adopts newer charter versions; set by `membership`."""
    on_charter: list[Callable[[Tx, InForce], None]] = field(default_factory=list)
    """Called in the transaction that puts a charter into force."""
    on_erase: list[Callable[[Tx, Collection[bytes]], None]] = field(default_factory=list)
    """Called in the transaction that erases a case, before, with UUIDs of its matches."""
    scrub_due: bool = True
    """Whether something was destroyed that may still stand in the database's log; also after
    a crash, of which nobody knows what it left there."""
    restricted: Callable[[Tx, bytes], bool] = lambda _tx, _case: False
    """Tells whether an own case is kept out of everything, by its UUID."""
    _cache: InForce | None = field(default=None, repr=False)

    @staticmethod
    def consent_of(tx: Tx, case: bytes) -> Consent | None:
        """Return the last consent of an own case, by its UUID, however it stands."""
        stored = tx.consents.current(case)
        return None if stored is None else stored.consent

    @property
    def me(self) -> str:
        """The own member id."""
        return self.identity.member_id

    def scrub(self, *, due: bool = False) -> None:
        """Clean the database's log of what was destroyed, outside any transaction.

        Args:
            due: Something was destroyed just now.
        """
        self.scrub_due |= due
        if self.scrub_due:
            self.scrub_due = not self.store.scrub()

    def in_force(self, tx: Tx | None = None) -> InForce | None:
        """Return the newest charter that is in force here, or None before the first.

        Args:
            tx: An open transaction to read in; without it a new one is opened.
        """
        if tx is None:
            with self.store.read() as opened:
                return self.in_force(opened)
        stored = tx.charters.current()
        if stored is None:
            return None
        cached = self._cache
        if cached is None or cached.digest != stored.digest:
            cached = InForce(Charter.from_envelope(stored.envelope), stored.digest)
            self._cache = cached
            # Another process may have put it into force, and could not clean up after itself.
            self.scrub_due = True
        return cached

    def require_charter(self, tx: Tx | None = None) -> InForce:
        """Return the charter in force, not expired.

        Raises:
            ConfigurationError: This node is in no federation yet.
            CharterExpiredError: The charter and its grace period are over.
        """
        current = self.in_force(tx)
        if current is None:
            raise ConfigurationError(
                "this node belongs to no federation yet",
                next_step="run 'casethread federation create' or 'casethread federation join FILE'",
            )
        check_usable(current.charter, self.clock())
        return current

    def listing(self, member_id: str) -> Listing:
        """Return a member as the charter in force lists it, not suspended.

        Raises:
            MembershipError: There is no such member now.
        """
        listing = self.require_charter().charter.member(member_id)
        if listing.suspended:
            raise MembershipError(f"member {member_id} is suspended")
        return listing

    def call(self, member_id: str, request: Request[R], *, timeout: float = 30.0) -> R:
        """Ask another member, taking over its newer charter once if it has one.

        Raises:
            CasethreadError: Whatever the peer refused, or that it cannot be reached.
        """
        try:
            return self.connect(self.listing(member_id)).call(request, timeout=timeout)
        except CharterStaleError as stale:
            if self.accept_charters is None or not stale.envelopes:
                raise
            with suppress(MembershipError):
                self.accept_charters(stale.envelopes)
        return self.connect(self.listing(member_id)).call(request, timeout=timeout)
