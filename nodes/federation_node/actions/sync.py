# SPDX-License-Identifier: Apache-2.0
"""Comparing with partners."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from federation.errors import PeerError
from federation.member import StaffAction
from federation_node.actions.roles import action
from federation_node.context import NodeContext, now
from federation_node.lease import holding

__all__ = ["Synchronised", "sentence", "state", "synchronise"]

_PATIENCE = 300.0
"""Seconds that a command waits for the serving process to finish its own turn."""


@dataclass(frozen=True, slots=True)
class Synchronised:
    """What one synchronisation did."""

    skipped: bool
    """Another process of this node is at it."""
    tokenised: int = 0
    """Observations that got their token."""
    sent: int = 0
    """Bundles that partners acknowledged."""
    matches: int = 0
    """Matches that were found."""
    culprits: tuple[str, ...] = ()
    """Custodians that answered wrongly and were left out."""
    failures: tuple[tuple[str, str], ...] = ()
    """(partner, what went wrong); what was not sent stays due."""

    def document(self) -> dict[str, Any]:
        """Put it into one object for programs."""
        return {
            "tokenised": self.tokenised,
            "sent": self.sent,
            "matches": self.matches,
            "culprits": list(self.culprits),
            "failures": [{"partner": who, "reason": why} for who, why in self.failures],
        }


def sentence(done: Synchronised) -> str:
    """Say in words what a synchronisation did.

    Args:
        done: its result.

    Returns:
        Lines of text.
    """
    lines = [
        f"{done.tokenised} observations got their pseudonym",
        f"{done.sent} bundles were sent to partners, {done.matches} matches came back",
    ]
    lines += [f"{who} answered wrongly as a custodian and was left out" for who in done.culprits]
    lines += [f"{who}: {why}; tried again next time" for who, why in done.failures]
    return "\n".join(lines)


@action(StaffAction.SYNC)
def state(context: NodeContext) -> object:
    """Say what is pending, as a value that differs when something moved.

    Args:
        context: the node.

    Returns:
        Something to compare; it means nothing else.
    """
    with context.store.read() as tx:
        return (
            tx.charters.current(),
            tx.charters.proposals(),
            [(one, len(tx.ceremonies.messages(one.id))) for one in tx.ceremonies.list()],
            tx.agreements.list(),
        )


@action(StaffAction.SYNC)
def synchronise(
    context: NodeContext,
    *,
    patience: float = _PATIENCE,
    progress: Callable[[int], None] | None = None,
) -> Synchronised:
    """Fetch news, make tokens of what waits, and compare with every partner.

    Args:
        context: the node.
        patience: seconds to wait for another process of this node that is at it.
        progress: told how many pseudonyms are made so far.

    Returns:
        What was done.

    Raises:
        PeerError: another process was at it for too long.
        CasethreadError: tokens could not be made; what was made before is exchanged.
    """
    with holding(context.store, "sync", now, patience=patience) as held:
        if not held and patience:
            raise PeerError(
                "another process of this node is synchronising",
                next_step="wait for it, or see the log of 'casethread serve'",
            )
        if not held:
            return Synchronised(skipped=True)
        report = context.member.sync(progress)
    return Synchronised(
        skipped=False,
        tokenised=report.tokens.tokens,
        culprits=tuple(sorted(report.tokens.culprits)),
        sent=report.sent.buckets,
        matches=report.sent.matches,
        failures=tuple((member, str(error)) for member, error in report.sent.failures),
    )
