# SPDX-License-Identifier: Apache-2.0
"""``casethread custodian grant``."""

import click

from federation.charter.grants import LONGEST_GRANT, SourceKind
from federation.indicators import IndicatorClass, Lane
from federation.member import GrantRequest, GrantView
from federation_node.actions import grants
from federation_node.cli.output import emit, json_option, show_table, words
from federation_node.cli.session import open_node
from federation_node.home import Home

__all__ = ["command"]

_SHOWN = 12


@click.group("grant")
def command() -> None:
    """Let a member bring in many cases at once, within limits, before all eyes.

    As many custodians sign as an evaluation takes, the member itself not among them; every
    member sees who got what. There are no grants for law enforcement, and none for registers
    of the population, voter rolls or subscriber lists.
    """


@command.command("propose")
@click.argument("member")
@click.option("--source", required=True, help="Name of the source system.")
@click.option(
    "--source-kind",
    type=click.Choice([kind.value for kind in SourceKind]),
    required=True,
    help="What the source is.",
)
@click.option("--rows", type=click.IntRange(min=1), required=True, help="Records in the source.")
@click.option(
    "--amount", type=click.IntRange(min=1), required=True, help="Identifiers, or people, to allow."
)
@click.option(
    "--lane",
    type=click.Choice([lane.value for lane in Lane]),
    default=Lane.NETWORK.value,
    show_default=True,
    help="Lane of the keys.",
)
@click.option(
    "--class",
    "cls",
    type=click.Choice([cls.value for cls in IndicatorClass]),
    default=IndicatorClass.IDENTIFIER.value,
    show_default=True,
    help="What is looked up.",
)
@click.option(
    "--days",
    type=click.IntRange(min=1, max=LONGEST_GRANT.days),
    default=LONGEST_GRANT.days,
    show_default=True,
    help="How long, from now.",
)
@json_option
@click.pass_obj
def propose(
    home: Home,
    *,
    member: str,
    source: str,
    source_kind: str,
    rows: int,
    amount: int,
    lane: str,
    cls: str,
    days: int,
    as_json: bool,
) -> None:
    """Propose to let MEMBER look up more than its daily budget, once, for one source."""
    request = GrantRequest(
        member=member,
        source=source,
        source_kind=SourceKind(source_kind),
        rows=rows,
        amount=amount,
        lane=Lane(lane),
        cls=IndicatorClass(cls),
        days=days,
    )
    with open_node(home) as context:
        digest = grants.propose(context, request)
        view = grants.find(context, digest.hex())
    if as_json:
        emit(grants.document(view))
        return
    click.echo(f"proposed and signed grant {digest.hex()[:_SHOWN]}")
    able = words(sorted(view.approval.may_sign))
    click.echo(f"{view.approval.missing} more signatures needed, from {able}")
    click.echo(f"next: they run 'casethread custodian grant sign {digest.hex()[:_SHOWN]}'")


@command.command("sign")
@click.argument("grant")
@click.option("--yes", is_flag=True, help="Do not ask.")
@click.pass_obj
def sign(home: Home, *, grant: str, yes: bool) -> None:
    """Show the grant whose hash begins with GRANT, and sign it."""
    with open_node(home) as context:
        view = grants.find(context, grant)
        for line in _lines(view):
            click.echo(line)
        if not yes:
            click.confirm("Sign this grant for your organisation?", abort=True)
        grants.sign(context, view.digest)
    click.echo("signed; it counts when enough custodians have signed")


@command.command("list")
@json_option
@click.pass_obj
def listing(home: Home, *, as_json: bool) -> None:
    """Show who got bulk grants in the last 30 days, and what was spent of them here."""
    with open_node(home) as context:
        views = grants.grants(context)
    if as_json:
        emit([grants.document(view) for view in views])
        return
    show_table(
        ("grant", "member", "source", "for", "until", "signed by", "missing", "used here"),
        [
            (
                view.digest.hex()[:_SHOWN],
                view.grant.member,
                f"{view.grant.source} ({view.grant.source_kind.value})",
                f"{view.grant.amount:,} {view.grant.lane.value}/{view.grant.cls.value}",
                f"{view.grant.valid_until:%Y-%m-%d}",
                words(sorted(view.approval.signers)),
                str(view.approval.missing),
                f"{view.used:,} of {view.grant.evaluations:,}",
            )
            for view in views
        ],
        empty="no bulk grants in the last 30 days",
    )


def _lines(view: GrantView) -> list[str]:
    """Say in words what is to be signed."""
    grant = view.grant
    budget = f"{grant.amount:,} more in {grant.lane.value}/{grant.cls.value}"
    until = f"{grant.valid_until:%Y-%m-%d %H:%M} UTC"
    return [
        f"{grant.member} may look up {budget} ({grant.evaluations:,} evaluations) until {until}",
        f"to bring in '{grant.source}' ({grant.source_kind.value}, {grant.rows:,} records)",
        f"signed by {words(sorted(view.approval.signers))}; {view.approval.missing} missing",
    ]
