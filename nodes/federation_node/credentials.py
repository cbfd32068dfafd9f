# SPDX-License-Identifier: Apache-2.0
"""What this node shows in the handshake, at any moment.

While a certificate is replaced there are two. The old one is shown for as long as the charter
lists it: whoever has not heard of the new one yet knows no other. The new one takes over when
everybody has heard of it, and then the old key is forgotten. The keystore file is the state;
commands and the serving process look at it anew whenever it was written, and whoever writes
it holds the lease `KEYSTORE_LEASE`.
"""

import threading
from collections.abc import Callable, Sequence
from typing import Final, NamedTuple

from federation.client import TlsIdentity
from federation.errors import ConfigurationError
from federation.member.ports import Log
from federation_node.keystore import Keystore

__all__ = ["KEYSTORE_LEASE", "Credentials", "Replacement"]

KEYSTORE_LEASE: Final = "keystore"
"""Name of the lease (`federation_node.lease`) of a process that changes the keystore."""


class Replacement(NamedTuple):
    """Two keys of which one takes over from the other."""

    former: TlsIdentity
    coming: TlsIdentity


class Credentials:
    """The TLS keys of the keystore, as they are now. Safe to use from several threads."""

    def __init__(self, keystore: Keystore, listed: Callable[[], Sequence[bytes]], log: Log) -> None:
        """Begin with an opened keystore.

        Args:
            keystore: the keystore.
            listed: returns the certificates (DER) that the charter in force lists for this node.
            log: told when the file cannot be read again; what was known then stays.
        """
        self._keystore = keystore
        self._listed = listed
        self._log = log
        self._lock = threading.Lock()
        # Not its stamp: the file may have been written since it was read.
        self._seen: tuple[int, int, int] | None = None

    def held(self) -> tuple[TlsIdentity, ...]:
        """Return what the keystore holds: one, or the former and the coming one."""
        with self._lock:
            return self._refreshed().tls

    def all(self) -> tuple[TlsIdentity, ...]:
        """Return the one to show, and behind it the other while there are two.

        A peer that does not accept the first may have heard more, or less, than this node.
        """
        held = self.held()
        if len(held) == 1:
            return held
        listed = set(self._listed())
        return tuple(sorted(held, key=lambda one: bool(listed) and one.certificate not in listed))

    def shown(self) -> TlsIdentity:
        """Return the one to show."""
        return self.all()[0]

    def replacement(self) -> Replacement | None:
        """Return the two that are held while one replaces the other, else None."""
        held = self.held()
        return Replacement(*held) if len(held) > 1 else None

    def add(self, coming: TlsIdentity) -> None:
        """Keep one that is to replace the present one, and any that was to do so before.

        Args:
            coming: the new one.
        """
        with self._lock:
            self._write(self._refreshed().tls[0], coming)

    def forget_former(self) -> None:
        """Keep only the one that is to replace the other, whose key is gone then."""
        with self._lock:
            self._write(self._refreshed().tls[-1])

    def _refreshed(self) -> Keystore:
        stamp = _stamp(self._keystore)
        if stamp != self._seen:
            try:
                self._keystore = self._keystore.reopened()
            except ConfigurationError as error:
                self._log.warning("keystore_unreadable", exc_info=error)
            self._seen = stamp
        return self._keystore

    def _write(self, *tls: TlsIdentity) -> None:
        self._keystore = self._keystore.with_tls(*tls)
        self._seen = _stamp(self._keystore)


def _stamp(keystore: Keystore) -> tuple[int, int, int] | None:
    """Tell one state of the file from another without reading it."""
    try:
        found = keystore.path.stat()
    except OSError:
        return None
    return found.st_ino, found.st_mtime_ns, found.st_size
