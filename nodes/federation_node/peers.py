# SPDX-License-Identifier: Apache-2.0
"""Connections to other members, one for each, kept while the charter lists it alike."""

import threading
from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TypeAlias

from federation.charter import Applicant, Identity
from federation.client import GrpcPeer, Note, TlsIdentity

__all__ = ["PeerPool"]

_Reach: TypeAlias = tuple[str, bytes, tuple[bytes, ...], tuple[bytes, ...]]
"""Endpoint, signing key and certificates of a member, and the own certificates."""


class PeerPool:
    """Makes and keeps one `GrpcPeer` for each member."""

    def __init__(
        self,
        identity: Identity,
        own: Callable[[], Sequence[TlsIdentity]],
        charter_state: Callable[[], tuple[int, bytes]],
        note: Note,
        clock: Callable[[], datetime],
    ) -> None:
        """Prepare an empty pool.

        Args:
            identity: signs the requests.
            own: returns what this node shows now.
            charter_state: version and digest of the own charter.
            note: told which charter a member's reply names.
            clock: the time.
        """
        self._identity = identity
        self._own = own
        self._charter_state = charter_state
        self._note = note
        self._clock = clock
        self._lock = threading.Lock()
        self._peers: dict[str, tuple[_Reach, GrpcPeer]] = {}

    def connect(self, member: Applicant) -> GrpcPeer:
        """Return the connection to a member.

        Args:
            member: as charter or invitation list it; another endpoint, key or certificate on
                either side makes a new connection and ends the old one after its last call.

        Returns:
            The peer; nothing is sent yet.
        """
        own = self._own()
        reach = _reach(member, own)
        with self._lock:
            known = self._peers.get(member.id)
            if known is not None:
                if known[0] == reach:
                    return known[1]
                known[1].retire()
            peer = GrpcPeer(
                self._identity,
                own,
                member,
                charter_state=self._charter_state,
                clock=self._clock,
                note=self._note,
            )
            self._peers[member.id] = (reach, peer)
            return peer

    def keep(self, members: Iterable[str]) -> None:
        """Close the connections to everybody else.

        Args:
            members: ids of those that this node goes on talking to.
        """
        kept = set(members)
        with self._lock:
            gone = [self._peers.pop(one)[1] for one in self._peers.keys() - kept]
        for peer in gone:
            peer.close()

    def close(self) -> None:
        """Close all connections."""
        with self._lock:
            peers = [peer for _, peer in self._peers.values()]
            self._peers.clear()
        for peer in peers:
            peer.close()


def _reach(member: Applicant, own: Sequence[TlsIdentity]) -> _Reach:
    shown = tuple(one.certificate for one in own)
    return member.endpoint, member.signing_key, member.certificates, shown
