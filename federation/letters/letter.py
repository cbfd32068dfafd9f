# SPDX-License-Identifier: Apache-2.0
"""What every letter says about itself, and what its recipient signs for it."""

from datetime import datetime
from typing import ClassVar, Self

from pydantic import model_validator

from federation.charter import Identity
from federation.crypto import dsse
from federation.documents import Document, Hex16, Hex32, Instant, MemberId, digest, sign

__all__ = ["Letter", "Receipt", "make_receipt"]


class Letter(Document):
    """Base of all letters. Recipient, agreement and id stand inside the signed bytes."""

    OMIT_DEFAULTS: ClassVar[bool] = True
    PRIVATE: ClassVar[bool] = True
    """It may hold what is in a case: an evidence bundle then has its hash and its receipt, and
    shows it only if the exporter says so. Letters without content set this to False."""

    id: Hex16
    """Random; the recipient takes each id of a sender once."""
    federation_id: Hex16
    sender: MemberId
    recipient: MemberId
    agreement: Hex32 | None = None
    """SHA-256 of the terms that it is written under, where there are any."""
    issued: Instant
    expires: Instant
    """Afterwards it is not accepted any more."""

    @property
    def kept_back(self) -> bool:
        """Whether whoever received it must not show it in an evidence bundle."""
        return False

    @model_validator(mode="after")
    def _check_letter(self) -> Self:
        if self.sender == self.recipient:
            raise ValueError("a letter goes to another member")
        if not self.issued < self.expires:
            raise ValueError("a letter expires before it is issued")
        return self


class Receipt(Document):
    """The recipient has taken a letter: stored it, and written it into its record."""

    TYPE: ClassVar[str] = "ct/v1/receipt"
    LIMIT: ClassVar[int] = 2048

    letter: Hex16
    """Its id."""
    digest: Hex32
    """SHA-256 of its payload."""
    sender: MemberId
    """Of the letter."""
    recipient: MemberId
    """Of the letter: who signs this."""
    received: Instant


def make_receipt(identity: Identity, letter: Letter, payload: bytes, received: datetime) -> bytes:
    """Sign for a letter.

    Args:
        identity: The recipient.
        letter: The letter.
        payload: Its exact payload.
        received: When it came first, UTC, whole seconds. The same time gives the same bytes.

    Returns:
        The receipt's envelope.
    """
    receipt = Receipt(
        letter=letter.id,
        digest=digest(payload),
        sender=letter.sender,
        recipient=identity.member_id,
        received=received,
    )
    return dsse.encode(sign(receipt, identity.member_id, identity.signing))
