# SPDX-License-Identifier: Apache-2.0
"""Matches: the listing, and one of them beside the own case."""

from collections.abc import Callable
from typing import Final

from starlette.responses import Response

from federation.errors import CasethreadError, InputError
from federation.member import GROUNDS, Ground, Match, MatchStatus, StaffAction, Verdict
from federation.storage import StoredCase
from federation_node.actions import agreements, cases, matches, overview
from federation_node.console.visit import Visit, get, post

__all__: list[str] = []

_ALL: Final = "all"
_REVIEW: Final = "review"
"""The proven ones about which nobody has decided."""


@get("/matches", StaffAction.MATCH_LIST)
def listing(visit: Visit) -> Response:
    """List the matches, page by page."""
    asked = visit.query.get("status", MatchStatus.PROVEN.value)
    chosen = asked if asked in {_ALL, _REVIEW, *MatchStatus} else MatchStatus.PROVEN.value
    status = None if chosen in {_ALL, _REVIEW} else MatchStatus(chosen)
    page = matches.page(visit.context, status, visit.number("page"), undecided=chosen == _REVIEW)
    return visit.render(
        "matches.html",
        page=page,
        chosen=chosen,
        choices=[_REVIEW, *(one.value for one in MatchStatus), _ALL],
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


@post("/matches/{match}/confirm", StaffAction.MATCH_CONFIRM)
def confirm(visit: Visit) -> Response:
    """Say that it is right."""
    return _decide(visit, matches.confirm, Verdict.CONFIRMED)


@post("/matches/{match}/reject", StaffAction.MATCH_REJECT)
def reject(visit: Visit) -> Response:
    """Say that it is none."""
    return _decide(visit, matches.reject, Verdict.REJECTED)


@post("/matches/{match}/unsure", StaffAction.MATCH_UNSURE)
def unsure(visit: Visit) -> Response:
    """Say that it is not clear."""
    return _decide(visit, matches.unsure, Verdict.UNSURE)


@post("/matches/{match}/undo", StaffAction.MATCH_UNDO)
def undo(visit: Visit) -> Response:
    """Take back what was decided."""
    match = visit.parts["match"]
    matches.undo(visit.context, match, case=visit.text("case", 32))
    return visit.go(f"/matches/{match}", done="taken-back")


def _decide(visit: Visit, act: Callable[..., None], verdict: Verdict) -> Response:
    match = visit.parts["match"]
    try:
        ground = Ground(visit.text("ground", 20))
    except ValueError as error:
        raise InputError(
            "a reason is missing", next_step="go back, and choose one of the list"
        ) from error
    act(visit.context, match, ground, case=visit.text("case", 32))
    return visit.go(f"/matches/{match}", done=verdict.value)


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
        "match.html",
        first=first,
        own=own,
        found=found,
        agreement=title,
        other=other,
        decisions=_decisions(visit, first),
        decided=[rows for rows in own.values() if any(row.verdict for row in rows)],
        following=matches.next_undecided(visit.context, first.id),
    )


def _decisions(visit: Visit, first: Match) -> list[tuple[Verdict, str, list[Ground]]]:
    """Return what may be decided, where it is sent, and the reasons that it can have."""
    offered = [
        (Verdict.CONFIRMED, StaffAction.MATCH_CONFIRM, "confirm"),
        (Verdict.REJECTED, StaffAction.MATCH_REJECT, "reject"),
        (Verdict.UNSURE, StaffAction.MATCH_UNSURE, "unsure"),
    ]
    return [
        (verdict, path, [one for one in Ground if one in GROUNDS[verdict]])
        for verdict, action, path in offered
        if visit.may(action) and (first.proven or verdict is not Verdict.CONFIRMED)
    ]
