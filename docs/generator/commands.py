# SPDX-License-Identifier: Apache-2.0
"""The page of all commands, from click."""

import inspect
from collections.abc import Iterator

import click

from federation_node.cli import main
from generator.source import one_line, table

_HEAD = """\
# Commands

`casethread [--home DIRECTORY] COMMAND`. Nothing that identifies a person is ever an argument:
other accounts of a machine can read arguments. Such values come from files or standard input.

Every listing has `--json`. A command that fails says `error:` and `next:` on standard error and
exits with 1; a command that is called wrongly exits with 2. `-h` and `--help` work everywhere.

"""


def page() -> str:
    """Write the page."""
    context = click.Context(main, info_name="casethread")
    text = _HEAD + "## casethread\n\n" + _body(main)
    return (text + "".join(_all(main, context, 2))).rstrip() + "\n"


def _all(group: click.Group, context: click.Context, level: int) -> Iterator[str]:
    for name in group.list_commands(context):
        command = group.get_command(context, name)
        if command is None or command.hidden:
            continue
        inner = click.Context(command, parent=context, info_name=name)
        arguments = " ".join(
            one.make_metavar(inner) for one in command.params if isinstance(one, click.Argument)
        )
        title = f"{inner.command_path} {arguments}".rstrip()
        yield f"{'#' * min(level, 4)} {title}\n\n{_body(command)}"
        if isinstance(command, click.Group):
            yield from _all(command, inner, level + 1)


def _body(command: click.Command) -> str:
    paragraphs = [one_line(part) for part in inspect.cleandoc(command.help or "").split("\n\n")]
    text = "".join(f"{paragraph}\n\n" for paragraph in paragraphs)
    rows = [_option(one) for one in command.params if isinstance(one, click.Option)]
    return text + (table(("option", "what it does"), list(rows)) if rows else "")


def _option(option: click.Option) -> tuple[object, ...]:
    names = ", ".join(f"`{name}`" for name in (*option.opts, *option.secondary_opts))
    kind = option.type
    if isinstance(kind, click.Choice):
        names += f" {' | '.join(kind.choices)}"
    elif not option.is_flag:
        names += f" {option.metavar or kind.name.upper()}"
    help_text = one_line(option.help or "")
    if option.required:
        help_text += " Required."
    if option.show_default and isinstance(option.default, str):
        help_text += f" Default: `{option.default}`."
    return names, help_text
