# SPDX-License-Identifier: Apache-2.0
"""The local API as a part of the serving node."""

import os
import signal
from pathlib import Path

import pytest

from federation import connect
from federation.charter import Role
from federation.errors import ConfigurationError, NodeUnavailableError
from federation_node import config
from federation_node.actions.setup import initialise
from federation_node.context import NodeContext, now
from federation_node.home import Home
from federation_node.serve import run
from federation_node.unlock import Unlock

UNLOCK = Unlock(bytes(32), is_key=True)


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A node in no federation."""
    made = Home(tmp_path / "node")
    initialise(
        made,
        UNLOCK,
        config.Organisation(member="hope", name="Hope", legal_entity="T:1", role=Role.NGO),
        config.Node(listen="127.0.0.1:0", endpoint="127.0.0.1:7001"),
        at=now(),
    )
    return made


def serve(home: Home) -> list[str]:
    """Serve until it is ready, connect as a program does, and stop; who answered."""
    answered: list[str] = []

    def ready(port: int) -> None:
        try:
            with connect(home.path) as node:
                answered.append(node.status().member)
        except NodeUnavailableError:
            pass
        os.kill(os.getpid(), signal.SIGTERM)

    with NodeContext.open(home, UNLOCK) as context:
        run(context, ready)
    return answered


def setting(home: Home, line: str) -> None:
    """Add a line about the local API to the configuration."""
    with home.config_file.open("a") as file:
        file.write(f"\n[local]\n{line}\n")


def test_a_serving_node_answers_own_programs(home: Home) -> None:
    """Also before it is in a federation; afterwards nothing is left."""
    assert serve(home) == ["hope"]
    assert not home.local_file.exists()


def test_it_can_be_turned_off(home: Home) -> None:
    """Then there is no address and no secret."""
    setting(home, "enabled = false")

    assert serve(home) == []


def test_a_socket_of_the_home(home: Home) -> None:
    """The address is the operator's choice."""
    setting(home, f'address = "unix:{home.path}/api.sock"')

    assert serve(home) == ["hope"]


@pytest.mark.parametrize("address", ["0.0.0.0:7412", "hope.example:7412", "x", "unix:api.sock"])
def test_an_address_that_others_reach_is_refused(home: Home, address: str) -> None:
    """When the configuration is read, with what to write instead."""
    setting(home, f'address = "{address}"')
    with pytest.raises(ConfigurationError, match=r"local\.address: .* use 127\.0\.0\.1"):
        config.load(home)


def test_a_secret_that_others_could_read_stops_the_node(home: Home) -> None:
    """Somebody opened it: find out who, then go on."""
    home.local_file.touch(0o600)
    home.local_file.chmod(0o644)
    with pytest.raises(ConfigurationError, match="open to other accounts"):
        home.check()
