# SPDX-License-Identifier: Apache-2.0
"""A port that leads to another, as a router's does; it can be closed with all that goes through."""

import socket
import threading
from contextlib import suppress
from types import TracebackType
from typing import Self

__all__ = ["Relay"]


class Relay:
    """Passes bytes on between a port of its own and another, until it is closed."""

    def __init__(self, target: int) -> None:
        """Listen on a free port of loopback.

        Args:
            target: The port that it leads to.
        """
        self._target = ("127.0.0.1", target)
        self._listener = socket.create_server(("127.0.0.1", 0))
        self._open: set[socket.socket] = set()
        self._lock = threading.Lock()
        self._closed = False
        self.port: int = self._listener.getsockname()[1]
        self.endpoint = f"127.0.0.1:{self.port}"
        threading.Thread(target=self._accept, daemon=True).start()

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self.close()

    def close(self) -> None:
        """Refuse new connections, and end those that are open."""
        with self._lock:
            self._closed = True
            ends, self._open = self._open, set()
        for end in (self._listener, *ends):
            _end(end)

    def _accept(self) -> None:
        while True:
            try:
                near, _ = self._listener.accept()
            except OSError:
                return
            try:
                far = socket.create_connection(self._target)
            except OSError:
                near.close()
                continue
            with self._lock:
                pair = {near, far}
                self._open |= pair
                closed = self._closed
            if closed:
                self.close()
                return
            for source, sink in ((near, far), (far, near)):
                threading.Thread(target=self._pump, args=(source, sink), daemon=True).start()

    def _pump(self, source: socket.socket, sink: socket.socket) -> None:
        with suppress(OSError):
            while data := source.recv(65536):
                sink.sendall(data)
        for end in (source, sink):
            _end(end)
        with self._lock:
            self._open -= {source, sink}


def _end(end: socket.socket) -> None:
    with suppress(OSError):
        end.shutdown(socket.SHUT_RDWR)
    end.close()
