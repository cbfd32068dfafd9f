# SPDX-License-Identifier: Apache-2.0
"""Matches: the listing, and one of them beside the own case."""

from starlette.responses import Response

from federation.errors import CasethreadError
from federation.member import Match, MatchStatus, StaffAction
from federation.storage import StoredCase
from federation_node.actions import agreements, cases, matches, overview
from federation_node.console.visit import Visit, get, post

__all__: list[str] = []

_ALL = "all"


@get("/matches", StaffAction.MATCH_LIST)
def listing(visit: Visit) -> Response:
    """List the matches, page by page."""
    asked = visit.query.get("status", MatchStatus.PROVEN.value)
    chosen = asked if asked in {_ALL, *MatchStatus} else MatchStatus.PROVEN.value
    status = None if chosen == _ALL else MatchStatus(chosen)
    page = matches.page(visit.context, status, visit.number("page"))
    return visit.render(
        "matches.html",
        page=page,
        chosen=chosen,
        choices=[*(one.value for one in MatchStatus), _ALL],
        names=overview.member_names(visit.context),
    )


@get("/matches/{match}", StaffAction.MATCH_SHOW)
def review(visit: Visit) -> Response:
    """Show one match; values stay masked."""
    return _show(visit, {})


@post("/matches/{match}/values", StaffAction.CASE_SHOW)
def unmask(visit: Visit) -> Response:
    """Show the values of the own cases in it; the record says who looked."""
    rows = matches.by_id(visit.context, visit.parts["match"])
    wanted = {(row.case, row.source) for row in rows}
    found = {key: cases.find_case(visit.context, *key) for key in sorted(wanted)}
    return _show(visit, found)


@post("/matches/{match}/release", StaffAction.MATCH_RELEASE)
def release(visit: Visit) -> Response:
    """Answer a match that was held."""
    row = matches.by_id(visit.context, visit.parts["match"])[0]
    matches.release(visit.context, row.id)
    return visit.go(f"/matches/{row.id}", done="released")


def _show(visit: Visit, found: dict[tuple[str, str], StoredCase]) -> Response:
    rows = matches.by_id(visit.context, visit.parts["match"])
    first: Match = rows[0]
    own: dict[tuple[str, str], list[Match]] = {}
    for row in rows:
        own.setdefault((row.case, row.source), []).append(row)
    try:
        title = agreements.find(visit.context, first.agreement.hex()).terms.title
    except CasethreadError:
        title = ""  # it has ended, and a party has left
    current, _, _ = overview.charters(visit.context)
    listed = () if current is None else current.charter.members
    other = next((one for one in listed if one.id == first.member), None)
    return visit.render(
        "match.html", first=first, own=own, found=found, agreement=title, other=other
    )
