# SPDX-License-Identifier: Apache-2.0
"""``casethread case``."""

from pathlib import Path
from typing import IO

import click
from rich.console import Console

from federation.errors import InputError
from federation.storage import ObservationStatus, RestrictionGround
from federation_node.actions import cases, consents, retractions
from federation_node.actions.intake import (
    Imported,
    import_sheet,
    list_imports,
    open_sheet,
    undo_import,
)
from federation_node.cli.output import emit, json_option, show_table, words
from federation_node.cli.session import open_node
from federation_node.cli.told import show_told
from federation_node.home import Home

__all__ = ["command", "id_file", "read_id", "source_option"]

_ID_LIMIT = 1024

id_file = click.argument("id_file", type=click.File(encoding="utf-8"), default="-")
"""A case id identifies: it comes from a file or standard input, never from an argument."""

source_option = click.option("--source", help="Name of the source system of the case.")


@click.group("case")
def command() -> None:
    """Import, list and forget this organisation's own cases."""


@command.command("import")
@click.argument(
    "sheet", required=False, type=click.Path(exists=True, dir_okay=False, path_type=Path)
)
@click.option(
    "--mapping",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="What the columns mean.  [default: guessed from headers and values]",
)
@click.option(
    "--save-mapping",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write the mapping that is used to a file, to correct and keep it.",
)
@click.option("--sheet", "tab", help="Sheet of a workbook.  [default: the first with data]")
@click.option("--source", default="csv", show_default=True, help="Name of the source system.")
@click.option(
    "--errors",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Where to write the rows that cannot be read.  [default: a new file beside the sheet]",
)
@click.option("--replace", is_flag=True, help="Remove the source's cases that the file lacks.")
@click.option("--no-undo", is_flag=True, help="Keep nothing of what is replaced or removed.")
@click.option("--dry-run", is_flag=True, help="Read and count, store nothing.")
@click.option("--undo", metavar="RUN", help="Take back an import instead; see 'case imports'.")
@json_option
@click.pass_obj
def import_(
    home: Home,
    *,
    sheet: Path | None,
    mapping: Path | None,
    save_mapping: Path | None,
    tab: str | None,
    source: str,
    errors: Path | None,
    replace: bool,
    no_undo: bool,
    dry_run: bool,
    undo: str | None,
    as_json: bool,
) -> None:
    """Import the cases of a CSV file or an XLSX workbook.

    Rows are kept by the source's own id: the same file again changes nothing, a corrected
    cell replaces the old one, and an import that was cut off is simply repeated.

    Rows that cannot be read are written to a file, with the reason beside each. Correct them
    there, import that file, and delete it. What an import replaced is kept, encrypted, for 30
    days, so that --undo can bring it back.
    """
    if (sheet is None) == (undo is None):
        raise click.UsageError("name either a file, or an import with --undo")
    if undo is not None:
        _undo(home, undo, as_json=as_json)
        return
    assert sheet is not None
    console = Console(stderr=True, quiet=as_json)
    with open_node(home) as context, console.status("reading") as status:
        if save_mapping is not None:
            _, meaning = open_sheet(sheet, mapping, context.config.organisation.region, tab)
            meaning.save(save_mapping)
        done = import_sheet(
            context,
            sheet,
            mapping=mapping,
            sheet=tab,
            source=source,
            errors_file=errors,
            dry_run=dry_run,
            replace=replace,
            keep=not no_undo,
            progress=lambda rows: status.update(f"{rows:,} rows read"),
        )
    if as_json:
        emit(done.document())
    else:
        _show(done)


@command.command("imports")
@json_option
@click.pass_obj
def imports(home: Home, *, as_json: bool) -> None:
    """List the imports, the newest first, and until when each can be taken back."""
    with open_node(home) as context:
        rows = [run.document() for run in list_imports(context)]
    if as_json:
        emit(rows)
        return
    columns = ("run", "source", "started", "status", "new", "changed", "removed", "errors")
    show_table(
        (*columns, "undo until"),
        [(*(row[column] for column in columns), row["undo_until"] or "") for row in rows],
        empty="nothing was imported yet",
    )


def _undo(home: Home, run: str, *, as_json: bool) -> None:
    """Take back an import, and say what that did."""
    with open_node(home) as context:
        done = undo_import(context, run)
    if as_json:
        emit({"run": run, "deleted": done.deleted, "restored": done.restored, "left": done.left})
        return
    click.echo(f"import {run} taken back: {done.deleted} cases deleted, {done.restored} restored")
    if done.left:
        click.echo(f"{done.left} cases were changed by something else since, and stay as they are")
    click.echo("partners that may know of a match that ended are told so")


@command.command("list")
@source_option
@click.option("--not-tokenised", is_flag=True, help="List what takes no part in matching, and why.")
@json_option
@click.pass_obj
def list_(home: Home, *, source: str | None, not_tokenised: bool, as_json: bool) -> None:
    """List the cases, or with --not-tokenised what is left out of the comparison."""
    if not_tokenised:
        _list_left_out(home, as_json=as_json)
        return
    with open_node(home) as context:
        found = cases.list_cases(context, source)
    rows = [
        {
            "case": case.id,
            "source": case.source,
            "region": case.region,
            "observations": len(case.observations),
            "tokenised": sum(seen.status == "tokenised" for seen in case.observations),
        }
        for case in found
    ]
    if as_json:
        emit(rows)
        return
    show_table(
        ("case", "source", "region", "observations", "tokenised"),
        [tuple("" if cell is None else cell for cell in row.values()) for row in rows],
        empty="no cases yet; import some with 'casethread case import FILE'",
    )


@command.command("show")
@id_file
@source_option
@json_option
@click.pass_obj
def show(home: Home, *, id_file: IO[str], source: str | None, as_json: bool) -> None:
    """Show one case. Its id is read from ID_FILE, or from standard input."""
    case_id = read_id(id_file)
    with open_node(home) as context:
        case = cases.find_case(context, case_id, source)
        told = retractions.on_case(context, case.id, case.source)
        given = consents.on_case(context, case.id, case.source)
        kept_out = cases.restriction(context, case.id, case.source)
    rows = [
        {
            "field": seen.field,
            "kind": seen.kind.value,
            "subject": seen.subject.value,
            "written": seen.raw if isinstance(seen.raw, str) else dict(seen.raw),
            "status": seen.status.value,
            "reason": seen.reason,
        }
        for seen in case.observations
    ]
    if as_json:
        emit(
            {
                "case": case.id,
                "source": case.source,
                "region": case.region,
                "observations": rows,
                "consent": None if given is None else consents.document(given),
                "restricted": None if kept_out is None else kept_out.ground.value,
                "told": [retractions.document(one) for one in told],
            }
        )
        return
    click.echo(f"case {case.id} from {case.source}")
    if kept_out is not None:
        click.echo(f"kept out of everything since {kept_out.since:%Y-%m-%d}: {kept_out.ground}")
    show_table(
        ("field", "kind", "subject", "as written", "status", "reason"),
        [tuple(row.values()) for row in rows],
        empty="nothing in it can be compared",
    )
    if given is not None:
        row = consents.document(given)
        click.echo(
            f"consent {row['version']}: {row['state']}, for {words(row['purposes'])} "
            f"with {words(row['roles'])}, from {row['given'][:10]} to {row['expires'][:10]}"
        )
    if told:
        click.echo("partners were told that matches ended:")
        show_told(told, empty="")


@command.command("restrict")
@id_file
@source_option
@click.option(
    "--because",
    "ground",
    required=True,
    type=click.Choice([one.value for one in RestrictionGround]),
    help="Why.",
)
@click.pass_obj
def restrict(home: Home, *, id_file: IO[str], source: str | None, ground: str) -> None:
    """Keep a case out of everything. Its id is read from ID_FILE, or from standard input.

    It is kept here, and compared, disclosed and referred to nobody. Importing it again does
    not let it in.
    """
    case_id = read_id(id_file)
    with open_node(home) as context:
        cases.restrict(context, case_id, RestrictionGround(ground), source)
    click.echo("kept out; partners that may know of a match are told that it is over")
    click.echo("'casethread match retractions' says who has acknowledged it")


@command.command("unrestrict")
@id_file
@source_option
@click.pass_obj
def unrestrict(home: Home, *, id_file: IO[str], source: str | None) -> None:
    """Let a case in again. Its id is read from ID_FILE, or from standard input."""
    case_id = read_id(id_file)
    with open_node(home) as context:
        cases.unrestrict(context, case_id, source)
    click.echo("let in; the next synchronisation compares what may be compared")


@command.command("forget")
@id_file
@source_option
@click.pass_obj
def forget(home: Home, *, id_file: IO[str], source: str | None) -> None:
    """Delete one case and its tokens. Its id is read from ID_FILE, or from standard input."""
    case_id = read_id(id_file)
    with open_node(home) as context:
        cases.forget_case(context, case_id, source)
    click.echo("forgotten; partners that may know of a match are told that it is over")
    click.echo("'casethread match retractions' says who has acknowledged it")


def read_id(file: IO[str]) -> str:
    """Read one case id, from a file or standard input.

    Raises:
        InputError: there is none.
    """
    if file.isatty():
        click.echo("Case id: ", nl=False, err=True)
    line = file.readline(_ID_LIMIT).strip()
    if not line:
        raise InputError(
            "no case id was given", next_step="write it into a file, or on standard input"
        )
    return line


def _list_left_out(home: Home, *, as_json: bool) -> None:
    with open_node(home) as context:
        found = cases.left_out(context)
    if as_json:
        emit([entry.document() for entry in found])
        return
    show_table(
        ("case", "field", "kind", "status", "reason"),
        [tuple(entry.document().values()) for entry in found],
        empty="every observation takes part",
    )


def _show(done: Imported) -> None:
    """Say in words what an import did."""
    if done.dry_run:
        click.echo("dry run: nothing was stored")
    else:
        went_on = " (went on where it was cut off)" if done.resumed else ""
        click.echo(
            f"import {done.run}{went_on}: {done.new} new, {done.changed} changed, "
            f"{done.unchanged} unchanged, {done.removed} removed cases"
        )
    click.echo(f"{done.observations} observations in the file")
    if done.consents_recorded or done.consents_ended:
        click.echo(f"consents: {done.consents_recorded} recorded, {done.consents_ended} ended")
    for (status, reason), count in done.left_out.items():
        click.echo(f"not compared: {count} {words(filter(None, (status.value, reason)))}")
    if any(status is ObservationStatus.WAITING_DECISION for status, _ in done.left_out):
        click.echo("some wait for a person; see 'casethread screen list'")
    for remark in done.remarks:
        click.echo(f"note: {remark}")
    for column, reason in done.ignored.items():
        click.echo(f"column not read: {column} ({reason})")
    if done.errors_file is not None:
        click.echo(f"{done.errors} rows could not be read; they are in {done.errors_file}")
        click.echo("correct them there, import that file, and delete it: it holds case data")
    if done.replace_skipped:
        click.echo("no case was removed, because rows in error may be among them")
