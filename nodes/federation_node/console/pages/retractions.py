# SPDX-License-Identifier: Apache-2.0
"""Matches that ended: which partners were told, and which have not answered yet."""

from starlette.responses import Response

from federation.member import StaffAction
from federation_node.actions import overview, retractions
from federation_node.console.visit import Visit, get, slice_of

__all__: list[str] = []


@get("/retractions", StaffAction.MATCH_RETRACTIONS)
def listing(visit: Visit) -> Response:
    """List whom this node had to tell, those first that have not acknowledged it."""
    found = sorted(retractions.listed(visit.context), key=lambda one: one.acknowledged is not None)
    return visit.render(
        "retractions.html",
        page=slice_of(found, visit.number("page")),
        names=overview.member_names(visit.context),
    )
