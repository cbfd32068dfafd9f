# SPDX-License-Identifier: Apache-2.0
"""The node's directory."""

import os
from pathlib import Path

import pytest

from federation.errors import ConfigurationError
from federation_node.home import Home

pytestmark = pytest.mark.skipif(os.name != "posix", reason="modes are a POSIX notion")


@pytest.fixture
def home(tmp_path: Path) -> Home:
    """A home with the files of a node in it."""
    home = Home(tmp_path / "node")
    home.create()
    for path in (home.config_file, home.keystore_file, home.database_file):
        path.touch(mode=0o600)
    return home


def test_a_new_home_is_its_owners_alone(tmp_path: Path) -> None:
    """The directory and its logs cannot be entered by other accounts."""
    home = Home(tmp_path / "node")
    home.create()

    assert (home.path.stat().st_mode & 0o777, home.logs.stat().st_mode & 0o777) == (0o700, 0o700)


def test_an_empty_directory_becomes_a_home(tmp_path: Path) -> None:
    """A directory made beforehand is used, and closed to others."""
    (tmp_path / "node").mkdir(mode=0o755)
    Home(tmp_path / "node").create()

    assert (tmp_path / "node").stat().st_mode & 0o777 == 0o700


def test_nothing_is_overwritten(home: Home) -> None:
    """A directory with anything in it is refused and left as it was."""
    before = sorted(home.path.iterdir())
    with pytest.raises(ConfigurationError, match="not empty"):
        home.create()

    assert sorted(home.path.iterdir()) == before


def test_a_file_is_not_a_home(tmp_path: Path) -> None:
    """A path that is a file is refused."""
    (tmp_path / "node").touch()
    with pytest.raises(ConfigurationError, match="not a directory"):
        Home(tmp_path / "node").create()


def test_a_safe_home_passes(home: Home) -> None:
    """A home as `create` makes it has no findings."""
    home.check()

    assert list(home.insecurities()) == []


@pytest.mark.parametrize("name", ["casethread.toml", "keystore.json", "casethread.db", "logs", ""])
def test_what_others_can_read_is_refused(home: Home, name: str) -> None:
    """Each part that other accounts can open is named, with the command that closes it."""
    path = home.path / name
    path.chmod(path.stat().st_mode | 0o040)
    with pytest.raises(ConfigurationError, match="open to other accounts") as refused:
        home.check()

    assert refused.value.next_step is not None
    assert "chmod" in refused.value.next_step


def test_a_link_is_refused(home: Home, tmp_path: Path) -> None:
    """A keystore that is a symbolic link is refused, wherever it leads."""
    elsewhere = tmp_path / "elsewhere"
    home.keystore_file.rename(elsewhere)
    home.keystore_file.symlink_to(elsewhere)
    with pytest.raises(ConfigurationError, match="symbolic link"):
        home.check()


def test_a_directory_without_a_node_says_what_to_do(tmp_path: Path) -> None:
    """The next step names the command that makes a node."""
    with pytest.raises(ConfigurationError) as refused:
        Home(tmp_path).check()

    assert refused.value.next_step is not None
    assert "casethread init" in refused.value.next_step


def test_the_option_wins_over_the_environment(tmp_path: Path) -> None:
    """``--home`` first, then CASETHREAD_HOME, then the platform's directory."""
    environ = {"CASETHREAD_HOME": str(tmp_path / "b")}

    assert Home.locate(tmp_path / "a", environ) == Home(tmp_path / "a")
    assert Home.locate(None, environ) == Home(tmp_path / "b")
    assert Home.locate(None, {}).path.name == "casethread"
