# SPDX-License-Identifier: Apache-2.0
"""What a program needs to reach its own node: the file ``local.token`` in the node's home.

The node writes it anew whenever it starts to serve. It holds one line of JSON::

    {"address":"127.0.0.1:40123","certificate":"<DER in hex>","token":"<64 hex digits>"}

The certificate is made at that start too. A program trusts no other, so that no other account
can take the node's place at the address while the node is down, and collect cases.
"""

import ipaddress
import json
import os
import re
import stat
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path, PurePath
from typing import Final, Self

import platformdirs

from federation.errors import ConfigurationError, MalformedError, NodeUnavailableError

__all__ = ["TOKEN_FILE", "Access", "check_loopback", "locate_home"]

TOKEN_FILE: Final = "local.token"  # noqa: S105 - a name
"""Name of the file in the home."""

_LIMIT: Final = 16 * 1024
# One spelling only; what the address may be is checked apart.
_LINE: Final = re.compile(
    r'\{"address":"(?P<address>[^"\\]+)","certificate":"(?P<certificate>(?:[0-9a-f]{2})+)",'
    r'"token":"(?P<token>[0-9a-f]{64})"\}'
)
_HOST_PORT: Final = re.compile(r"(\[[0-9a-f:]+\]|[0-9.]+):([0-9]{1,5})")
_HIGHEST_PORT: Final = 65_535
_LONGEST_SOCKET_PATH: Final = 100
"""Bytes; systems end between 103 and 107."""


@dataclass(frozen=True, slots=True)
class Access:
    """How to reach a serving node, and what proves the right to."""

    address: str
    """``127.0.0.1:port``, ``[::1]:port`` or ``unix:/path``."""
    token: str = field(repr=False)
    """The secret, 64 hex digits."""
    certificate: bytes = field(repr=False)
    """DER of the one certificate to trust."""

    def to_text(self) -> str:
        """Write the one line of the file."""
        return json.dumps(
            {
                "address": self.address,
                "certificate": self.certificate.hex(),
                "token": self.token,
            },
            sort_keys=True,
            separators=(",", ":"),
        )

    @classmethod
    def from_text(cls, text: str) -> Self:
        """Read the one line of the file.

        Raises:
            MalformedError: It is something else.
        """
        access = None
        if (found := _LINE.fullmatch(text)) and len(text) <= _LIMIT:
            access = cls(found["address"], found["token"], bytes.fromhex(found["certificate"]))
        if access is None or access.to_text() != text:
            raise MalformedError(
                f"this is not the content of {TOKEN_FILE}",
                next_step=f"pass the one line that {TOKEN_FILE} in the node's home holds now",
            )
        check_loopback(access.address)
        return access

    @classmethod
    def read(cls, path: Path) -> Self:
        """Read the file.

        Args:
            path: The file.

        Raises:
            NodeUnavailableError: There is none: the node does not serve.
            ConfigurationError: Others can read it, or have written it.
            MalformedError: It holds something else.
        """
        try:
            descriptor = os.open(path, os.O_RDONLY | getattr(os, "O_NOFOLLOW", 0))
        except FileNotFoundError:
            raise NodeUnavailableError(f"no node serves in {path.parent}") from None
        except OSError as error:
            raise ConfigurationError(
                f"{path} cannot be read: {error.strerror}",
                next_step="run this program as the account that runs the node, or pass it token=",
            ) from None
        try:
            _check_private(path, os.fstat(descriptor))
            content = os.read(descriptor, _LIMIT + 1)
        finally:
            os.close(descriptor)
        try:
            return cls.from_text(content.decode("ascii").removesuffix("\n"))
        except UnicodeDecodeError:
            raise MalformedError(f"{path} is damaged", next_step="restart the node") from None

    @property
    def target(self) -> str:
        """The address as gRPC wants it: nothing that is looked up."""
        if self.address.startswith("unix:"):
            return self.address
        family = "ipv6" if self.address.startswith("[") else "ipv4"
        return f"{family}:{self.address}"


def check_loopback(address: str) -> str:
    """Return an address that only this machine can reach.

    Args:
        address: ``127.0.0.1:port``, ``[::1]:port``, or ``unix:/absolute/path``. No host name:
            who answers for a name is decided elsewhere.

    Raises:
        ConfigurationError: Others could reach it, or it is none.
    """
    if address.startswith("unix:"):
        path = PurePath(address.removeprefix("unix:"))
        if path.is_absolute() and len(bytes(path)) <= _LONGEST_SOCKET_PATH:
            return address
    elif (found := _HOST_PORT.fullmatch(address)) and int(found[2]) <= _HIGHEST_PORT:
        try:
            if ipaddress.ip_address(found[1].strip("[]")).is_loopback:
                return address
        except ValueError:
            pass
    raise ConfigurationError(
        "the address of the local API is not one of this machine alone",
        next_step="use 127.0.0.1:PORT (0 for a free one), [::1]:PORT or unix:/absolute/path",
    )


def locate_home(given: str | Path | None, environ: Mapping[str, str]) -> Path:
    """Find the node's home as the command line does.

    Args:
        given: The path, or None.
        environ: Environment variables; ``CASETHREAD_HOME`` comes second.

    Returns:
        The directory; else the platform's data directory.
    """
    chosen = given or environ.get("CASETHREAD_HOME") or platformdirs.user_data_path("casethread")
    return Path(chosen).expanduser().absolute()


def _check_private(path: Path, found: os.stat_result) -> None:
    if os.name != "posix":
        return
    if not stat.S_ISREG(found.st_mode):
        raise ConfigurationError(f"{path} is no file", next_step="restart the node")
    if found.st_uid not in {os.geteuid(), 0}:
        raise ConfigurationError(
            f"{path} belongs to another account",
            next_step="run this program as the account that runs the node",
        )
    if found.st_mode & (stat.S_IRWXG | stat.S_IRWXO):
        raise ConfigurationError(
            f"{path} is open to other accounts",
            next_step="restart the node, which makes a new one; find out who opened it",
        )
