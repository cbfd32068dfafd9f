# SPDX-License-Identifier: Apache-2.0
"""The server for the organisation's own programs: this machine only, with a secret.

It has an address, a certificate and a secret of its own, made at each start and written to
``local.token`` in the home. It shares nothing with the server for other members: no method of
the contract between members is offered here, and none of these there.
"""

import hmac
import secrets
import ssl
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import datetime
from typing import Any, Final

from federation.errors import AuthenticationError, ConfigurationError
from federation.local.access import Access, check_loopback
from federation.local.translation import MESSAGE_LIMIT
from federation.member.ports import Log
from federation.wire import require_tls13
from federation_node.context import NodeContext
from federation_node.files import write_private
from federation_node.local_handlers import MOST_WATCHERS, LocalHandlers, abort
from federation_node.tls import make_certificate

# Importing federation.wire has set the environment that gRPC reads once, when it is loaded.
# isort: split
import grpc

__all__ = ["LocalServer"]

_THREADS: Final = 8
_WAITING: Final = 32
_TOKEN_SIZE: Final = 32
_SUBJECT: Final = "local"


class LocalServer:
    """Serves the own programs. Start it once, stop it once."""

    def __init__(self, node: NodeContext, *, address: str, at: datetime) -> None:
        """Bind the address; nothing is answered before `start`.

        Args:
            node: the opened node.
            address: on this machine only; port 0 takes a free one.
            at: now.

        Raises:
            ConfigurationError: The address is reachable from elsewhere, or cannot be bound.
        """
        check_loopback(address)
        require_tls13()
        self._log = node.log
        self._file = node.home.local_file
        self._handlers = LocalHandlers(node)
        token = secrets.token_hex(_TOKEN_SIZE)
        tls = make_certificate(_SUBJECT, at)
        self._server = grpc.server(
            ThreadPoolExecutor(_THREADS + MOST_WATCHERS, thread_name_prefix="local"),
            handlers=[self._handlers.handler()],
            interceptors=[_TokenOnly(token, node.log)],
            options=_OPTIONS,
            maximum_concurrent_rpcs=_THREADS + MOST_WATCHERS + _WAITING,
        )
        pem = ssl.DER_cert_to_PEM_cert(tls.certificate).encode()
        try:
            port = self._server.add_secure_port(
                address, grpc.ssl_server_credentials([(tls.key, pem)])
            )
        except RuntimeError as error:
            raise ConfigurationError(
                f"cannot listen on {address} for own programs",
                next_step="choose another address under [local] in casethread.toml",
            ) from error
        if not address.startswith("unix:"):
            address = f"{address.rpartition(':')[0]}:{port}"
        self.access = Access(address, token, tls.certificate)

    def start(self) -> None:
        """Answer calls, and tell programs how to reach the node."""
        self._server.start()
        write_private(self._file, self.access.to_text().encode() + b"\n")
        self._log.info("local_server_started")

    def stop(self, grace: float) -> None:
        """Stop taking calls, send watchers away, let running calls finish, then close.

        Args:
            grace: Seconds that running calls get.
        """
        # Another process may serve this home by now; its file is not ours to remove.
        ours = self.access.to_text().encode() + b"\n"
        if self._file.is_file() and self._file.read_bytes() == ours:
            self._file.unlink()
        self._handlers.stop()
        self._server.stop(grace).wait()
        self._log.info("local_server_stopped")


class _TokenOnly(grpc.ServerInterceptor):
    """Lets nobody in who does not know the secret; everybody else gets one and the same answer."""

    def __init__(self, token: str, log: Log) -> None:
        self._wanted = f"Bearer {token}".encode()
        self._log = log
        self._refusal: grpc.RpcMethodHandler[bytes, bytes] = grpc.unary_unary_rpc_method_handler(
            self._refuse
        )

    def intercept_service(
        self,
        continuation: "Callable[[grpc.HandlerCallDetails], grpc.RpcMethodHandler[Any, Any] | None]",
        handler_call_details: grpc.HandlerCallDetails,
    ) -> "grpc.RpcMethodHandler[Any, Any] | None":
        """Return the method's handler, or one that refuses."""
        given = [
            value
            for name, value in handler_call_details.invocation_metadata or ()
            if name == "authorization"
        ]
        token = given[0] if len(given) == 1 else b""
        if isinstance(token, str):
            token = token.encode()
        if not hmac.compare_digest(token, self._wanted):
            return self._refusal
        return continuation(handler_call_details)

    def _refuse(self, body: bytes, context: grpc.ServicerContext) -> bytes:
        del body
        self._log.warning("local_call_refused", reason="AUTHENTICATION")
        abort(
            context,
            AuthenticationError(
                "the secret is not the one of this node",
                next_step="read local.token in the node's home again: each start makes a new one",
            ),
        )
        return b""  # never reached: abort raises


_OPTIONS: Final = (
    ("grpc.max_receive_message_length", MESSAGE_LIMIT),
    ("grpc.max_send_message_length", MESSAGE_LIMIT),
    # Identity only: limits are on what is received, not on what it inflates to.
    ("grpc.compression_enabled_algorithms_bitset", 1),
    ("grpc.max_metadata_size", 16 * 1024),
    ("grpc.absolute_max_metadata_size", 32 * 1024),
    ("grpc.server_handshake_timeout_ms", 20_000),
    # A second node on the same port must fail, not share it.
    ("grpc.so_reuseport", 0),
)
