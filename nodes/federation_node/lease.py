# SPDX-License-Identifier: Apache-2.0
"""Work that only one process of a node may do at a time.

The lease is a database row with an end. It is renewed while the work runs, so
that work may take long, and a process that dies blocks the others only until
the end of its lease.
"""

import os
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import datetime

from federation.storage import Store

__all__ = ["LEASE_SECONDS", "holding"]

LEASE_SECONDS = 60
"""How long a lease lasts without renewal."""

_OWNER_SIZE = 16


@contextmanager
def holding(
    store: Store,
    name: str,
    clock: Callable[[], datetime],
    *,
    patience: float = 0.0,
    pause: float = 0.2,
) -> Iterator[bool]:
    """Hold a lease for the length of a block.

    Args:
        store: the node's database.
        name: what the lease is for.
        clock: the time.
        patience: seconds to wait for another holder; 0 means one attempt.
        pause: seconds between attempts.

    Yields:
        True if the lease is held, False if another process has it.
    """
    owner = os.urandom(_OWNER_SIZE).hex()
    done = threading.Event()
    held = _acquire(store, name, owner, clock())
    attempts = int(patience / pause)
    while not held and attempts > 0:
        done.wait(pause)
        held = _acquire(store, name, owner, clock())
        attempts -= 1
    if not held:
        yield False
        return
    renewer = threading.Thread(
        target=_renew, args=(store, name, owner, clock, done), name=f"lease-{name}", daemon=True
    )
    renewer.start()
    try:
        yield True
    finally:
        done.set()
        renewer.join()
        with store.write() as tx:
            tx.leases.release(name, owner)


def _acquire(store: Store, name: str, owner: str, at: datetime) -> bool:
    with store.write() as tx:
        return tx.leases.acquire(name, owner, at, LEASE_SECONDS)


def _renew(
    store: Store, name: str, owner: str, clock: Callable[[], datetime], done: threading.Event
) -> None:
    """Renew until the work is done."""
    while not done.wait(LEASE_SECONDS / 3):
        with store.write() as tx:
            tx.leases.renew(name, owner, clock(), LEASE_SECONDS)
