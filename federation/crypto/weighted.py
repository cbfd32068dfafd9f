# SPDX-License-Identifier: Apache-2.0
"""Sums of many elements with small public weights, for about one addition each."""

import ctypes

from federation.crypto import _sodium
from federation.crypto.group import ELEMENT_LENGTH, Element, count_elements
from federation.errors import DeserializeError

__all__ = ["weighted_sum"]


def weighted_sum(weights: bytes, elements: bytes) -> Element:
    """Return the sum of ``weights[j] * elements[j]``, one octet of weight per element.

    The elements are gathered into one bucket per weight, and the buckets summed up with
    running totals: ``n + 510`` additions at most, where products would cost 8 times that.

    Args:
        weights: One octet per element. Public: the running time depends on them.
        elements: The elements, concatenated; identities are allowed.

    Raises:
        DeserializeError: The lengths differ, or an element is not canonical.
    """
    count = count_elements(elements)
    if len(weights) != count:
        raise DeserializeError("there are not as many weights as elements")
    source, add, move = bytes(elements), _sodium.add, ctypes.memmove
    given = _sodium.address(source)
    # Bucket 0 is never read: a weight of zero adds nothing. All-zero octets are the identity.
    sums = ctypes.create_string_buffer(256 * ELEMENT_LENGTH)
    bucket = ctypes.addressof(sums)
    filled = bytearray(256)
    for position, weight in enumerate(weights):
        at, element = bucket + weight * ELEMENT_LENGTH, given + position * ELEMENT_LENGTH
        if add(at, at, element) != 0:
            raise DeserializeError(f"element {position} is not canonical")
        filled[weight] = 1
    totals = ctypes.create_string_buffer(2 * ELEMENT_LENGTH)
    running = ctypes.addressof(totals)
    total = running + ELEMENT_LENGTH
    top = filled.rfind(1)
    if top > 0:
        move(running, bucket + top * ELEMENT_LENGTH, ELEMENT_LENGTH)
        move(total, running, ELEMENT_LENGTH)
    for weight in range(top - 1, 0, -1):
        if filled[weight]:
            add(running, running, bucket + weight * ELEMENT_LENGTH)
        add(total, total, running)
    return totals.raw[ELEMENT_LENGTH:]
