# SPDX-License-Identifier: Apache-2.0
"""The files for services and containers name settings and commands that exist."""

import re
import textwrap
from pathlib import Path

import click
import pytest
import yaml

from federation.indicators import load_screen
from federation_node import unlock
from federation_node.cli import main
from federation_node.config import DEFAULT_LISTEN
from federation_node.home import HOME_VARIABLE

ROOT = Path(__file__).parents[2]
DEPLOY = ROOT / "nodes" / "deploy"
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


def test_nothing_is_run_from_a_directory_that_does_not_allow_it() -> None:
    """Without the system's libsodium the node would unpack one into /tmp, and not start."""
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))
    final = (DEPLOY / "Containerfile").read_text(encoding="utf-8").rpartition("\nFROM ")[2]

    assert ["/tmp:mode=1777,noexec,nosuid"] == compose["services"]["node"]["tmpfs"]
    assert "libsodium23" in final


def test_what_they_start_exists() -> None:
    """All three serve."""
    service = (DEPLOY / "casethread.service").read_text(encoding="utf-8")
    compose = yaml.safe_load((DEPLOY / "compose.yaml").read_text(encoding="utf-8"))

    assert "serve" in main.list_commands(click.Context(main))
    assert re.findall(r"(?m)^ExecStart=\S+/casethread (.*)$", service) == ["serve"]
    assert compose["services"]["node"]["command"] == ["serve"]


def test_the_example_list_can_be_used() -> None:
    """It is copied into a home and filled in; as it is, it must not stop the node."""
    screen = load_screen((DEPLOY / "screening.toml").read_bytes())

    assert (4, 2) == (len(screen.refused), len(screen.flagged))


@pytest.mark.parametrize("page", ["docs/how-to/screening.md", "proto/spec/normalisation.md"])
def test_lists_in_the_pages_can_be_used(page: str) -> None:
    """Whoever copies one gets what it says."""
    text = (ROOT / page).read_text(encoding="utf-8")
    (shown,) = re.findall(r"(?ms)^ *```toml\n(.*?)^ *```", text)
    screen = load_screen(textwrap.dedent(shown).encode())

    assert screen.refused
    assert screen.flagged
