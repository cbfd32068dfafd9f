# SPDX-License-Identifier: Apache-2.0
"""Buckets: tags leave in a few stated sizes, filled up with dummies."""

import hashlib

from federation.crypto.encoding import U32

__all__ = ["MAX_BUCKET", "bucket_size", "dummy_tokens", "is_bucket_size"]

_SMALL_SIZES = (64, 256, 1_024, 4_096)
_STEP = 4_096
MAX_BUCKET = 65_536


def bucket_size(count: int) -> int:
    """Return the stated size that holds ``count`` tokens (1 to 65,536; 0 takes the smallest)."""
    if not 0 <= count <= MAX_BUCKET:
        raise ValueError("a bucket holds at most 65,536 tokens")
    for size in _SMALL_SIZES:
        if count <= size:
            return size
    return -(-count // _STEP) * _STEP


def is_bucket_size(count: int) -> bool:
    """Tell whether a received bucket has one of the stated sizes."""
    return 0 < count <= MAX_BUCKET and bucket_size(count) == count


def dummy_tokens(seed: bytes, count: int) -> bytes:
    """Make the dummies of one bucket.

    They are random to everybody who does not hold the seed and the same each
    time, so that a bucket sent again after a crash is the same bucket.

    Args:
        seed: 32 random bytes, kept wrapped with the bucket.
        count: How many dummies.

    Returns:
        ``32 * count`` bytes.
    """
    return b"".join(
        hashlib.blake2b(U32(number), digest_size=32, key=seed, person=b"ct/v1/dummy").digest()
        for number in range(count)
    )
