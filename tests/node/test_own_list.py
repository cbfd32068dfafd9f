# SPDX-License-Identifier: Apache-2.0
"""The own screening list: found, checked, read again, and missed when it is gone."""

import os
import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from federation import Case, Kind, Subject
from federation.charter import Role
from federation.errors import ConfigurationError
from federation.indicators import Verdict, normalise
from federation_node import config
from federation_node.actions.setup import initialise
from federation_node.context import NodeContext, now
from federation_node.home import Home
from federation_node.unlock import Unlock

UNLOCK = Unlock(bytes(32), is_key=True)
OWN = normalise(Kind.PHONE, "+49 151 2357 1113")
OTHER = normalise(Kind.PHONE, "+49 151 2357 9032")
REFUSING = f"[refuse]\nphone = ['{OWN.value}']\n"
FLAGGING = f"[flag]\nphone = ['{OTHER.value}']\n"


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A home that is filled once."""
    home = Home(tmp_path_factory.mktemp("made") / "node")
    organisation = config.Organisation(
        member="hope", name="Hope", legal_entity="T:1", role=Role.NGO, region="DE"
    )
    initialise(home, UNLOCK, organisation, config.Node(endpoint="127.0.0.1:7001"), at=now())
    return home.path


@pytest.fixture
def home(made: Path, tmp_path: Path) -> Iterator[Home]:
    """A new node's home."""
    shutil.copytree(made, tmp_path / "node")
    before = os.umask(0o077)
    yield Home(tmp_path / "node")
    os.umask(before)


def write(home: Home, text: str, name: str = "screening.toml") -> Path:
    """Write a list as an editor does that replaces the file."""
    path = home.path / name
    new = path.with_suffix(".new")
    new.write_text(text)
    new.replace(path)
    return path


def opened(home: Home) -> NodeContext:
    """Open the node."""
    return NodeContext.open(home, UNLOCK)


def refusal(home: Home) -> ConfigurationError:
    """Say why the node does not open."""
    with pytest.raises(ConfigurationError) as caught, opened(home):
        pass
    assert caught.value.next_step
    return caught.value


def verdicts(node: NodeContext) -> tuple[Verdict, Verdict]:
    """What becomes of the two numbers."""
    screen = node.own_list()
    return screen.check(OWN).verdict, screen.check(OTHER).verdict


def test_a_node_needs_no_list(home: Home) -> None:
    """Without one the built-in lists are applied."""
    with opened(home) as node:
        assert (Verdict.PASS, Verdict.PASS) == verdicts(node)


def test_a_list_in_the_home_is_applied(home: Home) -> None:
    """Under its usual name nothing need be configured."""
    write(home, REFUSING + FLAGGING)
    with opened(home) as node:
        assert (Verdict.REFUSE, Verdict.FLAG) == verdicts(node)


def test_the_configuration_names_another(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Then that one counts, and it must be there."""
    write(home, REFUSING)
    write(home, FLAGGING, "ours.toml")
    monkeypatch.setenv("CASETHREAD_SCREENING__FILE", "ours.toml")
    with opened(home) as node:
        assert (Verdict.PASS, Verdict.FLAG) == verdicts(node)

    monkeypatch.setenv("CASETHREAD_SCREENING__FILE", "theirs.toml")
    assert "theirs.toml is gone" in str(refusal(home))


@pytest.mark.parametrize("name", ["../keystore.json", "/etc/passwd", "a/b", ".hidden", ""])
def test_a_list_lies_in_the_home(home: Home, monkeypatch: pytest.MonkeyPatch, name: str) -> None:
    """Its permissions are the home's affair, so a path elsewhere is refused."""
    monkeypatch.setenv("CASETHREAD_SCREENING__FILE", name)

    assert "screening.file" in str(refusal(home))


def test_a_list_that_is_wrong_stops_the_node(home: Home) -> None:
    """File, line and reason are named; the value is not."""
    path = write(home, "[refuse]\nphone = [\n  'geheim',\n]\n")
    error = refusal(home)

    assert f"{path}: line 3 of the screening list" in str(error)
    assert "geheim" not in str(error) + str(error.next_step)


@pytest.mark.parametrize("name", ["screening.toml", "ours.toml"])
@pytest.mark.skipif(os.name != "posix", reason="modes are a POSIX notion")
def test_a_list_that_others_can_read_stops_the_node(
    home: Home, monkeypatch: pytest.MonkeyPatch, name: str
) -> None:
    """It holds what identifies, a shelter's address for one."""
    monkeypatch.setenv("CASETHREAD_SCREENING__FILE", name)
    write(home, REFUSING, name).chmod(0o640)
    error = refusal(home)

    assert f"{name} is open to other accounts" in str(error)
    assert "chmod 600" in str(error.next_step)


@pytest.mark.skipif(os.name != "posix", reason="links are a POSIX notion")
def test_a_link_is_no_list(home: Home, tmp_path: Path) -> None:
    """What it leads to may belong to somebody else tomorrow."""
    (tmp_path / "elsewhere").write_text(REFUSING)
    (home.path / "screening.toml").symlink_to(tmp_path / "elsewhere")

    assert "symbolic link" in str(refusal(home))


def test_a_list_that_is_gone_is_missed(home: Home) -> None:
    """A restored home without its list must not set free what the list held."""
    path = write(home, REFUSING)
    opened(home).close()
    path.unlink()
    assert "is gone" in str(refusal(home))
    assert "leave an empty file" in str(refusal(home).next_step)

    write(home, "")
    opened(home).close()
    path.unlink()
    with opened(home) as node:
        assert (Verdict.PASS, Verdict.PASS) == verdicts(node)


def test_a_running_node_reads_the_list_again(home: Home) -> None:
    """What is written down counts from then on, in a node that runs already."""
    with opened(home) as node:
        case = Case("1").add(Kind.PHONE, OWN.value, Subject.RECRUITER)
        path = write(home, REFUSING)
        node.member.put_cases([case])
        (entry,) = node.member.not_tokenised()
        assert ("screened", "local-list") == (entry.status.value, entry.reason)

        write(home, FLAGGING)
        assert (Verdict.PASS, Verdict.FLAG) == verdicts(node)

        write(home, "[refuse")
        for _ in range(2):
            with pytest.raises(ConfigurationError, match="not TOML"):
                node.own_list()
        path.unlink()
        with pytest.raises(ConfigurationError, match="is gone"):
            node.own_list()


def test_an_unchanged_list_is_read_once(home: Home, monkeypatch: pytest.MonkeyPatch) -> None:
    """Every batch of an import asks for the list."""
    write(home, REFUSING)
    with opened(home) as node:
        monkeypatch.setattr("federation_node.own_list.load_screen", None)

        assert node.own_list() is node.own_list()
