# SPDX-License-Identifier: Apache-2.0
"""What a person wants to see first: the node, the federation, what waits."""

from datetime import timedelta
from typing import Any, Final

from federation.agreements import Status
from federation.charter import Charter, check_usable
from federation.charter.ceremony import CeremonyStatus
from federation.errors import MembershipError
from federation.indicators import Lane
from federation.member import (
    Direction,
    DisclosureStatus,
    InForce,
    MatchStatus,
    Proposal,
    StaffAction,
    open_conflicts,
)
from federation_node.actions.roles import action
from federation_node.context import NodeContext, now

__all__ = ["charters", "member_names", "overview"]

_SOON: Final = timedelta(days=30)
"""So long before its end a consent is asked for again."""


@action(StaffAction.FEDERATION_SHOW)
def charters(context: NodeContext) -> tuple[InForce | None, Charter | None, list[Proposal]]:
    """Return what this node knows of charters.

    Args:
        context: the node.

    Returns:
        The one in force, the draft of the first one, and those that gather signatures.
    """
    return context.member.in_force, context.member.draft(), context.member.proposals()


@action(StaffAction.FEDERATION_SHOW)
def member_names(context: NodeContext) -> dict[str, str]:
    """Return what the members of the federation are called.

    Args:
        context: the node.

    Returns:
        Name by member id.
    """
    current = context.member.in_force
    return {} if current is None else {one.id: one.name for one in current.charter.members}


def _usable(charter: Charter) -> bool:
    """Whether the node may work under a charter now."""
    try:
        check_usable(charter, now())
    except MembershipError:
        return False
    return True


@action(StaffAction.STATUS)
def overview(context: NodeContext) -> dict[str, Any]:
    """Gather the state of the node.

    Args:
        context: the node.

    Returns:
        One object, without anything that identifies a case.
    """
    current = context.member.in_force
    with context.store.read() as tx:
        cases = tx.cases.counts()
        matches = tx.matches.counts()
        survivors = tx.matches.counts(Lane.SURVIVOR)
        undecided = tx.verdicts.count_undecided()
        ending = tx.consents.count_ending(now(), now() + _SOON)
        unsent = tx.exchange.unsent()
        owed = tx.retractions.owed_to()
        record = {
            "entries": tx.audit.size(),
            "evidence": sorted({one.member for one in tx.witnessed.evidence()}),
        }
        conflicts = open_conflicts(tx)
        values = tx.screening.waiting()
        asked = tx.disclosures.waiting(Direction.RECEIVED)
        own_requests = tx.disclosures.count_waiting(Direction.ASKED)
    views = context.member.agreements() if current is not None else []
    ceremonies = context.member.ceremonies() if current is not None else []
    proposals = context.member.proposals()
    own = context.member.id
    return {
        "member": own,
        "endpoint": context.config.node.endpoint,
        "federation": None
        if current is None
        else {
            "name": current.charter.name,
            "version": current.charter.version,
            "expires": current.charter.expires.isoformat(),
            "usable": _usable(current.charter),
            "conflicts": [
                {
                    "member": one.member,
                    "version": one.version,
                    "signed_both": sorted(one.signed_both),
                }
                for one in conflicts
            ],
            "members": [member.id for member in current.charter.members],
            "keys": len(current.charter.keys),
        },
        "cases": cases.cases,
        "observations": {status.value: count for status, count in cases.by_status.items()},
        "matches": {status.value: matches[status] for status in MatchStatus},
        "casework": {
            "undecided": undecided,
            "survivors_held": survivors[MatchStatus.HELD],
            "second_approvals": sum(one.status is DisclosureStatus.ONCE for one in asked),
            "requests_open": own_requests,
            "consents_ending": ending,
        },
        "unsent": unsent,
        "retractions_owed": owed,
        "record": record,
        "agreements": {
            status.value: sum(view.status is status for view in views) for status in Status
        },
        "waiting_for_you": {
            "charters": [one.digest.hex() for one in proposals if own in one.missing.members],
            "agreements": [
                view.hash.hex()
                for view in views
                if view.status is Status.PROPOSED and own in view.missing
            ],
            "ceremonies": [
                view.id.hex()
                for view in ceremonies
                if view.status is CeremonyStatus.PROPOSED and own in view.waiting_for
            ],
            "values": [value.hex() for value in values],
            "disclosures": [one.request.hex() for one in asked],
        },
    }
