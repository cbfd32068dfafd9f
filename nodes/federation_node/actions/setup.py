# SPDX-License-Identifier: Apache-2.0
"""Making a node."""

import shutil
from datetime import datetime

from federation.charter import Applicant, Identity
from federation.storage import AtRest, Store
from federation_node import config, tls
from federation_node.home import Home
from federation_node.keystore import STANDARD_STRETCHING, Keystore, Stretching
from federation_node.unlock import Unlock

__all__ = ["applicant", "initialise"]


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
