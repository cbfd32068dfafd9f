# SPDX-License-Identifier: Apache-2.0
"""Writing files that are either there in full or not at all."""

import os
import tempfile
from pathlib import Path

from federation.errors import ConfigurationError

__all__ = ["read_limited", "write_new", "write_private"]


def write_private(path: Path, content: bytes) -> None:
    """Replace a file atomically; the new one has mode 0600 and survives a power cut.

    Args:
        path: the file to write.
        content: its whole content.
    """
    descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.name}.")
    temporary = Path(name)
    try:
        with os.fdopen(descriptor, "wb") as file:
            file.write(content)
            file.flush()
            os.fsync(file.fileno())
        temporary.replace(path)
    except BaseException:
        temporary.unlink(missing_ok=True)
        raise
    _sync_directory(path.parent)


def write_new(path: Path, content: bytes) -> None:
    """Write a file for somebody else (an invitation, a request) without overwriting one.

    Args:
        path: where to write; must not exist.
        content: its whole content.

    Raises:
        ConfigurationError: if the file exists or its directory does not.
    """
    try:
        with path.open("xb") as file:
            file.write(content)
    except FileExistsError as error:
        raise ConfigurationError(
            f"{path} exists; it was not overwritten", next_step="name another file"
        ) from error
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be written: {error.strerror}", next_step="name another file"
        ) from error


def read_limited(path: Path, limit: int) -> bytes:
    """Read a file that somebody else wrote, up to a limit.

    Args:
        path: the file.
        limit: largest accepted size in bytes.

    Returns:
        Its content.

    Raises:
        ConfigurationError: if it cannot be read or is larger.
    """
    try:
        with path.open("rb") as file:
            content = file.read(limit + 1)
    except OSError as error:
        raise ConfigurationError(
            f"{path} cannot be read: {error.strerror}", next_step="check the path"
        ) from error
    if len(content) > limit:
        raise ConfigurationError(
            f"{path} is larger than {limit} bytes", next_step="check that it is the right file"
        )
    return content


def _sync_directory(directory: Path) -> None:
    """Make a rename durable; a no-op where directories cannot be opened."""
    if os.name != "posix":
        return
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
