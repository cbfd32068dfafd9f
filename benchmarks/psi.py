# SPDX-License-Identifier: Apache-2.0
"""Beside private set intersection: ``python -m benchmarks.psi``.

The package `openmined-psi` (elliptic-curve Diffie-Hellman in C++, P-256) is put into an environment
of its own, because it pins another protobuf. Both sides of both programs run on this machine, one
after the other, without a network between. The intersection compares phones in their normal
form, 100 of them common, with false positives of 10⁻⁹ and a Golomb-compressed set; its bytes are
those of its three messages. Casethread's exchange is that of the part above, with as many tokens;
making the pseudonyms first, which is done once for all partners and all later exchanges, has
a line of its own, reckoned from the speed of tokenising with two custodians on this machine.
"""

import argparse
import json
import os
import subprocess
import sys
import tempfile
import venv
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path
from typing import Any

from benchmarks import tokenising
from benchmarks.exchange import Exchanged, exchanged
from benchmarks.table import Row, machine, markdown
from federation_node.workers.pool import default_processes

__all__ = ["measure"]

_PACKAGE = "openmined-psi==2.0.6"
_SIZES = (10_000, 100_000, 1_000_000)
_COMMON = 100
_NEW = 1_000
_PARTIES = Path(__file__).with_name("psi_parties.py")


def measure(scale: float) -> Iterator[Row]:
    """Compare for sets of several sizes, and for a few against many."""
    sizes = [max(2 * _COMMON, int(size * scale)) for size in _SIZES]
    new = min(_NEW, sizes[0])
    with tempfile.TemporaryDirectory(prefix="casethread-psi-") as folder:
        try:
            python = _environment(Path(folder))
        except subprocess.CalledProcessError as error:
            yield Row(f"{_PACKAGE} does not install here", _reason(error.stderr))
            return
        rate, _ = tokenising.rates(default_processes(), tokenising.size(scale))
        for size in sizes:
            yield from _first(python, size, new, rate)
        yield from _few(python, sizes[-1], new)


def _first(python: Path, size: int, new: int, rate: float) -> Iterator[Row]:
    theirs = _intersect(python, size, size)
    ours = exchanged(size, new)
    yield Row(
        f"intersection of {size:,} a side, every time",
        f"{_sum(theirs['seconds']):,.1f} s, {_mib(_sum(theirs['bytes']))}",
    )
    yield Row(
        f"Casethread, {size:,} a side, every time",
        f"{ours.seconds:,.1f} s, {_mib(ours.sent)}",
    )
    yield Row(
        f"Casethread, the pseudonyms of both, once, at {rate:,.0f} a second",
        f"{2 * size / rate:,.0f} s",
    )


def _few(python: Path, size: int, new: int) -> Iterator[Row]:
    theirs = _intersect(python, size, new)
    seconds, sizes = theirs["seconds"], theirs["bytes"]
    ours: Exchanged = exchanged(size, new)
    yield Row(
        f"intersection of {new:,} with {size:,}: the {size:,} anew",
        f"{seconds['setup']:,.1f} s, {_mib(sizes['setup'])}",
    )
    yield Row(
        f"intersection of {new:,} with {size:,}: the rest",
        f"{_sum(seconds) - seconds['setup']:,.2f} s, {_mib(_sum(sizes) - sizes['setup'])}",
    )
    yield Row(
        f"Casethread, {new:,} new against {size:,}: pseudonyms; the rest",
        f"{ours.evaluated:.2f} s; {ours.rest:.2f} s, {_mib(ours.rest_sent)}",
    )


def _environment(folder: Path) -> Path:
    """Make an environment with the other package in it; returns its interpreter."""
    venv.create(folder / "venv", with_pip=True)
    python = folder / "venv" / "bin" / "python"
    subprocess.run(
        [python, "-m", "pip", "install", "--disable-pip-version-check", "--quiet", _PACKAGE],
        check=True,
        capture_output=True,
        text=True,
    )
    return python


def _intersect(python: Path, server: int, client: int) -> Any:
    """Run both parties once."""
    alone = {name: text for name, text in os.environ.items() if name != "PYTHONPATH"}
    done = subprocess.run(
        [python, _PARTIES, str(server), str(client), str(min(_COMMON, client))],
        check=True,
        stdout=subprocess.PIPE,
        text=True,
        env=alone,
    )
    return json.loads(done.stdout)


def _reason(errors: str) -> str:
    lines = [line for line in errors.splitlines() if line.startswith("ERROR")]
    return (lines or ["pip failed"])[-1]


def _sum(parts: dict[str, float]) -> float:
    return sum(parts.values())


def _mib(size: float) -> str:
    return f"{size / 2**20:,.2f} MiB"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m benchmarks.psi", description=__doc__)
    parser.add_argument("--scale", type=float, default=1.0, help="part of the full size")
    options = parser.parse_args()
    print(machine())
    with suppress(KeyboardInterrupt):
        for line in markdown(measure(options.scale)):
            print(line, flush=True)


if __name__ == "__main__":
    sys.exit(main())
