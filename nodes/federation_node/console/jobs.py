# SPDX-License-Identifier: Apache-2.0
"""Work that takes longer than a page: one thing at a time, and where it stands."""

import secrets
import threading
from collections import OrderedDict
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from typing import Any, Final

from federation.errors import CasethreadError, InputError

__all__ = ["Job", "Jobs"]

_KEPT: Final = 100
_WAITING: Final = 8


@dataclass(slots=True)
class Job:
    """Something that is being done, or was."""

    account: bytes
    """Who asked for it; nobody else sees it."""
    about: str
    count: int = 0
    """How far it is."""
    result: Any = field(default=None, repr=False)
    error: CasethreadError | None = field(default=None, repr=False)
    done: threading.Event = field(default_factory=threading.Event, repr=False)

    def move(self, count: int) -> None:
        """Note how far it is.

        Args:
            count: rows, or whatever is counted.
        """
        self.count = count


class Jobs:
    """Does one thing after the other in a thread of its own."""

    def __init__(self, failed: Callable[[Exception], CasethreadError]) -> None:
        """Begin.

        Args:
            failed: told of what should not happen; says what the person is told.
        """
        self._failed = failed
        self._pool = ThreadPoolExecutor(1, thread_name_prefix="console-job")
        self._lock = threading.Lock()
        self._jobs: OrderedDict[str, Job] = OrderedDict()

    def begin(self, account: bytes, about: str, work: Callable[[Job], object]) -> str:
        """Put something into the queue.

        Args:
            account: who asks for it.
            about: what it is about.
            work: does it.

        Returns:
            What names it.

        Raises:
            InputError: too much waits already.
        """
        name, job = secrets.token_hex(16), Job(account, about)
        with self._lock:
            if sum(not one.done.is_set() for one in self._jobs.values()) >= _WAITING:
                raise InputError("too much is going on", next_step="wait for it, and try again")
            self._jobs[name] = job
            while len(self._jobs) > _KEPT:
                self._jobs.popitem(last=False)
        self._pool.submit(self._run, job, work)
        return name

    def find(self, account: bytes, name: str) -> Job:
        """Return a job.

        Args:
            account: who asks.
            name: from `begin`.

        Raises:
            InputError: there is none of this person.
        """
        with self._lock:
            job = self._jobs.get(name)
        if job is None or job.account != account:
            raise InputError("there is no such work here", next_step="see the list of imports")
        return job

    def close(self) -> None:
        """Finish what is being done, and begin nothing more."""
        self._pool.shutdown(wait=True, cancel_futures=True)

    def _run(self, job: Job, work: Callable[[Job], object]) -> None:
        try:
            job.result = work(job)
        except CasethreadError as error:
            job.error = error
        except Exception as error:  # noqa: BLE001 - its words may be data
            job.error = self._failed(error)
        finally:
            job.done.set()
