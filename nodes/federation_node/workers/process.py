# SPDX-License-Identifier: Apache-2.0
"""One worker process, as the node sees it."""

import os
import subprocess
import sys
from collections.abc import Sequence
from contextlib import suppress
from typing import BinaryIO, Final, cast

from federation_node.workers.frames import Operation, read_message, write_message

__all__ = ["Worker", "WorkerGoneError"]

_OWN: Final = "CASETHREAD_"
"""Prefix of environment variables that are the node's alone: the passphrase is among them."""
_SECONDS_TO_END: Final = 2.0


class WorkerGoneError(Exception):
    """The process ended in the middle of a job."""


class Worker:
    """A process that answers one job at a time. It ends when its input is closed.

    It is not made by `multiprocessing`, whose children import the main module of their
    parent, and so everything that the node is made of.
    """

    def __init__(self) -> None:
        """Start the process.

        Raises:
            OSError: The machine does not allow another process.
        """
        inherited = {name: value for name, value in os.environ.items() if _OWN not in name}
        paths = os.pathsep.join(path for path in sys.path if path)
        # -P: the working directory is no place to import from.
        self._process = subprocess.Popen(
            [sys.executable, "-P", "-m", "federation_node.workers.child"],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            # What a worker could say about its inputs is for nobody.
            stderr=subprocess.DEVNULL,
            env={**inherited, "PYTHONPATH": paths},
        )

    @property
    def pid(self) -> int:
        """The process id."""
        return self._process.pid

    def ask(self, operation: Operation, parts: Sequence[bytes]) -> list[bytes] | None:
        """Give the worker a job and wait for its answer.

        Returns:
            The parts of the answer; None if the function refused its input.

        Raises:
            WorkerGoneError: The process ended; another one can do the same job.
        """
        try:
            write_message(cast("BinaryIO", self._process.stdin), operation, parts)
            answer = read_message(cast("BinaryIO", self._process.stdout))
        except (OSError, ValueError) as error:  # ValueError: a stream that is closed already
            raise WorkerGoneError from error
        if answer is None:
            raise WorkerGoneError
        operation, answered = answer
        return answered if operation is Operation.DONE else None

    def end(self) -> None:
        """Let the process end, and make sure that it does."""
        for stream in (self._process.stdin, self._process.stdout):
            if stream is not None:
                # What was not written any more matters to nobody.
                with suppress(OSError):
                    stream.close()
        try:
            self._process.wait(_SECONDS_TO_END)
        except subprocess.TimeoutExpired:
            self._process.kill()
            self._process.wait()
