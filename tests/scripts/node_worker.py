# SPDX-License-Identifier: Apache-2.0
"""Serving nodes as processes that can be killed at any step: ``python node_worker.py``.

Reads one order a line, JSON, from standard input, and starts or ends a node for each. A node
is forked, so that a new start costs no new interpreter; what it runs is what ``casethread
serve`` runs. Orders and answers::

    {"start": NAME, "home": HOME, "key": HEX, "notes": FOLDER}   -> {"port": PORT}
    {"stop": NAME}     asks it to end                            -> {"status": WAIT STATUS}
    {"poll": NAME}     if it has killed itself                   -> {"status": WAIT STATUS or null}

A step is where a kill leaves something different behind: before and after the commit of a
transaction that changes ceremonies, shares or charters, before a request about them leaves
and after its reply came, before the database's log is cleaned. The file NAME.steps in
the folder of notes is shared memory (`Steps`): it counts them, and says at which one the node
is to kill itself. NAME.secrets lists whatever the node wrapped that would give a key share.
"""

import json
import mmap
import os
import signal
import struct
import sys
import threading
import traceback
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any, Final, TypeVar

from federation.client import GrpcPeer
from federation.messages import Request
from federation.storage import AtRest, Store, Tx
from federation.storage.ceremonies import CeremoniesRepository
from federation.storage.charters import ChartersRepository
from federation.storage.shares import SharesRepository
from federation_node.context import NodeContext
from federation_node.home import Home
from federation_node.serve import run
from federation_node.unlock import Unlock

R = TypeVar("R")

CHANGES: Final = (
    (CeremoniesRepository, "add_message", "message"),
    (CeremoniesRepository, "put_secret", "secret"),
    (CeremoniesRepository, "destroy", "end"),
    (SharesRepository, "put", "share"),
    (SharesRepository, "destroy", "end"),
    (ChartersRepository, "put_proposal", "proposal"),
    (ChartersRepository, "append", "charter"),
)
"""What changes, by the method that changes it, and what such a step is called."""

REQUESTS: Final = {"SyncCeremony", "SyncCharter"}

DONE: Final = struct.Struct("<Q40s")
"""Steps so far, and the name of the last one; written by the node."""
END: Final = struct.Struct("<Q")
"""The step to die at, 0 for never; written by the driver, so that neither overwrites the other."""


class Steps:
    """A counter that a node and its driver share through a file."""

    def __init__(self, path: Path) -> None:
        """Open it; a new one begins at 0 and kills nobody."""
        if not path.exists():
            path.write_bytes(bytes(DONE.size + END.size))
        with path.open("r+b") as file:
            self._memory = mmap.mmap(file.fileno(), DONE.size + END.size)

    def read(self) -> tuple[int, str]:
        """Return how many steps there were, and the last one's name."""
        count, name = DONE.unpack(self._memory[: DONE.size])
        return count, name.rstrip(b"\0").decode()

    def arm(self, steps: int = 0) -> None:
        """Let the node die after so many more steps; 0 for never."""
        self._memory[DONE.size :] = END.pack(self.read()[0] + steps if steps else 0)

    def step(self, name: str) -> None:
        """Count, and die if it is time."""
        count = self.read()[0] + 1
        self._memory[: DONE.size] = DONE.pack(count, name.encode())
        (end,) = END.unpack(self._memory[DONE.size :])
        if end and count >= end:
            os.kill(os.getpid(), signal.SIGKILL)

    def close(self) -> None:
        """Let go of the file."""
        self._memory.close()


@contextmanager
def noting_secrets(path: Path) -> Iterator[None]:
    """Write down whatever this process wraps that would give a key share, and how it wraps it."""
    wrap = AtRest.wrap

    def noted(at_rest: AtRest, context: str, secret: bytes) -> bytes:
        sealed = wrap(at_rest, context, secret)
        if context.startswith(("shares|", "ceremonies|")):
            with path.open("a") as file:
                file.write(f"{sealed.hex()}\n{secret.hex()}\n")
        return sealed

    AtRest.wrap = noted  # type: ignore[method-assign]
    try:
        yield
    finally:
        AtRest.wrap = wrap  # type: ignore[method-assign]


class Watch:
    """Counts this process's steps of the protocols that change charters and key shares."""

    def __init__(self, steps: Steps) -> None:
        self._steps = steps
        self._changed = threading.local()

    def install(self) -> None:
        """Look over the shoulder of every store and every peer from now on."""
        for owner, name, what in CHANGES:
            setattr(owner, name, self._noting(getattr(owner, name), what))
        write, call, scrub = Store.write, GrpcPeer.call, Store.scrub

        @contextmanager
        def counted_write(store: Store) -> Iterator[Tx]:
            self._changed.what = set()
            with write(store) as tx:
                yield tx
                changed = "+".join(sorted(self._changed.what))
                self._step("before", changed)
            self._step("after", changed)

        def counted_call(peer: GrpcPeer, request: Request[R], *, timeout: float = 30.0) -> R:
            name = type(request).__name__
            if name not in REQUESTS:
                return call(peer, request, timeout=timeout)
            self._step("before", name)
            reply = call(peer, request, timeout=timeout)
            self._step("after", name)
            return reply

        def counted_scrub(store: Store) -> bool:
            self._step("before", "scrub")
            return scrub(store)

        Store.write = counted_write  # type: ignore[method-assign]
        Store.scrub = counted_scrub  # type: ignore[method-assign]
        GrpcPeer.call = counted_call  # type: ignore[method-assign]

    def _step(self, when: str, what: str) -> None:
        if what:
            self._steps.step(f"{when} {what}")

    def _noting(self, change: Callable[..., Any], what: str) -> Callable[..., Any]:
        def noted(*args: Any, **kwargs: Any) -> Any:
            result = change(*args, **kwargs)
            if result is not False:  # a message that was there already
                self._changed.what.add(what)
            return result

        return noted


def serve(order: dict[str, Any], ready: int) -> None:
    """Run a node until it is told to stop, or dies."""
    notes = Path(order["notes"])
    name = order["start"]
    Watch(Steps(notes / f"{name}.steps")).install()
    unlock = Unlock(bytes.fromhex(order["key"]), is_key=True)
    with (
        noting_secrets(notes / f"{name}.secrets"),
        NodeContext.open(Home(Path(order["home"])), unlock, whole_process=True) as context,
    ):
        run(context, lambda port: os.write(ready, b"%d\n" % port) and None)


class Nodes:
    """The nodes that were started and not yet waited for."""

    def __init__(self) -> None:
        self._running: dict[str, int] = {}

    def obey(self, order: dict[str, Any]) -> dict[str, Any]:
        """Do what the order says."""
        (what,) = {"start", "stop", "poll"} & order.keys()
        if what == "start":
            return self._start(order)
        pid = self._running[order[what]]
        if what == "stop":
            os.kill(pid, signal.SIGTERM)
        ended, status = os.waitpid(pid, os.WNOHANG if what == "poll" else 0)
        if ended:
            del self._running[order[what]]
        return {"status": status if ended else None}

    def _start(self, order: dict[str, Any]) -> dict[str, Any]:
        reading, writing = os.pipe()
        pid = os.fork()
        if not pid:
            os.close(reading)
            try:
                serve(order, writing)
            except BaseException:  # noqa: BLE001 - the child must not go on as its parent
                traceback.print_exc()
                os._exit(1)
            os._exit(0)
        os.close(writing)
        self._running[order["start"]] = pid
        with os.fdopen(reading) as pipe:
            # It may have killed itself before it listened.
            port = pipe.readline()
        return {"port": int(port) if port else None}

    def end(self) -> None:
        """Kill whatever still runs."""
        for pid in self._running.values():
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)


def main() -> None:
    """Obey until the input ends."""
    nodes = Nodes()
    try:
        for line in sys.stdin:
            sys.stdout.write(json.dumps(nodes.obey(json.loads(line))) + "\n")
            sys.stdout.flush()
    finally:
        nodes.end()


if __name__ == "__main__":
    main()
