# SPDX-License-Identifier: Apache-2.0
"""``casethread federation``."""

from pathlib import Path

import click

from federation.charter import Charter, Invitation, JoinRequest, Rules
from federation_node import config
from federation_node.actions import changing, federate, overview
from federation_node.cli.output import emit, json_option, show_table, words
from federation_node.cli.session import open_node
from federation_node.files import read_limited, write_new
from federation_node.home import Home
from federation_node.tls import expiry_of

__all__ = ["command"]

_SHOWN = 12
_FILE_LIMIT = 2 * max(Invitation.LIMIT, JoinRequest.LIMIT)

in_file = click.Path(exists=True, dir_okay=False, path_type=Path)
out_option = click.option(
    "--out", type=click.Path(dir_okay=False, path_type=Path), required=True, help="File to write."
)
yes_option = click.option("--yes", is_flag=True, help="Do not ask.")


@click.group("federation")
def command() -> None:
    """Create, join and govern a federation."""


@command.command("create")
@click.argument("name")
@click.option("--daily", type=click.IntRange(min=1), help="Look-ups per member and day.")
@click.option("--monthly", type=click.IntRange(min=1), help="Look-ups per member in 30 days.")
@click.pass_obj
def create(home: Home, *, name: str, daily: int | None, monthly: int | None) -> None:
    """Begin a federation called NAME, with this organisation as its first founder.

    Have at least three custodians that are distinct legal entities. With two, both
    are needed for every pseudonym, and the two together could guess all of them.
    """
    rules = Rules().model_dump()
    chosen = {"identifier_daily": daily, "identifier_monthly": monthly}
    given = {field: figure for field, figure in chosen.items() if figure is not None}
    with open_node(home) as context:
        draft = federate.create(context, name, rules=Rules(**(rules | given)))
    click.echo(f"began '{draft.name}'")
    click.echo(
        f"each member may look up {draft.rules.identifier_daily:,} identifiers a day "
        f"and {draft.rules.identifier_monthly:,} in 30 days"
    )
    click.echo("next: 'casethread federation invite --out FILE' for each further founder")


@command.command("invite")
@out_option
@click.pass_obj
def invite(home: Home, *, out: Path) -> None:
    """Write an invitation for one organisation. It can be answered for 14 days."""
    with open_node(home) as context:
        write_new(out, federate.invite(context))
    click.echo(f"wrote {out}; send it, and admit the answer with 'casethread federation admit'")


@command.command("join")
@click.argument("file", type=in_file)
@out_option
@click.option("--steward/--no-steward", default=True, help="Willing to sign charters.")
@click.option(
    "--custodian/--no-custodian", default=None, help="Willing to hold shares of the keys."
)
@click.pass_obj
def join(home: Home, *, file: Path, out: Path, steward: bool, custodian: bool | None) -> None:
    """Answer the invitation in FILE, and write the answer."""
    invitation = read_limited(file, _FILE_LIMIT)
    with open_node(home) as context:
        joining = federate.join(context, invitation, steward=steward, custodian=custodian)
    write_new(out, joining.request)
    click.echo(f"wrote {out}; send it to {joining.inviter} of '{joining.federation}'")
    _show_words(joining.words)
    click.echo("then run 'casethread serve'")


@command.command("admit")
@click.argument("file", type=in_file)
@click.option("--steward/--no-steward", default=None, help="Its signature counts for charters.")
@click.option("--custodian/--no-custodian", default=None, help="It may hold shares of the keys.")
@yes_option
@click.pass_obj
def admit(
    home: Home, *, file: Path, steward: bool | None, custodian: bool | None, yes: bool
) -> None:
    """Admit the organisation whose answer is in FILE."""
    request = read_limited(file, _FILE_LIMIT)
    with open_node(home) as context:
        seen = federate.read_request(context, request)
        click.echo(f"{seen.name} ({seen.member}, {seen.role.value}) asks to join")
        _show_words(seen.words)
        if not yes:
            click.confirm("Did both of you see the same eight words?", abort=True)
        admission = federate.admit(context, request, steward=steward, custodian=custodian)
    click.echo(f"admitted {admission.member}; it counts when the charter is signed")
    for warning in admission.warnings:
        click.echo(f"note: {warning}")
    click.echo("next: 'casethread federation sign' when everybody is admitted")


@command.command("sign")
@click.argument("digest", required=False)
@yes_option
@click.pass_obj
def sign(home: Home, *, digest: str | None, yes: bool) -> None:
    """Show the charter that waits for this steward, and sign it.

    DIGEST is the beginning of its hash, needed if several wait.
    """
    with open_node(home) as context:
        charter = federate.find_proposal(context, digest)
        _show(charter)
        if not yes:
            click.confirm("Sign this charter for your organisation?", abort=True)
        federate.sign(context, charter)
    click.echo("signed; it takes effect when enough stewards have signed")


@command.command("withdraw")
@click.argument("digest", required=False)
@yes_option
@click.pass_obj
def withdraw(home: Home, *, digest: str | None, yes: bool) -> None:
    """Give up a proposed charter, so that another of the same version can be signed.

    Only when all stewards have agreed by voice that nobody signs it, and each runs this. If two
    charters of one version find enough signatures, the federation falls apart.
    DIGEST is the beginning of its hash, needed if there are several.
    """
    with open_node(home) as context:
        if not yes:
            click.confirm("Have all stewards agreed that nobody signs it?", abort=True)
        charter = changing.withdraw(context, digest)
    click.echo(
        f"withdrew a proposal of version {charter.version}; each other steward does the same"
    )


@command.command("remove")
@click.argument("member_id")
@yes_option
@click.pass_obj
def remove(home: Home, *, member_id: str, yes: bool) -> None:
    """Propose a charter without MEMBER_ID."""
    with open_node(home) as context:
        if not yes:
            click.confirm(f"Propose to remove {member_id}?", abort=True)
        charter = changing.remove(context, member_id)
    click.echo("proposed and signed; the other stewards run 'casethread federation sign'")
    for warning in charter.warnings():
        click.echo(f"note: {warning}")


@command.command("suspend")
@click.argument("member_id")
@click.option("--lift", is_flag=True, help="End the suspension instead.")
@yes_option
@click.pass_obj
def suspend(home: Home, *, member_id: str, lift: bool, yes: bool) -> None:
    """Propose that nobody asks or answers MEMBER_ID until this is lifted."""
    with open_node(home) as context:
        if not yes:
            what = "end the suspension of" if lift else "suspend"
            click.confirm(f"Propose to {what} {member_id}?", abort=True)
        changing.suspend(context, member_id, lift=lift)
    click.echo("proposed and signed; the other stewards run 'casethread federation sign'")


@command.command("update")
@click.option(
    "--endpoint",
    metavar="HOST:PORT",
    help="Where others reach this node from now on; written into casethread.toml.",
)
@click.option(
    "--new-certificate",
    is_flag=True,
    help="Make a new TLS key and certificate, to replace the present ones.",
)
@click.option(
    "--out",
    type=click.Path(dir_okay=False, path_type=Path),
    help="File to write for a steward.  [a steward needs none, and proposes at once]",
)
@click.pass_obj
def update(home: Home, *, endpoint: str | None, new_certificate: bool, out: Path | None) -> None:
    """Change this organisation's name, endpoint or TLS certificate in the charter.

    A new name goes into casethread.toml before. The old endpoint and certificate count until
    enough stewards have signed; the node then goes over to the new certificate by itself.
    """
    with open_node(home) as context:
        if out is None:
            changing.require_steward(context)
        if new_certificate:
            changing.replace_certificate(context)
        entry = changing.own_change(context, endpoint)
        content = changing.request_change(context, entry)
        if out is None:
            changing.change(context, changing.read_change(context, content))
        else:
            write_new(out, content)
        if endpoint is not None:
            config.set_endpoint(home, endpoint)
    if out is None:
        click.echo("proposed and signed; the other stewards run 'casethread federation sign'")
    else:
        click.echo(f"wrote {out}; a steward runs 'casethread federation apply {out.name}'")


@command.command("apply")
@click.argument("file", type=in_file)
@yes_option
@click.pass_obj
def apply(home: Home, *, file: Path, yes: bool) -> None:
    """Propose a charter with the changes in FILE, which a member wrote with 'update'."""
    content = read_limited(file, _FILE_LIMIT)
    with open_node(home) as context:
        entry = changing.read_change(context, content)
        ends = (f"{expiry_of(one):%Y-%m-%d}" for one in entry.certificates)
        click.echo(f"{entry.id}: {entry.name}, at {entry.endpoint}")
        click.echo(f"its TLS certificates are valid until {words(ends)}")
        if not yes:
            click.confirm("Propose these changes?", abort=True)
        changing.change(context, entry)
    click.echo("proposed and signed; the other stewards run 'casethread federation sign'")


@command.command("renew")
@click.pass_obj
def renew(home: Home) -> None:
    """Propose the same charter for another term, before it expires or after."""
    with open_node(home) as context:
        charter = changing.renew(context)
    click.echo(f"proposed until {charter.expires:%Y-%m-%d}")
    click.echo("next: the other stewards run 'casethread federation sign'")


@command.command("show")
@json_option
@click.pass_obj
def show(home: Home, *, as_json: bool) -> None:
    """Show the charter in force, or the draft, and what waits for signatures."""
    with open_node(home) as context:
        current, draft, proposals = overview.charters(context)
    charter = draft if current is None else current.charter
    if as_json:
        emit(
            {
                "in_force": None if current is None else federate.document(current.charter),
                "draft": None if draft is None else federate.document(draft),
                "proposals": [
                    federate.document(one.charter)
                    | {"missing": one.missing.count, "not_signed": sorted(one.missing.members)}
                    for one in proposals
                ],
            }
        )
        return
    if charter is None:
        click.echo("in no federation yet")
    else:
        _show(charter)
    for one in proposals:
        click.echo(
            f"proposed: version {one.charter.version}, {one.digest.hex()[:_SHOWN]}, "
            f"{one.missing.count} more signatures needed, not signed by "
            f"{words(sorted(one.missing.members))}"
        )


def _show(charter: Charter) -> None:
    """Show a charter in words."""
    click.echo(
        f"'{charter.name}', charter version {charter.version}, valid until "
        f"{charter.expires:%Y-%m-%d}"
    )
    click.echo(f"its eight words: {' '.join(federate.words(charter))}")
    show_table(
        ("member", "name", "role", "endpoint", "duties"),
        [
            (
                member.id,
                member.name,
                member.role.value,
                member.endpoint,
                words(
                    duty
                    for duty, has in (
                        ("steward", member.steward),
                        ("custodian", member.custodian),
                        ("suspended", member.suspended),
                    )
                    if has
                ),
            )
            for member in charter.members
        ],
        empty="no members",
    )
    for key in charter.keys:
        click.echo(
            f"key {key.lane.value}/{key.cls.value}, epoch {key.epoch}: any {key.threshold} of "
            f"{words(custodian.member for custodian in key.custodians)}"
        )
    for warning in charter.warnings():
        click.echo(f"note: {warning}")


def _show_words(eight: tuple[str, ...]) -> None:
    """Show the words, and how to use them."""
    click.echo(f"the eight words: {' '.join(eight)}")
    click.echo("compare them by voice, with somebody you know; if they differ, stop")
