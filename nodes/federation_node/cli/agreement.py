# SPDX-License-Identifier: Apache-2.0
"""``casethread agreement``."""

from pathlib import Path

import click

from federation.agreements import AccessRequest, Action, MatchBudget
from federation.indicators import Kind, Subject
from federation.member import AgreementView
from federation_node.actions import agreements
from federation_node.cli.output import emit, json_option, show_table, words
from federation_node.cli.session import open_node
from federation_node.files import write_new
from federation_node.home import Home

__all__ = ["command"]

_SHOWN = 12

agreement_argument = click.argument("agreement")
"""The beginning of an agreement's hash, as listings show it."""

yes_option = click.option("--yes", is_flag=True, help="Do not ask.")


@click.group("agreement")
def command() -> None:
    """Draft, sign, explain and revoke data-sharing agreements."""


@command.command("draft")
@click.option("--title", required=True, help="What the agreement is called.")
@click.option("--with", "partners", multiple=True, required=True, help="A partner's member id.")
@click.option("--legal-basis", required=True, help="On what it rests.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="File to write."
)
@click.pass_obj
def draft(
    home: Home, *, title: str, partners: tuple[str, ...], legal_basis: str, out: Path
) -> None:
    """Write a draft with careful defaults into a file, to be edited."""
    with open_node(home) as context:
        text = agreements.write_draft(context, title, partners, legal_basis)
    write_new(out, text.encode())
    click.echo(f"wrote {out}; edit it, then: casethread agreement propose {out}")


@command.command("propose")
@click.argument("file", type=click.Path(exists=True, dir_okay=False, path_type=Path))
@json_option
@click.pass_obj
def propose(home: Home, *, file: Path, as_json: bool) -> None:
    """Sign a draft as the first party and offer it to the others."""
    with open_node(home) as context:
        name = agreements.propose(context, agreements.read_draft(file))
    if as_json:
        emit({"agreement": name.hex()})
        return
    click.echo(f"proposed agreement {name.hex()[:_SHOWN]}")
    click.echo(f"next: each partner runs 'casethread agreement sign {name.hex()[:_SHOWN]}'")


@command.command("sign")
@agreement_argument
@yes_option
@click.pass_obj
def sign(home: Home, *, agreement: str, yes: bool) -> None:
    """Show an agreement's terms, and sign them for this organisation."""
    with open_node(home) as context:
        view = agreements.find(context, agreement)
        _show(view)
        if not yes:
            click.confirm("Sign these terms for your organisation?", abort=True)
        agreements.sign(context, view.hash)
    click.echo("signed; it is in force when every party has signed")


@command.command("revoke")
@agreement_argument
@click.option("--reason", required=True, help="For the other parties; no case content.")
@yes_option
@click.pass_obj
def revoke(home: Home, *, agreement: str, reason: str, yes: bool) -> None:
    """End an agreement for all its parties, for good."""
    with open_node(home) as context:
        view = agreements.find(context, agreement)
        if not yes:
            click.confirm(f"End '{view.terms.title}' for all parties?", abort=True)
        agreements.revoke(context, view.hash, reason)
    click.echo("revoked: keys erased, exchange refused, matches retracted on honest nodes")
    click.echo("what a partner learned before, it may have kept")


@command.command("explain")
@agreement_argument
@click.option(
    "--kind",
    type=click.Choice([kind.value for kind in Kind]),
    required=True,
    help="Kind of indicator.",
)
@click.option(
    "--subject",
    type=click.Choice([one.value for one in Subject]),
    required=True,
    help="Whom it is about.",
)
@json_option
@click.pass_obj
def explain(home: Home, *, agreement: str, kind: str, subject: str, as_json: bool) -> None:
    """Say which clause allows, or denies, that a kind of indicator is compared."""
    with open_node(home) as context:
        view = agreements.find(context, agreement)
        about = Subject(subject)
        partner = next(one for one in view.terms.parties if one != context.member.id)
        request = AccessRequest(
            Action.COMPARE,
            context.member.id,
            partner,
            about.lane,
            Kind(kind),
            about,
            view.terms.purposes[0],
        )
        clauses = agreements.explain(context, view, request)
    allowed = all(clause.allows for clause in clauses)
    if as_json:
        emit(
            {
                "allowed": allowed,
                "clauses": [
                    {"clause": one.name, "allows": one.allows, "reason": one.reason}
                    for one in clauses
                ],
            }
        )
        return
    click.echo("compared" if allowed else "not compared")
    show_table(
        ("clause", "says", "because"),
        [(one.name, "yes" if one.allows else "no", one.reason) for one in clauses],
        empty="",
    )


@command.command("list")
@json_option
@click.pass_obj
def list_(home: Home, *, as_json: bool) -> None:
    """List the agreements that this node knows."""
    with open_node(home) as context:
        views = agreements.listed(context)
    if as_json:
        emit([agreements.document(view) for view in views])
        return
    show_table(
        ("agreement", "title", "parties", "status", "waits for"),
        [
            (
                view.hash.hex()[:_SHOWN],
                view.terms.title,
                words(view.terms.parties),
                view.status.value,
                words(sorted(view.missing)),
            )
            for view in views
        ],
        empty="no agreements yet; begin with 'casethread agreement draft'",
    )


@command.command("show")
@agreement_argument
@json_option
@click.pass_obj
def show(home: Home, *, agreement: str, as_json: bool) -> None:
    """Show an agreement's terms and who has signed."""
    with open_node(home) as context:
        view = agreements.find(context, agreement)
    if as_json:
        emit(agreements.document(view))
        return
    _show(view)
    click.echo(f"status: {view.status.value}")


def _show(view: AgreementView) -> None:
    """Show the terms in words."""
    terms = view.terms
    rows = (
        ("agreement", view.hash.hex()),
        ("title", terms.title),
        ("parties", words(terms.parties)),
        ("compares", words(kind.value for kind in terms.kinds)),
        ("about", words(subject.value for subject in terms.subjects)),
        ("lanes", words(lane.value for lane in terms.lanes)),
        ("for", words(purpose.value for purpose in terms.purposes)),
        ("legal basis", terms.legal_basis),
        ("valid", f"{terms.valid_from:%Y-%m-%d} to {terms.valid_until:%Y-%m-%d}"),
        ("kept", f"{terms.retention_days} days"),
        ("handling", terms.handling.value),
        (
            "answered by itself",
            _budget(terms.match_budget),
        ),
        ("approvers", terms.approvers),
        ("signed paper", terms.paper_sha256.hex() if terms.paper_sha256 else "none"),
        ("signed by", words(sorted(view.signers))),
    )
    show_table(("clause", "says"), rows, empty="")


def _budget(budget: MatchBudget) -> str:
    return (
        f"{budget.daily_base} matches a day plus {budget.daily_percent} % of the own cases, "
        f"per partner; {budget.first} more once"
    )
