# SPDX-License-Identifier: Apache-2.0
"""The node's gRPC server: mutual TLS 1.3, the contract's services, health, reflection.

Health and reflection are for members only, like everything else on this port.
"""

import threading
import time
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import datetime
from typing import Final

from federation.client import TlsIdentity
from federation.errors import ConfigurationError
from federation.member.ports import Log
from federation.wire.checks import MESSAGE_LIMIT
from federation.wire.header import Signer
from federation.wire.methods import METHODS
from federation_node.auth import Authority
from federation_node.guard import MembersOnly
from federation_node.services import Dispatcher, Handle
from federation_node.tls import server_credentials

# Importing federation.wire has set the environment that gRPC reads once, when it is loaded.
# isort: split
import grpc
from grpc_health.v1 import health, health_pb2, health_pb2_grpc
from grpc_reflection.v1alpha import reflection

__all__ = ["NodeServer", "ServerSettings"]

_SERVICES: Final = tuple(sorted({method.service for method in METHODS.values()}))
_PAUSE: Final = 0.02
"""Seconds between two attempts to listen again."""
_HEALTH: Final = health_pb2.DESCRIPTOR.services_by_name["Health"].full_name


@dataclass(frozen=True, slots=True)
class ServerSettings:
    """How much the server takes on at once."""

    threads: int = 8
    """Calls that are worked on at the same time."""
    waiting: int = 32
    """Calls that may wait for a thread; more are refused at once and tried again."""
    max_connection_age: float = 600.0
    """Seconds after which a connection is closed, so that a removed member's ends too."""


class NodeServer:
    """One node's server. Start it once, stop it once."""

    def __init__(
        self,
        authority: Authority,
        identity: Signer,
        own: Callable[[], TlsIdentity],
        *,
        handle: Handle,
        address: str,
        clock: Callable[[], datetime],
        log: Log,
        settings: ServerSettings | None = None,
    ) -> None:
        """Bind the address; nothing is answered before `start`.

        Args:
            authority: Decides who may call.
            identity: Signs the replies.
            own: Returns what the node shows at the moment of a handshake.
            handle: Answers the requests of those who may.
            address: ``host:port``; port 0 takes a free one.
            clock: Returns now, aware.
            log: Told of every refused call.
            settings: Limits; the defaults suit one small machine.

        Raises:
            ConfigurationError: The address cannot be bound, or TLS 1.2 not turned off.
        """
        self._authority = authority
        self._identity = identity
        self._own = own
        self._handle = handle
        self._clock = clock
        self._log = log
        self._limits = settings or ServerSettings()
        self._health = health.HealthServicer()
        self._lock = threading.Lock()
        self._stopping = False
        self._running = self._bind(address)
        self.port = self._running.port
        self._address = f"{address.rpartition(':')[0]}:{self.port}"

    def start(self) -> None:
        """Answer calls, and report health as serving."""
        self._running.server.start()
        for service in ("", *_SERVICES):
            self._health.set(service, health_pb2.HealthCheckResponse.SERVING)
        self._log.info("server_started", port=self.port)

    def reopen(self, grace: float = 5.0, patience: float = 10.0) -> None:
        """Close every connection, and listen again at once.

        gRPC cannot close one connection. Those who may connect again do so by themselves.

        Args:
            grace: Seconds that running calls get.
            patience: Seconds in which the address must become free.

        Raises:
            ConfigurationError: It does not; the next call of this method tries again.
        """
        with self._lock:
            if self._stopping:
                return
            self._running.end(grace)
            deadline = time.monotonic() + patience
            while True:
                try:
                    self._running = self._bind(self._address)
                    break
                except ConfigurationError:
                    if time.monotonic() > deadline:
                        raise
                    time.sleep(_PAUSE)
            self._running.server.start()
        self._log.info("server_reopened", port=self.port)

    def stop(self, grace: float = 5.0) -> None:
        """Stop taking calls, let running ones finish, then close.

        Args:
            grace: Seconds that running calls get.
        """
        self._health.enter_graceful_shutdown()
        with self._lock:
            self._stopping = True
            self._running.end(grace).wait()
        self._log.info("server_stopped", port=self.port)

    def wait(self, timeout: float | None = None) -> bool:
        """Wait until the server has stopped.

        Args:
            timeout: Seconds; None waits for ever.

        Returns:
            True if it is still running.
        """
        return bool(self._running.server.wait_for_termination(timeout))

    def _bind(self, address: str) -> "_Running":
        """Make a server that listens, and does not answer yet."""
        pool = ThreadPoolExecutor(self._limits.threads, thread_name_prefix="rpc")
        server = grpc.server(
            pool,
            interceptors=[MembersOnly(self._authority, self._log)],
            options=_options(self._limits),
            maximum_concurrent_rpcs=self._limits.threads + self._limits.waiting,
        )
        dispatcher = Dispatcher(
            self._authority, self._handle, self._identity, self._clock, self._log
        )
        server.add_generic_rpc_handlers(dispatcher.handlers())
        health_pb2_grpc.add_HealthServicer_to_server(self._health, server)
        reflection.enable_server_reflection((*_SERVICES, _HEALTH, reflection.SERVICE_NAME), server)
        credentials = server_credentials(self._own, self._authority.certificates, self._log)
        try:
            port = server.add_secure_port(address, credentials)
        except RuntimeError as error:
            raise ConfigurationError(
                f"cannot listen on {address}",
                next_step="choose a free port in casethread.toml, or stop what uses this one",
            ) from error
        return _Running(server, pool, port)


@dataclass(frozen=True, slots=True)
class _Running:
    """A gRPC server and its threads."""

    server: grpc.Server
    pool: ThreadPoolExecutor
    port: int

    def end(self, grace: float) -> threading.Event:
        """Stop listening; running calls get some seconds. Returns what is set afterwards."""
        stopped: threading.Event = self.server.stop(grace)
        # Not at once: the calls that still run need the threads.
        threading.Thread(target=self._let_go, args=(stopped,), daemon=True).start()
        return stopped

    def _let_go(self, stopped: threading.Event) -> None:
        stopped.wait()
        self.pool.shutdown(wait=False)


def _options(limits: ServerSettings) -> tuple[tuple[str, int], ...]:
    return (
        ("grpc.max_receive_message_length", MESSAGE_LIMIT),
        ("grpc.max_send_message_length", MESSAGE_LIMIT),
        # Identity only: limits are on what is received, not on what it inflates to.
        ("grpc.compression_enabled_algorithms_bitset", 1),
        ("grpc.max_metadata_size", 16 * 1024),
        ("grpc.absolute_max_metadata_size", 32 * 1024),
        ("grpc.max_concurrent_streams", limits.threads + limits.waiting),
        ("grpc.max_connection_age_ms", int(limits.max_connection_age * 1000)),
        ("grpc.max_connection_age_grace_ms", 60_000),
        ("grpc.keepalive_time_ms", 120_000),
        ("grpc.keepalive_timeout_ms", 20_000),
        ("grpc.http2.min_ping_interval_without_data_ms", 30_000),
        ("grpc.server_handshake_timeout_ms", 20_000),
        # A second node on the same port must fail, not share it.
        ("grpc.so_reuseport", 0),
    )
