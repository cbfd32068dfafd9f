# SPDX-License-Identifier: Apache-2.0
"""Who is asked to take part in a ceremony, and for which keys."""

from dataclasses import dataclass
from datetime import datetime

from federation.charter import (
    Charter,
    Identity,
    KeySpec,
    LaneKey,
    Role,
    default_threshold,
)
from federation.charter.proposal import propose, propose_resharing
from federation.charter.resharing import number_custodians
from federation.errors import CeremonyError, MembershipError
from federation.indicators import IndicatorClass, Lane

__all__ = ["CeremonyPlan", "draft_proposal"]


@dataclass(frozen=True, slots=True)
class CeremonyPlan:
    """What an operator asks for."""

    threshold: int | None = None
    """Shares that an evaluation takes; a majority without."""
    reshare: bool = False
    """Share the keys in force anew, instead of making a new epoch."""
    without: tuple[str, ...] = ()
    """Custodians that are to hold no share afterwards."""
    dealers: tuple[str, ...] = ()
    """Who deals in a resharing; as many as it takes, chosen here, without."""
    epoch: int | None = None
    """Only the keys of one epoch; all in force without."""


def draft_proposal(
    identity: Identity,
    charter: Charter,
    charter_digest: bytes,
    plan: CeremonyPlan,
    *,
    ceremony_id: bytes,
    at: datetime,
) -> bytes:
    """Write the proposal of a ceremony.

    Args:
        identity: Who proposes.
        charter: The charter in force.
        charter_digest: SHA-256 of its payload.
        plan: What the operator asks for.
        ceremony_id: 16 random bytes.
        at: Now, UTC, whole seconds.

    Returns:
        The signed envelope.

    Raises:
        MembershipError: The proposer is no custodian, or there are fewer than two.
        CeremonyError: The plan does not fit the keys in force.
        MalformedError: The threshold is out of range.
    """
    # Law enforcement holds no survivor share, and one ceremony serves the keys of both lanes.
    able = {one.id for one in charter.custodians if one.role is not Role.LAW_ENFORCEMENT}
    receivers = able - set(plan.without)
    if identity.member_id not in able:
        raise MembershipError("only a custodian outside law enforcement starts a ceremony")
    if len(receivers) < 2:
        raise MembershipError(
            "a key needs at least two custodians",
            next_step="admit another custodian and sign the new charter first",
        )
    threshold = plan.threshold or default_threshold(len(receivers))
    if plan.reshare:
        keys = [key for key in charter.keys if plan.epoch in {None, key.epoch}]
        return propose_resharing(
            identity,
            charter,
            charter_digest,
            ceremony_id=ceremony_id,
            receivers=_numbered_alike(keys, receivers),
            dealers=plan.dealers or _dealers(keys, charter, identity.member_id, receivers),
            threshold=threshold,
            keys=keys,
            at=at,
        )
    return propose(
        identity,
        charter,
        charter_digest,
        ceremony_id=ceremony_id,
        participants=_new_indices(charter, receivers),
        threshold=threshold,
        keys=[
            KeySpec(lane=lane, cls=cls, epoch=_next_epoch(charter, lane, cls))
            for lane in Lane
            for cls in IndicatorClass
        ],
        at=at,
    )


def _next_epoch(charter: Charter, lane: Lane, cls: IndicatorClass) -> int:
    return max((key.epoch for key in charter.live_keys(lane, cls)), default=0) + 1


def _new_indices(charter: Charter, receivers: set[str]) -> dict[int, str]:
    """Number custodians as in the keys in force, so that both epochs can be reshared together."""
    if charter.keys:
        try:
            return number_custodians(charter.keys, receivers)
        except CeremonyError:
            pass
    return dict(enumerate(sorted(receivers), start=1))


def _numbered_alike(keys: list[LaneKey], receivers: set[str]) -> set[str]:
    if not keys:
        raise CeremonyError(
            "there is no key to reshare",
            next_step="make keys first: 'casethread custodian ceremony start'",
        )
    try:
        number_custodians(keys, receivers)
    except CeremonyError as error:
        error.next_step = "reshare one epoch after the other: --epoch"
        raise
    return receivers


def _dealers(
    keys: list[LaneKey], charter: Charter, proposer: str, receivers: set[str]
) -> tuple[str, ...]:
    """Choose an old quorum: who stays before who leaves, for those must be there anyway."""
    custodians = {one.id for one in charter.custodians}
    holders = [{one.member for one in key.custodians} & custodians for key in keys]
    able = sorted(
        set.intersection(*holders),
        key=lambda member: (member != proposer, member not in receivers, member),
    )
    needed = max(key.threshold for key in keys)
    if len(able) < needed:
        raise CeremonyError("too few custodians of these keys are left to deal")
    return tuple(able[:needed])
