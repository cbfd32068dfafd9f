# SPDX-License-Identifier: Apache-2.0
"""What is held on the matches of a request, and what of it may be told now."""

import dataclasses
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

from federation.disclosure import Choice, DisclosedValue, DisclosureRequest, Holding, accesses
from federation.errors import PolicyError
from federation.indicators import Lane, Subject
from federation.member.casework import rows_of
from federation.member.core import Core
from federation.member.standing import Standing
from federation.storage import ObservationStatus, StoredCase, Tx, Verdict
from federation.storage.matches import MatchStatus

__all__ = ["Held", "held_on", "needed_for", "values_of"]

_TOLD: Final = {
    Lane.NETWORK: frozenset({ObservationStatus.PENDING, ObservationStatus.TOKENISED}),
    Lane.SURVIVOR: frozenset(
        {
            ObservationStatus.PENDING,
            ObservationStatus.TOKENISED,
            ObservationStatus.WAITING_CONSENT,
        }
    ),
}
"""What screening keeps out, or what waits for a person, is not disclosed either."""


@dataclass(frozen=True, slots=True)
class Held:
    """An own case with what it takes to judge and to name it."""

    case: StoredCase
    holding: Holding


def held_on(
    core: Core, standing: Standing, tx: Tx, asked: DisclosureRequest, choice: Choice
) -> tuple[list[Held], tuple[str, ...]]:
    """Return the own cases that a request is about, with the grants of now.

    Args:
        core: The member.
        standing: Its agreements.
        tx: The transaction of what is done.
        asked: The request.
        choice: What a person lets go.

    Returns:
        The cases, and the clauses that keep something of them back.

    Raises:
        PolicyError: Nothing is permitted: names the first clause.
    """
    assert asked.agreement is not None  # checked when it was read
    found, refusals = [], list[PolicyError]()
    for case, matches, about in _cases(tx, asked):
        holding = Holding(matches, about, values_of(case, asked.lane), case.minor)
        consent = core.consent_of(tx, case.uuid) if asked.lane is Lane.SURVIVOR else None
        restricted = core.restricted(tx, case.uuid)
        grants = []
        for access in accesses(asked, choice, holding):
            try:
                grants.append(
                    standing.authorise(tx, asked.agreement, access, consent, restricted=restricted)
                )
            except PolicyError as error:
                refusals.append(error)
        found.append(Held(case, dataclasses.replace(holding, grants=tuple(grants))))
    if refusals and not any(one.holding.grants for one in found):
        raise refusals[0]
    clauses = dict.fromkeys(error.clause for error in refusals if error.clause is not None)
    return found, tuple(clauses)


def needed_for(held: Sequence[Held]) -> int:
    """Return how many different people must approve what is told of some cases."""
    return max((grant.approvers for one in held for grant in one.holding.grants), default=1)


def _cases(
    tx: Tx, asked: DisclosureRequest
) -> list[tuple[StoredCase, tuple[bytes, ...], frozenset[Subject]]]:
    """Return the own cases behind the matches of a request, without those that are rejected.

    Each with the ids of its matches, as both sides know them, and whom these are about.
    """
    matches: dict[tuple[str, str], set[bytes]] = {}
    about: dict[tuple[str, str], set[Subject]] = {}
    for match_id in asked.matches:
        stored = tx.matches.known_as(asked.sender, match_id)
        if stored is None or stored.status is not MatchStatus.PROVEN:
            continue
        for row in rows_of(tx, stored):
            if row.verdict is not Verdict.REJECTED and row.subject.lane is asked.lane:
                key = row.source, row.case
                matches.setdefault(key, set()).add(match_id)
                about.setdefault(key, set()).add(row.subject)
    found = []
    for source, case_id in sorted(matches):
        case = tx.cases.get(case_id, source)
        assert case is not None  # it has the observation
        key = source, case_id
        found.append((case, tuple(sorted(matches[key])), frozenset(about[key])))
    return found


def values_of(case: StoredCase, lane: Lane) -> tuple[DisclosedValue, ...]:
    """Return what a case holds of a lane in normal form, each once."""
    values = {
        (one.kind, one.subject, one.value): DisclosedValue(
            kind=one.kind, subject=one.subject, value=one.value
        )
        for one in case.observations
        if one.value is not None and one.subject.lane is lane and one.status in _TOLD[lane]
    }
    return tuple(values[key] for key in sorted(values))
