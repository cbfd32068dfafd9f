# SPDX-License-Identifier: Apache-2.0
"""People of one organisation, for tests of accounts."""

from collections.abc import Iterator
from contextlib import contextmanager

import pytest

from federation.audit import OPERATOR, Event, Record, StaffRole
from federation.charter import Applicant, Identity
from federation.crypto import password
from federation.errors import PeerUnreachableError
from federation.member import Member, Peer
from federation.storage import Store
from federation.testing import Clock, Federation

WORDS = "otter lantern puzzle"
OTHER = "gravel umbrella nineteen"


@contextmanager
def cheap_passwords() -> Iterator[None]:
    """Hash at the least cost that there is."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(password, "PASSES", 1)
        patch.setattr(password, "MEMORY", 8192)
        yield


def alone(store: Store) -> Member:
    """Return a member in no federation, which needs none to have people."""

    def connect(_: Applicant) -> Peer:
        raise PeerUnreachableError

    return Member(Identity.generate("hope"), store, clock=Clock(), connect=connect)


def entries(fed: Federation, *events: Event, member: str = "hope") -> list[Record]:
    """Return what a member's record says of such events."""
    with fed.seats[member].store.read() as tx:
        return [one.record for one in tx.audit.entries(events=events)]


def hire(hope: Member, name: str, *roles: StaffRole, words: str = WORDS) -> bytes:
    """Give somebody an account with a password of their own."""
    return hope.staff.add(name, roles, password=words, by=OPERATOR).id
