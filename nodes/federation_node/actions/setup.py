# SPDX-License-Identifier: Apache-2.0
"""Making a node, and bringing one to a newer version of this program."""

import errno
import shutil
import socket
from datetime import datetime

from federation.charter import Applicant, Identity
from federation.errors import ConfigurationError
from federation.storage import AtRest, Store
from federation_node import config, tls
from federation_node.home import Home
from federation_node.keystore import STANDARD_STRETCHING, Keystore, Stretching
from federation_node.unlock import Unlock

__all__ = ["applicant", "initialise", "upgrade"]


def initialise(
    home: Home,
    unlock: Unlock,
    organisation: config.Organisation,
    node: config.Node,
    *,
    at: datetime,
    database: config.Database | None = None,
    stretching: Stretching = STANDARD_STRETCHING,
) -> None:
    """Make a node's home: keys, certificate, database and configuration.

    Either all of it is there afterwards or nothing: what was made before a failure
    is removed again.

    Args:
        home: where; must be missing or empty.
        unlock: what will open the keystore.
        organisation: who runs the node.
        node: how it listens.
        at: now.
        database: where its database is; None means in the home.
        stretching: cost of opening the keystore with a passphrase.

    Raises:
        ConfigurationError: if something is there already.
        MalformedError: if what is said about the organisation cannot stand in a charter.
        StoreError: if the database cannot be made.
    """
    home.create()
    try:
        identity = Identity.generate(organisation.member)
        shown = tls.make_certificate(organisation.member, at)
        applicant(identity, (shown.certificate,), organisation, node)
        keystore = Keystore.create(
            home.keystore_file, unlock, identity, shown, stretching=stretching
        )
        config.write(home, organisation, node, database or config.Database())
        url = config.load(home).database_url(home)
        Store.create(url, AtRest(keystore.root)).close()
    except BaseException:
        shutil.rmtree(home.path)
        raise


def applicant(
    identity: Identity,
    certificates: tuple[bytes, ...],
    organisation: config.Organisation,
    node: config.Node,
) -> Applicant:
    """Say what the charter will list about this organisation.

    Args:
        identity: its keys.
        certificates: its TLS certificates, DER.
        organisation: who it is.
        node: where its node is reached.

    Returns:
        The public half of everything.

    Raises:
        MalformedError: if something cannot stand in a charter.
    """
    return Applicant.of(
        identity,
        name=organisation.name,
        legal_entity=organisation.legal_entity,
        role=organisation.role,
        endpoint=node.endpoint,
        certificates=certificates,
    )


def upgrade(home: Home, unlock: Unlock) -> bool:
    """Bring the database of a node that was made by an older version to this one.

    No copy of the old database is left: it would keep what is later destroyed.

    Args:
        home: the node's directory.
        unlock: what opens its keystore.

    Returns:
        Whether anything had to be changed.

    Raises:
        ConfigurationError: the home is unsafe, the keystore does not open, or the node runs.
        StoreError: the change failed; the database is as it was.
    """
    home.check()
    settings = config.load(home)
    keystore = Keystore.open(home.keystore_file, unlock)
    _check_stopped(settings.node.listen)
    url = settings.database_url(home)
    changed = Store.upgrade(url)
    Store.open(url, AtRest(keystore.root)).close()
    return changed


def _check_stopped(listen: str) -> None:
    """Refuse while the node answers others: its program knows the old tables only."""
    address = config.split_address(listen)
    family = socket.AF_INET6 if ":" in address[0] else socket.AF_INET
    with socket.socket(family, socket.SOCK_STREAM) as probe:
        # As the server has it: a port that was closed a moment ago is free.
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(address)
        except OSError as error:
            # Any other error is for `serve` to tell: nothing listens then either.
            if error.errno == errno.EADDRINUSE:
                raise ConfigurationError(
                    f"something listens at {listen}; the node may be running",
                    next_step="stop it, then run 'casethread upgrade' again",
                ) from error
