# SPDX-License-Identifier: Apache-2.0
"""What a key ceremony is about, as all its participants must agree on it beforehand."""

import hashlib
from dataclasses import dataclass

from federation.crypto.encoding import LP, U16, U32
from federation.crypto.group import Element
from federation.crypto.kdf import blake2b_128
from federation.crypto.shares import GroupKey, check_indices
from federation.errors import InvalidInputError

__all__ = ["KEY_ID_LENGTH", "Setting", "compute_key_id"]

KEY_ID_LENGTH = 16
_KEY_ID_PERSON = b"ct/v1/keyid"
_LABEL = b"ct/v1/dkg-setting"


def compute_key_id(
    ceremony_id: bytes, lane: str, key_class: str, epoch: int, public_key: Element
) -> bytes:
    """Return the key id: BLAKE2b-128 over the key's origin, purpose and public key.

    The fields of variable length carry their length, so that they cannot run together.

    Args:
        ceremony_id: The ceremony that made the key.
        lane: The lane that it serves.
        key_class: The class that it serves.
        epoch: From 1, per lane and class.
        public_key: Y.

    Returns:
        16 octets.
    """
    fields = LP(ceremony_id) + LP(lane.encode()) + LP(key_class.encode()) + U32(epoch)
    return blake2b_128(_KEY_ID_PERSON, fields + public_key)


@dataclass(frozen=True, slots=True)
class Setting:
    """The agreed frame of one key's generation, refresh or resharing.

    In a generation every participant deals. A resharing names the dealers, who hold shares
    of the previous generation, and the participants, who receive the new ones; a refresh
    is a resharing among the same custodians with the same threshold.
    """

    ceremony_id: bytes
    """Which ceremony, 16 octets or more; drawn at random by the proposer."""
    lane: str
    """The lane of the key."""
    key_class: str
    """The class of the key."""
    epoch: int
    """The epoch of the key, from 1."""
    threshold: int
    """t of the new sharing."""
    participants: tuple[int, ...]
    """Who gets a share, by index, ascending."""
    participants_hash: bytes
    """SHA-256 over who the participants are: members, indices, keys."""
    previous: GroupKey | None = None
    """The key as it is shared now, for a resharing; None to generate a key."""
    old_dealers: tuple[int, ...] = ()
    """Who deals in a resharing, by index, ascending: at least the old threshold."""

    def __post_init__(self) -> None:
        """Refuse a frame that cannot lead to a key.

        Raises:
            InvalidInputError: Says what is wrong.
        """
        check_indices(self.participants)
        if not 1 <= self.threshold <= len(self.participants):
            raise InvalidInputError("the threshold exceeds the number of participants")
        if len(self.ceremony_id) < 16 or len(self.participants_hash) != 32:
            raise InvalidInputError("a ceremony id or a participants' hash has the wrong length")
        if self.epoch < 1:
            raise InvalidInputError("epochs count from 1")
        if self.previous is None:
            if self.old_dealers:
                raise InvalidInputError("only a resharing names its dealers")
            return
        dealers = check_indices(self.old_dealers)
        if len(dealers) < self.previous.threshold:
            raise InvalidInputError("there are fewer dealers than the old threshold")
        if not set(dealers) <= self.previous.public_shares.keys():
            raise InvalidInputError("a dealer holds no share of the key")

    @property
    def dealers(self) -> tuple[int, ...]:
        """Who deals, by index, ascending."""
        return self.participants if self.previous is None else self.old_dealers

    @property
    def generation(self) -> int:
        """The generation that comes out."""
        return 1 if self.previous is None else self.previous.generation + 1

    def digest(self) -> bytes:
        """Return what every proof and commitment of the ceremony is bound to, 32 octets."""
        old = b""
        if self.previous is not None:
            key = self.previous
            old = LP(key.key_id) + U32(key.generation) + U16(key.threshold) + LP(key.public_key)
        fields = [
            _LABEL,
            self.ceremony_id,
            self.lane.encode(),
            self.key_class.encode(),
            U32(self.epoch),
            U16(self.threshold),
            b"".join(U16(index) for index in self.participants),
            self.participants_hash,
            b"".join(U16(index) for index in self.old_dealers),
            old,
        ]
        return hashlib.sha256(b"".join(LP(field) for field in fields)).digest()
