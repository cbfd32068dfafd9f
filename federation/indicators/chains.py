# SPDX-License-Identifier: Apache-2.0
"""The chains that a WALLET can be on: their names, and what an address looks like.

`read` returns the one spelling of an address, None where the text has not the form of one, and
raises `ChecksumError` where it has but was copied wrongly.
"""

import base64
import binascii
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Final

from Crypto.Hash import keccak

from federation.indicators import base58
from federation.indicators.bech32 import is_segwit_address


class ChecksumError(Exception):
    """A text has the form of an address, and a checksum that does not hold."""


@dataclass(frozen=True, slots=True)
class Chain:
    """One chain, or several that share their addresses."""

    name: str
    """Its name in normal forms."""
    read: Callable[[str], str | None]
    """Returns the one spelling of an address."""
    aliases: tuple[str, ...] = ()
    """Other names, networks and coins that live on it only, folded."""
    recognised: bool = True
    """Whether the form of an address is enough to know the chain."""


def _base58_reader(
    form: str, versions: dict[int, int], *, prefix: str | None = None
) -> Callable[[str], str | None]:
    """Make a reader of 20-octet hashes with a version octet, and of segwit addresses."""
    shape = re.compile(form)

    def read(text: str) -> str | None:
        if prefix is not None and text.lower().startswith(prefix + "1"):
            if text not in {text.lower(), text.upper()}:
                raise ChecksumError  # BIP 173 forbids both cases in one address
            if not is_segwit_address(text.lower(), prefix):
                raise ChecksumError
            return text.lower()
        if not shape.fullmatch(text):
            return None
        payload = base58.decode_check(text)
        if payload is None:
            raise ChecksumError
        if len(payload) != 21 or payload[0] not in versions:
            return None
        return base58.encode_check(bytes([versions[payload[0]]]) + payload[1:])

    return read


def _read_evm(text: str) -> str | None:
    """Read an Ethereum address; both cases in one are a checksum (EIP-55)."""
    if not re.fullmatch(r"0[xX][0-9a-fA-F]{40}", text):
        return None
    written = text[2:]
    address = written.lower()
    if written not in {address, written.upper()}:
        digest = keccak.new(digest_bits=256, data=address.encode()).hexdigest()
        pairs = zip(address, digest, strict=False)
        if written != "".join(c.upper() if int(d, 16) >= 8 else c for c, d in pairs):
            raise ChecksumError
    return "0x" + address


def _read_xrp(text: str) -> str | None:
    if not re.fullmatch(r"r[1-9A-HJ-NP-Za-km-z]{24,34}", text):
        return None
    payload = base58.decode_check(text, base58.RIPPLE_ALPHABET)
    if payload is None:
        raise ChecksumError
    return text if len(payload) == 21 and payload[0] == 0 else None


def _read_solana(text: str) -> str | None:
    """Read a Solana address: 32 octets without a checksum, so a slip passes unnoticed."""
    if not re.fullmatch(r"[1-9A-HJ-NP-Za-km-z]{32,44}", text):
        return None
    octets = base58.decode(text)
    return text if octets is not None and len(octets) == 32 else None


def _read_ton(text: str) -> str | None:
    """Read a TON account (TEP 2): its flags say how to pay, not whom."""
    if re.fullmatch(r"(?:-1|0):[0-9a-fA-F]{64}", text):
        return text.lower()
    if not re.fullmatch(r"[EUk0][Qf][A-Za-z0-9+/_-]{46}", text):
        return None
    octets = base64.b64decode(text.replace("-", "+").replace("_", "/"))
    if binascii.crc_hqx(octets[:-2], 0) != int.from_bytes(octets[-2:], "big"):
        raise ChecksumError
    workchain = {0: "0", 255: "-1"}.get(octets[1])
    if octets[0] not in {0x11, 0x51} or workchain is None:
        return None
    return f"{workchain}:{octets[2:34].hex()}"


def _read_monero(text: str) -> str | None:
    """Read a Monero address: Base58 in blocks of eight octets, checksum by Keccak."""
    if not re.fullmatch(r"[48][1-9A-HJ-NP-Za-km-z]{94}(?:[1-9A-HJ-NP-Za-km-z]{11})?", text):
        return None
    octets = b""
    for start in range(0, len(text), 11):
        block = text[start : start + 11]
        number = int.from_bytes(base58.decode(block) or b"", "big")
        # The last block of a standard address has 5 octets, of an integrated one again 5 of 7
        # characters: 69 = 8 * 8 + 5, 77 = 9 * 8 + 5.
        length = 8 if len(block) == 11 else 5
        if number >> 8 * length:
            raise ChecksumError
        octets += number.to_bytes(length, "big")
    digest = keccak.new(digest_bits=256, data=octets[:-4]).digest()
    if octets[-4:] != digest[:4]:
        raise ChecksumError
    return text if octets[0] in {18, 19, 42} else None


_LEGACY: Final = r"[1-9A-HJ-NP-Za-km-z]{25,33}"

_EVM_NAMES: Final = (
    "ethereum, eth, ether, erc20, erc 20, bsc, bnb, bep20, bep 20, binance smart chain,"
    " bnb smart chain, polygon, matic, pol, arbitrum, arb, optimism, base, avalanche, avax, avax c,"
    " celo, fantom"
)

CHAINS: Final = (
    Chain(
        "bitcoin",
        _base58_reader(f"[13]{_LEGACY}", {0x00: 0x00, 0x05: 0x05}, prefix="bc"),
        aliases=("btc", "xbt", "lightning"),
    ),
    Chain(
        "litecoin",
        # 0x05 is the old spelling of 0x32, shared with Bitcoin.
        _base58_reader(f"[LM3]{_LEGACY}", {0x30: 0x30, 0x32: 0x32, 0x05: 0x32}, prefix="ltc"),
        aliases=("ltc",),
    ),
    Chain(
        "dogecoin", _base58_reader(f"[DA9]{_LEGACY}", {0x1E: 0x1E, 0x16: 0x16}), aliases=("doge",)
    ),
    Chain("tron", _base58_reader(f"T{_LEGACY}", {0x41: 0x41}), aliases=("trx", "trc20", "trc 20")),
    Chain(
        "evm",
        _read_evm,
        aliases=tuple(name.strip() for name in _EVM_NAMES.split(",")),
    ),
    Chain("xrp", _read_xrp, aliases=("ripple", "xrpl")),
    Chain("monero", _read_monero, aliases=("xmr",)),
    Chain("ton", _read_ton, aliases=("toncoin", "the open network")),
    Chain("solana", _read_solana, aliases=("sol", "spl"), recognised=False),
)
"""The registry. Chains that share their addresses share a name, for the owner is the same."""

_BY_NAME: Final = {name: chain for chain in CHAINS for name in (chain.name, *chain.aliases)}
_COINS_ON_SEVERAL: Final = frozenset({"usdt", "usdc", "tether", "dai", "busd"})


def find_chain(words: tuple[str, ...]) -> Chain | None:
    """Return the chain of a name, network or coin.

    Args:
        words: The folded words of a name; a coin that lives on several chains is no part.

    Returns:
        The chain, or None if it is not listed.
    """
    return _BY_NAME.get(" ".join(word for word in words if word not in _COINS_ON_SEVERAL))


def only_coins(words: tuple[str, ...]) -> bool:
    """Say whether a name names only coins that live on several chains.

    Args:
        words: The folded words of a name.
    """
    return _COINS_ON_SEVERAL.issuperset(words)
