# SPDX-License-Identifier: Apache-2.0
"""What commands print: a table for people, JSON for programs."""

import json
from collections.abc import Iterable, Sequence
from typing import Any

import click
from rich.console import Console
from rich.markup import escape
from rich.table import Table

__all__ = ["emit", "json_option", "show_table", "words"]

json_option = click.option("--json", "as_json", is_flag=True, help="Print JSON.")
"""The option that every listing has."""


def emit(document: object) -> None:
    """Print a document as JSON.

    Args:
        document: dictionaries, lists, text, numbers.
    """
    click.echo(json.dumps(document, ensure_ascii=False, indent=2))


def show_table(columns: Sequence[str], rows: Iterable[Sequence[object]], *, empty: str) -> None:
    """Print a table.

    Args:
        columns: the headings.
        rows: one sequence per row, as long as `columns`.
        empty: what to say when there are no rows.
    """
    listed = list(rows)
    if not listed:
        click.echo(empty)
        return
    table = Table(box=None, pad_edge=False, header_style="bold")
    for column in columns:
        table.add_column(column, overflow="fold")
    for row in listed:
        # Case ids and member names are text, not markup.
        table.add_row(*(escape(str(cell)) for cell in row))
    Console().print(table)


def words(items: Iterable[Any]) -> str:
    """Join names for a sentence.

    Args:
        items: the names.

    Returns:
        The names, separated by commas.
    """
    return ", ".join(str(item) for item in items)
