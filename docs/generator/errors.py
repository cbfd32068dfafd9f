# SPDX-License-Identifier: Apache-2.0
"""The page of all errors, from the tree, the catalogue of the wire and the command line."""

import inspect

from google.rpc import code_pb2

from federation import errors
from federation.wire.catalogue import CATALOGUE, DOMAIN, INTERNAL
from federation_node.cli.failure import next_step
from generator.source import first_paragraph, table

_HEAD = """\
# Errors

Every error is a `federation.errors.CasethreadError`. None of them, and no log line, ever holds the
value of an indicator.

"""

_WIRE = f"""\
## Between nodes

gRPC carries a `google.rpc.Status` with exactly one `ErrorInfo` of the domain `{DOMAIN}`. Messages
are constants, because what an error says about itself may tell a stranger what exists; it stays in
the log of the node that raised it. "Comes back" says whether the caller raises the same type
again; all others reach it as a `PeerError` that names the reason. Who has no business here gets
`UNAUTHENTICATED`, whatever the reason.

"""


def page() -> str:
    """Write the page."""
    tree = inspect.cleandoc(errors.__doc__ or "").partition("::\n\n")[2]
    text = _HEAD + f"## The tree\n\n```text\n{inspect.cleandoc(tree)}\n```\n\n"
    text += "## What they mean, and what to do\n\n"
    text += table(
        ("error", "means", "the command line says"),
        [(f"`{name}`", first_paragraph(cls), _remedy(cls)) for name, cls in _errors()],
    )
    text += _WIRE
    rows: list[tuple[object, ...]] = []
    for name, cls in _errors():
        row = CATALOGUE[cls]
        if row is not INTERNAL:
            comes_back = "yes" if row.comes_back else "no"
            code = code_pb2.Code.Name(row.code)
            rows.append((f"`{name}`", f"`{code}`", f"`{row.reason}`", row.message, comes_back))
    internal = code_pb2.Code.Name(INTERNAL.code)
    rows.append(("all others", f"`{internal}`", f"`{INTERNAL.reason}`", INTERNAL.message, "no"))
    text += table(("error", "code", "reason", "message", "comes back"), rows)
    return text.rstrip() + "\n"


def _errors() -> list[tuple[str, type[errors.CasethreadError]]]:
    """Return all types, parents first, in the order of the file."""
    found = [
        (name, cls)
        for name, cls in vars(errors).items()
        if isinstance(cls, type) and issubclass(cls, errors.CasethreadError)
    ]
    if {name for name, _ in found} != set(errors.__all__):
        raise ValueError("federation.errors.__all__ is not what the module has")
    return found


def _remedy(cls: type[errors.CasethreadError]) -> str:
    # Not called: constructors differ, and only the class decides.
    return next_step(cls.__new__(cls))
