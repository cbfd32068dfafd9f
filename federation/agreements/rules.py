# SPDX-License-Identifier: Apache-2.0
"""The rules behind `authorise`, in the order in which they are asked.

The table that they follow stands in the spec page ``authorisation``; a test compares both over
every combination. A rule that no agreement can change is marked so (`Clause.agreed`).
"""

from collections.abc import Iterator
from datetime import datetime
from typing import Final

from federation.agreements.access import AccessRequest, Action
from federation.agreements.clauses import Clause
from federation.agreements.consent import Consent, consent_clause
from federation.agreements.lifecycle import AgreementState, Status
from federation.agreements.purposes import Purpose
from federation.agreements.terms import Detail, Flow, Terms
from federation.charter import Charter, Role
from federation.errors import MembershipError, PolicyError
from federation.indicators import Kind, Lane, Subject

__all__ = ["rules"]

_RESTRICTED: Final = {
    True: Clause("restricted", False, "the case is kept out of everything", agreed=False),
    False: Clause("restricted", True, "the case is not kept out", agreed=False),
}
_NO_AGREEMENT: Final = Clause("status", False, "there is no agreement")
_STANDING: Final = {
    status: Clause("status", status is Status.IN_FORCE, reason)
    for status, reason in (
        (Status.PROPOSED, "the agreement is not in force yet"),
        (Status.IN_FORCE, "the agreement is in force"),
        (Status.EXPIRED, "the agreement is over"),
        (Status.REVOKED, "a party has revoked the agreement"),
        (Status.REPLACED, "a later agreement stands in its place"),
    )
}


def rules(
    request: AccessRequest,
    agreement: AgreementState | None,
    consent: Consent | None,
    charter: Charter,
    at: datetime,
    restricted: bool,
) -> Iterator[Clause]:
    """Yield every rule that bears on a request; it may happen if all allow it.

    Takes what `federation.agreements.authorise` takes. Without an agreement, or one that both
    members are parties of, there is nothing more to say after that.
    """
    yield _RESTRICTED[restricted]
    if agreement is None:
        yield _NO_AGREEMENT
        return
    terms = agreement.terms
    yield _STANDING[agreement.status(at)]
    member = _membership(request, terms, charter)
    yield member
    if not member.allows:
        return
    roles = (charter.member(request.giver).role, charter.member(request.receiver).role)
    yield from _listed(request, terms)
    yield _purpose_fits(request, roles)
    yield from _action_fits(request)
    if Role.LAW_ENFORCEMENT in roles:
        yield from _law_enforcement(request, terms)
    if request.action is Action.QUERY:
        yield _direction("query", request, terms.query)
    elif not request.action.compares:
        yield _direction("disclosure", request, terms.disclosure)
    if request.lane is Lane.SURVIVOR:
        yield consent_clause(consent, request.purpose, roles[1], at)
    if request.received is not None:
        onward = request.received.onward
        yield _rule(
            "handling", onward, f"what was received may {'' if onward else 'not '}be passed on"
        )


def _membership(request: AccessRequest, terms: Terms, charter: Charter) -> Clause:
    """Both are parties, neither is suspended, and the federation allows these terms."""
    pair = {request.giver, request.receiver}
    if len(pair) != 2 or not pair <= set(terms.parties):
        return Clause("parties", allows=False, reason="it is not between two of its parties")
    try:
        terms.check_against(charter)
    except MembershipError:
        return _rule("parties", allows=False, reason="a party is not a member any more")
    except PolicyError as error:
        reason = str(error).partition(": ")[2]
        return _rule(error.clause or "parties", allows=False, reason=reason)
    if any(charter.member(one).suspended for one in pair):
        return _rule("parties", allows=False, reason="one of the two is suspended")
    return Clause("parties", allows=True, reason="both are parties, and members")


def _listed(request: AccessRequest, terms: Terms) -> Iterator[Clause]:
    lane, subject, kind = request.lane, request.subject, request.kind
    yield _is_listed("lanes", "lane", lane, terms.lanes)
    own = subject.lane is lane
    verb = "belongs" if own else "does not belong"
    yield _rule("lanes", own, f"subject {subject.value} {verb} to lane {lane.value}")
    yield _is_listed("subjects", "subject", subject, terms.subjects)
    if isinstance(kind, Detail):
        yield _is_listed("details", "detail", kind, terms.details)
    else:
        yield _is_listed("kinds", "kind", kind, terms.kinds)
    yield _is_listed("purposes", "purpose", request.purpose, terms.purposes)


def _purpose_fits(request: AccessRequest, roles: tuple[Role, Role]) -> Clause:
    """Some purposes are served only in one way; the consent of a survivor cannot change that."""
    purpose, action = request.purpose, request.action
    if action.compares and not purpose.compared:
        return _rule("purposes", False, f"nobody is compared for purpose {purpose.value}")
    if purpose is Purpose.REFERRAL and request.lane is not Lane.SURVIVOR:
        return _rule("purposes", False, "only a survivor is referred")
    if purpose is Purpose.INVESTIGATION and Role.LAW_ENFORCEMENT not in roles:
        return _rule("purposes", False, "an investigation is law enforcement's")
    if action is Action.REFER and purpose is not Purpose.REFERRAL:
        return _rule("purposes", False, "a referral has no other purpose")
    return _rule("purposes", True, f"purpose {purpose.value} fits action {action.value}")


def _action_fits(request: AccessRequest) -> Iterator[Clause]:
    action, kind = request.action, request.kind
    if isinstance(kind, Detail) and (action.compares or action is Action.QUERY):
        yield _rule("kinds", False, f"action {action.value} is about indicators")
    if kind is Detail.SAFETY:
        survivor = request.lane is Lane.SURVIVOR
        yield _rule("details", survivor, "how to reach a person safely is told about survivors")
    if action is Action.QUERY:
        network = request.lane is Lane.NETWORK
        yield _rule("query", network, "queries are about the network lane alone")


def _law_enforcement(request: AccessRequest, terms: Terms) -> Iterator[Clause]:
    """Law enforcement asks and is answered; it holds no tokens of others, and no survivors."""
    if request.action.compares:
        yield _rule("law-enforcement", False, "tokens are not compared with law enforcement")
    if request.lane is Lane.SURVIVOR:
        yield _rule("law-enforcement", False, "law enforcement never meets survivors here")
    coded = bool(terms.europol)
    yield Clause("europol", coded, f"there is {'a' if coded else 'no'} handling code for it")


def _direction(name: str, request: AccessRequest, flows: tuple[Flow, ...]) -> Clause:
    listed = any((flow.giver, flow.receiver) == (request.giver, request.receiver) for flow in flows)
    return Clause(name, listed, f"this direction is {'listed' if listed else 'not listed'}")


def _is_listed(
    name: str,
    what: str,
    value: Lane | Subject | Kind | Detail | Purpose,
    listed: tuple[object, ...],
) -> Clause:
    found = value in listed
    return Clause(name, found, f"{what} {value.value} is {'listed' if found else 'not listed'}")


def _rule(name: str, allows: bool, reason: str) -> Clause:
    """Return a rule that no agreement can change."""
    return Clause(name, allows, reason, agreed=False)
