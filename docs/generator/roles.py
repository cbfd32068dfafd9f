# SPDX-License-Identifier: Apache-2.0
"""The page of roles: the matrix that the node itself asks."""

from federation.audit import PERSONAL_ROLES, StaffRole
from federation.member import ACTION_ROLES, SELF_SERVICE, StaffAction
from generator.source import attribute_notes, table

_HEAD = """\
# Roles

An account has one role or several; any one of those named is enough for an action. What is not
listed nobody may do. [Give people accounts](../how-to/people.md) says how to begin.

"""

_MATRIX = """\
## Who may do what

Actions are named after their commands. Who opens the node with its passphrase and is not signed
in, the `operator`, may do everything while nobody has an account, and what a technician may from
the first account on. `own` is what everybody does with their own account. A role is looked up
again in the transaction of what is done.

"""

_PROGRAMS = """\
## Own programs

A program that has the secret of the serving node (`local.token`) is nobody's deputy: it has a role
of its own, that no account can have, and may do this, see counts and have the node compare, and
nothing else. The record names it `program`.

"""

_PREFIX = "program "


def page() -> str:
    """Write the page."""
    notes = attribute_notes(StaffRole)
    rows: list[tuple[object, ...]] = [
        (f"`{role}`", notes[role.name]) for role in StaffRole if role in PERSONAL_ROLES
    ]
    text = _HEAD + table(("role", "what it is for"), rows)
    actions = [action for action in StaffAction if not action.startswith(_PREFIX)]
    columns = [role for role in StaffRole if role in PERSONAL_ROLES]
    text += _MATRIX + table(
        ("action", "what it is", *(f"`{role}`" for role in columns)),
        [_row(action, columns) for action in actions],
    )
    about = attribute_notes(StaffAction)
    programs = [action for action in StaffAction if action.startswith(_PREFIX)]
    text += _PROGRAMS + table(
        ("method", "what it is"),
        [(f"`{action.removeprefix(_PREFIX)}`", about[action.name]) for action in programs],
    )
    return text.rstrip() + "\n"


def _row(action: StaffAction, columns: list[StaffRole]) -> tuple[object, ...]:
    roles = ACTION_ROLES[action]
    mark = "own" if action in SELF_SERVICE else "yes"
    about = attribute_notes(StaffAction)[action.name]
    return (f"`{action}`", about, *(mark if role in roles else "" for role in columns))
