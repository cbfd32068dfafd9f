# SPDX-License-Identifier: Apache-2.0
"""Connections to other members, one for each, kept while the charter lists it alike."""

import threading
from collections.abc import Callable
from datetime import datetime

from federation.charter import Applicant
from federation.client import GrpcPeer
from federation_node.keystore import Keystore

__all__ = ["PeerPool"]


class PeerPool:
    """Makes and keeps one `GrpcPeer` for each member."""

    def __init__(
        self,
        keystore: Keystore,
        charter_state: Callable[[], tuple[int, bytes]],
        clock: Callable[[], datetime],
    ) -> None:
        """Prepare an empty pool.

        Args:
            keystore: the own identity and TLS key.
            charter_state: version and digest of the own charter.
            clock: the time.
        """
        self._keystore = keystore
        self._charter_state = charter_state
        self._clock = clock
        self._lock = threading.Lock()
        self._peers: dict[str, tuple[Applicant, GrpcPeer]] = {}

    def connect(self, member: Applicant) -> GrpcPeer:
        """Return the connection to a member.

        Args:
            member: as charter or invitation list it; another endpoint, key or certificate makes a
                new connection and closes the old one.

        Returns:
            The peer; nothing is sent yet.
        """
        with self._lock:
            known = self._peers.get(member.id)
            if known is not None:
                if _reached_alike(known[0], member):
                    return known[1]
                known[1].close()
            peer = GrpcPeer(
                self._keystore.identity,
                self._keystore.tls_key,
                self._keystore.certificate,
                member,
                charter_state=self._charter_state,
                clock=self._clock,
            )
            self._peers[member.id] = (member, peer)
            return peer

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            peers = [peer for _, peer in self._peers.values()]
            self._peers.clear()
        for peer in peers:
            peer.close()


def _reached_alike(known: Applicant, listed: Applicant) -> bool:
    """Tell whether a connection made for one listing serves another of the same member."""
    return (known.endpoint, known.signing_key, known.certificates) == (
        listed.endpoint,
        listed.signing_key,
        listed.certificates,
    )
