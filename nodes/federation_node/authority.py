# SPDX-License-Identifier: Apache-2.0
"""Puts a member behind the server: who may call, and the answer to a call."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, TypeVar

from federation.member import Member
from federation.messages import Request

__all__ = ["MemberAuthority"]

R = TypeVar("R")


class MemberAuthority:
    """Implements `federation_node.auth.Authority` with a member."""

    def __init__(self, member: Member) -> None:
        """Stand for a member.

        Args:
            member: whose admission decides, and who answers.
        """
        self._member = member
        self._admission = member.admission

    def certificates(self) -> Sequence[bytes]:
        """Return the certificates (DER) that may open a connection now."""
        return self._admission.certificates()

    def identify(self, leaf: bytes) -> str | None:
        """Return the current, not suspended member that owns exactly this certificate."""
        return self._admission.identify(leaf)

    def signing_key(self, member_id: str) -> bytes:
        """Return a member's Ed25519 public key; raises MembershipError."""
        return self._admission.signing_key(member_id)

    def charter_state(self) -> tuple[int, bytes]:
        """Return version and digest of the charter; (0, 32 zero bytes) before the first."""
        return self._admission.charter_state()

    def permit(self, member_id: str, request: type[Request[Any]]) -> None:
        """Raise MembershipError or PolicyError if this member may not ask this now."""
        self._admission.permit(member_id, request)

    def remember_nonce(self, sender: str, nonce: bytes, expires: datetime) -> bool:
        """Return False if this sender used the nonce before; durable until `expires`."""
        return self._admission.remember_nonce(sender, nonce, expires)

    def check_charter(self, sender: str, version: int, digest: bytes) -> None:
        """Raise CharterStaleError or CharterConflictError if the caller's charter differs."""
        self._admission.check_charter(sender, version, digest)

    def refused(self, sender: str | None, reason: str) -> None:
        """Count a refused call in the record."""
        self._member.record.refused(sender, reason)

    def handle(self, sender: str, request: Request[R]) -> R:
        """Answer an authenticated request."""
        return self._member.handle(sender, request)
