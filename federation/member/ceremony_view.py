# SPDX-License-Identifier: Apache-2.0
"""What people see of a ceremony."""

from dataclasses import dataclass

from federation.charter import Ceremony, CeremonyStatus, KeySpec

__all__ = ["CeremonyView", "view_of"]


@dataclass(frozen=True, slots=True)
class CeremonyView:
    """Where a ceremony stands, for people."""

    id: bytes
    status: CeremonyStatus
    phase: str
    initiator: str
    threshold: int
    participants: tuple[str, ...]
    reshares: bool
    """Whether keys in force are shared anew; else new keys are made."""
    dealers: tuple[str, ...]
    custodians: tuple[str, ...]
    """Who holds a share afterwards."""
    keys: tuple[KeySpec, ...]
    waiting_for: frozenset[str]
    failure: str | None
    culprits: frozenset[str]


def view_of(ceremony: Ceremony) -> CeremonyView:
    """Describe a ceremony."""
    failure, proposal = ceremony.failure, ceremony.proposal
    return CeremonyView(
        id=ceremony.id,
        status=ceremony.status,
        phase=ceremony.phase,
        initiator=proposal.initiator,
        threshold=proposal.threshold,
        participants=tuple(one.member for one in proposal.participants),
        reshares=proposal.resharing is not None,
        dealers=tuple(one.member for one in proposal.participants if one.index in proposal.dealers),
        custodians=tuple(
            one.member for one in proposal.participants if one.index in proposal.receivers
        ),
        keys=tuple(proposal.keys),
        waiting_for=frozenset(ceremony.waiting_for),
        failure=None if failure is None else str(failure),
        culprits=frozenset() if failure is None else failure.culprits,
    )
