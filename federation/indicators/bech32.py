# SPDX-License-Identifier: Apache-2.0
"""Bech32 (BIP 173) and Bech32m (BIP 350): whether a segregated-witness address is one."""

from typing import Final

_ALPHABET: Final = "qpzry9x8gf2tvdw0s3jn54khce6mua7l"
_GENERATOR: Final = (0x3B6A57B2, 0x26508E6D, 0x1EA119FA, 0x3D4233DD, 0x2A1462B3)
_BECH32: Final = 1
_BECH32M: Final = 0x2BC830A3
_CHECKSUM_LENGTH: Final = 6
_LONGEST: Final = 90


def is_segwit_address(text: str, prefix: str) -> bool:
    """Say whether a text is a segregated-witness address of a chain.

    Args:
        text: The address in lower case.
        prefix: The chain's human-readable part.

    Returns:
        Whether prefix, checksum, witness version and program are right (BIP 173, BIP 350).
    """
    head, separator, tail = text.rpartition("1")
    values = [_ALPHABET.find(character) for character in tail]
    if head != prefix or not separator or len(text) > _LONGEST or -1 in values:
        return False
    if len(values) <= _CHECKSUM_LENGTH:
        return False
    version, *program = values[:-_CHECKSUM_LENGTH]
    expected = _BECH32M if version else _BECH32
    expanded = [ord(c) >> 5 for c in prefix] + [0] + [ord(c) & 31 for c in prefix]
    if _polymod(expanded + values) != expected or version > 16:
        return False
    octets, rest = divmod(len(program) * 5, 8)
    padding = program[-1] & ((1 << rest) - 1) if program else 0
    if rest >= 5 or padding:
        return False
    return octets in {20, 32} if version == 0 else 2 <= octets <= 40


def _polymod(values: list[int]) -> int:
    """Return the checksum's remainder (BIP 173)."""
    remainder = 1
    for value in values:
        top = remainder >> 25
        remainder = (remainder & 0x1FFFFFF) << 5 ^ value
        for bit, generator in enumerate(_GENERATOR):
            remainder ^= generator if top >> bit & 1 else 0
    return remainder
