# SPDX-License-Identifier: Apache-2.0
"""``casethread audit``."""

from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import click
from rich.console import Console

from federation.audit import Event
from federation_node.actions import audit
from federation_node.cli.output import emit, json_option, show_table, words
from federation_node.cli.session import open_node
from federation_node.home import Home

__all__ = ["command"]

_DATES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M:%SZ"]


@click.group("audit")
def command() -> None:
    """Read the record, check it, and take evidence out of it.

    Whatever a person or the node does stands in the record. It holds no case content. Other
    members cosign it, so that nobody can change it without a trace.
    """


@command.command("list")
@click.option(
    "--event",
    "events",
    multiple=True,
    type=click.Choice([event.value for event in Event]),
    metavar="EVENT",
    help="Only entries of this kind; see the spec page audit-log.  [repeatable]",
)
@click.option("--with", "member", metavar="MEMBER", help="Only what was done with or by a member.")
@click.option("--since", type=click.DateTime(_DATES), help="Only from this day on (UTC).")
@click.option(
    "--limit", type=click.IntRange(1, 100_000), default=100, help="At most so many, the newest."
)
@json_option
@click.pass_obj
def list_(
    home: Home,
    *,
    events: tuple[str, ...],
    member: str | None,
    since: datetime | None,
    limit: int,
    as_json: bool,
) -> None:
    """List entries in words, the newest last."""
    with open_node(home) as context:
        found = audit.listed(
            context, events=map(Event, events), member=member, since=_utc(since), limit=limit
        )
    if as_json:
        emit([line.document() for line in found])
        return
    show_table(
        ("entry", "time (UTC)", "what happened"),
        [(line.index, f"{line.at:%Y-%m-%d %H:%M}", line.says) for line in found],
        empty="no such entry",
    )


@command.command("verify")
@click.argument("file", required=False, type=click.Path(dir_okay=False, path_type=Path))
@click.option("--charter", metavar="HASH", help="Hash of a charter that you trust.")
@click.option(
    "--witnesses", type=click.IntRange(min=0), default=0, help="Members that must have cosigned."
)
@json_option
@click.pass_obj
def verify(
    home: Home, *, file: Path | None, charter: str | None, witnesses: int, as_json: bool
) -> None:
    """Check the own record, or an evidence bundle in FILE.

    A bundle is checked without a node, a key or the network. Compare the eight words of its
    charter with 'casethread federation show' at a member whom you trust.
    """
    if file is None:
        _verify_own(home, as_json=as_json)
        return
    checked = audit.verify_file(file, charter=charter, witnesses=witnesses)
    if as_json:
        emit(audit.document(checked))
        return
    for step in checked.steps:
        click.echo(f"ok  ({step.number}) {step.says}")
    version = f"charter version {checked.charter.version}"
    click.echo(f"the eight words of {version}: {words(audit.words_of(checked))}")


def _verify_own(home: Home, *, as_json: bool) -> None:
    console = Console(stderr=True, quiet=as_json)
    with open_node(home) as context, console.status("checking") as status:
        size = audit.verify_own(
            context, progress=lambda done: status.update(f"{done:,} entries checked")
        )
        state = audit.watched(context)
    published = state["checkpoint"]
    if as_json:
        emit({"entries": size, "checkpoint": published})
        return
    click.echo(f"{size} entries: each is as it was written, and none is missing")
    if published is not None:
        current = sum(one["current"] for one in state["witnesses"])
        click.echo(
            f"the newest checkpoint covers {published['size']} entries of log "
            f"{published['generation']}; {current} of {len(state['witnesses'])} members cosigned it"
        )


@command.command("export")
@click.option("--match", metavar="ID", help="Everything about one match.")
@click.option("--letter", metavar="ID", help="Everything about one letter.")
@click.option("--since", type=click.DateTime(_DATES), help="Every entry from this day on (UTC).")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="File to write."
)
@click.option(
    "--open",
    "reveal",
    is_flag=True,
    help="Say which match or case entries mean, and show letters with content.",
)
@json_option
@click.pass_obj
def export(
    home: Home,
    *,
    match: str | None,
    letter: str | None,
    since: datetime | None,
    out: Path,
    reveal: bool,
    as_json: bool,
) -> None:
    """Write an evidence bundle, and a page about it as text and HTML.

    Whoever gets the file can check it with 'casethread audit verify FILE'. Without --open
    nothing in it says which case or match it is about.
    """
    if sum(one is not None for one in (match, letter, since)) != 1:
        raise click.UsageError("name one of --match, --letter, --since")
    with open_node(home) as context:
        done = audit.export(
            context, out, match=match, letter=letter, since=_utc(since), reveal=reveal
        )
    if as_json:
        emit(done)
        return
    click.echo(f"{done['entries']} entries in {words(done['files'])}")
    if done["left_out"]:
        click.echo(
            f"{done['left_out']} newer entries are not in it: the next checkpoint, due at "
            f"{done['next_checkpoint']}, covers them"
        )


@command.command("witnesses")
@json_option
@click.pass_obj
def witnesses(home: Home, *, as_json: bool) -> None:
    """Show who cosigned the own record, and what was seen of the records of others."""
    with open_node(home) as context:
        state = audit.watched(context)
    if as_json:
        emit(state)
        return
    _show_own(state)
    show_table(
        ("record of", "log", "entries", "seen (UTC)"),
        [
            (one["member"], one["generation"], one["size"], one["time"][:16])
            for one in state["watching"]
        ],
        empty="no record of another member was seen yet",
    )
    for one in state["evidence"]:
        click.echo(f"{one['time'][:16]}: the record of {one['member']} is {one['finding']}")


def _show_own(state: dict[str, Any]) -> None:
    published = state["checkpoint"]
    click.echo(
        f"own record: {state['entries']} entries; "
        + (
            "no checkpoint yet"
            if published is None
            else f"checkpoint of log {published['generation']} over {published['size']}"
        )
        + f"; next one at {state['next_checkpoint'][:16]} UTC"
    )
    show_table(
        ("witness", "saw entries", "at (UTC)", "up to date"),
        [
            (
                one["member"],
                "none" if one["size"] is None else one["size"],
                "" if one["time"] is None else one["time"][:16],
                "yes" if one["current"] else "no",
            )
            for one in state["witnesses"]
        ],
        empty="no other member is a witness",
    )


@command.command("begin-anew")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def begin_anew(home: Home, *, yes: bool) -> None:
    """Begin a new log after entries were lost, as after restoring an old database.

    The entries that are left stay. Every other member sees that a new log begins, and how
    many entries of the old one are gone.
    """
    with open_node(home) as context:
        if not yes:
            click.confirm("Were entries of this node's record lost?", abort=True)
        generation = audit.begin_anew(context)
    click.echo(f"log {generation} begins; the next checkpoint shows it to the others")


def _utc(day: datetime | None) -> datetime | None:
    return None if day is None else day.replace(tzinfo=UTC)
