# SPDX-License-Identifier: Apache-2.0
"""The messages of a key ceremony, one class for each round.

Each is a signed document of one participant. All of them are public: shares travel sealed
to their recipient, and signed inside the seal, so that a bad share proves itself.
"""

from enum import StrEnum
from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from federation.charter.frame import MAX_KEYS, Frame, Index, KeySpec
from federation.documents import Document, Hex32, Hex64, HexBytes, MemberId, Part

__all__ = [
    "Abort",
    "Commit",
    "Dealt",
    "Proposal",
    "Reason",
    "Reveal",
    "Round",
    "RoundMessage",
    "SealedShares",
    "ShareDelivery",
    "Shares",
    "Trial",
    "TrialEvaluation",
]

PerKey = Field(min_length=1, max_length=MAX_KEYS)


class Round(StrEnum):
    """The rounds in their order. Each begins when all messages of the one before are in.

    Dealers speak in the first three, who receives shares in the trial, and all in the last.
    """

    COMMIT = "commit"
    """A hash of the public dealing: nobody chooses after seeing the others'."""
    REVEAL = "reveal"
    """The public dealings."""
    SHARE = "share"
    """The dealt shares, sealed."""
    TRIAL = "trial"
    """What was seen, and a proved evaluation with every new share."""
    SIGN = "sign"
    """The key statement."""


class Reason(StrEnum):
    """Why a participant stops a ceremony."""

    WITHDRAWN = "withdrawn"
    """Its operator does not want to take part any longer."""
    FAULT = "fault"
    """Some message is wrong; everybody who holds it can see that."""
    BAD_SHARE = "bad-share"
    """A dealt share does not fit its dealer's commitments; shown as evidence."""
    UNDECRYPTABLE = "undecryptable"
    """What a dealer sealed to the author does not open. It cannot be told whose fault it is."""


class Proposal(Frame):
    """What a ceremony is about. Its hash binds every later message."""

    TYPE: ClassVar[str] = "ct/v1/ceremony"
    LIMIT: ClassVar[int] = 64 * 1024

    initiator: MemberId
    """One of the participants."""
    keys: Annotated[tuple[KeySpec, ...], PerKey]
    """Ascending by lane, class and epoch."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        order = [key.order for key in self.keys]
        if order != sorted(set(order)):
            raise ValueError("keys are not ascending")
        if self.participant(self.initiator) is None:
            raise ValueError("the proposer does not take part")
        if self.resharing is not None and len(self.resharing.keys) != len(self.keys):
            raise ValueError("a key to be reshared is not described")
        return self


class RoundMessage(Document):
    """What every message of a participant begins with."""

    LIMIT: ClassVar[int] = 128 * 1024

    proposal: Hex32
    """SHA-256 of the proposal's payload: says which ceremony, among whom, for which keys."""
    index: Index
    """The participant."""


class Commit(RoundMessage):
    """Round 1, and the dealer's consent to the ceremony."""

    TYPE: ClassVar[str] = "ct/v1/ceremony-commit"

    hashes: Annotated[tuple[Hex32, ...], PerKey]
    """Of the public dealing, for each key."""


class Dealt(Part):
    """One public dealing. A wrong number of commitments is read, to name its dealer."""

    commitments: Annotated[tuple[Hex32, ...], Field(min_length=1, max_length=64)]
    proof: Hex64
    """Of possession of the constant."""


class Reveal(RoundMessage):
    """Round 2."""

    TYPE: ClassVar[str] = "ct/v1/ceremony-reveal"

    dealings: Annotated[tuple[Dealt, ...], PerKey]
    """For each key."""


class SealedShares(Part):
    """What one dealer sends to one participant: a sealed `ShareDelivery` envelope."""

    recipient: Index
    ciphertext: Annotated[HexBytes, Field(max_length=4096)]


class Shares(RoundMessage):
    """Round 3."""

    TYPE: ClassVar[str] = "ct/v1/ceremony-shares"

    sealed: Annotated[tuple[SealedShares, ...], Field(min_length=1, max_length=32)]
    """For each other participant that receives a share, ascending."""


class ShareDelivery(RoundMessage):
    """The shares that one dealer gives to one participant, signed by the dealer.

    It travels sealed. It is opened to all only as evidence of a bad share, in a ceremony
    that ends thereby.
    """

    TYPE: ClassVar[str] = "ct/v1/ceremony-delivery"
    LIMIT: ClassVar[int] = 2048

    recipient: Index
    shares: Annotated[tuple[Hex32, ...], PerKey]
    """For each key."""


class TrialEvaluation(Part):
    """A proved evaluation of the trial element of one key."""

    element: Hex32
    proof: Hex64


class Trial(RoundMessage):
    """Round 4: what the participant has seen, and that its shares work."""

    TYPE: ClassVar[str] = "ct/v1/ceremony-trial"

    seen: Annotated[tuple[Hex32, ...], Field(min_length=1, max_length=96)]
    """SHA-256 of the payloads of rounds 1 to 3, by round and index. A difference between
    two participants shows whose message differs."""
    evaluations: Annotated[tuple[TrialEvaluation, ...], PerKey]
    """For each key."""


class Abort(RoundMessage):
    """A participant stops the ceremony."""

    TYPE: ClassVar[str] = "ct/v1/ceremony-abort"

    reason: Reason
    dealer: Index | None
    """Whose shares are bad, or do not open."""
    evidence: HexBytes | None
    """The `ShareDelivery` envelope of a bad share."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        accuses = self.reason in {Reason.BAD_SHARE, Reason.UNDECRYPTABLE}
        if accuses != (self.dealer is not None) or self.dealer == self.index:
            raise ValueError("the reason and the dealer do not belong together")
        if (self.reason is Reason.BAD_SHARE) != (self.evidence is not None):
            raise ValueError("the reason and the evidence do not belong together")
        return self
