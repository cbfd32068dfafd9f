# SPDX-License-Identifier: Apache-2.0
"""What needs a decision, the most urgent first."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from starlette.responses import Response

from federation.member import StaffAction
from federation_node.actions.overview import overview
from federation_node.console.visit import Visit, get
from federation_node.console.words import N_

__all__ = ["Duty"]


@dataclass(frozen=True, slots=True)
class Duty:
    """Something that waits for a person."""

    says: str
    count: int
    what: str
    """What to do about it."""
    path: str
    action: StaffAction
    """Who may do this can do something about it."""
    grave: bool = False


@get("/today", StaffAction.STATUS)
def today(visit: Visit) -> Response:
    """Show what waits, and a few numbers."""
    state = overview(visit.context)
    duties = [one for one in _duties(state) if one.count]
    return visit.render("today.html", duties=duties, state=state)


def _duties(state: dict[str, Any]) -> Iterator[Duty]:
    federation, waiting = state["federation"], state["waiting_for_you"]
    if federation is None:
        yield Duty(
            N_("This node belongs to no federation yet"),
            1,
            N_("Your technician creates one, or joins one by invitation."),
            "/health",
            StaffAction.DOCTOR,
        )
    else:
        yield Duty(
            N_("Two versions of the federation's charter contradict each other"),
            len(federation["conflicts"]),
            N_("Sign nothing, and tell your technician now."),
            "/health",
            StaffAction.DOCTOR,
            grave=True,
        )
        yield Duty(
            N_("The federation's charter is over"),
            int(not federation["usable"]),
            N_("Nothing is compared until a new one is signed. Tell your technician."),
            "/health",
            StaffAction.DOCTOR,
            grave=True,
        )
    yield Duty(
        N_("The record of another organisation was changed"),
        len(state["record"]["evidence"]),
        N_("Look at Health, and call them."),
        "/health",
        StaffAction.DOCTOR,
        grave=True,
    )
    casework = state["casework"]
    yield Duty(
        N_("Survivors of whom another organisation may know too"),
        casework["survivors_held"],
        N_("The other side has not been told. Read each one, and release it or leave it."),
        "/matches?status=held",
        StaffAction.MATCH_LIST,
        grave=True,
    )
    yield Duty(
        N_("Requests of other organisations to tell what you hold"),
        len(waiting["disclosures"]),
        N_("See exactly what would leave, then approve, narrow or deny."),
        "/disclosures",
        StaffAction.DISCLOSURE_LIST,
        grave=True,
    )
    yield Duty(
        N_("Disclosures that wait for a second person"),
        casework["second_approvals"],
        N_("Somebody else than the first looks at it, and approves the same or not."),
        "/disclosures",
        StaffAction.DISCLOSURE_APPROVE,
        grave=True,
    )
    yield Duty(
        N_("Matches that are held until a person decides"),
        state["matches"]["held"] - casework["survivors_held"],
        N_("Read each one, and release it or leave it."),
        "/matches?status=held",
        StaffAction.MATCH_LIST,
        grave=True,
    )
    yield Duty(
        N_("Matches to review"),
        casework["undecided"],
        N_("Decide whether each is right, and call the other organisation."),
        "/matches?status=review",
        StaffAction.MATCH_LIST,
    )
    yield Duty(
        N_("Consents that end within 30 days"),
        casework["consents_ending"],
        N_("Ask the person again, and record what they say."),
        "/consents",
        StaffAction.CONSENT_LIST,
    )
    yield Duty(
        N_("Agreements that wait for your organisation's signature"),
        len(waiting["agreements"]),
        N_("Read them in words, then sign."),
        "/agreements",
        StaffAction.AGREEMENT_LIST,
    )
    yield Duty(
        N_("Values that screening holds back"),
        len(waiting["values"]),
        N_("Allow or refuse each one."),
        "/screening",
        StaffAction.SCREEN_LIST,
    )
    yield Duty(
        N_("Charters and key ceremonies that wait for your organisation"),
        len(waiting["charters"]) + len(waiting["ceremonies"]),
        N_("Your technician signs them at the command line."),
        "/members",
        StaffAction.FEDERATION_SHOW,
    )
