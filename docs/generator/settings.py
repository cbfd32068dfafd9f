# SPDX-License-Identifier: Apache-2.0
"""The page of all settings, from the models that check them."""

from typing import Any

from pydantic import BaseModel
from pydantic_core import PydanticUndefined

from federation.agreements import Draft
from federation.charter import Rules
from federation_node import unlock
from federation_node.cli import asking
from federation_node.config import Config
from federation_node.home import HOME_VARIABLE
from federation_node.intake.mapping import Column, Mapping
from generator.source import attribute_notes, table

_HEAD = f"""\
# Settings

Settings are checked whenever a command starts; an unknown name is refused, so that a misspelled
limit does not silently mean "no limit".

## The node: `casethread.toml`

In the node's home: `--home`, else `{HOME_VARIABLE}`, else the platform's data directory. The
environment overrides the file, with two underscores between table and name:
`CASETHREAD_NODE__LISTEN=0.0.0.0:7411`.

"""

_RULES = """\
## The federation: rules of the charter

Every custodian applies them to every member.

"""

_DRAFT = """\
## A draft of an agreement

`casethread agreement draft` writes one with careful defaults and a comment beside each line.

"""

_MAPPING = """\
## A saved mapping of a sheet

`casethread case import FILE --dry-run --save-mapping MAPPING` writes one to be corrected.

"""

_ENVIRONMENT = (
    (HOME_VARIABLE, "The node's home."),
    (unlock.PASSPHRASE_VARIABLE, "The passphrase of the keystore."),
    (unlock.PASSPHRASE_FILE_VARIABLE, "A file whose first line is the passphrase."),
    (unlock.KEY_VARIABLE, "Instead of a passphrase: 32 random bytes, 64 hex digits."),
)

_PERSON = (
    (asking.STAFF_VARIABLE, "Who acts, of those who are signed in: the option `--staff`."),
    (asking.PASSWORD_VARIABLE, "Their password, for `casethread staff sign-in` in scripts."),
    (asking.PASSWORD_FILE_VARIABLE, "A file whose first line is their password."),
    (asking.CODE_VARIABLE, "The code of their authenticator app, or a recovery code."),
)


def page() -> str:
    """Write the page."""
    text = _HEAD
    for name, field in Config.model_fields.items():
        model = field.annotation
        if not isinstance(model, type) or not issubclass(model, BaseModel):
            raise TypeError(f"{name} is no table")
        text += f"### [{name}]\n\n{(model.__doc__ or '').strip().replace('``', '`')}\n\n"
        text += _fields(model)
    text += "## Environment\n\nAt most one of the last three; without any, a terminal asks.\n\n"
    text += table(
        ("variable", "what it holds"), [(f"`{name}`", note) for name, note in _ENVIRONMENT]
    )
    text += "A person who signs in; any of them may be left out:\n\n"
    text += table(("variable", "what it holds"), [(f"`{name}`", note) for name, note in _PERSON])
    text += _RULES + _fields(Rules)
    text += _DRAFT + _fields(Draft)
    text += _MAPPING + _fields(Mapping)
    text += "### [[columns]]\n\n" + _fields(Column)
    return text.rstrip() + "\n"


def _fields(model: type[BaseModel]) -> str:
    notes = attribute_notes(model)
    schema = model.model_json_schema(by_alias=False)
    rows: list[tuple[object, ...]] = []
    for name, field in model.model_fields.items():
        about = schema["properties"][name]
        default = "required" if field.default is PydanticUndefined else _default(field.default)
        written = field.alias or name
        note = _sentence(field.description) if field.description else notes[name]
        rows.append((f"`{written}`", _type(about, schema), default, note))
    return table(("setting", "type", "default", "what it is"), rows)


def _sentence(note: str) -> str:
    """Return a note that stands beside a line of a file, as one stands in a table."""
    return f"{note[0].upper()}{note[1:]}."


def _default(value: Any) -> str:
    if value is None:
        return "none"
    if isinstance(value, tuple):
        return ", ".join(f"`{one}`" for one in value) or "empty"
    if isinstance(value, bool):
        return "`true`" if value else "`false`"
    return "empty" if value == {} else f"`{value}`"


def _type(about: dict[str, Any], schema: dict[str, Any]) -> str:
    """Say in words what a JSON schema allows."""
    if "$ref" in about:
        about = schema["$defs"][about["$ref"].rpartition("/")[2]]
    if "anyOf" in about:
        return " or ".join(
            _type(one, schema) for one in about["anyOf"] if one.get("type") != "null"
        )
    if "enum" in about:
        return "one of " + ", ".join(f"`{one}`" for one in about["enum"])
    if "const" in about:
        return f"`{about['const']}`"
    kind = str(about.get("type", "text"))
    if kind == "array":
        return f"list: {_type(about['items'], schema)}" if "items" in about else "list"
    words = {"string": "text", "integer": "whole number", "boolean": "true or false"}
    limits = (about.get("minimum"), about.get("maximum"))
    text = words.get(kind, "table" if kind == "object" else kind)
    if limits != (None, None):
        low, high = ("" if one is None else f"{one:,}" for one in limits)
        text += f", {low} to {high}" if high else f", from {low}"
    if "maxLength" in about:
        text += f", at most {about['maxLength']} characters"
    if "pattern" in about:
        text += f", `{about['pattern']}`"
    return text
