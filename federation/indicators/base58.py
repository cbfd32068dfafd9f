# SPDX-License-Identifier: Apache-2.0
"""Base58 and Base58Check, as Bitcoin and its descendants spell addresses."""

import hashlib
from typing import Final

BITCOIN_ALPHABET: Final = "123456789ABCDEFGHJKLMNPQRSTUVWXYZabcdefghijkmnopqrstuvwxyz"
RIPPLE_ALPHABET: Final = "rpshnaf39wBUDNEGHJKLM4PQRST7VWXYZ2bcdeCg65jkm8oFqi1tuvAxyz"

_CHECKSUM_LENGTH: Final = 4


def decode(text: str, alphabet: str = BITCOIN_ALPHABET) -> bytes | None:
    """Return the octets of a Base58 text, or None if a character is not in the alphabet.

    Args:
        text: The text.
        alphabet: The 58 characters in the order of their values.

    Returns:
        The octets; each zero digit in front is a zero octet.
    """
    number = 0
    for character in text:
        value = alphabet.find(character)
        if value < 0:
            return None
        number = number * 58 + value
    zeros = len(text) - len(text.lstrip(alphabet[0]))
    return bytes(zeros) + number.to_bytes((number.bit_length() + 7) // 8, "big")


def encode(octets: bytes, alphabet: str = BITCOIN_ALPHABET) -> str:
    """Return the Base58 text of octets.

    Args:
        octets: What to encode.
        alphabet: The 58 characters in the order of their values.

    Returns:
        The text.
    """
    number = int.from_bytes(octets, "big")
    digits = []
    while number:
        number, digit = divmod(number, 58)
        digits.append(alphabet[digit])
    zeros = len(octets) - len(octets.lstrip(b"\0"))
    return alphabet[0] * zeros + "".join(reversed(digits))


def decode_check(text: str, alphabet: str = BITCOIN_ALPHABET) -> bytes | None:
    """Return the payload of a Base58Check text, version octet first.

    Args:
        text: The text.
        alphabet: The 58 characters in the order of their values.

    Returns:
        The payload, or None if the text is not Base58 or its checksum does not hold.
    """
    octets = decode(text, alphabet)
    if octets is None or len(octets) <= _CHECKSUM_LENGTH:
        return None
    payload, checksum = octets[:-_CHECKSUM_LENGTH], octets[-_CHECKSUM_LENGTH:]
    return payload if checksum == _checksum(payload) else None


def encode_check(payload: bytes, alphabet: str = BITCOIN_ALPHABET) -> str:
    """Return the Base58Check text of a payload.

    Args:
        payload: Version octet and content.
        alphabet: The 58 characters in the order of their values.

    Returns:
        The text.
    """
    return encode(payload + _checksum(payload), alphabet)


def _checksum(payload: bytes) -> bytes:
    return hashlib.sha256(hashlib.sha256(payload).digest()).digest()[:_CHECKSUM_LENGTH]
