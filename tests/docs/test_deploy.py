# SPDX-License-Identifier: Apache-2.0
"""The files for services and containers name settings and commands that exist."""

import re
from pathlib import Path

import click
import pytest
import yaml

from federation_node import unlock
from federation_node.cli import main
from federation_node.config import DEFAULT_LISTEN
from federation_node.home import HOME_VARIABLE

DEPLOY = Path(__file__).parents[2] / "nodes" / "deploy"
PORT = DEFAULT_LISTEN.rpartition(":")[2]


@pytest.mark.parametrize("name", ["casethread.service", "Containerfile", "compose.yaml"])
def test_variables_exist(name: str) -> None:
    """A misspelled variable would leave a node without its home or passphrase."""
    found = set(re.findall(r"CASETHREAD_[A-Z_]+", (DEPLOY / name).read_text(encoding="utf-8")))

    assert found
    assert found <= {HOME_VARIABLE, unlock.PASSPHRASE_FILE_VARIABLE}


def test_ports_are_the_nodes() -> None:
    """What is published is where the node listens."""
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    container = (DEPLOY / "Containerfile").read_text(encoding="utf-8")

    assert compose["services"]["node"]["ports"] == [f"{PORT}:{PORT}"]
    assert f"EXPOSE {PORT}\n" in container


def test_what_they_start_exists() -> None:
    """All three serve."""
    service = (DEPLOY / "casethread.service").read_text(encoding="utf-8")
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))

    assert "serve" in main.list_commands(click.Context(main))
    assert re.findall(r"(?m)^ExecStart=\S+/casethread (.*)$", service) == ["serve"]
    assert compose["services"]["node"]["command"] == ["serve"]
