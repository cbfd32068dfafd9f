# SPDX-License-Identifier: Apache-2.0
"""MinHash: a set picks some of its elements, and alike sets pick the same.

Two sets pick the same element with a chance equal to the part of their union that they share
(A. Broder, On the resemblance and containment of documents, SEQUENCES 1997); the same k
elements, with about the k-th power of it. The orders in which elements are looked at are the
same for everybody and secret to nobody: what is picked goes into the OPRF like any value.
"""

from collections.abc import Sequence
from functools import lru_cache
from hashlib import shake_128
from struct import unpack

_RANK_BYTES = 4


def pick(label: str, elements: Sequence[str], count: int, size: int) -> list[tuple[str, ...]]:
    """Pick `size` elements `count` times, each time in an order of its own.

    Args:
        label: What the picks are for; each label has its own orders.
        elements: Sorted, each once.
        count: How often.
        size: How many each time.

    Returns:
        For each time the elements of the least ranks, least first; of equal ranks, the first
        in `elements`. Nothing if there are fewer than `size`.
    """
    if len(elements) < size:
        return []
    ranks = [_ranks(label, element, count) for element in elements]
    return [_least(elements, column, size) for column in zip(*ranks, strict=True)]


def _least(elements: Sequence[str], ranks: tuple[int, ...], size: int) -> tuple[str, ...]:
    if size == 1:
        return (elements[ranks.index(min(ranks))],)
    order = sorted(range(len(ranks)), key=ranks.__getitem__)
    return tuple(elements[at] for at in order[:size])


@lru_cache(maxsize=65_536)
def _ranks(label: str, element: str, count: int) -> tuple[int, ...]:
    """Return an element's ranks: SHAKE128 (FIPS 202) of label, a zero, element; 4 octets each."""
    message = f"ct/v1/minhash/{label}\0{element}".encode()
    return unpack(f">{count}I", shake_128(message).digest(_RANK_BYTES * count))
