# SPDX-License-Identifier: Apache-2.0
"""The key of one pair of parties: born when both have signed, erased when either revokes.

    K_AB = HKDF-SHA512(salt = agreement_hash, ikm = ee || ss,
                       info = "ct/v1/pair" || U32(key_version) || LP(id_lo) || LP(id_hi)
                              || E_lo || E_hi || S_lo || S_hi, L = 32)

``ee`` is the X25519 result of the two ephemeral keys, so that the pair key cannot be
recomputed once those are erased; ``ss`` that of the keys in the charter, so that nobody
who merely forges an offer shares a key. Ids are sorted bytewise.
"""

from federation.charter import Identity
from federation.crypto import agree, kdf
from federation.crypto.encoding import LP, U32
from federation.errors import InvalidInputError

__all__ = ["derive_pair_key"]

_LABEL = b"ct/v1/pair"


def derive_pair_key(
    agreement_hash: bytes,
    key_version: int,
    identity: Identity,
    ephemeral_secret: bytes,
    *,
    partner: str,
    partner_ephemeral: bytes,
    partner_key: bytes,
) -> bytes:
    """Derive the key that two parties of an agreement share.

    Args:
        agreement_hash: SHA-256 of the terms' payload, 32 bytes.
        key_version: The version that both offers name.
        identity: The own keys.
        ephemeral_secret: The secret of the own offer.
        partner: The partner's member id.
        partner_ephemeral: E of the partner's offer.
        partner_key: S of the partner, from the charter.

    Returns:
        32 bytes, the same on both sides.

    Raises:
        InvalidInputError: An X25519 result is all zero, the partner mirrors our own keys,
            or the agreement's hash has the wrong length.
        DeserializeError: A key is not 32 bytes long.
    """
    if len(agreement_hash) != 32:
        raise InvalidInputError("an agreement's hash is 32 bytes long")
    own_ephemeral = agree.public(ephemeral_secret)
    own = (identity.member_id.encode(), own_ephemeral, identity.agreement_key)
    other = (partner.encode(), partner_ephemeral, partner_key)
    # A mirrored key would give a "pair" key with oneself.
    if any(mine == theirs for mine, theirs in zip(own, other, strict=True)):
        raise InvalidInputError("the partner offers our own id or key")
    ephemeral = agree.exchange(ephemeral_secret, partner_ephemeral)
    static = agree.exchange(identity.agreement_secret, partner_key)
    low, high = sorted((own, other))
    info = (
        _LABEL + U32(key_version) + LP(low[0]) + LP(high[0]) + low[1] + high[1] + low[2] + high[2]
    )
    return kdf.hkdf(ephemeral + static, salt=agreement_hash, info=info)
