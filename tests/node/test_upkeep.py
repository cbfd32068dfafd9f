# SPDX-License-Identifier: Apache-2.0
"""When a replaced certificate is forgotten, and when connections are closed."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from pathlib import Path
from typing import cast

import pytest

from federation.charter import Identity, Role, with_member
from federation.errors import ConfigurationError
from federation.testing import make_applicant
from federation_node import config, upkeep
from federation_node.actions import changing, federate
from federation_node.actions.setup import initialise
from federation_node.context import NodeContext, now
from federation_node.home import Home
from federation_node.server import NodeServer
from federation_node.tls import make_certificate
from federation_node.unlock import Unlock
from federation_node.upkeep import Upkeep

UNLOCK = Unlock(bytes(32), is_key=True)


@dataclass
class Door:
    """Stands for the server: counts how often it was opened again."""

    opened: int = 0
    stuck: bool = False

    def reopen(self) -> None:
        """Open again, or fail to."""
        if self.stuck:
            raise ConfigurationError("cannot listen")
        self.opened += 1


@dataclass
class Node:
    """Hope, the sole steward, with amparo as a member that nobody has heard of."""

    context: NodeContext
    door: Door
    upkeep: Upkeep

    def replace(self, *, keep: bool = True) -> None:
        """Make a new certificate and have it listed, with the former one or alone."""
        changing.replace_certificate(self.context)
        entry = changing.own_change(self.context)
        if not keep:
            entry = entry.replace(certificates=entry.certificates[:1])
        content = changing.request_change(self.context, entry)
        changing.change(self.context, changing.read_change(self.context, content))

    def hear(self, version: int) -> None:
        """Amparo names a version in a signed header."""
        with self.context.store.read() as tx:
            stored = tx.charters.get(version)
        assert stored is not None
        self.context.member.admission.note("amparo", version, stored.digest)

    @property
    def version(self) -> int:
        """The charter in force."""
        return self.context.member.charter_state()[0]

    @property
    def held(self) -> int:
        """How many TLS keys the keystore holds."""
        return len(self.context.credentials.held())


@pytest.fixture
def node(tmp_path: Path) -> Iterator[Node]:
    """Two members."""
    home = Home(tmp_path / "node")
    organisation = config.Organisation(
        member="hope", name="Hope", legal_entity="T:1", role=Role.NGO
    )
    initialise(home, UNLOCK, organisation, config.Node(endpoint="127.0.0.1:7001"), at=now())
    with NodeContext.open(home, UNLOCK) as context:
        federate.create(context, "Test")
        federate.sign(context)
        amparo = make_applicant(
            Identity.generate("amparo"), certificate=make_certificate("amparo", now()).certificate
        )
        current = federate.in_force(context)
        entry = amparo.as_member(steward=False, custodian=False, since_version=1, admitted=now())
        context.member.propose_charter(
            with_member(current.charter, current.digest, entry, at=now())
        )
        door = Door()
        yield Node(context, door, Upkeep(context, cast("NodeServer", door)))


def test_the_former_key_is_kept_while_somebody_is_behind(node: Node) -> None:
    """Amparo would not recognise the new certificate; when it has heard of it, the old one goes."""
    node.replace()
    node.upkeep.turn()
    assert node.held == 2
    node.hear(node.version - 1)
    node.upkeep.turn()
    assert node.held == 2

    node.hear(node.version)
    node.upkeep.turn()
    assert node.held == 1


def test_a_later_charter_changes_nothing_about_who_is_behind(node: Node) -> None:
    """What counts is the version that first listed the new certificate."""
    node.replace()
    since = node.version
    changing.renew(node.context)
    node.hear(since)
    node.upkeep.turn()

    assert (since + 1, 1) == (node.version, node.held)


def test_nobody_is_waited_for_longer_than_two_weeks(
    node: Node, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A member that never answers does not keep the old key alive."""
    node.replace()
    at = now()
    monkeypatch.setattr(upkeep, "now", lambda: at + timedelta(days=13))
    node.upkeep.turn()
    assert node.held == 2

    monkeypatch.setattr(upkeep, "now", lambda: at + timedelta(days=15))
    node.upkeep.turn()
    assert node.held == 1


def test_a_certificate_that_waits_is_not_used_up(node: Node) -> None:
    """Before the charter lists the new one there is nothing to go over to."""
    changing.replace_certificate(node.context)
    node.hear(node.version)
    node.upkeep.turn()

    assert node.held == 2


def test_a_certificate_that_is_dropped_is_forgotten_at_once(node: Node) -> None:
    """When the charter lists the new one alone, the old one is of no use."""
    node.replace(keep=False)
    node.upkeep.turn()

    assert node.held == 1


def test_connections_are_closed_when_a_certificate_is_not_admitted_any_more(node: Node) -> None:
    """A suspension or removal closes what is open, once; other changes close nothing."""
    changing.renew(node.context)
    node.upkeep.turn()
    assert node.door.opened == 0
    changing.suspend(node.context, "amparo")
    for _ in range(2):
        node.upkeep.turn()
    assert node.door.opened == 1

    changing.suspend(node.context, "amparo", lift=True)
    node.upkeep.turn()
    changing.remove(node.context, "amparo")
    node.upkeep.turn()
    assert node.door.opened == 2


def test_a_server_that_did_not_come_back_is_tried_again(node: Node) -> None:
    """The next turn does what this one could not."""
    changing.remove(node.context, "amparo")
    node.door.stuck = True
    with pytest.raises(ConfigurationError):
        node.upkeep.turn()
    node.door.stuck = False
    node.upkeep.turn()

    assert node.door.opened == 1


def test_who_left_is_not_talked_to(node: Node) -> None:
    """The connection to a removed member is closed from this side, too."""
    node.context.peers.connect(federate.in_force(node.context).charter.member("amparo"))
    changing.remove(node.context, "amparo")
    node.upkeep.turn()

    assert {} == node.context.peers._peers
