# SPDX-License-Identifier: Apache-2.0
"""Values that screening holds back, and what people here decide about them."""

from typing import Any

from federation.audit import Event
from federation.errors import InputError
from federation.member import HeldValue, StaffAction
from federation_node.actions.prefixes import beginning_with
from federation_node.actions.roles import action
from federation_node.context import NodeContext

__all__ = ["allow", "document", "find", "listed", "look", "refuse"]

_LONGEST_NAME = 100


@action(StaffAction.SCREEN_LIST)
def listed(context: NodeContext, *, decided: bool = False) -> list[HeldValue]:
    """List the values that wait for a person, those in most cases first.

    Args:
        context: the node.
        decided: list the values about which somebody has decided instead, the last first.
    """
    screening = context.member.screening
    if decided:
        return sorted(screening.decided(), key=_last_first)
    return sorted(screening.waiting(), key=lambda held: (-len(held.observations), held.id))


@action(StaffAction.SCREEN_LIST)
def find(context: NodeContext, prefix: str) -> HeldValue:
    """Find a value by the beginning of its id.

    Args:
        context: the node.
        prefix: at least 8 hex digits.

    Returns:
        The value, as it waits or was decided.

    Raises:
        InputError: no value begins so, or several do.
    """
    # Of a value that waits again, how it waits is what counts.
    both = [*listed(context), *listed(context, decided=True)]
    found = beginning_with(prefix, ((held.id.hex(), held) for held in both))
    if not found:
        raise InputError(
            "no single value begins with these digits", next_step="see 'casethread screen list'"
        )
    return found[0]


@action(StaffAction.CASE_SHOW)
def look(context: NodeContext, prefix: str) -> HeldValue:
    """Find a value to see what it is and where it stands; the record counts who looked.

    Args:
        context: the node.
        prefix: at least 8 hex digits of its id.

    Returns:
        The value.

    Raises:
        InputError: no value begins so, or several do.
    """
    found = find(context, prefix)
    context.member.record.looked(Event.CASE_READ, context.by)
    return found


@action(StaffAction.SCREEN_ALLOW)
def allow(context: NodeContext, held: HeldValue, *, by: str) -> HeldValue:
    """Let a value be compared.

    Args:
        context: the node.
        held: the value.
        by: who decides.

    Returns:
        The value as it is now.

    Raises:
        InputError: it neither waits nor was decided about, or nobody is named.
    """
    name = _name(by)
    return context.member.screening.decide(held.id, allow=True, name=name, by=context.by)


@action(StaffAction.SCREEN_REFUSE)
def refuse(context: NodeContext, held: HeldValue, *, by: str) -> HeldValue:
    """Keep a value out.

    Args:
        context: the node.
        held: the value.
        by: who decides.

    Returns:
        The value as it is now.

    Raises:
        InputError: it neither waits nor was decided about, or nobody is named.
    """
    name = _name(by)
    return context.member.screening.decide(held.id, allow=False, name=name, by=context.by)


def document(held: HeldValue, *, show: bool = False) -> dict[str, Any]:
    """Put a value into one object for programs.

    Args:
        held: the value.
        show: also say what it is and in which cases it stands.
    """
    decision = held.decision
    told: dict[str, Any] = {
        "value": held.id.hex(),
        "kinds": [kind.value for kind in held.kinds],
        "reasons": list(held.reasons),
        "observations": len(held.observations),
        "statuses": sorted({seen.status.value for seen in held.observations}),
        "decision": None
        if decision is None
        else {
            "allowed": decision.allowed,
            "reasons": sorted(decision.reasons),
            "by": decision.by,
            "at": decision.at.isoformat(),
        },
    }
    if show:
        told["cases"] = [
            {
                "case": seen.case_id,
                "field": seen.field,
                "subject": seen.subject.value,
                "written": seen.raw if isinstance(seen.raw, str) else dict(seen.raw),
            }
            for seen in held.observations
        ]
    return told


def _last_first(held: HeldValue) -> tuple[float, bytes]:
    assert held.decision is not None
    return -held.decision.at.timestamp(), held.id


def _name(by: str) -> str:
    name = by.strip()
    if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
        raise InputError(
            f"who decides is a name of at most {_LONGEST_NAME} printable characters",
            next_step="name yourself with --by",
        )
    return name
