# SPDX-License-Identifier: Apache-2.0
"""Disclosures: asking what a partner holds, deciding what leaves, reading what came."""

import json
from itertools import product
from typing import Final

from pydantic import ValidationError
from starlette.responses import Response

from federation.agreements import Detail, Purpose
from federation.disclosure import Choice, SafetyFlag, items_of
from federation.errors import InputError
from federation.indicators import Kind
from federation.member import (
    Direction,
    DisclosureStatus,
    DisclosureView,
    Preview,
    StaffAction,
)
from federation_node.actions import disclosures, overview
from federation_node.console.visit import Visit, get, post, slice_of

__all__: list[str] = []

_GRADES: Final = tuple(
    f"{source}{information}" for source, information in product("ABCDE", "12345")
)
_LONGEST_TEXT: Final = 2000
_LONGEST_CHOICE: Final = 32 * 1024


@get("/disclosures", StaffAction.DISCLOSURE_LIST)
def listing(visit: Visit) -> Response:
    """List the requests of both directions, those first that wait for a decision here."""
    views = sorted(disclosures.listed(visit.context), key=lambda view: not _to_decide(view))
    return visit.render(
        "disclosures.html",
        page=slice_of(views, visit.number("page")),
        names=overview.member_names(visit.context),
    )


@get("/disclosures/ask", StaffAction.DISCLOSURE_ASK)
def form(visit: Visit) -> Response:
    """Ask what is wanted, field by field."""
    match = visit.query.get("match", "")
    offer = disclosures.offered(visit.context, match)
    return visit.render(
        "disclosure_ask.html",
        match=match,
        offer=offer,
        names=overview.member_names(visit.context),
    )


@post("/disclosures/ask", StaffAction.DISCLOSURE_ASK)
def ask(visit: Visit) -> Response:
    """Ask the partner of a match."""
    try:
        items = items_of(one for one in (*Kind, *Detail) if visit.form.get(f"item-{one.value}"))
        purpose = Purpose(visit.text("purpose", 20))
    except ValueError as error:
        raise InputError("the purpose is missing", next_step="go back, and choose one") from error
    if not items:
        raise InputError("nothing is asked for", next_step="go back, and choose what you need")
    note = " ".join(visit.text("note", 500).split()) or None
    request = disclosures.ask(visit.context, [visit.text("match", 32)], items, purpose, note)
    return visit.go(f"/disclosures/{request}", done="asked")


@get("/disclosures/{request}", StaffAction.DISCLOSURE_SHOW)
def show(visit: Visit) -> Response:
    """Show one request; who may decide sees what the first of two people chose."""
    view = disclosures.show(visit.context, visit.parts["request"])
    first = None
    if _to_decide(view) and visit.may(StaffAction.DISCLOSURE_PREVIEW):
        first = disclosures.first_choice(visit.context, view.id)
    return _show(visit, view, first, None)


@post("/disclosures/{request}/preview", StaffAction.DISCLOSURE_PREVIEW)
def preview(visit: Visit) -> Response:
    """Show exactly what would leave; the record says that the cases were read."""
    request = visit.parts["request"]
    texts = {
        one: text
        for one in Detail
        if (text := visit.text(f"text-{one.value}", _LONGEST_TEXT).replace("\r\n", "\n"))
    }
    kinds = [one for one in Kind if visit.form.get(f"item-{one.value}")]
    if not kinds and not texts:
        raise InputError("nothing is chosen", next_step="go back, and choose something, or deny")
    try:
        chosen = disclosures.choice(
            visit.context,
            request,
            [*kinds, *texts],
            texts=texts,
            flags=[one for one in SafetyFlag if visit.form.get(f"flag-{one.value}")],
            grade=visit.text("grade", 2) or None,
        )
    except ValidationError as error:
        raise InputError(
            "a text or the grade cannot be used",
            next_step="go back; write plain lines, and choose the grade of the list",
        ) from error
    seen = disclosures.preview(visit.context, request, chosen)
    return _show(visit, disclosures.show(visit.context, request), chosen, seen)


@post("/disclosures/{request}/approve", StaffAction.DISCLOSURE_APPROVE)
def approve(visit: Visit) -> Response:
    """Let all that was asked go, exactly as it was seen."""
    status = disclosures.approve(visit.context, visit.parts["request"], *_seen(visit))
    return _decided(visit, status)


@post("/disclosures/{request}/narrow", StaffAction.DISCLOSURE_NARROW)
def narrow(visit: Visit) -> Response:
    """Let less than was asked go, exactly as it was seen."""
    status = disclosures.narrow(visit.context, visit.parts["request"], *_seen(visit))
    return _decided(visit, status)


@post("/disclosures/{request}/deny", StaffAction.DISCLOSURE_DENY)
def deny(visit: Visit) -> Response:
    """Let nothing go."""
    disclosures.deny(visit.context, visit.parts["request"])
    return visit.go(f"/disclosures/{visit.parts['request']}", done="denied")


@post("/disclosures/{request}/read", StaffAction.DISCLOSURE_READ)
def read(visit: Visit) -> Response:
    """Show what came; the record says who read it."""
    told = disclosures.read(visit.context, visit.parts["request"])
    return visit.render(
        "disclosure_read.html",
        view=told.view,
        answer=told.answer,
        names=overview.member_names(visit.context),
    )


@post("/disclosures/{request}/export", StaffAction.DISCLOSURE_EXPORT)
def export(visit: Visit) -> Response:
    """Hand what came over as a file; the record says so."""
    permitted = visit.text("permitted") == "yes"
    told = disclosures.export(visit.context, visit.parts["request"], permitted=permitted)
    document = disclosures.exported_document(told, permitted=permitted)
    return Response(
        json.dumps(document, ensure_ascii=False, indent=2),
        media_type="application/json",
        headers={"Content-Disposition": "attachment; filename=casethread-disclosure.json"},
    )


def _show(
    visit: Visit, view: DisclosureView, chosen: Choice | None, seen: Preview | None
) -> Response:
    decides = _to_decide(view) and visit.may(StaffAction.DISCLOSURE_PREVIEW)
    return visit.render(
        "disclosure.html",
        view=view,
        chosen=chosen,
        seen=seen,
        decides=decides,
        ours=view.direction is Direction.ASKED,
        given=view.status in {DisclosureStatus.APPROVED, DisclosureStatus.NARROWED},
        first_was_you=visit.actor is not None and view.by == visit.actor.id,
        names=overview.member_names(visit.context),
        flags=list(SafetyFlag),
        grades=_GRADES,
    )


def _to_decide(view: DisclosureView) -> bool:
    return view.direction is Direction.RECEIVED and view.status.waits


def _seen(visit: Visit) -> tuple[Choice, bytes]:
    """Return what the preview showed, as its form sends it back."""
    try:
        chosen = Choice.model_validate_json(visit.text("choice", _LONGEST_CHOICE))
        return chosen, bytes.fromhex(visit.text("seen", 64))
    except ValueError as error:
        raise InputError(
            "it is not said what was seen", next_step="go back, and look at the preview again"
        ) from error


def _decided(visit: Visit, status: DisclosureStatus) -> Response:
    done = "approved-once" if status is DisclosureStatus.ONCE else "approved"
    return visit.go(f"/disclosures/{visit.parts['request']}", done=done)
