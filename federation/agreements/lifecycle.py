# SPDX-License-Identifier: Apache-2.0
"""Where an agreement stands: a pure merge of what the parties signed.

Merging is commutative, associative and idempotent, so nodes may pool what they know in
any order and as often as they like, and end up with the same.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum
from typing import TypeVar

from federation.agreements.parts import PairOffer, Revocation
from federation.agreements.terms import Terms
from federation.charter import Identity
from federation.crypto import dsse
from federation.documents import digest, open_envelope, sign
from federation.errors import AgreementError, MalformedError

__all__ = ["AgreementState", "Status", "merge", "propose_terms", "sign_terms"]

K = TypeVar("K")
V = TypeVar("V", bytes, dsse.Signature)


class Status(StrEnum):
    """Where an agreement stands at a time."""

    PROPOSED = "proposed"
    """Not signed by all, or not valid yet."""
    IN_FORCE = "in_force"
    EXPIRED = "expired"
    REVOKED = "revoked"
    """Ended by one party, for all and for good."""
    REPLACED = "replaced"
    """Ended by a later agreement of all its parties, which is in force or was."""

    @property
    def ended(self) -> bool:
        """Whether it is over for good."""
        return self in {Status.EXPIRED, Status.REVOKED, Status.REPLACED}


@dataclass(frozen=True, slots=True)
class AgreementState:
    """Everything that is signed about one agreement, verified."""

    hash: bytes
    """SHA-256 of the terms' payload."""
    terms: Terms
    envelope: bytes
    """The terms' envelope with every valid signature of a party."""
    signers: frozenset[str]
    offers: Mapping[tuple[str, int], bytes]
    """Pair-offer envelopes by (member, key version)."""
    revocations: Mapping[str, bytes]
    """Revocation envelopes by member."""
    replaced: datetime | None = None
    """From when on a later agreement stands in its place, if one was signed by all."""
    ended: Status | None = None
    """How it ended, once a node has noticed: no clock that goes back revives it."""

    @classmethod
    def load(
        cls,
        terms: bytes,
        offers: Iterable[bytes] = (),
        revocations: Iterable[bytes] = (),
        *,
        keys: Mapping[str, bytes],
    ) -> "AgreementState":
        """Verify what is known of an agreement.

        Args:
            terms: The terms' envelope, with the signature of at least one party.
            offers: Envelopes of pair offers.
            revocations: Envelopes of revocations.
            keys: Ed25519 public keys by member id, from the charter.

        Raises:
            VerifyError: A signature does not hold.
            AgreementError: A part belongs to another agreement, or comes from no party.
            MalformedError: Something is not what it should be.
        """
        opened = Terms.decode_envelope(terms)
        parties = Terms.from_envelope(terms).parties
        party_keys = {party: keys[party] for party in parties if party in keys}
        verified = dsse.verify(opened, party_keys, 1, Terms.TYPE)
        name = digest(verified.payload)
        kept = dsse.Envelope(
            opened.payload_type,
            opened.payload,
            tuple(one for one in opened.signatures if one.keyid in verified.signers),
        )
        state = cls(
            hash=name,
            terms=Terms.from_bytes(verified.payload),
            envelope=dsse.encode(kept),
            signers=verified.signers,
            offers={},
            revocations={},
        )
        return replace(
            state,
            offers=_least(state._offer(envelope, party_keys) for envelope in offers),
            revocations=_least(state._revocation(envelope, party_keys) for envelope in revocations),
        )

    def _offer(self, envelope: bytes, keys: Mapping[str, bytes]) -> tuple[tuple[str, int], bytes]:
        member = PairOffer.from_envelope(envelope).member
        offer = open_envelope(PairOffer, envelope, self._key(member, keys), 1)
        self._check_part(offer.agreement, envelope, PairOffer)
        return (offer.member, offer.key_version), envelope

    def _revocation(self, envelope: bytes, keys: Mapping[str, bytes]) -> tuple[str, bytes]:
        member = Revocation.from_envelope(envelope).member
        revocation = open_envelope(Revocation, envelope, self._key(member, keys), 1)
        self._check_part(revocation.agreement, envelope, Revocation)
        return revocation.member, envelope

    def _key(self, member: str, keys: Mapping[str, bytes]) -> dict[str, bytes]:
        if member not in keys:
            raise AgreementError("someone who is no party signs for the agreement")
        return {member: keys[member]}

    def _check_part(
        self, agreement: bytes, envelope: bytes, cls: type[PairOffer] | type[Revocation]
    ) -> None:
        if agreement != self.hash:
            raise AgreementError("an offer or revocation belongs to another agreement")
        # Foreign signatures beside the right one would make many spellings of one part.
        if len(cls.decode_envelope(envelope).signatures) != 1:
            raise MalformedError("a part of an agreement carries more than one signature")

    @property
    def missing(self) -> frozenset[str]:
        """The parties that have not signed yet."""
        return frozenset(self.terms.parties) - self.signers

    def status(self, at: datetime) -> Status:
        """Say where the agreement stands.

        Args:
            at: Now.
        """
        if self.ended is not None:
            return self.ended
        if self.revocations:
            return Status.REVOKED
        if self.replaced is not None and at >= self.replaced:
            return Status.REPLACED
        if at >= self.terms.valid_until:
            return Status.EXPIRED
        if self.missing or at < self.terms.valid_from:
            return Status.PROPOSED
        return Status.IN_FORCE

    def replaces(self, former: "AgreementState") -> datetime | None:
        """Say from when on this agreement stands in the place of another.

        A replacement takes the signatures of all parties of both. One that a party revoked
        before its first day never came into force, and replaces nothing.

        Args:
            former: The other agreement.

        Returns:
            A time, or None if it does not replace that one.
        """
        if self.terms.supersedes != former.hash or self.missing:
            return None
        if not set(former.terms.parties) <= set(self.terms.parties):
            return None
        begins = self.terms.valid_from
        ends = [Revocation.from_envelope(one).issued for one in self.revocations.values()]
        return None if any(issued < begins for issued in ends) else begins

    def after(
        self, later: Iterable["AgreementState"], ended: Status | None = None
    ) -> "AgreementState":
        """Return this state, knowing what happened outside it.

        Args:
            later: Verified states of other agreements, which may stand in its place.
            ended: How it ended, if that was noticed before.
        """
        begins = [self.replaced, *(one.replaces(self) for one in later)]
        first = min((at for at in begins if at is not None), default=None)
        return replace(self, replaced=first, ended=ended or self.ended)

    def offer(self, member: str, key_version: int) -> PairOffer | None:
        """Return a party's offer for a version of the pair keys, or None."""
        envelope = self.offers.get((member, key_version))
        return None if envelope is None else PairOffer.from_envelope(envelope)

    def latest_version(self, member: str) -> int:
        """Return the highest key version that a party has offered; 0 if none."""
        return max((version for who, version in self.offers if who == member), default=0)

    def shared_version(self, first: str, second: str) -> int | None:
        """Return the highest key version that both parties have offered, or None."""
        versions = [
            {version for who, version in self.offers if who == member} for member in (first, second)
        ]
        return max(versions[0] & versions[1], default=None)


def _least(parts: Iterable[tuple[K, V]]) -> dict[K, V]:
    # Two different parts in one place can only come from one dishonest party. Everybody
    # keeps the same one, whichever came first.
    kept: dict[K, V] = {}
    for place, part in parts:
        kept[place] = min(part, kept.get(place, part))
    return kept


def merge(first: AgreementState, second: AgreementState) -> AgreementState:
    """Pool what two nodes know of one agreement.

    Args:
        first: Verified state.
        second: Verified state of the same agreement.

    Returns:
        The union.

    Raises:
        AgreementError: They are two agreements.
    """
    if first.hash != second.hash:
        raise AgreementError("these are two agreements")
    signatures = _least(
        (one.keyid, one)
        for state in (first, second)
        for one in Terms.decode_envelope(state.envelope).signatures
    )
    opened = Terms.decode_envelope(first.envelope)
    merged = dsse.Envelope(opened.payload_type, opened.payload, tuple(sorted(signatures.values())))
    begins = [at for at in (first.replaced, second.replaced) if at is not None]
    return AgreementState(
        hash=first.hash,
        terms=first.terms,
        envelope=dsse.encode(merged),
        signers=first.signers | second.signers,
        offers=_least([*first.offers.items(), *second.offers.items()]),
        revocations=_least([*first.revocations.items(), *second.revocations.items()]),
        replaced=min(begins, default=None),
        ended=max((one for one in (first.ended, second.ended) if one is not None), default=None),
    )


def propose_terms(terms: Terms, identity: Identity) -> bytes:
    """Put terms into an envelope with a first signature.

    Args:
        terms: The terms.
        identity: The proposing party.

    Returns:
        The envelope.

    Raises:
        AgreementError: The proposer is no party.
    """
    if identity.member_id not in terms.parties:
        raise AgreementError("clause 'parties': only a party proposes an agreement")
    return dsse.encode(sign(terms, identity.member_id, identity.signing))


def sign_terms(envelope: bytes, identity: Identity) -> bytes:
    """Add a party's signature to the exact bytes of the terms.

    Args:
        envelope: The terms' envelope; its content has been shown to a person.
        identity: The signing party.

    Returns:
        The envelope with one signature more.

    Raises:
        AgreementError: The signer is no party.
        MalformedError: Not an agreement's envelope.
    """
    if identity.member_id not in Terms.from_envelope(envelope).parties:
        raise AgreementError("clause 'parties': only a party signs an agreement")
    opened = Terms.decode_envelope(envelope)
    return dsse.encode(dsse.add_signature(opened, identity.member_id, identity.signing))
