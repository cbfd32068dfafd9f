# SPDX-License-Identifier: Apache-2.0
"""What survivors allowed: the listing, one case, recording and withdrawing."""

from datetime import date
from typing import Final

from starlette.responses import Response

from federation.errors import InputError
from federation.member import StaffAction
from federation_node.actions import consents
from federation_node.console.visit import SMALL_FORM, Visit, get, post, slice_of
from federation_node.context import now

__all__: list[str] = []

_LARGEST: Final = 64 * 1024 * 1024
"""Octets of a signed form or a recording."""
_LONGEST_ID: Final = 200


@get("/consents", StaffAction.CONSENT_LIST)
def listing(visit: Visit) -> Response:
    """List the cases that have a consent, those first that ends next."""
    page = slice_of(consents.listed(visit.context), visit.number("page"))
    return visit.render("consents.html", page=page, at=now())


@post("/consents/find", StaffAction.CONSENT_SHOW)
def find(visit: Visit) -> Response:
    """Lead to the consents of a case; its id stays out of the address."""
    case_id, source = visit.text("case", _LONGEST_ID), visit.text("source", 64)
    return visit.go(f"/consents/{consents.find(visit.context, case_id, source or None)}")


@get("/consents/{case}", StaffAction.CONSENT_SHOW)
def show(visit: Visit) -> Response:
    """Show every consent of a case."""
    case_id, source = consents.named(visit.context, visit.parts["case"])
    history = consents.history(visit.context, case_id, source)
    return visit.render(
        "consent.html",
        case=visit.parts["case"],
        case_id=case_id,
        source=source,
        history=history[::-1],
        alive=bool(history) and history[-1].consent.withdrawn is None,
        at=now(),
        purposes=consents.PURPOSES,
        roles=consents.ROLES,
    )


@post("/consents/{case}/record", StaffAction.CONSENT_RECORD, largest=_LARGEST + SMALL_FORM)
def record(visit: Visit) -> Response:
    """Record what the person allowed; of the evidence only its hash is kept."""
    case_id, source = consents.named(visit.context, visit.parts["case"])
    file = visit.files.get("evidence")
    evidence = None
    if file is not None and file.filename:
        evidence = consents.evidence_of(file.file)
    last = _day(visit, "last")
    if last is None:
        raise InputError("the last day is missing", next_step="go back, and choose it")
    made = consents.of_days(
        [one for one in consents.PURPOSES if visit.form.get(f"purpose-{one.value}")],
        [one for one in consents.ROLES if visit.form.get(f"role-{one.value}")],
        given=_day(visit, "given"),
        last=last,
        basis=visit.text("basis", 64),
        evidence_sha256=evidence,
    )
    consents.record(visit.context, case_id, made, source)
    return visit.go(f"/consents/{visit.parts['case']}", done="recorded")


@post("/consents/{case}/withdraw", StaffAction.CONSENT_WITHDRAW)
def withdraw(visit: Visit) -> Response:
    """End it, and everything that it allowed."""
    case_id, source = consents.named(visit.context, visit.parts["case"])
    consents.withdraw(visit.context, case_id, source)
    return visit.go(f"/consents/{visit.parts['case']}", done="withdrawn")


def _day(visit: Visit, name: str) -> date | None:
    return visit.day(visit.text(name, 10))
