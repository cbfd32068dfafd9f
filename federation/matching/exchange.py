# SPDX-License-Identifier: Apache-2.0
"""The exchange of identifiers as two small state machines without input or output.

`Sending` is the opener's side of one bucket: tags out, the answerer's proofs
checked, own proofs out. `Answering` is the other side. Neither knows a store,
a clock or a network; `federation.member` does (spec page ``exchange``).
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from struct import Struct
from typing import Final

from federation.crypto.encoding import LP, U32
from federation.errors import ExchangeError
from federation.matching.buckets import bucket_size, dummy_tokens, is_bucket_size
from federation.matching.tags import (
    TAG_SIZE,
    Role,
    SessionKeys,
    check_proof,
    prove,
    session_id,
    session_keys,
    tag_heads,
    tag_tokens,
)

__all__ = ["Answering", "Hit", "Sending", "Session", "look_up"]

_TAG: Final = Struct(f"{TAG_SIZE}s")


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class Session:
    """What both sides agreed on when the session was opened."""

    agreement: bytes
    """SHA-256 of the agreement's payload."""
    key_version: int
    sender: str
    receiver: str
    lane: str
    cls: str
    key_id: bytes
    """16 bytes."""
    epoch: int
    normalisation_version: int
    nonce_opener: bytes
    """32 bytes."""
    nonce_answerer: bytes
    """32 bytes."""

    @property
    def id(self) -> bytes:
        """SHA-256 over both messages that opened the session, first 16 bytes.

        The encoding is ours and not protobuf's, which may legally differ between
        two implementations.
        """
        opening = (
            b"ct/v1/open"
            + LP(self.agreement)
            + U32(self.key_version)
            + LP(self.sender.encode())
            + LP(self.receiver.encode())
            + LP(self.lane.encode())
            + LP(self.cls.encode())
            + LP(self.key_id)
            + U32(self.epoch)
            + U32(self.normalisation_version)
            + LP(self.nonce_opener)
        )
        return session_id(opening, LP(self.nonce_answerer))

    def keys(self, pair_key: bytes) -> SessionKeys:
        """Derive the session's keys from the pair's key."""
        return session_keys(
            pair_key,
            sender=self.sender,
            receiver=self.receiver,
            lane=self.lane,
            cls=self.cls,
            epoch=self.epoch,
            session=self.id,
            nonce_opener=self.nonce_opener,
            nonce_answerer=self.nonce_answerer,
        )


@dataclass(frozen=True, slots=True, repr=False)
class Hit:
    """An own token behind one position of a bucket."""

    position: int
    token_id: int
    """Row of the own token."""
    token: bytes
    """32 bytes."""


class Sending:
    """One bucket, from the side that sends the tags."""

    def __init__(
        self, keys: SessionKeys, tokens: Sequence[tuple[int, bytes]], *, size: int, seed: bytes
    ) -> None:
        """Tag the bucket's tokens and its dummies, sorted bytewise.

        Args:
            keys: The session's keys.
            tokens: (row, 32-byte token) of the bucket; unique tokens.
            size: The bucket's stated size, at least ``len(tokens)``.
            seed: Seed of the dummies.
        """
        if size != bucket_size(size) or len(tokens) > size:
            raise ValueError("not a stated bucket size")
        self._keys = keys
        dummies = dummy_tokens(seed, size - len(tokens))
        raw = tag_tokens(keys, b"".join(token for _, token in tokens) + dummies)
        order = sorted((tag, index) for index, (tag,) in enumerate(_TAG.iter_unpack(raw)))
        self.tags = b"".join(tag for tag, _ in order)
        """What is sent: ``16 * size`` bytes."""
        self._at = {
            position: tokens[index]
            for position, (_, index) in enumerate(order)
            if index < len(tokens)
        }

    def accept(self, proofs: Sequence[tuple[int, bytes]]) -> list[Hit]:
        """Check the answerer's proofs, all or nothing.

        Args:
            proofs: (position, 16-byte proof) as answered.

        Returns:
            The proven hits, in order of position.

        Raises:
            ExchangeError: A position is not one of ours (a dummy, out of range, twice or
                out of order) or a proof does not hold: the answerer claims what it has not.
        """
        hits: list[Hit] = []
        last = -1
        for position, proof in proofs:
            own = self._at.get(position)
            if position <= last or own is None:
                raise ExchangeError("the partner claims a match at a position that holds nothing")
            if not check_proof(self._keys, Role.RECEIVER, position, own[1], proof):
                raise ExchangeError("the partner claims a match that it cannot prove")
            last = position
            hits.append(Hit(position, own[0], own[1]))
        return hits

    def confirm(self, hits: Sequence[Hit]) -> tuple[tuple[int, bytes], ...]:
        """Return the sender's own proofs for the hits that were accepted."""
        return tuple(
            (hit.position, prove(self._keys, Role.SENDER, hit.position, hit.token)) for hit in hits
        )


def look_up(keys: SessionKeys, tags: bytes, heads: bytes) -> list[tuple[int, int]]:
    """Find the own tokens behind received tags.

    Args:
        keys: The session's keys.
        tags: The received bucket.
        heads: First halves of every own token that the agreement covers, 16 bytes each; one
            may be there twice.

    Returns:
        (position in the bucket, index of the own token), by position.

    Raises:
        ExchangeError: The bucket has not a stated size, or is not sorted and unique.
    """
    count, odd = divmod(len(tags), TAG_SIZE)
    if odd or not is_bucket_size(count):
        raise ExchangeError("the bucket has none of the stated sizes")
    received = [tag for (tag,) in _TAG.iter_unpack(tags)]
    if any(first >= second for first, second in pairwise(received)):
        raise ExchangeError("the tags are not sorted and unique")
    position_of = {tag: position for position, tag in enumerate(received)}
    found = {
        position_of[tag]: index
        for index, (tag,) in enumerate(_TAG.iter_unpack(tag_heads(keys, heads)))
        if tag in position_of
    }
    return sorted(found.items())


class Answering:
    """One bucket, from the side that received the tags."""

    def __init__(self, keys: SessionKeys, hits: Sequence[Hit]) -> None:
        """Keep the hits that the answerer may speak of.

        Args:
            keys: The session's keys.
            hits: Own tokens behind positions that `look_up` found, less what is held back.
        """
        self._keys = keys
        self._hits = {hit.position: hit for hit in hits}

    def answer(self) -> tuple[tuple[int, bytes], ...]:
        """Return (position, proof) for each hit, ascending."""
        return tuple(
            (position, prove(self._keys, Role.RECEIVER, position, hit.token))
            for position, hit in sorted(self._hits.items())
        )

    def confirm(self, proofs: Sequence[tuple[int, bytes]]) -> list[Hit]:
        """Check the sender's proofs, all or nothing.

        Args:
            proofs: (position, 16-byte proof) as confirmed.

        Returns:
            The hits that are now proven by both sides.

        Raises:
            ExchangeError: A proof is for a position that was not answered, or does not hold:
                the sender replays tags whose tokens it has not.
        """
        proven: list[Hit] = []
        last = -1
        for position, proof in proofs:
            hit = self._hits.get(position)
            if position <= last or hit is None:
                raise ExchangeError("the partner confirms a position that was not answered")
            if not check_proof(self._keys, Role.SENDER, position, hit.token, proof):
                raise ExchangeError("the partner sent a tag whose token it does not hold")
            last = position
            proven.append(hit)
        return proven
