# SPDX-License-Identifier: Apache-2.0
"""Wheels and source distributions, and an environment that holds nothing else.

The environment is a fresh one into which pip installs the wheel. Beside it lie links to the
distributions that the wheel declares to need, and to those that they need in turn, taken
from the environment of the tests: nothing is fetched, and neither the checkout nor a tool of
the tests can be imported.
"""

import subprocess
import sys
import tarfile
import zipfile
from importlib.metadata import Distribution, distribution
from pathlib import Path

from packaging.requirements import Requirement
from packaging.utils import canonicalize_name

ROOT = Path(__file__).parents[2]


def build(source: Path, out: Path, *kinds: str) -> list[Path]:
    """Build distributions of a source tree with the locked tools; return them, by name."""
    flags = [f"--{kind}" for kind in kinds]
    subprocess.run(
        [sys.executable, "-m", "build", "--no-isolation", *flags, "--outdir", out, source],
        check=True,
        capture_output=True,
        timeout=120,
    )
    return sorted(out.iterdir())


def names_in(built: Path) -> set[str]:
    """Return the files of a wheel, or of a source distribution without its top folder."""
    if built.suffix == ".whl":
        with zipfile.ZipFile(built) as wheel:
            return set(wheel.namelist())
    with tarfile.open(built) as packed:
        return {name.partition("/")[2] for name in packed.getnames()}


def unpack(built: Path, folder: Path) -> Path:
    """Unpack a source distribution; return its top folder."""
    with tarfile.open(built) as packed:
        packed.extractall(folder, filter="data")
    (top,) = folder.iterdir()
    return top


def needed(wheel: Path) -> dict[str, Distribution]:
    """Return the distributions that a wheel needs to run, by name; without its extras."""
    found: dict[str, Distribution] = {}
    with zipfile.ZipFile(wheel) as packed:
        (metadata,) = (name for name in packed.namelist() if name.endswith("/METADATA"))
        lines = packed.read(metadata).decode().partition("\n\n")[0].splitlines()
    waiting = [
        (Requirement(line.removeprefix("Requires-Dist: ")), "")
        for line in lines
        if line.startswith("Requires-Dist: ")
    ]
    while waiting:
        requirement, extra = waiting.pop()
        name = canonicalize_name(requirement.name)
        if requirement.marker is not None and not requirement.marker.evaluate({"extra": extra}):
            continue
        found[name] = distribution(name)
        waiting += [
            (Requirement(line), one)
            for one in ("", *requirement.extras)
            for line in found[name].requires or ()
            if canonicalize_name(Requirement(line).name) not in found
        ]
    return found


def install(wheel: Path, folder: Path) -> Path:
    """Make an environment that holds a wheel and what it needs; return its ``bin``."""
    subprocess.run([sys.executable, "-m", "venv", "--without-pip", folder], check=True, timeout=60)
    python = folder / "bin" / "python"
    pip = [sys.executable, "-m", "pip", "--python", python, "--disable-pip-version-check"]
    subprocess.run(
        [*pip, "install", "--quiet", "--no-deps", "--no-index", wheel],
        check=True,
        capture_output=True,
        timeout=120,
    )
    (site,) = folder.glob("lib/python*/site-packages")
    for one in needed(wheel).values():
        for path in one.files or ():
            if ".." in path.parts:
                continue  # a script, which nothing here runs
            link = site / path
            link.parent.mkdir(parents=True, exist_ok=True)
            link.symlink_to(Path(str(one.locate_file(path))))
    subprocess.run([*pip, "check"], check=True, capture_output=True, timeout=60)
    return folder / "bin"
