# SPDX-License-Identifier: Apache-2.0
"""Reads what the code says about itself: docstrings of classes, attributes and functions.

Signatures are taken from the source and not from `inspect.signature`, whose spelling of
annotations changes with the version of Python.
"""

import ast
import inspect
import textwrap
from typing import Any

__all__ = ["attribute_notes", "cell", "first_paragraph", "parameters", "public_functions", "table"]


def attribute_notes(cls: type) -> dict[str, str]:
    """Return the string below each attribute or enum value of a class, as one line.

    Args:
        cls: the class; its own body is read, not its bases'.
    """
    notes: dict[str, str] = {}
    body = _class(cls).body
    for statement, following in zip(body, [*body[1:], None], strict=True):
        name = _assigned(statement)
        if name is None or name.startswith("_") or name == "model_config":
            continue
        notes[name] = ""
        if isinstance(following, ast.Expr) and isinstance(following.value, ast.Constant):
            notes[name] = one_line(str(following.value.value))
    return notes


def public_functions(cls: type) -> dict[str, tuple[str, str]]:
    """Return name -> (signature, first paragraph) of a class's public methods and properties.

    Args:
        cls: the class.
    """
    found = {}
    for statement in _class(cls).body:
        if isinstance(statement, ast.FunctionDef) and not statement.name.startswith("_"):
            is_property = any(
                isinstance(one, ast.Name) and one.id == "property"
                for one in statement.decorator_list
            )
            shown = f": {_result(statement)}" if is_property else _signature(statement)
            found[statement.name] = (shown, _paragraph(ast.get_docstring(statement)))
    return found


def parameters(function: Any) -> str:
    """Return parameters and result of a function as its source writes them."""
    (statement,) = ast.parse(textwrap.dedent(inspect.getsource(function))).body
    if not isinstance(statement, ast.FunctionDef):
        raise TypeError("not a function")
    return _signature(statement)


def first_paragraph(documented: Any) -> str:
    """Return the first paragraph of a docstring, in one line."""
    return _paragraph(inspect.getdoc(documented))


def one_line(text: str) -> str:
    """Join the lines of a text, and turn reStructuredText's code into Markdown's."""
    return " ".join(text.split()).replace("``", "`")


def cell(text: object) -> str:
    """Write text so that it fits into a cell of a Markdown table."""
    return str(text).replace("|", "\\|")


def table(columns: tuple[str, ...], rows: list[tuple[object, ...]]) -> str:
    """Write a Markdown table with a blank line behind."""
    lines = [columns, ("---",) * len(columns), *(tuple(map(cell, row)) for row in rows)]
    return "".join(f"| {' | '.join(line)} |\n" for line in lines) + "\n"


def _paragraph(text: str | None) -> str:
    return one_line((text or "").split("\n\n")[0])


def _class(cls: type) -> ast.ClassDef:
    (statement,) = ast.parse(textwrap.dedent(inspect.getsource(cls))).body
    if not isinstance(statement, ast.ClassDef):
        raise TypeError("not a class")
    return statement


def _assigned(statement: ast.stmt) -> str | None:
    if isinstance(statement, ast.AnnAssign) and isinstance(statement.target, ast.Name):
        return statement.target.id
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        return statement.targets[0].id
    return None


def _signature(function: ast.FunctionDef) -> str:
    return f"({_arguments(function)}) -> {_result(function)}"


def _result(function: ast.FunctionDef) -> str:
    result = "None" if function.returns is None else ast.unparse(function.returns)
    return result.strip("'")


def _arguments(function: ast.FunctionDef) -> str:
    arguments = function.args
    for listed in (arguments.posonlyargs, arguments.args):
        if listed and listed[0].arg in {"self", "cls"}:
            del listed[0]
    return ast.unparse(arguments)
