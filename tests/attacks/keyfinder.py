# SPDX-License-Identifier: Apache-2.0
"""Somebody who seized both parties of a revoked agreement looks for the key that they shared.

The finder has all files, both passphrases and all long-term keys. It is honest: it reads every
byte of every file, free pages and logs too, and finds the key as soon as anything is left of it.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from contextlib import suppress
from dataclasses import dataclass

from federation.agreements import PairOffer, derive_pair_key
from federation.charter import Identity
from federation.crypto import agree, kdf
from federation.crypto.encoding import LP, U32
from federation.errors import CryptoError, OpenError
from federation.storage import AtRest

_WRAPPED = 24 + 32 + 16
"""Octets of a wrapped key: nonce, key, authenticator."""
_VARIED = 48
"""Random octets of that number hold at least so many different values; other pages do not."""


@dataclass(frozen=True)
class Seized:
    """What was seized."""

    files: Mapping[str, bytes]
    """Every file of both homes, and of every backup."""
    roots: Sequence[bytes]
    """Root keys, which the passphrases opened."""
    identities: Sequence[Identity]
    """All long-term secret keys of both."""
    agreement: bytes
    """The hash; it stands in the files."""
    offers: Sequence[PairOffer]
    """Public halves of the pair keys; they stand in the files."""


def find_keys(seized: Seized) -> set[bytes]:
    """Return every pair key that can be read, or derived from what can be read."""
    found: set[bytes] = set()
    ephemeral: set[bytes] = set()
    for content in seized.files.values():
        for window in _windows(content):
            for root in seized.roots:
                found |= set(_unwrapped(root, window, _key_contexts(seized)))
                ephemeral |= set(_unwrapped(root, window, _secret_contexts(seized)))
    return found | set(_derived(seized, ephemeral)) | set(_guessed(seized))


def _windows(content: bytes) -> Iterator[bytes]:
    """Yield every part of a file that may be a wrapped key: all that looks random."""
    counts = [0] * 256
    different = 0
    for end, value in enumerate(content):
        counts[value] += 1
        different += counts[value] == 1
        if end >= _WRAPPED:
            gone = content[end - _WRAPPED]
            counts[gone] -= 1
            different -= counts[gone] == 0
        if different >= _VARIED:
            yield content[max(0, end + 1 - _WRAPPED) : end + 1]


def _unwrapped(root: bytes, window: bytes, contexts: Iterable[str]) -> Iterator[bytes]:
    at_rest = _at_rest(root)
    for context in contexts:
        with suppress(OpenError):
            yield at_rest.unwrap(context, window)


_OPENED: dict[bytes, AtRest] = {}


def _at_rest(root: bytes) -> AtRest:
    return _OPENED.setdefault(root, AtRest(root))


def _key_contexts(seized: Seized) -> list[str]:
    name = seized.agreement.hex()
    partners = [identity.member_id for identity in seized.identities]
    versions = {offer.key_version for offer in seized.offers}
    return [f"pair_keys|key|{name}|{who}|{version}" for who in partners for version in versions]


def _secret_contexts(seized: Seized) -> list[str]:
    name = seized.agreement.hex()
    return [
        f"pair_secrets|secret|{name}|{version}"
        for version in {offer.key_version for offer in seized.offers}
    ]


def _derived(seized: Seized, ephemeral: Iterable[bytes]) -> Iterator[bytes]:
    """Derive as the product does, from every secret of an offer that was found."""
    for secret in ephemeral:
        for mine, other in _both_ways(seized.identities):
            for offer in seized.offers:
                with suppress(CryptoError):
                    yield derive_pair_key(
                        seized.agreement,
                        offer.key_version,
                        mine,
                        secret,
                        partner=other.member_id,
                        partner_ephemeral=offer.key,
                        partner_key=other.agreement_key,
                    )


def _guessed(seized: Seized) -> Iterator[bytes]:
    """Put everything that the long-term keys give in the place of what was erased."""
    for mine, other in _both_ways(seized.identities):
        static = agree.exchange(mine.agreement_secret, other.agreement_key)
        known = [static, bytes(32)]
        for offer in seized.offers:
            secrets = (mine.agreement_secret, mine.sealing_secret)
            known += [agree.exchange(secret, offer.key) for secret in secrets]
        for missing in known:
            for version in {offer.key_version for offer in seized.offers}:
                keys = [
                    (one.member_id.encode(), offer.key, one.agreement_key)
                    for one in (mine, other)
                    for offer in seized.offers
                    if (offer.member, offer.key_version) == (one.member_id, version)
                ]
                if len(keys) == 2:
                    low, high = sorted(keys)
                    info = b"ct/v1/pair" + U32(version) + LP(low[0]) + LP(high[0])
                    info += low[1] + high[1] + low[2] + high[2]
                    yield kdf.hkdf(missing + static, salt=seized.agreement, info=info)


def _both_ways(identities: Sequence[Identity]) -> list[tuple[Identity, Identity]]:
    first, second = identities
    return [(first, second), (second, first)]
