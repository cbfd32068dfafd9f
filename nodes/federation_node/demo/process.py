# SPDX-License-Identifier: Apache-2.0
"""One organisation of the demonstration: its home, its secret, and its processes.

Each organisation has a passphrase of its own, handed to its processes in their
environment as an operator would; the processes share nothing but the loopback
network.
"""

import json
import os
import queue
import secrets
import socket
import subprocess
import sys
import threading
from collections.abc import Mapping
from contextlib import ExitStack, suppress
from pathlib import Path
from typing import IO, Any

from federation.errors import CasethreadError
from federation_node.files import write_private
from federation_node.home import HOME_VARIABLE, Home
from federation_node.unlock import PASSPHRASE_VARIABLE

__all__ = ["DemoError", "NodeProcess", "environment", "free_ports"]

_START_SECONDS = 60.0
_STOP_SECONDS = 5.0
_COMMAND_SECONDS = 600.0
_TAIL = 12
_PORTS = range(10_000, 32_000)


class DemoError(CasethreadError):
    """The demonstration cannot go on."""

    next_step = "run it again with --keep DIR and look at DIR/*/logs"


def environment(home: Home, passphrase: str, base: Mapping[str, str]) -> dict[str, str]:
    """Make the environment of one organisation's processes.

    Args:
        home: its home.
        passphrase: what opens its keystore.
        base: the environment of this process; its own Casethread settings are left out.

    Returns:
        The variables.
    """
    inherited = {name: text for name, text in base.items() if not name.startswith("CASETHREAD_")}
    return inherited | {
        HOME_VARIABLE: str(home.path),
        PASSPHRASE_VARIABLE: passphrase,
        "PYTHONUNBUFFERED": "1",
    }


def free_ports(count: int) -> list[int]:
    """Find ports of the loopback network that nobody uses.

    They lie below those that systems give to whoever asks for any port, because such a port
    could go to another program's connection before it is bound here.

    Args:
        count: how many.

    Returns:
        The ports; another program could still take one before it is bound.
    """
    found: list[int] = []
    with ExitStack() as stack:
        while len(found) < count:
            port = _PORTS.start + secrets.randbelow(len(_PORTS))
            one = stack.enter_context(socket.socket())
            with suppress(OSError):
                one.bind(("127.0.0.1", port))
                found.append(port)
    return found


class NodeProcess:
    """The ``casethread`` processes of one organisation."""

    def __init__(self, home: Home, settings: Mapping[str, str] | None = None) -> None:
        """Choose a passphrase and write it beside the home; nothing is started.

        Args:
            home: the organisation's home.
            settings: variables of its processes, beside those that open the home.
        """
        self.home = home
        self.passphrase = self.secret("passphrase")
        self._environment = environment(home, self.passphrase, os.environ) | dict(settings or {})
        self._server: subprocess.Popen[str] | None = None
        self._errors: IO[str] | None = None

    @property
    def pid(self) -> int | None:
        """The process id of the server, None while there is none."""
        return None if self._server is None else self._server.pid

    def secret(self, name: str) -> str:
        """Draw a secret, and write it beside the home for who looks at it later.

        Args:
            name: what it is; the end of the file's name.

        Returns:
            The secret.
        """
        drawn = secrets.token_urlsafe(24)
        path = self.home.path.with_name(f"{self.home.path.name}.{name}")
        write_private(path, drawn.encode() + b"\n")
        return drawn

    def start(self) -> None:
        """Start ``casethread serve``; `wait_until_listening` waits for it."""
        path = self.home.logs / "serve.err"
        self._errors = path.open("w", encoding="utf-8")
        self._server = subprocess.Popen(  # noqa: S603 - our own interpreter and module
            _command("serve"),
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=self._errors,
            text=True,
        )

    def wait_until_listening(self) -> None:
        """Wait for the server's first line.

        Raises:
            DemoError: if it ends, or says nothing for a minute.
        """
        server = self._server
        if server is None or server.stdout is None:
            raise DemoError("the node was not started")
        lines: queue.Queue[str] = queue.Queue()
        reader = threading.Thread(target=_drain, args=(server.stdout, lines), daemon=True)
        reader.start()
        try:
            first = lines.get(timeout=_START_SECONDS)
        except queue.Empty:
            first = ""
        if not first.startswith("listening"):
            raise DemoError(f"a node did not start: {self._tail()}")

    def check_alive(self) -> None:
        """Raise if the server has ended by itself.

        Raises:
            DemoError: with the end of its error output.
        """
        if self._server is not None and self._server.poll() is not None:
            raise DemoError(f"a node stopped by itself: {self._tail()}")

    def run(self, *arguments: str) -> Any:
        """Run one ``casethread`` command with ``--json`` and read what it prints.

        Args:
            arguments: the command; values that identify go through files.

        Returns:
            The JSON document.

        Raises:
            DemoError: if the command fails.
        """
        with self.begin(*arguments, "--json") as command:
            try:
                printed, said = command.communicate(timeout=_COMMAND_SECONDS)
            except BaseException:
                command.kill()
                raise
        if command.returncode != 0:
            raise DemoError(f"casethread {' '.join(arguments[:2])} failed: {said.strip()}")
        return json.loads(printed)

    def begin(self, *arguments: str) -> "subprocess.Popen[str]":
        """Start one ``casethread`` command and do not wait for it.

        Args:
            arguments: the command; values that identify go through files.

        Returns:
            The process, with pipes for what it prints.
        """
        return subprocess.Popen(  # noqa: S603 - our own interpreter and module
            _command(*arguments),
            env=self._environment,
            stdin=subprocess.DEVNULL,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
        )

    def stop(self) -> None:
        """End the server: ask, then insist."""
        server, self._server = self._server, None
        if server is not None:
            if server.poll() is None:
                server.terminate()
            try:
                server.wait(_STOP_SECONDS)
            except subprocess.TimeoutExpired:
                server.kill()
                server.wait()
            if server.stdout is not None:
                server.stdout.close()
        if self._errors is not None:
            self._errors.close()
            self._errors = None

    def _tail(self) -> str:
        """Return the last lines that the server wrote to its error output."""
        lines = Path(self.home.logs / "serve.err").read_text(encoding="utf-8").splitlines()
        return "\n".join(lines[-_TAIL:]) or "no output"


def _command(*arguments: str) -> list[str]:
    return [sys.executable, "-m", "federation_node.cli", *arguments]


def _drain(stream: IO[str], lines: "queue.Queue[str]") -> None:
    """Pass lines on until the stream ends, so that the child never blocks on a full pipe."""
    try:
        for line in stream:
            lines.put(line)
    except ValueError:
        return  # the stream was closed while it was read
    lines.put("")
