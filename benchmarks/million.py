# SPDX-License-Identifier: Apache-2.0
"""A million invented rows on each side, through real nodes: ``python -m benchmarks.million``.

Two organisations on this machine, both custodians and both needed for every pseudonym, each
with a ``casethread serve`` of its own, talk over gRPC and mutual TLS. One imports a workbook,
the other a CSV file; both tokenise; they sign an agreement and compare. One import and one run
of tokenising are killed with SIGKILL in the middle, by process id, and simply begun again.
At the end the databases are counted: nothing may be missing or there twice. The charter's rules
allow each member twice its rows, and 100,000, evaluations a day. Memory is looked at four times
a second; a process that holds 64 MiB more at its end than after a quarter of its rows fails.

It needs Linux, for ``/proc``, and some 3 GiB below the folder for temporary files.
"""

import argparse
import json
import os
import resource
import signal
import subprocess
import sys
import tempfile
import threading
import time
from collections.abc import Callable, Iterable, Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path

from benchmarks.memory import Watch, children
from benchmarks.organisations import Organisation, agree, founded
from benchmarks.sheets import WRITERS, Rows
from benchmarks.table import Row, machine, markdown

__all__ = ["measure"]

_NEW = 1_000
_NEW_COMMON = 100
_POLL = 0.02
_GROWTH_MIB = 64
"""What a process may hold more at the end of its work than after its first quarter."""
_AIM = "<= 500 MiB"


@dataclass(frozen=True, slots=True)
class Sizes:
    """How much there is of everything."""

    rows: int
    """Of each organisation's sheet, one phone in each."""

    @property
    def common(self) -> int:
        """Phones that both have."""
        return max(10, self.rows // 1_000)

    @property
    def new(self) -> int:
        """Rows that come later to one of them."""
        return min(_NEW, self.rows)

    @property
    def new_common(self) -> int:
        """Of those, phones that the other one has."""
        return self.new * _NEW_COMMON // _NEW

    @property
    def mine(self) -> Sequence[int]:
        """Numbers of the first one's phones."""
        return range(self.rows)

    @property
    def theirs(self) -> Sequence[int]:
        """Numbers of the other's phones."""
        return range(self.rows - self.common, 2 * self.rows - self.common)

    @property
    def later(self) -> Sequence[int]:
        """The last ones of the other side, which this side has not seen, and new ones."""
        fresh = 3 * self.rows
        known = self.theirs[: -self.new_common - 1 : -1]
        return [*known, *range(fresh, fresh + self.new)][: self.new]

    @property
    def daily(self) -> int:
        """Evaluations that a member may ask for in a day: with padding, and what a kill wasted."""
        return 2 * self.rows + 100_000


@dataclass(frozen=True, slots=True)
class Stage:
    """What a command did that was perhaps killed once."""

    seconds: float
    """From its start to its end, with what was killed, and with the wait for the lease of the
    process that was killed."""
    killed_at: int
    """How far it was then; 0 if it was not killed."""
    printed: dict[str, object]
    """What the command said at its end, as JSON."""
    watch: Watch
    """Of the run that went to the end."""


def measure(scale: float) -> Iterator[Row]:
    """Go through the whole, and hand back what was measured."""
    sizes = Sizes(max(6_000, int(1_000_000 * scale)))
    with tempfile.TemporaryDirectory(prefix="casethread-million-") as folder:
        yield from _run(sizes, Path(folder))


def _run(sizes: Sizes, folder: Path) -> Iterator[Row]:
    _tell(f"two organisations, {sizes.rows:,} rows each, {sizes.common:,} phones in common")
    _tell(
        f"the charter's rules for this run: {sizes.daily:,} evaluations a day for each member, "
        f"{30 * sizes.daily:,} in 30 days, at every custodian"
    )
    with founded(folder, sizes.daily) as (hope, amparo):
        sheets = _write(sizes, folder)
        yield from _import(hope, sheets["hope"], sizes, kill=False)
        yield from _import(amparo, sheets["amparo"], sizes, kill=True)
        yield from _tokenise(amparo, sizes, kill=False)
        yield from _tokenise(hope, sizes, kill=True)
        agree(hope, amparo, 2 * sizes.common + sizes.new)
        with Watch(_server(hope), lambda: 0) as serving:
            yield from _exchange(hope, amparo, sizes)
            yield from _few(hope, amparo, sheets["new"], sizes)
        yield Row("the serving node meanwhile, most memory", f"{serving.peak:.0f} MiB", _AIM)
        yield from _prove(hope, amparo, sizes)


def _write(sizes: Sizes, folder: Path) -> dict[str, Path]:
    """Write both sheets and the few rows that come later."""
    wanted = {
        "hope": (folder / "hope.xlsx", _phones("H", sizes.mine, "+52 55 {} {}")),
        "amparo": (folder / "amparo.csv", _phones("A", sizes.theirs, "(55) {}-{}")),
        "new": (folder / "new.csv", _phones("N", sizes.later, "55.{}.{}")),
    }
    for name, (path, rows) in wanted.items():
        WRITERS[path.suffix[1:]](path, rows)
        _tell(f"{name}: {path.name} of {path.stat().st_size / 2**20:,.1f} MiB")
    return {name: path for name, (path, _) in wanted.items()}


def _phones(prefix: str, numbers: Sequence[int], spelled: str) -> Rows:
    """Calls about a recruiter's phone each; every number is spelled in one of several ways."""

    def rows() -> Iterator[tuple[str, ...]]:
        yield ("Case ID", "Country", "Recruiter phone", "Notes")
        for number in numbers:
            digits = _digits(number)
            note = f"Called about work, took down what they were told, line {number}"
            yield (f"{prefix}-{number}", "MX", spelled.format(digits[:4], digits[4:]), note)

    return rows


def _digits(number: int) -> str:
    return f"{27_777_000 + 7 * number:08}"


def _placeholders(numbers: Iterable[int]) -> int:
    """Count the phones that nobody would take for one: a digit seven times at the end."""
    return sum(len(set(_digits(number)[1:])) == 1 for number in numbers)


def _import(one: Organisation, sheet: Path, sizes: Sizes, *, kill: bool) -> Iterator[Row]:
    """Import a sheet, and be sure that every row has become a case."""
    stage = _command(
        one,
        ("case", "import", str(sheet)),
        lambda: one.newest("cases"),
        sizes.rows,
        kill=kill,
    )
    said = stage.printed
    assert said["new"] + said["unchanged"] == sizes.rows  # type: ignore[operator]
    assert said["resumed"] is kill
    name = f"importing {sizes.rows:,} rows of {sheet.suffix[1:].upper()}"
    once = " (killed once)" if kill else ""
    yield Row(name + once, f"{sizes.rows / stage.seconds:,.0f} rows/s")
    yield from _held(name, stage, sizes.rows)
    if kill:
        yield Row(
            f"killed after {stage.killed_at:,} rows and begun again",
            f"{said['unchanged']:,} kept, {said['new']:,} new",
        )


def _tokenise(one: Organisation, sizes: Sizes, *, kill: bool) -> Iterator[Row]:
    """Make the pseudonyms of everything that was imported."""
    stage = _command(one, ("sync",), lambda: one.newest("tokens"), sizes.rows, kill=kill)
    name = f"tokenising {sizes.rows:,}, t = 2"
    if not kill:
        yield Row(name, f"{sizes.rows / stage.seconds:,.0f} tokens/s")
        yield from _held(name, stage, sizes.rows)
    if kill:
        made = stage.printed["tokenised"]
        yield Row(
            f"killed after {stage.killed_at:,} tokens and begun again",
            f"{one.newest('tokens') - made:,} kept, {made:,} new",  # type: ignore[operator]
        )


def _exchange(hope: Organisation, amparo: Organisation, sizes: Sizes) -> Iterator[Row]:
    """The first exchange; who joined later sends its whole set."""
    took = _Took()
    for one in (amparo, hope):
        done = one.process.run("sync")
        assert not done["failures"], done
    yield Row(
        f"first exchange of {sizes.rows:,} a side over gRPC and TLS, two commands",
        took.told(),
        "< 30 s",
    )


def _few(hope: Organisation, amparo: Organisation, sheet: Path, sizes: Sizes) -> Iterator[Row]:
    """What comes in later, from the sheet to the stored match, commands and all."""
    took = _Took()
    imported = hope.process.run("case", "import", str(sheet), "--source", "later")
    done = hope.process.run("sync")
    told = took.told()
    assert (imported["new"], done["tokenised"]) == (sizes.new, sizes.new)
    assert done["matches"] == sizes.new_common
    yield Row(
        f"{sizes.new:,} new against {amparo.name}'s {sizes.rows:,}: two commands, start to end",
        told,
    )


def _prove(hope: Organisation, amparo: Organisation, sizes: Sizes) -> Iterator[Row]:
    """Count both databases, and compare again: nothing is missing, twice, or left to do."""
    matches = sizes.common + sizes.new_common
    for one, numbers in ((hope, [*sizes.mine, *sizes.later]), (amparo, sizes.theirs)):
        rows, left_out = len(numbers), _placeholders(numbers)
        again = one.process.run("sync")
        assert (again["tokenised"], again["matches"]) == (0, 0), again
        listed = one.process.run("match", "list")
        status = "SELECT count(*) FROM observations WHERE status = "
        counted = {
            "cases": one.ask("SELECT count(*) FROM cases"),
            "left out": one.ask(f"{status} 'screened'"),
            "observations": one.ask(f"{status} 'tokenised'"),
            "tokens": one.ask("SELECT count(*) FROM tokens"),
            "links": one.ask("SELECT count(DISTINCT observation) FROM token_links"),
            "matches": len({row["case"] for row in listed}),
        }
        _tell(f"{one.name}: {json.dumps(counted)}")
        assert counted.pop("matches") == len(listed) == matches
        assert (counted.pop("cases"), counted.pop("left out")) == (rows, left_out)
        assert set(counted.values()) == {rows - left_out}
        twice = one.ask(
            "SELECT count(*) - count(DISTINCT cursor || ' ' || token) FROM exchange_items"
        )
        unsent = one.ask("SELECT count(*) FROM exchange_buckets WHERE acknowledged IS NULL")
        assert (twice, unsent) == (0, 0)
        yield Row(
            f"{one.name}: cases, placeholders, tokens, matches; missing or double",
            f"{rows:,}; {left_out}; {rows - left_out:,}; {matches:,}; 0",
        )


def _held(name: str, stage: Stage, rows: int) -> Iterator[Row]:
    """Say how much memory a stage took, and that it did not grow with the rows."""
    watch = stage.watch
    yield Row(f"{name}, most memory", f"{watch.peak:.0f} MiB", _AIM)
    yield Row(f"{name}, of a worker", f"{watch.worker_peak:.0f} MiB")
    first, last = watch.between(0.15 * rows, 0.3 * rows), watch.between(0.85 * rows, rows)
    if first and last:
        grown = last - first
        yield Row(f"{name}, from a quarter to the end", f"{grown:+.0f} MiB")
        assert grown < _GROWTH_MIB, f"{name} took {grown:.0f} MiB more at its end"


def _command(
    one: Organisation,
    arguments: Sequence[str],
    done: Callable[[], int],
    wanted: int,
    *,
    kill: bool,
) -> Stage:
    """Run a command to its end; if it is to be killed, once in the middle before."""
    what = f"{one.name}: casethread {' '.join(arguments[:2])}"
    killed_at, began = 0, time.monotonic()
    if kill:
        with one.process.begin(*arguments, "--json") as process:
            _follow(process, what, done, wanted, stop_at=max(1, wanted * 2 // 5))
            workers = [*children(process.pid)]
            os.kill(process.pid, signal.SIGKILL)
            process.communicate()
        assert process.returncode == -signal.SIGKILL, f"{what} was through before it was killed"
        killed_at = done()
        _tell(f"{what}: killed at {killed_at:,}")
        _wait_for_the_end_of(workers)
    with one.process.begin(*arguments, "--json") as process, Watch(process.pid, done) as watch:
        _follow(process, what, done, wanted)
        printed, said = process.communicate()
    assert process.returncode == 0, said
    return Stage(time.monotonic() - began, killed_at, json.loads(printed), watch)


def _follow(
    process: "subprocess.Popen[str]",
    what: str,
    done: Callable[[], int],
    wanted: int,
    stop_at: int | None = None,
) -> None:
    """Say how far a command is until it ends, or is far enough."""
    pause = threading.Event()
    told, began, first = 0, time.monotonic(), done()
    while process.poll() is None:
        at = done()
        if stop_at is not None and at >= stop_at:
            return
        step = at * 10 // wanted
        if step > told:
            told = step
            rate = (at - first) / max(0.001, time.monotonic() - began)
            _tell(f"{what}: {at:,} of {wanted:,}, {rate:,.0f}/s")
        pause.wait(_POLL)


def _wait_for_the_end_of(workers: Sequence[int]) -> None:
    """The workers of a process that was killed see the end of their input, and end."""
    end = time.monotonic() + 30
    pause = threading.Event()
    for pid in workers:
        while Path(f"/proc/{pid}").exists():
            assert time.monotonic() < end, "a worker has outlived its node"
            pause.wait(_POLL)


class _Took:
    """Time that commands take, from here on."""

    def __init__(self) -> None:
        self._began, self._used = time.monotonic(), self._processor()

    def told(self) -> str:
        """Say how long it was, and how much of it the commands computed; servers do not count."""
        seconds = time.monotonic() - self._began
        return f"{seconds:.1f} s, {self._processor() - self._used:.1f} s of CPU"

    @staticmethod
    def _processor() -> float:
        used = resource.getrusage(resource.RUSAGE_CHILDREN)
        return used.ru_utime + used.ru_stime


def _server(one: Organisation) -> int:
    pid = one.process.pid
    assert pid is not None
    return pid


def _tell(line: str) -> None:
    print(f"{time.strftime('%H:%M:%S')} {line}", file=sys.stderr, flush=True)


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.million", description=__doc__)
    parser.add_argument("--rows", type=int, default=1_000_000, help="of each organisation")
    options = parser.parse_args()
    print(machine())
    with suppress(KeyboardInterrupt):
        for line in markdown(measure(options.rows / 1_000_000)):
            print(line, flush=True)


if __name__ == "__main__":
    main()
