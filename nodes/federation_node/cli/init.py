# SPDX-License-Identifier: Apache-2.0
"""``casethread init``."""

import click
from pydantic import ValidationError

from federation.charter import Role
from federation.documents import findings
from federation.errors import ConfigurationError
from federation_node import config
from federation_node.actions.setup import initialise
from federation_node.cli.session import ask_unlock
from federation_node.context import now
from federation_node.home import Home

__all__ = ["command"]


@click.command("init")
@click.argument("member_id")
@click.option("--name", required=True, help="The organisation's name.")
@click.option("--legal-entity", required=True, help="Its register number, or its full legal name.")
@click.option(
    "--role",
    type=click.Choice([role.value for role in Role], case_sensitive=False),
    required=True,
    help="What kind of organisation it is.",
)
@click.option("--endpoint", required=True, help="host:port at which other members reach the node.")
@click.option("--listen", default=config.DEFAULT_LISTEN, show_default=True, help="Local address.")
@click.option("--region", help="Country (ISO 3166) in which local phone numbers are read.")
@click.option("--database", help="SQLAlchemy URL.  [default: SQLite in the home]")
@click.pass_obj
def command(
    home: Home,
    *,
    member_id: str,
    name: str,
    legal_entity: str,
    role: str,
    endpoint: str,
    listen: str,
    region: str | None,
    database: str | None,
) -> None:
    """Make this organisation's node: its home, keys, certificate and database.

    MEMBER_ID is a short name for the organisation, for example "hope". Nothing
    that exists is overwritten.
    """
    try:
        organisation = config.Organisation(
            member=member_id, name=name, legal_entity=legal_entity, role=Role(role), region=region
        )
        node = config.Node(listen=listen, endpoint=endpoint)
    except ValidationError as error:
        raise ConfigurationError(
            findings(error), next_step="see 'casethread init --help'"
        ) from error
    initialise(
        home,
        ask_unlock(new=True),
        organisation,
        node,
        at=now(),
        database=config.Database(url=database),
    )
    click.echo(f"made the node of {member_id} in {home.path}")
    click.echo(f"keep a copy of {home.keystore_file} and its passphrase in two safe places;")
    click.echo("without both nobody can open this node again")
    click.echo(
        "next: 'casethread federation create NAME', or 'casethread federation join FILE' "
        "with an invitation"
    )
    click.echo("then give the people who work with it accounts, a technician first:")
    click.echo("'casethread staff add NAME --role technician'")
