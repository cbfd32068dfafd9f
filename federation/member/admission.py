# SPDX-License-Identifier: Apache-2.0
"""Who may call this node: what its server asks before it looks at a request."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any

from federation.charter import Applicant
from federation.errors import CharterStaleError, MembershipError
from federation.member.core import NO_CHARTER, Core
from federation.member.membership import Membership
from federation.messages import Request, SyncCharter

__all__ = ["Admission"]


class Admission:
    """Answers from the charter in force; before the first, from the founding invitation."""

    def __init__(self, core: Core, membership: Membership) -> None:
        self._core = core
        self._membership = membership

    def certificates(self) -> Sequence[bytes]:
        """Return the certificates (DER) that may open a connection now."""
        return [der for listing in self._known() for der in listing.certificates]

    def identify(self, leaf: bytes) -> str | None:
        """Return the current, not suspended member that owns exactly this certificate."""
        return next((one.id for one in self._known() if leaf in one.certificates), None)

    def signing_key(self, member_id: str) -> bytes:
        """Return a member's Ed25519 public key.

        Raises:
            MembershipError: There is no such member now.
        """
        for listing in self._known():
            if listing.id == member_id:
                return listing.signing_key
        raise MembershipError("there is no such member")

    def charter_state(self) -> tuple[int, bytes]:
        """Return version and digest of the charter in force; (0, 32 zero bytes) without."""
        current = self._core.in_force()
        return (0, NO_CHARTER) if current is None else (current.charter.version, current.digest)

    def permit(self, member_id: str, request: type[Request[Any]]) -> None:
        """Say whether a member may ask this now.

        Raises:
            MembershipError: There is no charter yet, so only charters are spoken of.
            CharterExpiredError: The charter and its grace period are over.
        """
        if issubclass(request, SyncCharter):
            return
        if self._core.in_force() is None:
            raise MembershipError("this node has no charter yet")
        self._core.listing(member_id)

    def remember_nonce(self, sender: str, nonce: bytes, expires: datetime) -> bool:
        """Return False if this sender used the nonce before; durable until `expires`."""
        with self._core.store.write() as tx:
            return tx.nonces.remember(sender, nonce, expires)

    def check_charter(self, sender: str, version: int, digest: bytes) -> None:
        """Compare the caller's charter with the one in force here.

        Raises:
            CharterStaleError: The caller's is older; the newer versions are attached.
            CharterConflictError: One version, two contents; the evidence is kept.
        """
        if self._membership.check_state(sender, version, digest) > 0:
            with self._core.store.read() as tx:
                newer = tx.charters.chain(version)
            raise CharterStaleError("the caller's charter is stale", newer[:16])
        # A newer charter of the caller's is fetched on the next round; both may go on until then.

    def note(self, peer: str, version: int, digest: bytes) -> None:
        """Compare the charter that a peer's reply names with the one in force here.

        Raises:
            CharterConflictError: One version, two contents; the evidence is kept.
        """
        self._membership.check_state(peer, version, digest)

    def own_certificates(self) -> tuple[bytes, ...]:
        """Return the certificates (DER) that the charter in force lists for this member."""
        current = self._core.in_force()
        listed = () if current is None else current.charter.members
        return next((one.certificates for one in listed if one.id == self._core.me), ())

    def peers(self) -> frozenset[str]:
        """Return the members that this node talks to now."""
        return frozenset(one.id for one in self._known())

    def behind(self, version: int) -> frozenset[str]:
        """Return those of them that have not named this charter version, or a later one, yet."""
        return self._membership.behind(version)

    def _known(self) -> list[Applicant]:
        with self._core.store.read() as tx:
            current = self._core.in_force(tx)
            if current is None:
                return self._membership.founding.peers(tx)
        return [
            member
            for member in current.charter.members
            if not member.suspended and member.id != self._core.me
        ]
