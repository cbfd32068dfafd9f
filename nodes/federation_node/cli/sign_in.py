# SPDX-License-Identifier: Apache-2.0
"""``casethread staff sign-in`` and what else people do with their own account."""

import base64
from pathlib import Path

import click

from federation_node import sessions
from federation_node.actions import sign_in as actions
from federation_node.cli.acting import signed_in
from federation_node.cli.asking import (
    ask_code,
    ask_new_password,
    ask_password,
    new_password_option,
    password_option,
)
from federation_node.cli.output import emit, json_option, show_table, words
from federation_node.cli.session import open_node
from federation_node.context import NodeContext
from federation_node.home import Home

__all__ = ["enrol", "password", "sign_in", "sign_out", "who"]


@click.command("sign-in")
@click.argument("name")
@password_option
@new_password_option
@json_option
@click.pass_obj
def sign_in(
    home: Home,
    *,
    name: str,
    password_file: Path | None,
    new_password_file: Path | None,
    as_json: bool,
) -> None:
    """Sign in as NAME, for a working day or until two hours after the last command.

    Who has only a first password chooses an own one now.
    """
    with open_node(home) as context:
        given = ask_password(password_file)
        done = actions.sign_in(context, name, given, ask_code(may=True))
        sessions.keep(home, done.account, done.token)
        if done.must_choose:
            acting = context.acting(context.member.sign_ins.actor(done.token))
            actions.change_password(acting, given, ask_new_password(new_password_file))
    if as_json:
        emit(
            {
                "name": name,
                "account": done.account.hex(),
                "expires": done.expires.isoformat(),
                "second_factor": done.strong,
                "failures": done.failures,
            }
        )
        return
    click.echo(f"{name} is signed in until {done.expires:%H:%M} UTC at the latest")
    if done.failures:
        click.echo(
            f"note: {done.failures} attempts failed since the last time; if they were not yours, "
            "tell a technician"
        )


@click.command("sign-out")
@click.argument("name", required=False)
@click.pass_obj
def sign_out(home: Home, *, name: str | None) -> None:
    """End the session of NAME, or all sessions of this command line."""
    with open_node(home) as context:
        only = None if name is None else context.member.staff.find(name).id
        chosen = {
            account: token
            for account, token in sessions.kept(home).items()
            if only in {None, account}
        }
        for account, token in chosen.items():
            actions.sign_out(context, token)
            sessions.drop(home, account)
    click.echo(f"{len(chosen)} sessions ended")


@click.command("who")
@json_option
@click.pass_obj
def who(home: Home, *, as_json: bool) -> None:
    """List who is signed in on this command line."""
    with open_node(home) as context:
        signed_in(context)  # forgets those whose time is over
        present = [
            one
            for token in sessions.kept(home).values()
            if (one := actions.who(context, token)) is not None
        ]
    if as_json:
        emit([one.document() for one in present])
        return
    show_table(
        ("name", "roles", "until at the latest (UTC)"),
        [(one.name, words(one.roles), f"{one.expires:%Y-%m-%d %H:%M}") for one in present],
        empty="nobody is signed in here",
    )


@click.command("password")
@password_option
@new_password_option
@click.pass_obj
def password(home: Home, *, password_file: Path | None, new_password_file: Path | None) -> None:
    """Change your password. Your other sessions end.

    Twelve characters or more, and none of the commonest; no other rules, and no date by which
    it must be changed.
    """
    with open_node(home) as context:
        old = ask_password(password_file)
        actions.change_password(context, old, ask_new_password(new_password_file))
    click.echo("changed")


@click.command("enrol")
@password_option
@click.pass_obj
def enrol(home: Home, *, password_file: Path | None) -> None:
    """Add a second factor: an authenticator app that shows a new code every 30 seconds.

    From then on signing in takes the code too. Your other sessions end.
    """
    with open_node(home) as context:
        codes = _enrol(context, ask_password(password_file))
    click.echo("from now on signing in takes a code of your app")
    click.echo("if you lose it, each of these is good once instead of a code; they are not shown")
    click.echo("again, so write them down now and keep them apart from this machine:")
    for code in codes:
        click.echo(f"  {code}")


def _enrol(context: NodeContext, given: str) -> tuple[str, ...]:
    secret = actions.new_second_factor(context)
    typed = base64.b32encode(secret.content).decode()
    click.echo("take this key into your app, by hand or as a picture of the address below it:")
    click.echo(f"  {' '.join(typed[at : at + 4] for at in range(0, len(typed), 4))}")
    click.echo(f"  {secret.uri}")
    return actions.enrol(context, given, secret, ask_code(may=False))
