# SPDX-License-Identifier: Apache-2.0
import threading

import pytest

from federation.storage.fairlock import FairLock


def _join(lock: FairLock, name: str, order: list[str]) -> threading.Thread:
    """Start a thread that waits for the lock; returns when it stands in the queue."""

    def work() -> None:
        with lock:
            order.append(name)

    before = lock.waiting
    thread = threading.Thread(target=work)
    thread.start()
    while lock.waiting == before:
        pass
    return thread


def test_waiters_are_served_in_the_order_they_came() -> None:
    """First come, first served."""
    lock = FairLock()
    order: list[str] = []
    lock.acquire()
    threads = [_join(lock, name, order) for name in "abcdef"]
    lock.release()
    for thread in threads:
        thread.join()

    assert order == list("abcdef")


def test_who_releases_cannot_take_it_again_before_the_waiting() -> None:
    """A bulk import in a loop does not starve a short update."""
    lock = FairLock()
    order: list[str] = []
    lock.acquire()
    thread = _join(lock, "short update", order)
    lock.release()
    with lock:
        order.append("next batch of the import")
    thread.join()

    assert order == ["short update", "next batch of the import"]


def test_only_one_holds_it() -> None:
    """A counter under the lock loses nothing."""
    lock, count = FairLock(), 0

    def work() -> None:
        nonlocal count
        for _ in range(500):
            with lock:
                seen = count
                count = seen + 1

    threads = [threading.Thread(target=work) for _ in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert count == 4000


def test_it_is_free_again_after_an_error() -> None:
    """An exception inside gives the lock back."""
    lock = FairLock()
    with pytest.raises(ZeroDivisionError), lock:
        _ = 1 // 0
    with lock:
        assert lock.waiting == 0
