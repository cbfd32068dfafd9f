# SPDX-License-Identifier: Apache-2.0
"""The loop beside the server."""

import threading
import time
from collections.abc import Callable

import pytest

from federation.errors import PeerUnreachableError
from federation_node.engine import Engine, Rhythm

RHYTHM = Rhythm(drive=10.0, sync=100.0)


class Events:
    """A log that remembers."""

    def __init__(self) -> None:
        self.warnings: list[tuple[str, dict[str, object]]] = []

    def info(self, event: str, /, **fields: object) -> None:
        """Forget what went well."""

    def warning(self, event: str, /, **fields: object) -> None:
        """Remember what did not."""
        self.warnings.append((event, fields))


class Clock:
    """A clock that is set by hand."""

    def __init__(self) -> None:
        self.now = 0.0

    def __call__(self) -> float:
        """Read it."""
        return self.now


@pytest.fixture(autouse=True)
def quick_glances(monkeypatch: pytest.MonkeyPatch) -> None:
    """Look often, so that no test waits."""
    monkeypatch.setattr("federation_node.engine._GLANCE", 0.01)


def still() -> object:
    """A state that never changes."""
    return "still"


def engine(
    drive: Callable[[], object],
    sync: Callable[[], object],
    clock: Clock,
    log: Events | None = None,
    state: Callable[[], object] = still,
) -> Engine:
    """An engine that is turned by hand."""
    return Engine(drive, sync, state, rhythm=RHYTHM, log=log or Events(), monotonic=clock)


def test_pauses_grow_while_nothing_moves() -> None:
    """Up to the configured pause, and short again once something moves."""
    states = iter("abbbbbbbbbc")
    turned = engine(lambda: None, lambda: None, Clock(), state=lambda: next(states))
    pauses = [turned.turn() for _ in range(11)]

    assert pauses == [0.1, 0.1, 0.2, 0.4, 0.8, 1.6, 3.2, 6.4, 10.0, 10.0, 0.1]


def test_a_pause_ends_when_something_moves() -> None:
    """The command of an operator in another process is followed up at once."""
    turns: list[int] = []
    twice = threading.Event()

    def drive() -> None:
        turns.append(1)
        if len(turns) == 2:
            twice.set()

    states = iter("abbbb")
    rhythm = Rhythm(drive=3600, sync=3600)
    running = Engine(
        drive,
        lambda: None,
        lambda: next(states, "c"),
        rhythm=rhythm,
        log=Events(),
        monotonic=Clock(),
    )
    running._pause = 3600
    running.start()

    assert twice.wait(10)
    assert running.stop(10)


def test_it_synchronises_when_due() -> None:
    """At the start, then once per period, counted from the end of the last one."""
    clock, synced = Clock(), []
    turned = engine(lambda: False, lambda: synced.append(clock.now), clock)
    for clock.now in (0.0, 99.0, 100.0, 150.0, 199.0, 200.0):
        turned.turn()

    assert synced == [0.0, 100.0, 200.0]


def test_a_failure_is_logged_and_tried_again() -> None:
    """The log gets the error; the next turn comes later and later."""
    error = PeerUnreachableError("no answer")

    def fail() -> None:
        raise error

    log = Events()
    turned = engine(fail, lambda: None, Clock(), log)
    pauses = [turned.turn() for _ in range(7)]

    assert log.warnings[0] == ("engine_failed", {"stage": "drive", "exc_info": error})
    assert pauses == [20.0, 40.0, 80.0, 160.0, 300.0, 300.0, 300.0]


def test_a_failed_synchronisation_stays_due() -> None:
    """It is not put off by a whole period."""
    clock, attempts = Clock(), []

    def sync() -> None:
        attempts.append(clock.now)
        if len(attempts) == 1:
            raise PeerUnreachableError

    turned = engine(lambda: False, sync, clock)
    for clock.now in (100.0, 120.0):
        turned.turn()

    assert attempts == [100.0, 120.0]


def test_a_fault_does_not_end_the_loop() -> None:
    """Even an error nobody expected is logged, and the loop goes on until it is stopped."""
    turned, twice = [], threading.Event()

    def drive() -> None:
        turned.append(1)
        if len(turned) == 1:
            raise ZeroDivisionError
        twice.set()

    log = Events()
    running = Engine(
        drive,
        lambda: None,
        still,
        rhythm=Rhythm(drive=0.05, sync=100.0),
        log=log,
        monotonic=time.monotonic,
    )
    running.start()

    assert twice.wait(10)
    assert running.stop(10)
    assert [event for event, _ in log.warnings] == ["engine_fault"]


def test_it_stops_in_the_middle_of_a_pause() -> None:
    """Stopping does not wait for the next turn."""
    turned = threading.Event()

    def drive() -> None:
        turned.set()

    running = Engine(
        drive,
        lambda: None,
        still,
        rhythm=Rhythm(drive=3600, sync=3600),
        log=Events(),
        monotonic=time.monotonic,
    )
    running._pause = 3600
    running.start()

    assert turned.wait(10)
    assert running.stop(10)
