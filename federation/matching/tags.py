# SPDX-License-Identifier: Apache-2.0
"""Session keys, tags and proofs (spec page ``exchange``).

A token under one pair's key, one direction and one session is a *tag*: what
crosses the wire. Tags of another direction, session or partner share nothing,
so they can be neither reflected nor relayed nor replayed.
"""

import hashlib
import hmac
from dataclasses import dataclass
from enum import IntEnum
from struct import Struct

from federation.crypto.aead import aes_blocks
from federation.crypto.encoding import LP, U32
from federation.crypto.kdf import blake2b_128, hkdf

__all__ = [
    "PROOF_SIZE",
    "TAG_SIZE",
    "TOKEN_SIZE",
    "Role",
    "SessionKeys",
    "check_proof",
    "match_id",
    "prove",
    "session_id",
    "session_keys",
    "tag_heads",
    "tag_tokens",
]

TOKEN_SIZE = 32
TAG_SIZE = 16
PROOF_SIZE = 16

_HEADS = Struct("16s16x")
"""The half of a token that its tag is made of."""

_TAG_LABEL = b"ct/v1/tag"
_PROOF_LABEL = b"ct/v1/proof"
_MATCH_LABEL = b"ct/v1/match"


class Role(IntEnum):
    """Who speaks in a proof; bound so that one side's proof is not the other's."""

    RECEIVER = 1
    """Received the tags, proves first."""
    SENDER = 2
    """Sent the tags, proves on confirmation."""


@dataclass(frozen=True, slots=True, repr=False, eq=False)
class SessionKeys:
    """The two keys of one session, never stored: both sides derive them again."""

    tag: bytes
    """AES-256 key."""
    proof: bytes
    """BLAKE2b key."""


def session_id(open_bytes: bytes, reply_bytes: bytes) -> bytes:
    """Name a session by everything that both sides put into it.

    Args:
        open_bytes: The opener's message in the encoding of the spec page.
        reply_bytes: The answerer's message likewise.

    Returns:
        16 bytes.
    """
    return hashlib.sha256(open_bytes + reply_bytes).digest()[:16]


def session_keys(
    pair_key: bytes,
    *,
    sender: str,
    receiver: str,
    lane: str,
    cls: str,
    epoch: int,
    session: bytes,
    nonce_opener: bytes,
    nonce_answerer: bytes,
) -> SessionKeys:
    """Derive the keys of one session and one direction.

    Args:
        pair_key: ``K_AB``, 32 bytes.
        sender: Member id of the opener, who sends tags.
        receiver: Member id of the answerer.
        lane: Lane name.
        cls: Class name.
        epoch: Epoch of the token key.
        session: The session id, 16 bytes.
        nonce_opener: 32 bytes.
        nonce_answerer: 32 bytes.

    Returns:
        The tag key and the proof key.
    """
    scope = (
        LP(sender.encode())
        + LP(receiver.encode())
        + LP(lane.encode())
        + LP(cls.encode())
        + U32(epoch)
        + session
    )
    salt = nonce_opener + nonce_answerer
    return SessionKeys(
        tag=hkdf(pair_key, salt=salt, info=_TAG_LABEL + scope, length=32),
        proof=hkdf(pair_key, salt=salt, info=_PROOF_LABEL + scope, length=32),
    )


def tag_tokens(keys: SessionKeys, tokens: bytes) -> bytes:
    """Turn tokens into tags; see `tag_heads`.

    Args:
        keys: The session's keys.
        tokens: 32 bytes each, contiguous.

    Returns:
        16 bytes each, in the same order.
    """
    return tag_heads(keys, b"".join([head for (head,) in _HEADS.iter_unpack(tokens)]))


def tag_heads(keys: SessionKeys, heads: bytes) -> bytes:
    """Turn the first halves of tokens into tags: ``AES(x) XOR x`` with ``x = T[0:16]``.

    The feed-forward makes a tag one-way even for the holder of the key.

    Args:
        keys: The session's keys.
        heads: 16 bytes each, contiguous.

    Returns:
        16 bytes each, in the same order.
    """
    encrypted = aes_blocks(keys.tag, heads)
    # As one large number: a loop over a million tags would take a second.
    mixed = int.from_bytes(encrypted, "big") ^ int.from_bytes(heads, "big")
    return mixed.to_bytes(len(heads), "big")


def prove(keys: SessionKeys, role: Role, position: int, token: bytes) -> bytes:
    """Prove to hold the token behind the tag at a position.

    The proof covers the half of the token that no tag depends on, so seeing or
    guessing tags does not help to make one.

    Args:
        keys: The session's keys.
        role: Who proves.
        position: Index of the tag in the sorted bucket.
        token: 32 bytes.

    Returns:
        16 bytes.
    """
    statement = bytes([role]) + U32(position) + token[TAG_SIZE:TOKEN_SIZE]
    return blake2b_128(_PROOF_LABEL, statement, keys.proof)


def check_proof(keys: SessionKeys, role: Role, position: int, token: bytes, proof: bytes) -> bool:
    """Compare a received proof with the one that the token's holder must send, in constant time."""
    return hmac.compare_digest(prove(keys, role, position, token), proof)


def match_id(pair_key: bytes, token: bytes) -> bytes:
    """Name a match alike on both sides of a pair, and for nobody else.

    Args:
        pair_key: ``K_AB``, 32 bytes.
        token: 32 bytes.

    Returns:
        16 bytes.
    """
    return blake2b_128(_MATCH_LABEL, token, pair_key)
