# SPDX-License-Identifier: Apache-2.0
"""Beginning a ceremony: who may propose what to whom."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

from federation.charter.charter import Charter
from federation.charter.identity import Identity
from federation.charter.keys import KeySpec, LaneKey, Participant
from federation.charter.members import Role
from federation.charter.resharing import describe, number_custodians, resharing_fault
from federation.charter.rounds import Proposal
from federation.crypto import dsse
from federation.documents import digest, open_envelope, sign
from federation.errors import CeremonyError, MalformedError, MembershipError
from federation.indicators import Lane

__all__ = ["check_proposal", "open_proposal", "overtaken", "propose", "propose_resharing"]


def propose(
    identity: Identity,
    charter: Charter,
    charter_digest: bytes,
    *,
    ceremony_id: bytes,
    participants: Mapping[int, str],
    threshold: int,
    keys: Iterable[KeySpec],
    at: datetime,
) -> bytes:
    """Propose a ceremony. The proposer's own operator accepts it like everybody else's.

    Args:
        identity: The proposer, one of the participants.
        charter: The charter in force.
        charter_digest: SHA-256 of its payload.
        ceremony_id: 16 random bytes.
        participants: Member id by custodian index.
        threshold: How many custodians an evaluation takes, at least 2.
        keys: Lane, class and epoch of each key to make.
        at: Now, UTC, whole seconds.

    Returns:
        The proposal's envelope: the first message of the ceremony.

    Raises:
        CeremonyError: The charter does not allow it.
        MembershipError: A participant is not a member.
        MalformedError: A figure is out of range.
    """
    return _propose(
        identity,
        charter,
        charter_digest,
        ceremony=ceremony_id,
        participants=participants,
        threshold=threshold,
        keys=tuple(sorted(keys, key=lambda one: one.order)),
        resharing=None,
        at=at,
    )


def propose_resharing(
    identity: Identity,
    charter: Charter,
    charter_digest: bytes,
    *,
    ceremony_id: bytes,
    receivers: Iterable[str],
    dealers: Iterable[str],
    threshold: int,
    keys: Sequence[LaneKey],
    at: datetime,
) -> bytes:
    """Propose to share keys in force anew; what they make of an input stays the same.

    Args:
        identity: The proposer, a dealer or a receiver.
        charter: The charter in force.
        charter_digest: SHA-256 of its payload.
        ceremony_id: 16 random bytes.
        receivers: Member ids of the custodians afterwards.
        dealers: Member ids of present custodians, at least the present threshold.
        threshold: How many custodians an evaluation takes afterwards, at least 2.
        keys: The keys, which must number their custodians alike.
        at: Now, UTC, whole seconds.

    Returns:
        The proposal's envelope: the first message of the ceremony.

    Raises:
        CeremonyError: The charter does not allow it, or the keys are numbered differently.
        MembershipError: A participant is not a member.
        MalformedError: A figure is out of range.
    """
    ordered = tuple(sorted(keys, key=lambda one: one.order))
    if not ordered:
        raise CeremonyError(
            "there is no key to reshare", next_step="make keys first: custodian ceremony start"
        )
    numbered = number_custodians(ordered, receivers)
    wanted = set(dealers)
    dealing = {one.index: one.member for one in ordered[0].custodians if one.member in wanted}
    if set(dealing.values()) != wanted:
        raise CeremonyError("a dealer holds no share of the key")
    return _propose(
        identity,
        charter,
        charter_digest,
        ceremony=ceremony_id,
        participants=numbered | dealing,
        threshold=threshold,
        keys=tuple(KeySpec(lane=key.lane, cls=key.cls, epoch=key.epoch) for key in ordered),
        resharing=describe(ordered, dealing, numbered),
        at=at,
    )


def _propose(
    identity: Identity,
    charter: Charter,
    charter_digest: bytes,
    *,
    participants: Mapping[int, str],
    at: datetime,
    **fields: Any,
) -> bytes:
    listed = []
    for index, member_id in sorted(participants.items()):
        member = charter.member(member_id)
        listed.append(
            Participant(
                index=index,
                member=member_id,
                signing_key=member.signing_key,
                sealing_key=member.sealing_key,
            )
        )
    proposal = Proposal(
        federation_id=charter.federation_id,
        charter_version=charter.version,
        charter_digest=charter_digest,
        initiator=identity.member_id,
        proposed_at=at,
        participants=tuple(listed),
        **fields,
    )
    check_proposal(proposal, charter)
    return dsse.encode(sign(proposal, identity.member_id, identity.signing))


def open_proposal(envelope: bytes) -> Proposal:
    """Check a proposal's signature against the keys that it names.

    Whether those are the charter's is decided by `check_proposal`.

    Raises:
        VerifyError: The signature does not hold.
        MalformedError: Not a proposal.
    """
    opened = Proposal.decode_envelope(envelope)
    if opened.payload_type != Proposal.TYPE or len(opened.signatures) != 1:
        raise MalformedError("not the proposal of a ceremony")
    claimed = Proposal.from_envelope(envelope)
    initiator = claimed.participant(claimed.initiator)
    assert initiator is not None  # checked by the document itself
    return open_envelope(Proposal, opened, {initiator.member: initiator.signing_key}, 1)


def check_proposal(proposal: Proposal, charter: Charter) -> None:
    """Refuse a ceremony that the charter does not allow, or no longer.

    Args:
        proposal: The proposal, its signature checked.
        charter: The charter in force.

    Raises:
        CeremonyError: Says why, and names the proposer where it is to blame.
    """
    culprit = [proposal.initiator]
    if proposal.federation_id != charter.federation_id:
        raise CeremonyError("the ceremony is of another federation", culprit)
    known = digest(charter.to_bytes())
    if proposal.charter_version > charter.version or (
        proposal.charter_version == charter.version and proposal.charter_digest != known
    ):
        raise CeremonyError("the ceremony runs under another charter", culprit)
    _check_participants(proposal, charter)
    if proposal.resharing is not None:
        fault = resharing_fault(proposal, proposal.keys, charter.keys)
        if fault is not None:
            raise CeremonyError(fault, culprit)
    elif overtaken(proposal, charter):
        raise CeremonyError("the epoch is in use, or over", culprit)


def _check_participants(proposal: Proposal, charter: Charter) -> None:
    survivor = any(key.lane is Lane.SURVIVOR for key in proposal.keys)
    for one in proposal.participants:
        try:
            member = charter.member(one.member)
        except MembershipError:
            raise CeremonyError("a participant is not a member", [one.member]) from None
        if member.suspended or not member.custodian:
            raise CeremonyError("a participant is no custodian", [one.member])
        if (member.signing_key, member.sealing_key) != (one.signing_key, one.sealing_key):
            raise CeremonyError("a participant has other keys in the charter", [one.member])
        if survivor and member.role is Role.LAW_ENFORCEMENT:
            raise CeremonyError("law enforcement holds no survivor share", [proposal.initiator])


def overtaken(proposal: Proposal, charter: Charter) -> bool:
    """Say whether a charter that does not list the outcome of a ceremony rules it out for good.

    Args:
        proposal: The ceremony's proposal.
        charter: The charter in force.
    """
    if proposal.resharing is None:
        return any(
            key.epoch <= live.epoch
            for key in proposal.keys
            for live in charter.live_keys(key.lane, key.cls)
        )
    listed = {(key.key_id, key.generation) for key in charter.keys}
    return any((old.key_id, old.generation) not in listed for old in proposal.resharing.keys)
