# SPDX-License-Identifier: Apache-2.0
"""The server of the console: one address, plain only on this machine, else TLS 1.3."""

import socket
import ssl
import threading
from typing import Final

import uvicorn

from federation.errors import ConfigurationError
from federation_node.config import LOOPBACK, split_address
from federation_node.console.app import Console
from federation_node.context import NodeContext

__all__ = ["ConsoleServer"]

_GRACE: Final = 5
_CONCURRENT: Final = 64
_LARGEST_HEAD: Final = 16 * 1024


class ConsoleServer:
    """Serves the pages in a thread of its own. Start it once, stop it once."""

    def __init__(self, context: NodeContext) -> None:
        """Bind the address; nothing is answered before `start`.

        Args:
            context: the opened node, whose configuration says where.

        Raises:
            ConfigurationError: the address cannot be bound, or the certificate not be used.
        """
        settings = context.config.console
        host, port = split_address(settings.listen)
        tls = _tls(settings.certificate, settings.key)
        family = socket.AF_INET6 if ":" in host else socket.AF_INET
        try:
            self._socket = socket.create_server((host, port), family=family, backlog=128)
        except OSError as error:
            raise ConfigurationError(
                f"the console cannot listen on {settings.listen}: {error.strerror}",
                next_step="choose another address under [console] in casethread.toml",
            ) from error
        self.port: int = self._socket.getsockname()[1]
        names = settings.names if tls is not None else (*LOOPBACK, *settings.names)
        hosts = [f"[{one}]" if ":" in one else one for one in names]
        listed = tuple(f"{one}:{self.port}" for one in hosts)
        # Browsers leave out the usual port.
        usual = 80 if tls is None else 443
        self._console = Console(
            context, (*listed, *hosts) if self.port == usual else listed, tls=tls is not None
        )
        scheme = "http" if tls is None else "https"
        shown = hosts[0] if tls is not None else f"[{host}]" if ":" in host else host
        self.address = f"{scheme}://{shown}:{self.port}/"
        self._server = uvicorn.Server(
            uvicorn.Config(
                self._console.app,
                http="h11",
                ws="none",
                loop="asyncio",
                lifespan="off",
                log_config=None,
                access_log=False,
                server_header=False,
                proxy_headers=False,
                limit_concurrency=_CONCURRENT,
                timeout_keep_alive=15,
                timeout_graceful_shutdown=_GRACE,
                h11_max_incomplete_event_size=_LARGEST_HEAD,
                ssl_context_factory=None if tls is None else lambda *_: tls,
            )
        )
        self._log = context.log
        self._thread = threading.Thread(target=self._run, name="console", daemon=True)

    def start(self) -> None:
        """Answer browsers."""
        self._thread.start()
        self._log.info("console_started")

    def stop(self) -> None:
        """Take no more requests, and finish what is running."""
        self._server.should_exit = True
        self._thread.join(2 * _GRACE)
        self._console.jobs.close()
        self._socket.close()
        self._log.info("console_stopped")

    def _run(self) -> None:
        self._server.run(sockets=[self._socket])


def _tls(certificate: object, key: object) -> ssl.SSLContext | None:
    if certificate is None or key is None:
        return None
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.minimum_version = ssl.TLSVersion.TLSv1_3
    try:
        made.load_cert_chain(str(certificate), str(key))
    except (OSError, ssl.SSLError) as error:
        raise ConfigurationError(
            "the console's certificate and key cannot be used",
            next_step="name two PEM files that belong together under [console]",
        ) from error
    return made
