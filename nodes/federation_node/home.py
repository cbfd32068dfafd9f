# SPDX-License-Identifier: Apache-2.0
"""The one directory that holds everything a node keeps.

::

    HOME/                 0700, owned by the account that runs the node
      casethread.toml     configuration (`federation_node.config`)
      keystore.json       keys, encrypted (`federation_node.keystore`)
      casethread.db       the database, unless another URL is configured
      screening.toml      values that are never compared (`federation_node.own_list`), if any
      local.token         while it serves: how own programs reach it (`federation.local`)
      run/                who is signed in on the command line (`federation_node.sessions`)
      logs/               structured logs, without case content

A node does not work in a home that other accounts can read: its database holds
case ids in an encrypted vault, but the keystore is only as strong as its
passphrase.
"""

import os
import stat
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from federation.errors import ConfigurationError
from federation.local.access import TOKEN_FILE, locate_home

__all__ = ["HOME_VARIABLE", "SCREENING_FILE", "Home"]

HOME_VARIABLE = "CASETHREAD_HOME"
"""Environment variable that names the home."""

SCREENING_FILE = "screening.toml"
"""Name of the own screening list, unless the configuration has another."""

_PRIVATE_DIRECTORY = 0o700
_OTHERS = stat.S_IRWXG | stat.S_IRWXO


@dataclass(frozen=True, slots=True)
class Home:
    """Paths inside a node's directory."""

    path: Path
    """The directory itself."""

    @classmethod
    def locate(cls, given: str | Path | None, environ: Mapping[str, str]) -> "Home":
        """Choose the home: the option, else the environment, else the platform's data directory.

        Args:
            given: value of ``--home``, or None.
            environ: environment variables.

        Returns:
            The home; nothing is created.
        """
        return cls(locate_home(given, environ))

    @property
    def config_file(self) -> Path:
        """The configuration."""
        return self.path / "casethread.toml"

    @property
    def keystore_file(self) -> Path:
        """The encrypted keys."""
        return self.path / "keystore.json"

    @property
    def database_file(self) -> Path:
        """The SQLite database that is used when no other is configured."""
        return self.path / "casethread.db"

    @property
    def local_file(self) -> Path:
        """What own programs reach the serving node with; there only while it serves."""
        return self.path / TOKEN_FILE

    @property
    def run(self) -> Path:
        """The directory of what lasts for some hours; made when it is needed."""
        return self.path / "run"

    @property
    def logs(self) -> Path:
        """The directory of log files."""
        return self.path / "logs"

    def create(self) -> None:
        """Make the directory and its log directory, mode 0700.

        Raises:
            ConfigurationError: if a node, or anything else, is already there.
        """
        if self.path.exists() and not self.path.is_dir():
            raise ConfigurationError(
                f"{self.path} is not a directory", next_step="choose another --home"
            )
        if self.path.is_dir() and any(self.path.iterdir()):
            raise ConfigurationError(
                f"{self.path} is not empty; nothing was changed",
                next_step="choose another --home, or run 'casethread status' to see this node",
            )
        self.path.mkdir(parents=True, exist_ok=True)
        self.path.chmod(_PRIVATE_DIRECTORY)
        self.logs.mkdir(mode=_PRIVATE_DIRECTORY)

    def check(self) -> None:
        """Refuse a home that is missing or that other accounts can look into.

        Raises:
            ConfigurationError: with the first problem and its remedy.
        """
        if not self.keystore_file.exists() or not self.config_file.exists():
            raise ConfigurationError(
                f"there is no node in {self.path}",
                next_step="run 'casethread init MEMBER_ID', or name the home with --home",
            )
        for problem, remedy in self.insecurities():
            raise ConfigurationError(problem, next_step=remedy)

    def insecurities(self) -> Iterator[tuple[str, str]]:
        """What about ownership and modes is unsafe.

        Yields:
            (problem, remedy) for each finding; nothing on a platform without POSIX modes.
        """
        if os.name != "posix":
            return
        for path in (self.path, *self._private_files()):
            yield from _insecurities(path)

    def check_file(self, path: Path) -> None:
        """Refuse a file that other accounts can read or could have written.

        Args:
            path: a file that is there.

        Raises:
            ConfigurationError: with the first problem and its remedy.
        """
        if os.name == "posix":
            for problem, remedy in _insecurities(path):
                raise ConfigurationError(problem, next_step=remedy)

    def _private_files(self) -> Iterator[Path]:
        """Files and directories of the home that must be the owner's alone, if they exist."""
        database = self.database_file
        for path in (
            self.config_file,
            self.keystore_file,
            self.local_file,
            self.path / SCREENING_FILE,
            database,
            database.with_name(database.name + "-wal"),
            database.with_name(database.name + "-shm"),
            self.logs,
            self.run,
            *(self.run.iterdir() if self.run.is_dir() else ()),
        ):
            if path.exists() or path.is_symlink():
                yield path


def _insecurities(path: Path) -> Iterator[tuple[str, str]]:
    """Yield (problem, remedy) for what is unsafe about a file or directory."""
    found = path.lstat()
    if stat.S_ISLNK(found.st_mode):
        yield f"{path} is a symbolic link", "replace it by the file itself"
        return
    if found.st_uid != os.geteuid():
        yield (
            f"{path} belongs to another account",
            "run the node as the account that owns its home",
        )
    if found.st_mode & _OTHERS:
        mode = "700" if stat.S_ISDIR(found.st_mode) else "600"
        yield f"{path} is open to other accounts", f"run: chmod {mode} '{path}'"
