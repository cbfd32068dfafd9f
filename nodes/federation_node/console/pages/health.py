# SPDX-License-Identifier: Apache-2.0
"""Whether the node is well, and what to do."""

from starlette.responses import Response

from federation.member import StaffAction
from federation_node.console.visit import Visit, get, post
from federation_node.doctor import Health, examine

__all__: list[str] = []

_WORST_FIRST = [Health.BAD, Health.LOOK, Health.GOOD]


@get("/health", StaffAction.DOCTOR)
def health(visit: Visit) -> Response:
    """Examine the node; other members are not called."""
    return _show(visit, call=False)


@post("/health", StaffAction.DOCTOR)
def call(visit: Visit) -> Response:
    """Examine the node, and call every other member."""
    return _show(visit, call=True)


def _show(visit: Visit, *, call: bool) -> Response:
    found = list(examine(visit.context, call=call))
    found.sort(key=lambda one: _WORST_FIRST.index(one.health))
    return visit.render("health.html", findings=found, called=call)
