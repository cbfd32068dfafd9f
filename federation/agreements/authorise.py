# SPDX-License-Identifier: Apache-2.0
"""Whether something may happen: the one place that decides (spec page ``authorisation``).

Nothing is allowed that is not listed. `authorise` gives a `Grant` or raises with the clause
that denies; `explain` says all clauses. Both ask the same rules (`federation.agreements.rules`).
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final, NoReturn

from federation.agreements.access import AccessRequest, Action
from federation.agreements.clauses import Clause
from federation.agreements.consent import Consent
from federation.agreements.handling import Marking
from federation.agreements.lifecycle import AgreementState
from federation.agreements.rules import rules
from federation.agreements.terms import Terms
from federation.charter import Charter
from federation.errors import PolicyError
from federation.indicators import Kind, Lane, Subject

__all__ = ["GRANT_LIFETIME", "Grant", "authorise", "comparisons", "explain"]

GRANT_LIFETIME: Final = timedelta(minutes=5)
"""A grant is for what happens now. Who waits for people asks again when they have decided."""


@dataclass(frozen=True, slots=True, init=False)
class Grant:
    """Evidence that `authorise` allowed something. Nobody else can make one."""

    request: AccessRequest
    agreement: bytes
    """SHA-256 of the terms that allow it."""
    clauses: tuple[str, ...]
    """The clauses that were asked, all of which allow it."""
    approvers: int
    """How many different people must have said yes: 0, 1 or 2."""
    marking: Marking
    """The codes that go with what is given."""
    days: int
    """How long the receiver may keep it."""
    consent: Consent | None
    """The survivor's consent that covers it; None in the network lane."""
    made: datetime
    expires: datetime
    """Afterwards it is worth nothing."""

    def __init__(self) -> None:
        raise TypeError("only authorise makes a grant")

    def __reduce__(self) -> NoReturn:
        raise TypeError("a grant is not stored")

    def check(self, at: datetime) -> None:
        """Refuse to act on a grant that is not of now.

        Args:
            at: Now.

        Raises:
            PolicyError: It was made at another time.
        """
        if not self.made <= at < self.expires:
            raise PolicyError("a permission is used at once or asked for again", clause="expires")


def authorise(
    request: AccessRequest,
    agreement: AgreementState | None,
    consent: Consent | None,
    *,
    charter: Charter,
    at: datetime,
    restricted: bool = False,
) -> Grant:
    """Allow something, or refuse it with the clause that decides.

    Args:
        request: What is to happen.
        agreement: What is signed between the two members; None without anything.
        consent: Of the giver's case, if it is about a survivor; None without one.
        charter: The charter in force.
        at: Now, UTC.
        restricted: Whether the giver's case is kept out of everything: a do-not-match flag, or
            a restriction of processing.

    Returns:
        The permission.

    Raises:
        AgreementError: A clause of the agreement denies it.
        PolicyError: A rule that no agreement can change denies it, or the consent does.
    """
    names = []
    for clause in rules(request, agreement, consent, charter, at, restricted):
        if not clause.allows:
            raise clause.error()
        names.append(clause.name)
    # With no agreement the rules end with a refusal.
    assert agreement is not None
    return _grant(request, agreement, consent, tuple(dict.fromkeys(names)), at)


def explain(
    request: AccessRequest,
    agreement: AgreementState | None,
    consent: Consent | None,
    *,
    charter: Charter,
    at: datetime,
    restricted: bool = False,
) -> list[Clause]:
    """Say clause by clause what allows something and what denies it.

    Takes what `authorise` takes, which gives a grant exactly if every clause allows it.
    """
    return list(rules(request, agreement, consent, charter, at, restricted))


def comparisons(
    terms: Terms,
    *,
    giver: str,
    receiver: str,
    kind: Kind,
    subject: Subject,
    action: Action = Action.COMPARE,
) -> tuple[AccessRequest, ...]:
    """Return what must be asked before a token is compared, or a held match is released.

    Who learns of a match may use it for every purpose of the agreement that comparing serves.
    So each of them must be allowed; without any, nothing is compared.

    Args:
        terms: Of the agreement.
        giver: Whose token it is.
        receiver: Who compares.
        kind: Of the token's indicator.
        subject: Whom it is about.
        action: To compare or to release.
    """
    return tuple(
        AccessRequest(action, giver, receiver, subject.lane, kind, subject, purpose)
        for purpose in terms.purposes
        if purpose.compared
    )


def _grant(
    request: AccessRequest,
    agreement: AgreementState,
    consent: Consent | None,
    clauses: tuple[str, ...],
    at: datetime,
) -> Grant:
    terms, action = agreement.terms, request.action
    used = consent if request.lane is Lane.SURVIVOR else None
    ends = [at + GRANT_LIFETIME, terms.valid_until]
    grant = object.__new__(Grant)
    for name, value in (
        ("request", request),
        ("agreement", agreement.hash),
        ("clauses", clauses),
        ("approvers", _APPROVERS.get(action, terms.approvers)),
        ("marking", terms.marking),
        ("days", terms.retention_days if action.compares else terms.days_disclosed),
        ("consent", used),
        ("made", at),
        ("expires", min(ends if used is None else [*ends, used.expires])),
    ):
        object.__setattr__(grant, name, value)
    return grant


_APPROVERS: Final = {Action.COMPARE: 0, Action.RELEASE: 1}
"""Comparing goes by itself; one person releases; the rest takes as many as the terms say."""
