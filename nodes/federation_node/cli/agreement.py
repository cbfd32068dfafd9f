# SPDX-License-Identifier: Apache-2.0
"""``casethread agreement``."""

from pathlib import Path

import click

from federation.agreements import Action, Detail, Purpose
from federation.indicators import Kind, Subject
from federation_node.actions import agreements, explaining
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
@click.option("--title", help="What the agreement is called.")
@click.option("--with", "partners", multiple=True, help="A partner's member id.")
@click.option("--legal-basis", help="On what it rests.")
@click.option("--amend", metavar="AGREEMENT", help="Begin from an agreement that it replaces.")
@click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="File to write."
)
@click.pass_obj
def draft(
    home: Home,
    *,
    title: str | None,
    partners: tuple[str, ...],
    legal_basis: str | None,
    amend: str | None,
    out: Path,
) -> None:
    """Write a draft with careful defaults into a file, to be edited.

    Every term stands in it, with a comment. An agreement cannot be changed: --amend writes down
    its terms for another one, which ends it when all have signed.
    """
    new = (title, legal_basis, *partners)
    if amend is not None and any(new):
        raise click.UsageError("--amend takes the agreement's own title, parties and legal basis.")
    if amend is None and not (title and partners and legal_basis):
        raise click.UsageError("A new draft needs --title, --with and --legal-basis.")
    with open_node(home) as context:
        if amend is not None:
            text = agreements.amend(agreements.find(context, amend))
        else:
            text = agreements.write_draft(context, title or "", partners, legal_basis or "")
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
    """Show an agreement in plain words, and sign it for this organisation."""
    with open_node(home) as context:
        view = agreements.find(context, agreement)
        click.echo(agreements.page(context, view).text())
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
    click.echo("revoked: keys erased, and honest nodes exchange nothing more under it")
    click.echo("what a partner learned before, it may have kept")


@command.command("explain")
@agreement_argument
@click.option(
    "--action",
    type=click.Choice([one.value for one in Action]),
    default=Action.COMPARE.value,
    show_default=True,
    help="What is to happen.",
)
@click.option(
    "--kind",
    type=click.Choice([*(kind.value for kind in Kind), *(one.value for one in Detail)]),
    required=True,
    help="Kind of indicator, or another detail of a case.",
)
@click.option(
    "--subject",
    type=click.Choice([one.value for one in Subject]),
    required=True,
    help="Whom it is about.",
)
@click.option(
    "--purpose",
    type=click.Choice([one.value for one in Purpose]),
    help="For what; every purpose that comparing serves without.",
)
@click.option("--from", "giver", help="Whose case it is; your own organisation's without.")
@click.option("--to", "receiver", help="Who learns something; the other party without.")
@click.option(
    "--consent", is_flag=True, help="As if the survivor's consent covered it; no consent without."
)
@json_option
@click.pass_obj
def explain(
    home: Home,
    *,
    agreement: str,
    action: str,
    kind: str,
    subject: str,
    purpose: str | None,
    giver: str | None,
    receiver: str | None,
    consent: bool,
    as_json: bool,
) -> None:
    """Say clause by clause whether something may happen now under an agreement.

    It may happen if every clause allows it. A clause that no agreement can change is marked:
    it is a rule, or a survivor's will.
    """
    question = explaining.Question(
        action=Action(action),
        kind=_kind(kind),
        subject=Subject(subject),
        purpose=None if purpose is None else Purpose(purpose),
        giver=giver,
        receiver=receiver,
    )
    with open_node(home) as context:
        view = agreements.find(context, agreement)
        assumed = explaining.covering_consent() if consent else None
        clauses = explaining.explain(context, view, question, assumed)
    allowed = all(clause.allows for clause in clauses)
    if as_json:
        emit(
            {
                "allowed": allowed,
                "clauses": [
                    {
                        "clause": one.name,
                        "allows": one.allows,
                        "reason": one.reason,
                        "agreed": one.agreed,
                    }
                    for one in clauses
                ],
            }
        )
        return
    click.echo("allowed" if allowed else "not allowed")
    show_table(
        ("clause", "says", "because", "can be agreed"),
        [
            (
                one.name,
                "yes" if one.allows else "no",
                one.reason,
                "" if one.agreed else "never",
            )
            for one in clauses
        ],
        empty="",
    )


def _kind(text: str) -> Kind | Detail:
    return Kind(text) if text in {kind.value for kind in Kind} else Detail(text)


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
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="Write it to a file, to be printed: HTML if it ends in .html, else text.",
)
@json_option
@click.pass_obj
def show(home: Home, *, agreement: str, out: Path | None, as_json: bool) -> None:
    """Show an agreement in plain words, and who has signed."""
    with open_node(home) as context:
        view = agreements.find(context, agreement)
        page = agreements.page(context, view)
    if out is not None:
        text = page.html() if out.suffix.lower() in {".html", ".htm"} else page.text()
        write_new(out, text.encode())
        click.echo(f"wrote {out}")
    elif as_json:
        emit(agreements.document(view))
    else:
        click.echo(page.text(), nl=False)
