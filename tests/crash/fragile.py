# SPDX-License-Identifier: Apache-2.0
"""A federation whose members die at a chosen step of whatever they are doing, and come back.

A step is where a crash leaves something different behind: before a writing transaction, after
its commit, before a request leaves, after its reply came. What dies is one member: its memory
is gone and its database stays. Who had asked it sees a peer that does not answer.
"""

import copy
from collections.abc import Iterator
from contextlib import closing, contextmanager
from random import Random
from sqlite3 import Connection
from typing import TypeVar

from federation.charter import Identity
from federation.errors import PeerUnreachableError
from federation.member import Member
from federation.messages import Request
from federation.storage import Store, Tx
from federation.testing import Clock, Faults, Federation, MemoryPeer, Seat

__all__ = ["Crash", "FragileFederation", "Template"]

R = TypeVar("R")


class Crash(BaseException):
    """A member dies here. Not an `Exception`: nothing on the way may handle it."""

    def __init__(self, member: str) -> None:
        super().__init__()
        self.member = member


class FragileStore(Store):
    """A member's store that may die around a writing transaction."""

    def __init__(self, store: Store, federation: "FragileFederation", owner: str) -> None:
        self.__dict__.update(store.__dict__)
        self._federation = federation
        self._owner = owner

    @contextmanager
    def write(self) -> Iterator[Tx]:
        """Die before the commit, which undoes it, or right after it."""
        with super().write() as tx:
            yield tx
            self._federation.step(self._owner)
        self._federation.step(self._owner)


class FragilePeer:
    """A peer whose caller may die before it asks, or once it was answered."""

    def __init__(self, federation: "FragileFederation", caller: str, recipient: str) -> None:
        self._federation = federation
        self._caller = caller
        self._recipient = recipient
        self._peer = MemoryPeer(federation, caller, recipient)

    def call(self, request: Request[R], *, timeout: float = 30.0) -> R:
        """Ask the recipient, which may die over it."""
        self._federation.step(self._caller)
        try:
            reply = self._peer.call(request, timeout=timeout)
        except Crash:
            # Between the two steps here only the recipient's code runs.
            self._federation.restart(self._recipient)
            raise PeerUnreachableError("the peer does not answer") from None
        self._federation.step(self._caller)
        return reply


class FragileFederation(Federation):
    """Members that die on demand."""

    crash_in: int = 0
    """The step, from now, at which somebody dies; 0 for never."""

    def step(self, member: str) -> None:
        """Count a member's step; it dies if it is the one."""
        if self.crash_in:
            self.crash_in -= 1
            if not self.crash_in:
                raise Crash(member)

    def _member(self, identity: Identity, store: Store) -> Member:
        name = identity.member_id
        member = super()._member(identity, FragileStore(store, self, name))
        member._core.connect = lambda listing: FragilePeer(self, name, listing.id)
        return member


class Template:
    """A founded federation with keys, to start many runs from without founding each."""

    def __init__(self, original: FragileFederation) -> None:
        self._original = original
        self._databases: dict[str, bytes] = {}
        for name, seat in original.seats.items():
            with _connection(seat.store) as connection:
                self._databases[name] = connection.serialize()

    def start(self, seed: int = 0) -> FragileFederation:
        """Return the same federation, with the same keys and with databases of its own."""
        twin = copy.copy(self._original)
        twin.clock = Clock()
        twin.faults = Faults()
        twin.calls = []
        twin.random = Random(seed)
        twin.seats = {}
        for name, seat in self._original.seats.items():
            store = Store.memory(seat.store._at_rest)
            with _connection(store) as connection:
                connection.deserialize(self._databases[name])
            member = twin._member(seat.identity, store)
            twin.seats[name] = Seat(seat.identity, seat.applicant, store, member)
        return twin


@contextmanager
def _connection(store: Store) -> Iterator[Connection]:
    with closing(store._engine.raw_connection()) as pooled:
        connection = pooled.driver_connection
        assert isinstance(connection, Connection)
        yield connection
