# SPDX-License-Identifier: Apache-2.0
"""Values that screening holds back, and what people here decide about them."""

from starlette.responses import Response

from federation.member import HeldValue, StaffAction
from federation_node.actions import screening
from federation_node.console.visit import Visit, get, post, slice_of

__all__: list[str] = []


@get("/screening", StaffAction.SCREEN_LIST)
def listing(visit: Visit) -> Response:
    """List what waits, or what was decided; values stay masked."""
    decided = visit.query.get("decided") == "yes"
    page = slice_of(screening.listed(visit.context, decided=decided), visit.number("page"))
    return visit.render("screening.html", page=page, decided=decided)


@get("/screening/{value}", StaffAction.SCREEN_LIST)
def show(visit: Visit) -> Response:
    """Show one value, masked."""
    held = screening.find(visit.context, visit.parts["value"])
    return _show(visit, held, unmasked=False)


@post("/screening/{value}/values", StaffAction.CASE_SHOW)
def unmask(visit: Visit) -> Response:
    """Show the value and where it stands; the record says who looked."""
    held = screening.look(visit.context, visit.parts["value"])
    return _show(visit, held, unmasked=True)


@post("/screening/{value}/allow", StaffAction.SCREEN_ALLOW)
def allow(visit: Visit) -> Response:
    """Let it be compared."""
    held = screening.find(visit.context, visit.parts["value"])
    screening.allow(visit.context, held, by=visit.name)
    return visit.go("/screening", done="allowed")


@post("/screening/{value}/refuse", StaffAction.SCREEN_REFUSE)
def refuse(visit: Visit) -> Response:
    """Keep it out."""
    held = screening.find(visit.context, visit.parts["value"])
    screening.refuse(visit.context, held, by=visit.name)
    return visit.go("/screening", done="refused")


def _show(visit: Visit, held: HeldValue, *, unmasked: bool) -> Response:
    cases = {seen.case_id for seen in held.observations}
    return visit.render("held_value.html", held=held, cases=len(cases), unmasked=unmasked)
