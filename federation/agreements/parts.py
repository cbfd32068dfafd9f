# SPDX-License-Identifier: Apache-2.0
"""What a party signs besides the terms: its half of the pair keys, and an end."""

from datetime import datetime
from typing import Annotated, ClassVar

from pydantic import Field

from federation.charter import Identity
from federation.crypto import agree, dsse
from federation.documents import Document, Hex32, Instant, MemberId, Text, sign

__all__ = ["PairOffer", "Revocation", "make_offer", "make_revocation"]


class PairOffer(Document):
    """One party's ephemeral key for the pair keys of an agreement."""

    TYPE: ClassVar[str] = "ct/v1/pair-offer"
    LIMIT: ClassVar[int] = 1024

    agreement: Hex32
    """SHA-256 of the terms' payload."""
    key_version: Annotated[int, Field(ge=1, le=2**32 - 1)]
    """1 at first; one more after each restore of either side."""
    member: MemberId
    key: Hex32
    """E, X25519."""
    issued: Instant


class Revocation(Document):
    """One party ends the agreement, for all parties and for good."""

    TYPE: ClassVar[str] = "ct/v1/revocation"
    LIMIT: ClassVar[int] = 2048

    agreement: Hex32
    """SHA-256 of the terms' payload."""
    member: MemberId
    reason: Text
    """For the other parties' people; no case content."""
    issued: Instant


def make_offer(
    identity: Identity, agreement: bytes, key_version: int, at: datetime
) -> tuple[bytes, bytes]:
    """Draw an ephemeral key and sign an offer of it.

    Args:
        identity: The party.
        agreement: SHA-256 of the terms' payload.
        key_version: Which version of the pair keys.
        at: Now, UTC, whole seconds.

    Returns:
        The X25519 secret, to be wrapped and erased after use, and the offer's envelope.
    """
    secret = agree.generate()
    offer = PairOffer(
        agreement=agreement,
        key_version=key_version,
        member=identity.member_id,
        key=agree.public(secret),
        issued=at,
    )
    return secret, dsse.encode(sign(offer, identity.member_id, identity.signing))


def make_revocation(identity: Identity, agreement: bytes, reason: str, at: datetime) -> bytes:
    """Sign the end of an agreement.

    Args:
        identity: The party that ends it.
        agreement: SHA-256 of the terms' payload.
        reason: One line without case content.
        at: Now, UTC, whole seconds.

    Returns:
        The revocation's envelope.

    Raises:
        MalformedError: The reason is not one line of at most 200 characters.
    """
    revocation = Revocation(
        agreement=agreement, member=identity.member_id, reason=reason, issued=at
    )
    return dsse.encode(sign(revocation, identity.member_id, identity.signing))
