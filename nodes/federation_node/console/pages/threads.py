# SPDX-License-Identifier: Apache-2.0
"""Threads: the listing; one as a drawing and as tables that say the same."""

from markupsafe import Markup
from starlette.responses import Response

from federation.member import StaffAction
from federation_node.actions import overview, threads
from federation_node.console.visit import Slice, Visit, get, post

__all__: list[str] = []


@get("/threads", StaffAction.THREAD_LIST)
def listing(visit: Visit) -> Response:
    """List the threads, those with the last news first."""
    number = visit.number("page")
    rows, count = threads.newest(visit.context, number)
    page = Slice(rows, count, max(1, -(-count // 25)), number)
    return visit.render("threads.html", page=page, names=overview.member_names(visit.context))


@get("/threads/{thread}", StaffAction.THREAD_SHOW)
def show(visit: Visit) -> Response:
    """Show one thread."""
    found = threads.find(visit.context, visit.parts["thread"])
    drawn = threads.drawing(visit.context, found)
    return visit.render(
        "thread.html",
        thread=found,
        # Made by `federation_node.drawing`, which escapes what it writes.
        drawing=Markup(drawn),  # noqa: S704
        cases={one.mark: one for one in found.cases},
        names=overview.member_names(visit.context),
        notes=threads.notes(found),
    )


@post("/threads/{thread}/split", StaffAction.THREAD_SPLIT)
def split(visit: Visit) -> Response:
    """Keep two cases apart."""
    threads.split(visit.context, visit.text("one", 64), visit.text("other", 64))
    return visit.go("/threads", done="apart")


@post("/threads/{thread}/rejoin", StaffAction.THREAD_REJOIN)
def rejoin(visit: Visit) -> Response:
    """Undo that."""
    threads.rejoin(visit.context, visit.text("one", 64), visit.text("other", 64))
    return visit.go("/threads", done="together")
