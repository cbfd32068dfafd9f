# SPDX-License-Identifier: Apache-2.0
"""Drives `tests/scripts/crash_worker.py`: kills it until it gets through."""

import importlib.util
import json
import subprocess
import sys
from pathlib import Path
from random import Random
from types import TracebackType
from typing import Any, Final, Self

__all__ = ["Killer", "crash_worker"]

ROOT: Final = Path(__file__).parents[2]
SCRIPT: Final = ROOT / "tests" / "scripts" / "crash_worker.py"

_spec = importlib.util.spec_from_file_location("crash_worker", SCRIPT)
assert _spec is not None
assert _spec.loader is not None
crash_worker: Final = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(crash_worker)


class Killer:
    """A worker process that does jobs in children of its own, and kills them."""

    def __init__(self) -> None:
        self._process = subprocess.Popen(
            [sys.executable, str(SCRIPT)],
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.PIPE,
            text=True,
            cwd=ROOT,
        )
        self.kills = 0
        """How many children have died of SIGKILL."""

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        self._process.communicate()

    def run(self, job: str, home: Path) -> int:
        """Run a job undisturbed.

        Returns:
            How many points there were at which it could have been killed.
        """
        answer = self._order(job=job, home=str(home))

        assert not answer["killed"]
        return int(answer["commits"])

    def kill_at(self, job: str, home: Path, commit: int) -> bool:
        """Run a job and kill it beside a commit; False if it was through before."""
        return self._killed(job=job, home=str(home), kill_at=commit)

    def kill_after(self, job: str, home: Path, seconds: float) -> bool:
        """Run a job and kill it whenever the time has come; False if it was through before."""
        return self._killed(job=job, home=str(home), kill_after=seconds)

    def torment(self, job: str, home: Path, *, points: int, kills: int, random: Random) -> None:
        """Kill a job at random commits, each time further on from where it was, then let it be.

        Args:
            job: Which.
            home: Where.
            points: How many points an undisturbed run has.
            kills: How often.
            random: Chooses the points.
        """
        for _ in range(kills):
            self.kill_at(job, home, random.randint(1, max(2, points // kills)))
        self.run(job, home)

    def _killed(self, **order: Any) -> bool:
        killed = bool(self._order(**order)["killed"])
        self.kills += killed
        return killed

    def _order(self, **order: Any) -> dict[str, Any]:
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(order) + "\n")
        self._process.stdin.flush()
        line = self._process.stdout.readline()
        if not line:
            _, errors = self._process.communicate()
            raise AssertionError(errors)
        answer: dict[str, Any] = json.loads(line)
        return answer
