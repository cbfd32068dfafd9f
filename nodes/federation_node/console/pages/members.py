# SPDX-License-Identifier: Apache-2.0
"""The members of the federation, as the charter lists them."""

from starlette.responses import Response

from federation.member import StaffAction
from federation_node.actions import overview
from federation_node.actions.federate import words
from federation_node.console.visit import Visit, get

__all__: list[str] = []


@get("/members", StaffAction.FEDERATION_SHOW)
def members(visit: Visit) -> Response:
    """Show the charter in force, and what waits to be signed."""
    current, _, proposals = overview.charters(visit.context)
    charter = None if current is None else current.charter
    return visit.render(
        "members.html",
        charter=charter,
        eight=() if charter is None else words(charter),
        own=visit.context.member.id,
        proposals=proposals,
    )
