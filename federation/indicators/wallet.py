# SPDX-License-Identifier: Apache-2.0
"""WALLET: `chain:address`, with the chain's own checksum where it has one."""

import re
from collections.abc import Mapping
from typing import Final

from federation.errors import NormalisationError
from federation.indicators.chains import CHAINS, Chain, ChecksumError, find_chain, only_coins
from federation.indicators.fold import fold
from federation.indicators.kinds import Kind
from federation.indicators.reasons import Reason
from federation.indicators.text import clean, fields

_FIELDS: Final = frozenset({"chain", "address"})

_ADDRESS: Final = re.compile(r"(?<![\w-])(?:-1|0):[0-9a-fA-F]{64}(?!\w)|[\w+/-]{25,}")
# Payment links (BIP 21, ERC-681): what follows is an amount.
_LINK_END: Final = re.compile(r"(?<=\w)[?@][^\s]*")
_HIDDEN: Final = re.compile(r"\.\.\.|\*\*|\w\*|\*\w")
_WORDS_BETWEEN: Final = re.compile(r"[\s:;,()\[\]=]+")


def normalise_wallet(raw: str | Mapping[str, str], region: str | None) -> str:  # noqa: ARG001
    """Return the address with its chain.

    Args:
        raw: An address, perhaps with its chain or coin and other words beside it, or a payment
            link; or a mapping with `address` and `chain`. Without a chain the form of the
            address decides, where it can.
        region: Not used: chains know no regions.

    Returns:
        The chain's name, a colon, and the address in the chain's one spelling.

    Raises:
        NormalisationError: There is no address, more than one, only a part of one, or its
            checksum does not hold.
    """
    if isinstance(raw, Mapping):
        given = fields(Kind.WALLET, raw, _FIELDS)
        if "address" not in given:
            raise NormalisationError(Kind.WALLET, "address", Reason.MISSING_FIELD)
        address, said = _only_address("address", given["address"])
        named = _chain(given["chain"]) if "chain" in given else None
        if named is not None and said not in {None, named}:
            raise NormalisationError(Kind.WALLET, "chain", Reason.CONFLICTING_FIELDS)
        return _normal_form("address", address, named or said)
    text = clean(Kind.WALLET, "value", raw)
    return _normal_form("value", *_only_address("value", text))


def _chain(name: str) -> Chain | None:
    words = fold(name)
    chain = find_chain(words)
    if chain is None and not only_coins(words):
        raise NormalisationError(Kind.WALLET, "chain", Reason.UNKNOWN_CHAIN)
    return chain


def _only_address(field: str, text: str) -> tuple[str, Chain | None]:
    """Return the one address of a text, and the chain that the other words name."""
    if _HIDDEN.search(text):
        raise NormalisationError(Kind.WALLET, field, Reason.PARTIAL)
    bare = _LINK_END.sub("", text)
    found = list(_ADDRESS.finditer(bare))
    if not found:
        raise NormalisationError(Kind.WALLET, field, Reason.NOT_A_WALLET)
    if len(found) > 1:
        raise NormalisationError(Kind.WALLET, field, Reason.SEVERAL_VALUES)
    around = bare[: found[0].start()] + " " + bare[found[0].end() :]
    words = [part for word in _WORDS_BETWEEN.split(around) for part in fold(word)]
    named = {
        chain.name: chain
        for start in range(len(words))
        for end in range(start + 1, min(start + 3, len(words)) + 1)
        if (chain := find_chain(tuple(words[start:end])))
    }
    if len(named) > 1:
        raise NormalisationError(Kind.WALLET, field, Reason.AMBIGUOUS)
    return found[0][0], next(iter(named.values()), None)


def _normal_form(field: str, address: str, named: Chain | None) -> str:
    candidates = (named,) if named else tuple(chain for chain in CHAINS if chain.recognised)
    checksum_fails = False
    for chain in candidates:
        try:
            spelled = chain.read(address)
        except ChecksumError:
            checksum_fails = True
            continue
        if spelled is not None:
            return f"{chain.name}:{spelled}"
    if checksum_fails:
        raise NormalisationError(Kind.WALLET, field, Reason.CHECKSUM)
    # 32 octets in Base58 fit Solana, and other chains that are not listed.
    solana = next(chain for chain in CHAINS if not chain.recognised)
    if named is None and solana.read(address):
        raise NormalisationError(Kind.WALLET, field, Reason.NO_CHAIN)
    raise NormalisationError(Kind.WALLET, field, Reason.NOT_A_WALLET)
