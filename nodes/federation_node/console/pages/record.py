# SPDX-License-Identifier: Apache-2.0
"""The record in words, and evidence taken out of it."""

import tempfile
from datetime import UTC, datetime, time
from pathlib import Path
from typing import Final

from starlette.responses import Response

from federation.errors import InputError
from federation.member import StaffAction
from federation_node.actions import audit, staff
from federation_node.console.visit import Visit, get, post

__all__: list[str] = []

_LENGTHS: Final = (50, 200, 1000)


@get("/record", StaffAction.AUDIT_LIST)
def listing(visit: Visit) -> Response:
    """Show the newest entries, filtered by organisation and day."""
    names = audit.members(visit.context)
    asked = {name: visit.query.get(name, "") for name in ("member", "since")}
    length = visit.number("length")
    lines = audit.listed(
        visit.context,
        member=asked["member"] if asked["member"] in names else None,
        since=_begin(asked["since"], visit),
        limit=length if length in _LENGTHS else _LENGTHS[0],
    )
    return visit.render(
        "record.html",
        lines=lines[::-1],
        who=staff.names(visit.context),
        names=names,
        asked=asked,
        length=length,
        lengths=_LENGTHS,
    )


@post("/record/check", StaffAction.AUDIT_VERIFY)
def check(visit: Visit) -> Response:
    """Check every entry against the checkpoints."""
    return visit.render("record_checked.html", count=audit.verify_own(visit.context))


@post("/record/export", StaffAction.AUDIT_EXPORT)
def export(visit: Visit) -> Response:
    """Hand over an evidence bundle, or the page about it."""
    match, since = visit.text("match", 64), _begin(visit.text("since", 10), visit)
    if not match and since is None:
        raise InputError(
            "it is not said what the evidence is about",
            next_step="go back, and name a match or a first day",
        )
    page = visit.text("format", 10) == "page"
    with tempfile.TemporaryDirectory(dir=visit.context.home.path, prefix=".evidence-") as place:
        out = Path(place) / "evidence.json"
        audit.export(visit.context, out, match=match or None, since=since)
        content = (out.with_suffix(".html") if page else out).read_bytes()
    return Response(
        content,
        media_type="text/html" if page else "application/json",
        headers={
            "Content-Disposition": "attachment; filename=casethread-evidence."
            + ("html" if page else "json")
        },
    )


def _begin(text: str, visit: Visit) -> datetime | None:
    day = visit.day(text)
    return None if day is None else datetime.combine(day, time(), UTC)
