# SPDX-License-Identifier: Apache-2.0
"""Values that screening holds back, and what people here decide about them."""

from typing import Any

from federation.errors import InputError
from federation.member import HeldValue
from federation_node.actions.prefixes import beginning_with
from federation_node.context import NodeContext

__all__ = ["decide", "document", "find", "listed"]

_LONGEST_NAME = 100


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


def decide(context: NodeContext, held: HeldValue, *, allow: bool, by: str) -> HeldValue:
    """Let a value be compared, or keep it out.

    Args:
        context: the node.
        held: the value.
        allow: whether it may be compared.
        by: who decides.

    Returns:
        The value as it is now.

    Raises:
        InputError: it neither waits nor was decided about, or nobody is named.
    """
    name = by.strip()
    if not 0 < len(name) <= _LONGEST_NAME or not name.isprintable():
        raise InputError(
            f"who decides is a name of at most {_LONGEST_NAME} printable characters",
            next_step="name yourself with --by",
        )
    return context.member.screening.decide(held.id, allow=allow, by=name)


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
