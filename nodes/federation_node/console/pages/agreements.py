# SPDX-License-Identifier: Apache-2.0
"""Agreements: read in words, sign, end, and explain."""

from starlette.responses import Response

from federation.agreements import Action, Clause, Detail, Status
from federation.errors import InputError
from federation.indicators import Kind, Subject
from federation.member import StaffAction
from federation_node.actions import agreements, explaining, overview
from federation_node.console.visit import Visit, get, post

__all__: list[str] = []


@get("/agreements", StaffAction.AGREEMENT_LIST)
def listing(visit: Visit) -> Response:
    """List the agreements, those first that wait for a signature here."""
    own = visit.context.member.id
    views = sorted(
        agreements.listed(visit.context),
        key=lambda view: (own not in view.missing, view.status is not Status.IN_FORCE),
    )
    return visit.render(
        "agreements.html", views=views, names=overview.member_names(visit.context), own=own
    )


@get("/agreements/{agreement}", StaffAction.AGREEMENT_SHOW)
def show(visit: Visit) -> Response:
    """Show one in words; with a question, also what its clauses say."""
    view = agreements.find(visit.context, visit.parts["agreement"])
    asked = {name: visit.query.get(name, "") for name in ("kind", "subject", "partner")}
    clauses: list[Clause] | None = None
    if asked["kind"]:
        clauses = explaining.explain(visit.context, view, _question(asked, visit))
    own = visit.context.member.id
    return visit.render(
        "agreement.html",
        view=view,
        page=agreements.page(visit.context, view),
        waits=view.status is Status.PROPOSED and own in view.missing,
        alive=view.status in {Status.PROPOSED, Status.IN_FORCE},
        others=[one for one in view.terms.parties if one != own],
        names=overview.member_names(visit.context),
        kinds=list(Kind),
        subjects=list(Subject),
        asked=asked,
        clauses=clauses,
    )


@post("/agreements/{agreement}/sign", StaffAction.AGREEMENT_SIGN)
def sign(visit: Visit) -> Response:
    """Sign what was read."""
    view = agreements.find(visit.context, visit.parts["agreement"])
    if visit.text("read") != "yes":
        raise InputError(
            "you have not said that you have read the agreement",
            next_step="go back, read it, and tick the box",
        )
    agreements.sign(visit.context, view.hash)
    return visit.go(f"/agreements/{view.hash.hex()}", done="signed")


@post("/agreements/{agreement}/revoke", StaffAction.AGREEMENT_REVOKE)
def revoke(visit: Visit) -> Response:
    """End it, for all parties and for good."""
    view = agreements.find(visit.context, visit.parts["agreement"])
    reason = visit.text("reason", 200)
    if not reason:
        raise InputError("a reason is missing", next_step="go back, and write one sentence")
    agreements.revoke(visit.context, view.hash, reason)
    return visit.go(f"/agreements/{view.hash.hex()}", done="ended")


def _question(asked: dict[str, str], visit: Visit) -> explaining.Question:
    details = {one.value for one in Detail}
    try:
        kind = Detail(asked["kind"]) if asked["kind"] in details else Kind(asked["kind"])
        subject = Subject(asked["subject"])
    except ValueError as error:
        raise InputError(
            "this question cannot be asked", next_step="choose a kind and a subject of the lists"
        ) from error
    return explaining.Question(
        action=Action.COMPARE,
        kind=kind,
        subject=subject,
        giver=visit.context.member.id if asked["partner"] else None,
        receiver=asked["partner"] or None,
    )
