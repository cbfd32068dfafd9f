# SPDX-License-Identifier: Apache-2.0
"""Which charters may be believed: the first version, its successors, and conflicts.

Version 1 is signed by all its stewards; who trusts it compares eight words by voice
(`federation.charter.invitation`). Every later version is signed by a majority of the
stewards of the version before, and names it by hash.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime, timedelta

from federation.charter.charter import Charter
from federation.charter.identity import Identity
from federation.charter.succession import CLOCK_TOLERANCE, check_admissions, check_new_keys
from federation.crypto import dsse
from federation.documents import digest, open_envelope, sign
from federation.errors import (
    CharterConflictError,
    CharterExpiredError,
    MembershipError,
    VerifyError,
)

__all__ = [
    "Missing",
    "check_usable",
    "compare",
    "countersign",
    "merge_signatures",
    "needed_signatures",
    "signatures_missing",
    "verify_chain",
    "verify_genesis",
    "verify_successor",
]


@dataclass(frozen=True, slots=True)
class Missing:
    """What a proposed charter still lacks."""

    count: int
    """How many more signatures it takes; 0 when it can take effect."""
    members: frozenset[str]
    """Stewards whose signature would count and is not there."""


def _signers(charter: Charter, previous: Charter | None) -> tuple[dict[str, bytes], int]:
    stewards = (previous or charter).stewards
    keys = {steward.id: steward.signing_key for steward in stewards}
    return keys, needed_signatures(len(keys), first=previous is None)


def needed_signatures(stewards: int, *, first: bool) -> int:
    """Return how many stewards must sign.

    Args:
        stewards: How many there are: in the first version its own, later the ones of the
            version before.
        first: Whether it is about the first version.

    Returns:
        All for the first version, a majority later; so at least two once there are two.
    """
    return stewards if first else stewards // 2 + 1


def signatures_missing(envelope: bytes, previous: Charter | None) -> Missing:
    """Say what a proposed charter still lacks.

    Args:
        envelope: The proposal with the signatures so far.
        previous: The version before, or None for the first.

    Raises:
        MalformedError: Not a charter's envelope.
        MembershipError: The charter is inconsistent.
    """
    opened = Charter.decode_envelope(envelope)
    keys, needed = _signers(Charter.from_envelope(envelope), previous)
    try:
        signers = dsse.verify(opened, keys, 1, Charter.TYPE).signers
    except VerifyError:
        signers = frozenset()
    return Missing(max(0, needed - len(signers)), frozenset(keys) - signers)


def countersign(envelope: bytes, identity: Identity) -> bytes:
    """Add a steward's signature to a proposed charter.

    Args:
        envelope: The proposal; its content has been shown to a person.
        identity: Who signs.

    Returns:
        The envelope with one signature more.

    Raises:
        MalformedError: Not a charter's envelope.
        MembershipError: The charter is inconsistent.
    """
    Charter.from_envelope(envelope)
    opened = Charter.decode_envelope(envelope)
    return dsse.encode(dsse.add_signature(opened, identity.member_id, identity.signing))


def propose(charter: Charter, identity: Identity) -> bytes:
    """Put a charter into an envelope with a first signature."""
    return dsse.encode(sign(charter, identity.member_id, identity.signing))


def merge_signatures(first: bytes, second: bytes, previous: Charter | None) -> bytes:
    """Collect the signatures of two copies of one proposed charter.

    Args:
        first: A proposal.
        second: The same proposal, with other signatures.
        previous: The version before, or None for the first: whose signatures count.

    Returns:
        The envelope with every signature that holds and counts.

    Raises:
        MalformedError: They are not the same proposal.
        MembershipError: The charter is inconsistent.
    """
    keys, _ = _signers(Charter.from_envelope(first), previous)
    left, right = Charter.decode_envelope(first), Charter.decode_envelope(second)
    merged = dsse.merge(left, right, keys)
    return dsse.encode(merged) if merged.signatures else first


def verify_genesis(envelope: bytes, *, at: datetime | None = None) -> Charter:
    """Verify the first version of a charter.

    Args:
        envelope: Its DSSE envelope.
        at: Now, to refuse a charter that is over already; None for history.

    Raises:
        VerifyError: A steward has not signed.
        MembershipError: It is not a first version, or inconsistent.
        CharterExpiredError: It is over.
        MalformedError: Not a charter.
    """
    # Its own stewards sign it, so it is read before it is believed; nothing else is done
    # with it until the signatures hold.
    claimed = Charter.from_envelope(envelope)
    if claimed.version != 1:
        raise MembershipError("this is not the first version of a charter")
    if any(member.since_version != 1 for member in claimed.members):
        raise MembershipError("a founder joins in a later version")
    keys, needed = _signers(claimed, None)
    charter = open_envelope(Charter, envelope, keys, needed)
    if at is not None:
        check_usable(charter, at)
    return charter


def verify_successor(
    previous: Charter, previous_digest: bytes, envelope: bytes, *, at: datetime | None = None
) -> Charter:
    """Verify a charter against the version before it.

    Args:
        previous: The version before, verified.
        previous_digest: SHA-256 of its exact payload.
        envelope: The DSSE envelope of the new version.
        at: Now, to refuse a charter that is over already; None for history.

    Raises:
        VerifyError: Too few stewards have signed, or a key statement does not hold.
        MembershipError: It may not follow; says why.
        CharterExpiredError: It is over.
        MalformedError: Not a charter.
    """
    keys, needed = _signers(previous, previous)
    charter = open_envelope(Charter, envelope, keys, needed)
    if charter.federation_id != previous.federation_id:
        raise MembershipError("the charter is of another federation")
    if charter.version != previous.version + 1:
        raise MembershipError("the charter's version does not follow")
    if charter.previous != previous_digest:
        raise MembershipError("the charter follows another version than the one in force")
    if charter.issued < previous.issued:
        raise MembershipError("the charter was issued before its predecessor")
    check_admissions(previous, charter)
    check_new_keys(previous, previous_digest, charter)
    if at is not None:
        check_usable(charter, at)
    return charter


def verify_chain(
    envelopes: Iterable[bytes],
    known: tuple[Charter, bytes] | None = None,
    *,
    at: datetime | None = None,
) -> list[tuple[Charter, bytes]]:
    """Verify versions that follow each other.

    Args:
        envelopes: DSSE envelopes, oldest first.
        known: The charter in force and its hash, or None to begin with the first version.
        at: Now, to refuse a chain whose newest version is over; None for history.

    Returns:
        Each new version with its hash, oldest first. Versions already known are left out.

    Raises:
        CharterConflictError: The version in force is there with another content.
        VerifyError: Signatures are missing.
        MembershipError: A version may not follow the one before.
        MalformedError: Not a charter.
    """
    chain: list[tuple[Charter, bytes]] = []
    for envelope in envelopes:
        payload_digest = digest(Charter.decode_envelope(envelope).payload)
        newest = chain[-1] if chain else known
        if newest is None:
            chain.append((verify_genesis(envelope), payload_digest))
            continue
        claimed = Charter.from_envelope(envelope)
        if compare(newest[0].version, newest[1], claimed.version, payload_digest) >= 0:
            continue
        chain.append((verify_successor(*newest, envelope), payload_digest))
    if chain and at is not None:
        check_usable(chain[-1][0], at)
    return chain


def check_usable(charter: Charter, at: datetime) -> None:
    """Refuse to work under a charter that is over, or not yet issued.

    Args:
        charter: The newest version that is known.
        at: Now.

    Raises:
        CharterExpiredError: It and its grace period are over.
        MembershipError: It is from the future: a clock is wrong.
    """
    if at > charter.expires + timedelta(days=charter.grace_days):
        raise CharterExpiredError("the charter and its grace period are over")
    if at < charter.issued - CLOCK_TOLERANCE:
        raise MembershipError(
            "the charter is from the future",
            next_step="check this machine's clock and time zone",
        )


def compare(version: int, own_digest: bytes, other_version: int, other_digest: bytes) -> int:
    """Say which of two charters is newer.

    Args:
        version: The own version; 0 before the first.
        own_digest: SHA-256 of its payload.
        other_version: The other's version.
        other_digest: SHA-256 of its payload.

    Returns:
        -1 if the other is newer, 0 if they are the same, 1 if the own is newer.

    Raises:
        CharterConflictError: One version with two contents. Stop with that peer, keep both.
    """
    if version == other_version and own_digest != other_digest:
        raise CharterConflictError("two charters claim one version")
    return (version > other_version) - (version < other_version)
