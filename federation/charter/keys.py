# SPDX-License-Identifier: Apache-2.0
"""The pseudonym keys as the charter lists them, and the statement that backs them."""

from typing import Annotated, ClassVar, Self

from pydantic import Field, model_validator

from federation.charter.frame import (
    MAX_CUSTODIANS,
    MAX_KEYS,
    Epoch,
    Frame,
    Index,
    KeySpec,
    NextIndex,
    Participant,
    Threshold,
    default_threshold,
)
from federation.crypto.setting import compute_key_id
from federation.crypto.shares import GroupKey, check_group_key
from federation.documents import Hex16, Hex32, MemberId, Part

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
    """Which sharing of the key, from 1; in effect with the charter version that lists it."""
    threshold: Threshold
    public_key: Hex32
    """Y = k*G."""
    custodians: Annotated[tuple[Custodian, ...], Field(min_length=2, max_length=MAX_CUSTODIANS)]
    """Ascending by index."""
    next_index: NextIndex
    """The lowest index above every one that this key ever had: no index is used twice."""

    @model_validator(mode="after")
    def _check(self) -> Self:
        indices = [custodian.index for custodian in self.custodians]
        if indices != sorted(set(indices)):
            raise ValueError("custodian indices are not ascending")
        if len({custodian.member for custodian in self.custodians}) != len(indices):
            raise ValueError("a member holds two shares of one key")
        if self.threshold > len(indices):
            raise ValueError("fewer custodians than the threshold")
        if self.next_index <= indices[-1]:
            raise ValueError("the next index is in use")
        return self

    @property
    def group(self) -> GroupKey:
        """The same for `federation.crypto`."""
        shares = {custodian.index: custodian.public_share for custodian in self.custodians}
        return GroupKey(self.key_id, self.generation, self.threshold, self.public_key, shares)

    def custodian(self, member: str) -> Custodian | None:
        """Return a member's place among the custodians, or None."""
        return next((one for one in self.custodians if one.member == member), None)


class StatedKey(KeySpec):
    """A key that a ceremony made."""

    key_id: Hex16
    public_key: Hex32
    public_shares: Annotated[tuple[Hex32, ...], Field(min_length=2, max_length=MAX_CUSTODIANS)]
    """In the order of those who receive one."""


class KeyStatement(Frame):
    """What a ceremony made: byte-identical for all participants, and signed by every one.

    A charter lists a new key, or a new generation of a key, only together with such a
    statement.
    """

    TYPE: ClassVar[str] = "ct/v1/keys"
    LIMIT: ClassVar[int] = 64 * 1024

    proposal: Hex32
    """SHA-256 of the proposal's payload."""
    transcript: Hex32
    """SHA-256 over every message of the ceremony."""
    keys: Annotated[tuple[StatedKey, ...], Field(min_length=1, max_length=MAX_KEYS)]

    @model_validator(mode="after")
    def _check(self) -> Self:
        order = [key.order for key in self.keys]
        if order != sorted(set(order)):
            raise ValueError("keys are not sorted")
        if any(len(key.public_shares) != len(self.receivers) for key in self.keys):
            raise ValueError("a key has another number of shares than custodians")
        if self.resharing is None:
            for key in self.keys:
                origin = (self.ceremony, key.lane.value, key.cls.value, key.epoch)
                if compute_key_id(*origin, key.public_key) != key.key_id:
                    raise ValueError("a key id does not belong to its key")
            return self
        old = [(key.key_id, key.public_key) for key in self.resharing.keys]
        if old != [(key.key_id, key.public_key) for key in self.keys]:
            raise ValueError("a resharing states another key")
        return self

    def lane_keys(self) -> tuple[LaneKey, ...]:
        """Return the keys as a charter first lists them."""
        holders = [one for one in self.participants if one.index in self.receivers]
        above = self.receivers[-1] + 1
        return tuple(
            LaneKey(
                lane=key.lane,
                cls=key.cls,
                epoch=key.epoch,
                key_id=key.key_id,
                generation=1 if old is None else old.generation + 1,
                threshold=self.threshold,
                public_key=key.public_key,
                custodians=tuple(
                    Custodian(index=one.index, member=one.member, public_share=share)
                    for one, share in zip(holders, key.public_shares, strict=True)
                ),
                next_index=above if old is None else max(above, old.next_index),
            )
            for key, old in zip(
                self.keys,
                (None,) * len(self.keys) if self.resharing is None else self.resharing.keys,
                strict=True,
            )
        )

    def check_groups(self) -> None:
        """Check that the shares of every key lie on one polynomial through its public key.

        Raises:
            VerifyError: They do not.
            CryptoError: An element is malformed.
        """
        for key in self.lane_keys():
            check_group_key(key.group)
