# SPDX-License-Identifier: Apache-2.0
"""expand_message_xmd of RFC 9380 with SHA-512."""

import hashlib

from federation.crypto.encoding import i2osp
from federation.errors import InvalidInputError

__all__ = ["expand_message_xmd"]

_BLOCK = 64
_DST_LIMIT = 255
_BLOCKS_LIMIT = 255

# Every message is preceded by one zero block of the hash (Z_pad).
_AFTER_Z_PAD = hashlib.sha512(bytes(128))


def expand_message_xmd(message: bytes, dst: bytes, length: int) -> bytes:
    """Expand a message to uniform octets (RFC 9380, section 5.3.1).

    Args:
        message: Any octets.
        dst: The domain-separation tag, 1 to 255 octets. Section 5.3.3 hashes longer ones;
            every tag of this suite is short.
        length: Octets wanted, 1 to 16,320.

    Raises:
        InvalidInputError: The tag or the length is out of range.
    """
    if not 0 < len(dst) <= _DST_LIMIT:
        raise InvalidInputError("a domain-separation tag has 1 to 255 octets")
    ell = -(-length // _BLOCK)
    if not 0 < ell <= _BLOCKS_LIMIT:
        raise InvalidInputError("the length is out of range")
    dst_prime = dst + i2osp(len(dst), 1)
    hashed = _AFTER_Z_PAD.copy()
    hashed.update(message + i2osp(length, 2) + b"\x00" + dst_prime)
    b_0 = hashed.digest()
    block = hashlib.sha512(b_0 + b"\x01" + dst_prime).digest()
    uniform = block
    for i in range(2, ell + 1):
        mixed = (int.from_bytes(b_0) ^ int.from_bytes(block)).to_bytes(_BLOCK)
        block = hashlib.sha512(mixed + i2osp(i, 1) + dst_prime).digest()
        uniform += block
    return uniform[:length]
