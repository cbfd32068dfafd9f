# SPDX-License-Identifier: Apache-2.0
"""Signing in and out, the language, and the way in."""

from starlette.responses import Response

from federation.errors import AuthenticationError, InputError
from federation.member import StaffAction
from federation.staff import SessionKind
from federation_node.actions import sign_in as actions
from federation_node.console.language import LANGUAGES, choose
from federation_node.console.visit import Visit, get, post

__all__: list[str] = []


@get("/", None)
def begin(visit: Visit) -> Response:
    """Send everybody to their first page."""
    if visit.person is None:
        return visit.go("/sign-in")
    first = next(entry for entry in visit.navigation if visit.may(entry.action))
    return visit.go(first.path)


@get("/sign-in", None)
def form(visit: Visit) -> Response:
    """Ask who it is."""
    return visit.render("sign_in.html", wrong=False, name="")


@post("/sign-in", None)
def sign_in(visit: Visit) -> Response:
    """Begin a session: always a new one, whatever the browser brought along."""
    name = visit.text("name", 100)
    try:
        done = actions.sign_in(
            visit.context,
            name,
            visit.form.get("password", ""),
            visit.text("code", 64),
            kind=SessionKind.CONSOLE,
        )
    except AuthenticationError:
        return visit.render("sign_in.html", 401, wrong=True, name=name)
    if visit.token:
        actions.sign_out(visit.context, visit.token)
    visit.cookies |= {"session": done.token, "guest": None}
    return visit.go("/account" if done.must_choose else "/")


@post("/sign-out", StaffAction.STAFF_SIGN_OUT)
def sign_out(visit: Visit) -> Response:
    """End the session, here and in the node."""
    actions.sign_out(visit.context, visit.token)
    visit.cookies["session"] = None
    return visit.go("/sign-in", done="signed-out")


@post("/language", None)
def set_language(visit: Visit) -> Response:
    """Remember a language in this browser."""
    code = visit.text("language", 5)
    if code not in LANGUAGES:
        raise InputError("there is no such language here", next_step="choose one of the list")
    visit.cookies["language"] = code
    visit.language = choose(code, "")
    return visit.go("/sign-in" if visit.person is None else "/account", done="language")
