# SPDX-License-Identifier: Apache-2.0
"""The pseudonym keys as the charter lists them, and the statement that backs them."""

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from federation.crypto.setting import compute_key_id
from federation.crypto.shares import GroupKey, check_group_key
from federation.documents import Document, Hex16, Hex32, Instant, MemberId, Part
from federation.indicators import IndicatorClass, Lane

__all__ = [
    "MAX_CUSTODIANS",
    "Custodian",
    "KeySpec",
    "KeyStatement",
    "LaneKey",
    "Participant",
    "StatedKey",
    "default_threshold",
]

MAX_CUSTODIANS = 32
"""Most custodians of one key."""

Index = Annotated[int, Field(ge=1, le=65535)]
Epoch = Annotated[int, Field(ge=1, le=2**32 - 1)]
# One custodian, or a threshold of one, could compute any pseudonym alone and offline.
Threshold = Annotated[int, Field(ge=2, le=MAX_CUSTODIANS)]


def default_threshold(custodians: int) -> int:
    """Return the recommended threshold: a majority."""
    return custodians // 2 + 1


class KeySpec(Part):
    """A key that a ceremony is to make."""

    lane: Lane
    cls: IndicatorClass
    epoch: Epoch

    @property
    def order(self) -> tuple[str, str, int]:
        """How keys are sorted in documents."""
        return self.lane.value, self.cls.value, self.epoch


class Custodian(Part):
    """Who holds one share, and what everybody knows of it."""

    index: Index
    """Never reused within a key id."""
    member: MemberId
    public_share: Hex32
    """Y_i = k_i*G."""


class LaneKey(KeySpec):
    """A key in force."""

    key_id: Hex16
    generation: Epoch
    """Which sharing of the key; from 1."""
    threshold: Threshold
    public_key: Hex32
    """Y = k*G."""
    custodians: Annotated[tuple[Custodian, ...], Field(min_length=2, max_length=MAX_CUSTODIANS)]
    """Ascending by index."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        indices = [custodian.index for custodian in self.custodians]
        if indices != sorted(set(indices)):
            raise ValueError("custodian indices are not ascending")
        if len({custodian.member for custodian in self.custodians}) != len(indices):
            raise ValueError("a member holds two shares of one key")
        if self.threshold > len(indices):
            raise ValueError("fewer custodians than the threshold")
        return self

    @property
    def group(self) -> GroupKey:
        """The same for `federation.crypto`."""
        shares = {custodian.index: custodian.public_share for custodian in self.custodians}
        return GroupKey(self.key_id, self.generation, self.threshold, self.public_key, shares)

    def custodian(self, member: str) -> Custodian | None:
        """Return a member's place among the custodians, or None."""
        return next((one for one in self.custodians if one.member == member), None)


class Participant(Part):
    """A custodian in a ceremony, with the keys that the charter lists for it."""

    index: Index
    member: MemberId
    signing_key: Hex32
    sealing_key: Hex32


class StatedKey(KeySpec):
    """A key that a ceremony made."""

    key_id: Hex16
    public_key: Hex32
    public_shares: Annotated[tuple[Hex32, ...], Field(min_length=2, max_length=MAX_CUSTODIANS)]
    """In the order of the participants."""


def check_participants(participants: tuple[Participant, ...], threshold: int) -> None:
    """Refuse a set of participants that no honest proposer would name.

    Raises:
        ValueError: Says what is wrong; pydantic turns it into a MalformedError.
    """
    indices = [participant.index for participant in participants]
    if indices != sorted(set(indices)):
        raise ValueError("participants are not ascending by index")
    for name in ("member", "signing_key", "sealing_key"):
        if len({getattr(participant, name) for participant in participants}) != len(indices):
            raise ValueError("a participant takes part twice")
    if threshold > len(indices):
        raise ValueError("the threshold exceeds the number of participants")


Participants = Annotated[tuple[Participant, ...], Field(min_length=2, max_length=MAX_CUSTODIANS)]


class KeyStatement(Document):
    """What a ceremony made: byte-identical for all participants, and signed by every one.

    A charter lists a new key only together with such a statement.
    """

    TYPE: ClassVar[str] = "ct/v1/keys"
    LIMIT: ClassVar[int] = 64 * 1024

    federation_id: Hex16
    ceremony: Hex16
    proposal: Hex32
    """SHA-256 of the proposal's payload."""
    charter_version: Annotated[int, Field(ge=1, le=2**32 - 1)]
    """The charter that the ceremony ran under."""
    charter_digest: Hex32
    proposed_at: Instant
    transcript: Hex32
    """SHA-256 over every message of the ceremony."""
    threshold: Threshold
    participants: Participants
    keys: Annotated[tuple[StatedKey, ...], Field(min_length=1, max_length=8)]

    @model_validator(mode="after")
    def _check(self) -> Self:
        check_participants(self.participants, self.threshold)
        order = [key.order for key in self.keys]
        if order != sorted(set(order)):
            raise ValueError("keys are not sorted")
        for key in self.keys:
            if len(key.public_shares) != len(self.participants):
                raise ValueError("a key has another number of shares than participants")
            origin = (self.ceremony, key.lane.value, key.cls.value, key.epoch)
            if compute_key_id(*origin, key.public_key) != key.key_id:
                raise ValueError("a key id does not belong to its key")
        return self

    def lane_keys(self) -> tuple[LaneKey, ...]:
        """Return the keys as a charter lists them when they are new."""
        return tuple(
            LaneKey(
                lane=key.lane,
                cls=key.cls,
                epoch=key.epoch,
                key_id=key.key_id,
                generation=1,
                threshold=self.threshold,
                public_key=key.public_key,
                custodians=tuple(
                    Custodian(index=one.index, member=one.member, public_share=share)
                    for one, share in zip(self.participants, key.public_shares, strict=True)
                ),
            )
            for key in self.keys
        )

    def check_groups(self) -> None:
        """Check that the shares of every key lie on one polynomial through its public key.

        Raises:
            VerifyError: They do not.
            CryptoError: An element is malformed.
        """
        for key in self.lane_keys():
            check_group_key(key.group)
