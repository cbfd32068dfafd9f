# SPDX-License-Identifier: Apache-2.0
"""``casethread consent``."""

from datetime import datetime, timedelta
from pathlib import Path
from typing import IO, Any

import click

from federation.agreements import Purpose
from federation.charter import Role
from federation_node.actions import consents, retractions
from federation_node.cli.case import id_file, read_id, source_option
from federation_node.cli.output import emit, json_option, show_table, words
from federation_node.cli.session import open_node
from federation_node.cli.told import show_told
from federation_node.home import Home

__all__ = ["command"]

_DAY = click.DateTime(formats=["%Y-%m-%d"])
_PURPOSES = [one.value for one in consents.PURPOSES]
_ROLES = [one.value for one in consents.ROLES]


@click.group("consent")
def command() -> None:
    """Record what survivors allow, and end it when they say so.

    Nothing about a survivor is compared, with anybody, before a consent is recorded for the
    case. It ends by itself on its last day, and at once when it is withdrawn.
    """


@command.command("record")
@id_file
@source_option
@click.option(
    "--purpose",
    "purposes",
    multiple=True,
    required=True,
    type=click.Choice(_PURPOSES),
    help="What it allows sharing for; may be given again.",
)
@click.option(
    "--role",
    "roles",
    multiple=True,
    required=True,
    type=click.Choice(_ROLES),
    help="With organisations of which role; may be given again.",
)
@click.option("--given", type=_DAY, help="Day on which it was given.  [default: now]")
@click.option("--expires", type=_DAY, required=True, help="Last day on which it holds.")
@click.option("--basis", required=True, help="Code of the form, such as intake-form-3.")
@click.option(
    "--evidence",
    type=click.Path(exists=True, dir_okay=False, path_type=Path),
    help="The signed form or the recording; only its SHA-256 is kept.",
)
@json_option
@click.pass_obj
def record(
    home: Home,
    *,
    id_file: IO[str],
    source: str | None,
    purposes: tuple[str, ...],
    roles: tuple[str, ...],
    given: datetime | None,
    expires: datetime,
    basis: str,
    evidence: Path | None,
    as_json: bool,
) -> None:
    """Record a consent for a case. The case's id is read from ID_FILE, or standard input.

    It takes the place of the one before. If it allows less than that one, what was shared is
    taken back, and what is still allowed is shared anew.
    """
    case_id = read_id(id_file)
    consent = consents.of_days(
        [*map(Purpose, purposes)],
        [*map(Role, roles)],
        given=None if given is None else given.date(),
        last=expires.date(),
        basis=basis,
        evidence_sha256=None if evidence is None else _evidence(evidence),
    )
    with open_node(home) as context:
        stored = consents.record(context, case_id, consent, source)
    if as_json:
        emit(consents.document(stored))
        return
    click.echo(f"recorded; it holds until {stored.consent.expires - timedelta(days=1):%Y-%m-%d}")
    click.echo("the next synchronisation compares what it allows")


@command.command("show")
@id_file
@source_option
@json_option
@click.pass_obj
def show(home: Home, *, id_file: IO[str], source: str | None, as_json: bool) -> None:
    """Show every consent of a case. Its id is read from ID_FILE, or from standard input."""
    case_id = read_id(id_file)
    with open_node(home) as context:
        rows = [consents.document(one) for one in consents.history(context, case_id, source)]
        told = consents.told(context, case_id, source)
    if as_json:
        emit(rows)
        return
    show_table(
        ("no.", "state", "purposes", "roles", "given", "expires", "withdrawn", "by"),
        [
            (row["version"], *_cells(row), row["withdrawn"] or "", row["recorded_by"])
            for row in rows
        ],
        empty="no consent was recorded; nothing about the survivor is compared",
    )
    if told:
        click.echo("partners were told that matches ended:")
        show_told(told, empty="")


@command.command("list")
@json_option
@click.pass_obj
def list_(home: Home, *, as_json: bool) -> None:
    """List the cases with a consent, those that end first at the top."""
    with open_node(home) as context:
        found = consents.listed(context)
    rows = [
        {"case": one.case, "source": one.source, **consents.document(one.stored)} for one in found
    ]
    if as_json:
        emit(rows)
        return
    show_table(
        ("case", "source", "state", "purposes", "roles", "given", "expires"),
        [(row["case"], row["source"], *_cells(row)) for row in rows],
        empty="no consent was recorded yet; see 'casethread consent record --help'",
    )


@command.command("withdraw")
@id_file
@source_option
@json_option
@click.pass_obj
def withdraw(home: Home, *, id_file: IO[str], source: str | None, as_json: bool) -> None:
    """End the consent of a case at once. Its id is read from ID_FILE, or standard input.

    What was made from it is deleted here in the same moment, and every partner that may know
    of a match is told that it is over. 'casethread match retractions' says who has acknowledged
    that. What a partner read in a disclosure is not undone by this.
    """
    case_id = read_id(id_file)
    with open_node(home) as context:
        stored = consents.withdraw(context, case_id, source)
        told = consents.told(context, case_id, source)
    if as_json:
        emit(consents.document(stored) | {"told": [retractions.document(one) for one in told]})
        return
    click.echo("withdrawn; nothing about the survivor is compared any more")
    show_told(told, empty="no partner knows of a match")


def _cells(row: dict[str, Any]) -> tuple[str, ...]:
    return (
        row["state"],
        words(row["purposes"]),
        words(row["roles"]),
        row["given"][:10],
        row["expires"][:10],
    )


def _evidence(path: Path) -> bytes:
    with path.open("rb") as file:
        return consents.evidence_of(file)
