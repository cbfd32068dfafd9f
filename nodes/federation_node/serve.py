# SPDX-License-Identifier: Apache-2.0
"""The serving node: the gRPC server, the engine and the pages, until a signal ends them."""

import signal
import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from types import FrameType

from federation.audit import OPERATOR
from federation.indicators import check_table
from federation.member import StaffAction
from federation_node.actions import sync
from federation_node.actions.roles import action
from federation_node.authority import MemberAuthority
from federation_node.console.listen import ConsoleServer
from federation_node.context import NodeContext, monotonic, now
from federation_node.engine import Engine, Rhythm
from federation_node.local_server import LocalServer
from federation_node.server import NodeServer, ServerSettings
from federation_node.upkeep import Upkeep

__all__ = ["run", "run_console"]

_GRACE = 5.0
"""Seconds that running calls get when the node stops."""

_ENGINE_GRACE = 30.0
"""Seconds that the engine's turn gets; what it did so far is stored anyway."""

_SIGNALS = (signal.SIGINT, signal.SIGTERM)


@action(StaffAction.SERVE)
def run(
    context: NodeContext,
    ready: Callable[[int], None],
    *,
    console: Callable[[str], object] = str,
) -> None:
    """Serve until SIGINT or SIGTERM.

    Args:
        context: the opened node.
        ready: told the port when the node listens.
        console: told the address of the pages, if the configuration asks for them.

    Raises:
        ConfigurationError: if the address cannot be used, or names would be spelled otherwise
            than the rules say.
    """
    # A session may end; what the node does from here on, it does by itself.
    context = context.acting(OPERATOR)
    check_table()
    node = context.config.node
    server = NodeServer(
        MemberAuthority(context.member),
        context.keystore.identity,
        context.credentials.shown,
        handle=context.member.handle,
        address=node.listen,
        clock=now,
        log=context.log,
        settings=ServerSettings(threads=node.threads),
    )
    upkeep = Upkeep(context, server)
    engine = Engine(
        lambda: _drive(context, upkeep),
        lambda: _synchronise(context),
        lambda: sync.state(context),
        rhythm=Rhythm(drive=node.drive_seconds, sync=node.sync_seconds),
        log=context.log,
        monotonic=monotonic,
    )
    local = context.config.local
    own = LocalServer(context, address=local.address, at=now()) if local.enabled else None
    pages = ConsoleServer(context) if context.config.console.enabled else None
    with _signalled() as stopped:
        server.start()
        engine.start()
        try:
            if own is not None:
                own.start()
            if pages is not None:
                pages.start()
            ready(server.port)
            if pages is not None:
                console(pages.address)
            stopped.wait()
        finally:
            if pages is not None:
                pages.stop()
            if own is not None:
                own.stop(_GRACE)
            server.stop(_GRACE)
            engine.stop(_ENGINE_GRACE)


@action(StaffAction.CONSOLE)
def run_console(context: NodeContext, ready: Callable[[str], None]) -> None:
    """Show the pages until SIGINT or SIGTERM, and do nothing else.

    Args:
        context: the opened node.
        ready: told the address when a browser can ask.

    Raises:
        ConfigurationError: the address or the certificate cannot be used.
    """
    # Each request acts as who is signed in there.
    pages = ConsoleServer(context.acting(OPERATOR))
    with _signalled() as stopped:
        pages.start()
        try:
            ready(pages.address)
            stopped.wait()
        finally:
            pages.stop()


def _drive(context: NodeContext, upkeep: Upkeep) -> None:
    """Move on what is pending, then see to the connections, whatever came of the first."""
    try:
        context.member.drive()
    finally:
        upkeep.turn()


def _synchronise(context: NodeContext) -> None:
    """Synchronise, unless another process is at it or there is nobody to talk to yet."""
    if context.member.in_force is not None:
        sync.synchronise(context, patience=0)


@contextmanager
def _signalled() -> Iterator[threading.Event]:
    """Set an event instead of dying when the process is told to end."""
    stopped = threading.Event()

    def stop(number: int, frame: FrameType | None) -> None:
        del number, frame
        stopped.set()

    before = {number: signal.signal(number, stop) for number in _SIGNALS}
    try:
        yield stopped
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
