# SPDX-License-Identifier: Apache-2.0
"""The keys of each two parties: offered, derived, renewed after a restore, erased."""

from datetime import timedelta
from typing import Final

from federation.agreements import AgreementState, derive_pair_key, make_offer
from federation.letters import Retraction
from federation.member.core import Core
from federation.storage import LetterStatus, StoredPairSecret, Tx

__all__ = ["derive", "erase", "erase_old_secrets", "has_old_secrets", "offer", "renew"]

_FIRST_VERSION: Final = 1
_SECRET_LIFETIME: Final = timedelta(days=14)


def offer(core: Core, tx: Tx, agreement: bytes, version: int = _FIRST_VERSION) -> None:
    """Draw the own half of the pair keys, and sign an offer of it."""
    at = core.clock()
    secret, envelope = make_offer(core.identity, agreement, version, at)
    tx.agreements.put_secret(agreement, version, secret, at)
    tx.agreements.add_offer(agreement, core.me, version, envelope)


def renew(core: Core, tx: Tx, state: AgreementState, sender: str) -> None:
    """Go along with a partner that lost its keys and offers a higher version, and say so."""
    wanted = state.latest_version(sender)
    if core.me in state.signers and wanted > state.latest_version(core.me):
        offer(core, tx, state.hash, wanted)
        # An older copy of its database may not know what was taken back since.
        for letter in tx.letters.listed_out(Retraction.TYPE, sender):
            if letter.status is LetterStatus.DELIVERED:
                tx.letters.send_again(letter.id, core.clock())
        core.log.warning("pair_key_renewed", member=sender, version=wanted)


def derive(core: Core, tx: Tx, state: AgreementState) -> None:
    """Derive every pair key that can be, then erase the secret that made the last one.

    Args:
        core: The member.
        tx: An open transaction.
        state: An agreement that has not ended, as it is stored.
    """
    if state.missing:
        return
    charter = core.require_charter(tx).charter
    partners = [party for party in state.terms.parties if party != core.me]
    for partner in partners:
        version = state.shared_version(core.me, partner)
        held = tx.agreements.pair_key(state.hash, partner)
        if version is None or (held is not None and held[0] >= version):
            continue
        secret = tx.agreements.secret(state.hash, version)
        offered = state.offer(partner, version)
        if secret is None or offered is None:
            continue
        key = derive_pair_key(
            state.hash,
            version,
            core.identity,
            secret,
            partner=partner,
            partner_ephemeral=offered.key,
            partner_key=charter.member(partner).agreement_key,
        )
        tx.agreements.put_pair_key(state.hash, partner, version, key)
        core.log.info("pair_key_ready", member=partner, version=version)
    own = state.latest_version(core.me)
    ready = [tx.agreements.pair_key(state.hash, partner) for partner in partners]
    if all(key is not None and key[0] >= own for key in ready):
        tx.agreements.erase_secret(state.hash, own)
        core.scrub_due = True


def erase(core: Core, tx: Tx, agreement: bytes) -> None:
    """Destroy every key of an agreement that has ended; `Core.scrub` afterwards cleans the log."""
    if tx.agreements.keeps_keys(agreement):
        tx.agreements.erase_keys(agreement)
        core.scrub_due = True


def has_old_secrets(core: Core, tx: Tx) -> bool:
    """Whether there are secrets of offers that nobody took up in time."""
    return bool(_old_secrets(core, tx))


def erase_old_secrets(core: Core, tx: Tx) -> None:
    """Destroy the secrets of offers that nobody took up in time."""
    for secret in _old_secrets(core, tx):
        tx.agreements.erase_secret(secret.hash, secret.key_version)
        core.scrub_due = True


def _old_secrets(core: Core, tx: Tx) -> list[StoredPairSecret]:
    limit = core.clock() - _SECRET_LIFETIME
    return [secret for secret in tx.agreements.secrets() if secret.created <= limit]
