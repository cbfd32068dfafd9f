# SPDX-License-Identifier: Apache-2.0
"""``casethread staff``."""

from datetime import datetime
from pathlib import Path

import click

from federation.audit import PERSONAL_ROLES, StaffRole
from federation.member import Invited, Person
from federation_node.actions import staff
from federation_node.cli import sign_in
from federation_node.cli.asking import password_option
from federation_node.cli.output import emit, json_option, show_table, words
from federation_node.cli.session import open_node
from federation_node.context import now
from federation_node.home import Home
from federation_node.unlock import first_line

__all__ = ["command"]

_WEEK = "it is good for a week, for one thing: choosing a password of their own, with"
_ROLES = click.Choice([role.value for role in sorted(PERSONAL_ROLES)])

name_argument = click.argument("name")
"""Name of an account."""

full_name_option = click.option("--full-name", help="As people know them; for lists.")


@click.group("staff")
def command() -> None:
    """Give people accounts and roles, and sign in.

    While nobody has an account, who opens the node may do everything. From the first account
    on, opening the node makes a technician: what concerns cases, and what leaves the
    organisation, takes a person who is signed in and has the role.
    """


for _own in (
    sign_in.sign_in,
    sign_in.sign_out,
    sign_in.who,
    sign_in.password,
    sign_in.enrol,
):
    command.add_command(_own)


@command.command("add")
@name_argument
@click.option(
    "--role", "roles", type=_ROLES, multiple=True, required=True, help="A role.  [repeatable]"
)
@full_name_option
@password_option
@json_option
@click.pass_obj
def add(
    home: Home,
    *,
    name: str,
    roles: tuple[str, ...],
    full_name: str | None,
    password_file: Path | None,
    as_json: bool,
) -> None:
    """Make an account called NAME. The first one must be a technician's.

    A first password is made, unless the person has written one into a file. One person has
    one account: where two must approve, two accounts do.
    """
    password = None if password_file is None else first_line(password_file)
    with open_node(home) as context:
        made = staff.add(
            context,
            name,
            [StaffRole(role) for role in roles],
            full_name=full_name or "",
            password=password,
        )
        first = len(context.member.staff.people()) == 1
    if as_json:
        emit(_invited(made))
        return
    click.echo(f"made an account for {name}")
    _hand_over(name, made)
    if first:
        click.echo("from now on, what concerns cases and what leaves this organisation takes a")
        click.echo("person who is signed in; 'casethread staff add --help' lists the roles")


@command.command("list")
@json_option
@click.pass_obj
def list_(home: Home, *, as_json: bool) -> None:
    """List everybody who has an account, the disabled ones too."""
    with open_node(home) as context:
        people = staff.people(context)
    if as_json:
        emit([staff.document(person) for person in people])
        return
    at = now()
    show_table(
        ("name", "full name", "roles", "second factor", "status", "in the record"),
        [
            (
                person.name,
                person.full_name,
                words(sorted(person.roles)),
                "yes" if person.second_factor else "no",
                _status(person, at),
                person.actor,
            )
            for person in people
        ],
        empty="nobody has an account; begin with 'casethread staff add NAME --role technician'",
    )


@command.command("change")
@name_argument
@click.option("--role", "roles", type=_ROLES, multiple=True, help="All roles.  [repeatable]")
@full_name_option
@click.pass_obj
def change(home: Home, *, name: str, roles: tuple[str, ...], full_name: str | None) -> None:
    """Give NAME these roles and no others, or another full name.

    What somebody is doing at this moment with a role that is taken away is refused.
    """
    if not roles and full_name is None:
        raise click.UsageError("name roles, or a full name")
    chosen = [StaffRole(role) for role in roles] or None
    with open_node(home) as context:
        staff.change(context, name, roles=chosen, full_name=full_name)
    click.echo(f"changed {name}")


@command.command("disable")
@name_argument
@click.pass_obj
def disable(home: Home, *, name: str) -> None:
    """Disable the account of NAME at once, and end its sessions."""
    with open_node(home) as context:
        staff.disable(context, name)
    click.echo(f"disabled {name}; the record keeps naming the account")


@command.command("enable")
@name_argument
@click.pass_obj
def enable(home: Home, *, name: str) -> None:
    """Enable the account of NAME again, with its old roles."""
    with open_node(home) as context:
        staff.enable(context, name)
    click.echo(f"enabled {name}")


@command.command("reset")
@name_argument
@click.option("--second-factor", is_flag=True, help="Remove a lost second factor too.")
@json_option
@click.pass_obj
def reset(home: Home, *, name: str, second_factor: bool, as_json: bool) -> None:
    """Make a new first password for NAME, who has forgotten theirs or has to wait.

    Be sure that it is they who ask: by voice, or in person.
    """
    with open_node(home) as context:
        made = staff.reset(context, name, second_factor=second_factor)
    if as_json:
        emit(_invited(made))
        return
    _hand_over(name, made)


def _invited(made: Invited) -> dict[str, str | None]:
    return {"account": made.id.hex(), "first_password": made.passphrase}


def _hand_over(name: str, made: Invited) -> None:
    if made.passphrase is not None:
        click.echo(f"first password: {made.passphrase}")
        click.echo(f"hand it to them, in person or by voice; {_WEEK}")
        click.echo(f"'casethread staff sign-in {name}'")


def _status(person: Person, at: datetime) -> str:
    if person.disabled is not None:
        return f"disabled on {person.disabled:%Y-%m-%d}"
    if person.locked_until is not None and at < person.locked_until:
        return f"waits until {person.locked_until:%H:%M} UTC, after {person.failures} failures"
    return "has not chosen a password yet" if person.password_once else ""
