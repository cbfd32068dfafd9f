# SPDX-License-Identifier: Apache-2.0
"""Charters that gather signatures: which a steward has signed, and which it gave up."""

from typing import Final

from federation.charter import Charter, signatures_missing
from federation.errors import MembershipError
from federation.storage import StoredCharter, Tx

__all__ = [
    "MAX_PROPOSALS",
    "check_number",
    "find",
    "forget_withdrawn",
    "has_withdrawn_keys",
    "is_withdrawn",
    "signed_by",
    "signers_of",
    "withdraw",
]

MAX_PROPOSALS: Final = 8
"""How many are sent at once, and how many signed by the same stewards are kept."""
_WITHDRAWN: Final = "withdrawn-proposals"
_KEYS_WITHDRAWN: Final = "withdrawn-keys"
_DIGEST: Final = 32


def find(tx: Tx, digest: bytes) -> StoredCharter:
    """Return a proposal.

    Raises:
        MembershipError: There is no such proposal here.
    """
    for one in tx.charters.proposals():
        if one.digest == digest:
            return one
    raise MembershipError(
        "there is no such proposal here",
        next_step="run 'casethread sync' and 'casethread federation show'",
    )


def signers_of(envelope: bytes, previous: Charter | None) -> set[str]:
    """Return the stewards whose signature counts and is there."""
    stewards = (previous or Charter.from_envelope(envelope)).stewards
    return {one.id for one in stewards} - signatures_missing(envelope, previous).members


def signed_by(tx: Tx, member: str, previous: Charter | None) -> set[bytes]:
    """Return the digests of the proposals that a steward has signed."""
    return {
        one.digest
        for one in tx.charters.proposals()
        if member in signers_of(one.envelope, previous)
    }


def check_number(tx: Tx, signers: set[str], previous: Charter | None) -> None:
    """Refuse what fills the database, without letting one steward use up the others' places.

    Args:
        tx: The transaction.
        signers: Of the proposal that is to be kept.
        previous: The charter in force.

    Raises:
        MembershipError: There are too many already.
    """
    kept = [signers_of(one.envelope, previous) for one in tx.charters.proposals()]
    # Founders are not stewards yet: anybody could make some up.
    full = len(kept) >= MAX_PROPOSALS
    if previous is not None:
        full = all(sum(one in by for by in kept) >= MAX_PROPOSALS for one in signers)
    if full:
        raise MembershipError("there are too many proposals already")


def withdraw(tx: Tx, digest: bytes, previous: Charter | None) -> None:
    """Drop a proposal, and remember that until there is another version.

    Raises:
        MembershipError: There is no such proposal here.
    """
    stored = find(tx, digest)
    tx.charters.drop_proposal(digest)
    tx.settings.put(_WITHDRAWN, (tx.settings.get(_WITHDRAWN) or b"") + digest)
    before = () if previous is None else previous.statements
    if not set(Charter.from_envelope(stored.envelope).statements) <= set(before):
        tx.settings.put(_KEYS_WITHDRAWN, b"1")


def is_withdrawn(tx: Tx, digest: bytes) -> bool:
    """Say whether this steward gave a proposal up."""
    known = tx.settings.get(_WITHDRAWN) or b""
    return digest in {known[at : at + _DIGEST] for at in range(0, len(known), _DIGEST)}


def has_withdrawn_keys(tx: Tx) -> bool:
    """Say whether this steward gave new keys up, so that another version comes first."""
    return tx.settings.get(_KEYS_WITHDRAWN) is not None


def forget_withdrawn(tx: Tx) -> None:
    """Begin anew: there is another version in force."""
    tx.settings.delete(_WITHDRAWN)
    tx.settings.delete(_KEYS_WITHDRAWN)
