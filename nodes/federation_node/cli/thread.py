# SPDX-License-Identifier: Apache-2.0
"""``casethread thread``."""

from pathlib import Path

import click

from federation.member import Thread
from federation_node.actions import threads
from federation_node.cli.output import emit, json_option, show_table, words
from federation_node.cli.session import open_node
from federation_node.files import write_new
from federation_node.home import Home

__all__ = ["command"]

_SHOWN = 12


@click.group("thread")
def command() -> None:
    """See which own cases hang together, and who else is part of it.

    A thread ties cases that hold the same. Of other organisations it shows who they are, and
    kinds and counts of what is shared. It is a question, like a match.
    """


@command.command("list")
@json_option
@click.pass_obj
def list_(home: Home, *, as_json: bool) -> None:
    """List the threads, those first that reach most organisations."""
    with open_node(home) as context:
        found = threads.listed(context)
    if as_json:
        emit([threads.summary(one) for one in found])
        return
    show_table(
        ("thread", "own cases", "shared with", "minor", "since"),
        [
            (
                one.id[:_SHOWN],
                one.cases,
                words(one.members) or "-",
                "yes" if one.minor else "",
                one.begun.date().isoformat(),
            )
            for one in found
        ],
        empty="no threads; 'casethread sync' looks for what is shared",
    )


@command.command("show")
@click.argument("thread")
@click.option(
    "--svg",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Draw it into a file as well. The drawing shows case ids; handle it like a case.",
)
@json_option
@click.pass_obj
def show(home: Home, *, thread: str, svg: Path | None, as_json: bool) -> None:
    """Show one thread: its cases, and what ties each of them.

    THREAD is the beginning of its id, or of the mark of any case in it. That you looked goes
    into the record.
    """
    with open_node(home) as context:
        found = threads.find(context, thread)
        drawn = None if svg is None else threads.drawing(context, found)
    if svg is not None and drawn is not None:
        write_new(svg, drawn.encode())
    if as_json:
        emit(threads.document(found))
        return
    _show(found)
    if svg is not None:
        click.echo(f"drawn into {svg}")


@command.command("split")
@click.argument("one")
@click.argument("other")
@click.pass_obj
def split(home: Home, *, one: str, other: str) -> None:
    """Put two cases of a thread apart: they do not belong together.

    ONE and OTHER are marks of cases, as 'thread show' prints them. Every other case stays with
    the one with which it has more in common. It is remembered, also if a case is imported anew.
    """
    with open_node(home) as context:
        threads.split(context, one, other)
    click.echo("put apart; 'casethread thread list' shows the threads as they are now")


@command.command("rejoin")
@click.argument("one")
@click.argument("other")
@click.pass_obj
def rejoin(home: Home, *, one: str, other: str) -> None:
    """Undo a split: two cases may belong together again."""
    with open_node(home) as context:
        threads.rejoin(context, one, other)
    click.echo("not kept apart any more; 'casethread thread list' shows the threads")


@command.command("common")
@json_option
@click.pass_obj
def common(home: Home, *, as_json: bool) -> None:
    """List the values that tie no cases, because too many hold them.

    A number that stands in very many cases is often nobody's: a placeholder, an office, a
    hotline. If it is somebody's, confirm its match, or raise the limit in casethread.toml.
    """
    with open_node(home) as context:
        found = threads.commons(context)
    if as_json:
        emit(
            [
                {
                    "kind": one.kind.value,
                    "value": one.value,
                    "cases": one.cases,
                    "entities": one.entities,
                }
                for one in found
            ]
        )
        return
    show_table(
        ("kind", "value", "own cases", "other organisations"),
        [(one.kind.value, one.value, one.cases, one.entities) for one in found],
        empty="nothing is too common",
    )


def _show(thread: Thread) -> None:
    many = len({case.source for case in thread.cases}) > 1
    names = {
        case.mark: f"{case.source}: {case.case}" if many else case.case for case in thread.cases
    }
    click.echo(f"thread {thread.id}, since {thread.begun.date().isoformat()}")
    click.echo()
    show_table(
        ("mark", "own case", ""),
        [
            (case.mark[:_SHOWN], names[case.mark], "involves a minor" if case.minor else "")
            for case in thread.cases
        ],
        empty="",
    )
    click.echo()
    show_table(
        ("what they share", "own cases", "held also by", ""),
        [
            (
                edge.kind.value,
                words(names[mark] for mark in dict.fromkeys(end.case for end in edge.ends)),
                words(met.member for met in edge.members) or "-",
                threads.reason(edge),
            )
            for edge in thread.edges
        ],
        empty="",
    )
    click.echo()
    for share in thread.members:
        click.echo(
            f"{share.member}: {threads.counted(share.kinds)}; how many cases, it knows alone"
        )
    for note in threads.notes(thread):
        click.echo(note)
