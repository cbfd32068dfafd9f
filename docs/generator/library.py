# SPDX-License-Identifier: Apache-2.0
"""The page of the library's public names, from their docstrings."""

import dataclasses
import inspect
from enum import Enum

import federation
from federation.local.records import Event, NodeStatus
from federation.member import ImportResult, MatchStatus, SyncReport
from federation.storage import NotTokenised
from generator.source import attribute_notes, first_paragraph, parameters, public_functions, table

_HEAD = """\
# The library

`import federation` brings the names below; each is loaded when it is first used. What is not
listed here may change without notice before 1.0. `federation.testing.Federation` is a whole
federation in memory, for your own tests.

"""

_RETURNED = (ImportResult, SyncReport, NodeStatus, Event, NotTokenised, MatchStatus)


def page() -> str:
    """Write the page."""
    text = _HEAD
    for name in federation.__all__:
        if name == "__version__":
            continue
        text += _section(f"federation.{name}", getattr(federation, name))
    text += "## What they return\n\n"
    for cls in _RETURNED:
        text += _section(cls.__name__, cls, level=3)
    return text.rstrip() + "\n"


def _section(name: str, thing: object, level: int = 2) -> str:
    heading = f"{'#' * level} {name}\n\n"
    if not inspect.isclass(thing):
        return f"{heading}`{name}{parameters(thing)}`\n\n{first_paragraph(thing)}\n\n"
    text = f"{heading}{first_paragraph(thing)}\n\n"
    if issubclass(thing, Enum):
        notes = attribute_notes(thing)
        rows: list[tuple[object, ...]] = [
            (f"`{one.name}`", f"`{one.value}`", notes.get(one.name, "")) for one in thing
        ]
        return text + table(("name", "value", "what it is"), rows)
    if dataclasses.is_dataclass(thing):
        notes = attribute_notes(thing)
        rows = [
            (f"`{field.name}`", notes.get(field.name, "")) for field in dataclasses.fields(thing)
        ]
        text += table(("field", "what it is"), rows)
    methods: list[tuple[object, ...]] = [
        (f"`{method}{shown}`", note) for method, (shown, note) in public_functions(thing).items()
    ]
    return text + (table(("method", "what it does"), methods) if methods else "")
