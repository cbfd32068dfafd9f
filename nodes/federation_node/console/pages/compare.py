# SPDX-License-Identifier: Apache-2.0
"""Comparing with all partners now, and where long work stands."""

from starlette.responses import Response

from federation.member import StaffAction
from federation_node.actions import sheets, sync
from federation_node.actions.intake import Imported
from federation_node.console.jobs import Job
from federation_node.console.visit import Visit, get, post
from federation_node.console.words import N_

__all__: list[str] = []


@post("/compare", StaffAction.SYNC)
def compare(visit: Visit) -> Response:
    """Begin to compare."""
    context = visit.context

    def work(job: Job) -> sync.Synchronised:
        return sync.synchronise(context, progress=job.move)

    return visit.go(f"/work/{visit.jobs.begin(visit.account, N_('Compare'), work)}")


@get("/work/{name}", StaffAction.STAFF_WHO)
def work(visit: Visit) -> Response:
    """Show how far something is, and what came of it."""
    job = visit.jobs.find(visit.account, visit.parts["name"])
    # Asked once: it may end while the page is made.
    finished = job.done.is_set()
    if finished and job.error is not None:
        raise job.error
    result = job.result if finished else None
    done = result if isinstance(result, Imported) else None
    sheet = visit.query.get("sheet", "")
    may = visit.may(StaffAction.CASE_IMPORT)
    return visit.render(
        "work.html",
        job=job,
        finished=finished,
        sheet=sheet,
        bad=sheets.bad_rows(visit.context, sheet) if may and done and done.errors else [],
        compared=result if isinstance(result, sync.Synchronised) else None,
        imported=done,
    )
