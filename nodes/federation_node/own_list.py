# SPDX-License-Identifier: Apache-2.0
"""The organisation's own screening list, a file in the home.

It is read again when it changes, so that a number counts from the moment it is written down,
in every process of the node. What cannot be read stops the work that it protects.
"""

import threading
from pathlib import Path

from federation.errors import ConfigurationError, InputError
from federation.indicators import Screen, load_screen
from federation.indicators.screening_file import MAX_BYTES
from federation.storage import Store
from federation_node.files import read_limited
from federation_node.home import SCREENING_FILE, Home

__all__ = ["OwnList"]

_HELD = "screening/own-list"
"""Setting: there was a list with values, so that one that is gone is noticed."""


class OwnList:
    """Returns the built-in lists together with the own one, as they are now."""

    def __init__(self, home: Home, name: str | None, store: Store) -> None:
        """Read the list for the first time.

        Args:
            home: the node's directory.
            name: of the file, if the configuration has one; then it must be there.
            store: remembers that there was a list.

        Raises:
            ConfigurationError: it is gone, open to others, or holds what cannot be used;
                says where, never what.
        """
        self._home = home
        self._path = home.path / (name or SCREENING_FILE)
        self._lock = threading.Lock()
        self._stamp: tuple[int, ...] = ()
        self._screen = Screen()
        with store.read() as tx:
            held = tx.settings.get(_HELD) is not None
        self._required = name is not None or held
        has_values = self().has_own_values
        if has_values != held:
            with store.write() as tx:
                if has_values:
                    tx.settings.put(_HELD, b"yes")
                else:
                    tx.settings.delete(_HELD)

    @property
    def path(self) -> Path:
        """Where the list is, or would be."""
        return self._path

    def __call__(self) -> Screen:
        """Return the lists.

        Raises:
            ConfigurationError: the file cannot be used.
        """
        with self._lock:
            stamp = self._look()
            if stamp != self._stamp:
                self._screen = self._read() if stamp else Screen()
                self._stamp = stamp
                self._required |= self._screen.has_own_values
            return self._screen

    def _look(self) -> tuple[int, ...]:
        """Return what changes when the file does; nothing if there is none and none is missed."""
        try:
            found = self._path.lstat()
        except FileNotFoundError:
            if not self._required:
                return ()
            raise ConfigurationError(
                f"the screening list {self._path} is gone",
                next_step="put it back; if you want none any more, leave an empty file there",
            ) from None
        except OSError as error:
            raise ConfigurationError(
                f"{self._path} cannot be read: {error.strerror}", next_step="check the path"
            ) from error
        return found.st_ino, found.st_size, found.st_mtime_ns, found.st_ctime_ns

    def _read(self) -> Screen:
        self._home.check_file(self._path)
        content = read_limited(self._path, MAX_BYTES)
        try:
            return load_screen(content)
        except InputError as error:
            raise ConfigurationError(
                f"{self._path}: {error}",
                next_step="correct the file; nothing is compared until then",
            ) from None
