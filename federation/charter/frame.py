# SPDX-License-Identifier: Apache-2.0
"""What a ceremony's proposal and its key statement have in common: who does what, for which keys.

A ceremony makes new keys, or reshares keys that are in force. When keys are made, every
participant deals and every participant receives a share. In a resharing some of the old
custodians deal, and the new custodians receive; a participant may do both.
"""

from typing import Annotated, Self

from pydantic import Field, model_validator

from federation.crypto.shares import GroupKey
from federation.documents import Document, Hex16, Hex32, Instant, MemberId, Part
from federation.indicators import IndicatorClass, Lane

__all__ = [
    "MAX_CUSTODIANS",
    "MAX_KEYS",
    "Frame",
    "KeySpec",
    "OldKey",
    "Participant",
    "Resharing",
    "default_threshold",
]

MAX_CUSTODIANS = 32
"""Most custodians of one key."""

MAX_KEYS = 8
"""Most keys of one ceremony: two lanes, two classes, two epochs."""

Index = Annotated[int, Field(ge=1, le=65535)]
NextIndex = Annotated[int, Field(ge=2, le=65536)]
Epoch = Annotated[int, Field(ge=1, le=2**32 - 1)]
# One custodian, or a threshold of one, could compute any pseudonym alone and offline.
Threshold = Annotated[int, Field(ge=2, le=MAX_CUSTODIANS)]
Indices = Annotated[tuple[Index, ...], Field(min_length=2, max_length=MAX_CUSTODIANS)]


def default_threshold(custodians: int) -> int:
    """Return the recommended threshold: a majority."""
    return custodians // 2 + 1


class KeySpec(Part):
    """Which key: at most one in force has this lane, class and epoch."""

    lane: Lane
    cls: IndicatorClass
    epoch: Epoch

    @property
    def order(self) -> tuple[str, str, int]:
        """How keys are sorted in documents."""
        return self.lane.value, self.cls.value, self.epoch


class Participant(Part):
    """One who takes part in a ceremony, with the keys that the charter lists for it."""

    index: Index
    member: MemberId
    signing_key: Hex32
    sealing_key: Hex32


class OldKey(Part):
    """A key as it is shared before a resharing."""

    key_id: Hex16
    generation: Annotated[int, Field(ge=1, le=2**32 - 2)]
    threshold: Threshold
    public_key: Hex32
    dealer_shares: Annotated[tuple[Hex32, ...], Field(min_length=2, max_length=MAX_CUSTODIANS)]
    """The public shares of the dealers, in their order."""
    next_index: NextIndex
    """The lowest index above every one that the key ever had."""


class Resharing(Part):
    """Who deals and who receives when keys in force are shared anew."""

    dealers: Indices
    """Custodians of every one of the keys, at least its threshold; ascending."""
    receivers: Indices
    """Who holds a share afterwards; ascending."""
    keys: Annotated[tuple[OldKey, ...], Field(min_length=1, max_length=MAX_KEYS)]
    """In the order of the ceremony's keys."""


def _ascending(indices: tuple[int, ...]) -> bool:
    return list(indices) == sorted(set(indices))


class Frame(Document):
    """The part of both documents that everything else hangs on."""

    federation_id: Hex16
    ceremony: Hex16
    """Random."""
    charter_version: Annotated[int, Field(ge=1, le=2**32 - 1)]
    """The charter that the ceremony runs under."""
    charter_digest: Hex32
    proposed_at: Instant
    threshold: Threshold
    """Of what comes out."""
    participants: Annotated[
        tuple[Participant, ...], Field(min_length=2, max_length=2 * MAX_CUSTODIANS)
    ]
    """Ascending by index; in a resharing all dealers and receivers."""
    resharing: Resharing | None
    """None where keys are made."""

    @model_validator(mode="after")
    def _check_frame(self) -> Self:
        indices = self.indices
        if not _ascending(indices):
            raise ValueError("participants are not ascending by index")
        for name in ("member", "signing_key", "sealing_key"):
            if len({getattr(one, name) for one in self.participants}) != len(indices):
                raise ValueError("a participant takes part twice")
        if len(self.receivers) > MAX_CUSTODIANS:
            raise ValueError("too many custodians")
        if self.threshold > len(self.receivers):
            raise ValueError("the threshold exceeds the number of participants")
        if self.resharing is not None:
            self._check_resharing(self.resharing)
        return self

    def _check_resharing(self, resharing: Resharing) -> None:
        if not (_ascending(resharing.dealers) and _ascending(resharing.receivers)):
            raise ValueError("dealers or receivers are not ascending")
        if set(resharing.dealers) | set(resharing.receivers) != set(self.indices):
            raise ValueError("a participant neither deals nor receives, or is missing")
        for key in resharing.keys:
            if len(key.dealer_shares) != len(resharing.dealers):
                raise ValueError("a key has another number of public shares than dealers")
            if key.threshold > len(resharing.dealers):
                raise ValueError("fewer dealers than the old threshold")
        if len({key.key_id for key in resharing.keys}) != len(resharing.keys):
            raise ValueError("a key is reshared twice")

    def participant(self, member: str) -> Participant | None:
        """Return a member's part in the ceremony, or None."""
        return next((one for one in self.participants if one.member == member), None)

    @property
    def indices(self) -> tuple[int, ...]:
        """All participants' indices, ascending."""
        return tuple(one.index for one in self.participants)

    @property
    def dealers(self) -> tuple[int, ...]:
        """Who deals, by index, ascending."""
        return self.indices if self.resharing is None else self.resharing.dealers

    @property
    def receivers(self) -> tuple[int, ...]:
        """Who gets shares, by index, ascending."""
        return self.indices if self.resharing is None else self.resharing.receivers

    def old_group(self, position: int) -> GroupKey | None:
        """Return a key as its dealers hold it, or None where keys are made."""
        if self.resharing is None:
            return None
        key = self.resharing.keys[position]
        shares = dict(zip(self.resharing.dealers, key.dealer_shares, strict=True))
        return GroupKey(key.key_id, key.generation, key.threshold, key.public_key, shares)
