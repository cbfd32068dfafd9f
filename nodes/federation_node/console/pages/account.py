# SPDX-License-Identifier: Apache-2.0
"""The own account: password, second factor, language."""

import base64
import binascii

from starlette.responses import Response

from federation.errors import InputError
from federation.member import StaffAction
from federation_node.actions import sign_in as actions
from federation_node.console.visit import Visit, get, post

__all__: list[str] = []


@get("/account", StaffAction.STAFF_WHO)
def account(visit: Visit) -> Response:
    """Show who is signed in, and what they can change."""
    return visit.render("account.html")


@post("/account/password", StaffAction.STAFF_PASSWORD)
def password(visit: Visit) -> Response:
    """Change the own password."""
    new = visit.form.get("new", "")
    if new != visit.form.get("again", ""):
        raise InputError(
            "the two new passwords are not the same", next_step="go back and type both again"
        )
    actions.change_password(visit.context, visit.form.get("old", ""), new)
    return visit.go("/account", done="password")


@get("/account/second-factor", StaffAction.STAFF_ENROL)
def new_factor(visit: Visit) -> Response:
    """Draw a secret for an authenticator app; nothing changes before a code fits."""
    drawn = actions.new_second_factor(visit.context)
    return visit.render(
        "second_factor.html", uri=drawn.uri, key=base64.b32encode(drawn.content).decode()
    )


@post("/account/second-factor", StaffAction.STAFF_ENROL)
def enrol(visit: Visit) -> Response:
    """Add the second factor, and show the recovery codes this once."""
    try:
        content = base64.b32decode(visit.text("key", 64))
    except binascii.Error as error:
        raise InputError("the key was changed on its way", next_step="begin again") from error
    codes = actions.enrol(
        visit.context,
        visit.form.get("password", ""),
        actions.Secret(content, ""),
        visit.text("code", 16),
    )
    return visit.render("recovery_codes.html", codes=codes)
