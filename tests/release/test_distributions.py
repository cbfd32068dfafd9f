# SPDX-License-Identifier: Apache-2.0
"""What is released: a wheel that works on its own, and the sources it is built from."""

import json
import subprocess
from pathlib import Path
from typing import Any

import pytest

from federation import __version__
from tests.release.distributions import ROOT, build, install, names_in, unpack

pytestmark = pytest.mark.slow

PACKAGES = {"federation": "federation", "federation_node": "nodes/federation_node"}


@pytest.fixture(scope="module")
def built(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """The wheel and the source distribution of this checkout, by suffix."""
    made = build(ROOT, tmp_path_factory.mktemp("dist"), "sdist", "wheel")
    return {one.suffix: one for one in made}


def test_the_wheel_works_in_an_environment_of_its_own(
    built: dict[str, Path], tmp_path: Path
) -> None:
    """Three nodes find what they share with nothing but the wheel and what it declares to need."""
    programs = install(built[".whl"], tmp_path / "environment")
    empty = tmp_path / "empty"
    empty.mkdir()

    def run(*command: str) -> Any:
        return subprocess.run(
            [programs / command[0], *command[1:]],
            cwd=empty,
            env={"PATH": "/usr/bin:/bin", "HOME": str(empty), "TMPDIR": str(tmp_path)},
            capture_output=True,
            text=True,
            timeout=600,
            check=False,
        )

    seen = run(
        "python",
        "-c",
        "import json, sys, federation, federation_node\n"
        "from importlib.util import find_spec\n"
        "print(json.dumps([sys.path[1:], federation.__file__, federation_node.__file__,\n"
        "    [name for name in ('pytest', 'openpyxl', 'grpc_tools') if find_spec(name)]]))",
    )
    path, *modules, tools = json.loads(seen.stdout)
    version = run("casethread", "--version")
    done = run("casethread", "demo", "--small", "--json")

    assert [] == [one for one in path if Path(one).is_relative_to(ROOT)]
    assert all(Path(one).is_relative_to(tmp_path) for one in modules)
    assert [] == tools
    assert version.stdout == f"casethread, version {__version__}\n"
    assert (done.returncode, json.loads(done.stdout)["ok"]) == (0, True)
    assert [] == list(empty.iterdir())


def test_the_wheel_holds_the_packages_and_nothing_else(built: dict[str, Path]) -> None:
    """Every file of both packages, and no test, page or contract."""
    sources = {
        f"{package}/{path.relative_to(ROOT / folder)}"
        for package, folder in PACKAGES.items()
        for path in (ROOT / folder).rglob("*")
        if path.is_file() and "__pycache__" not in path.parts
    }
    about = f"casethread-{__version__}.dist-info"

    assert names_in(built[".whl"]) == sources | {
        f"{about}/{name}"
        for name in ("METADATA", "RECORD", "WHEEL", "entry_points.txt", "licenses/LICENSE")
    }
    assert {
        "federation/py.typed",
        "federation/indicators/screening_lists.toml",
        "federation/storage/migrations/script.py.mako",
        "federation_node/py.typed",
    } <= sources


def test_the_sources_build_the_same_wheel(built: dict[str, Path], tmp_path: Path) -> None:
    """Whoever builds the wheel from the source distribution gets the same bytes."""
    tree = unpack(built[".gz"], tmp_path / "unpacked")
    (again,) = build(tree, tmp_path / "dist", "wheel")

    assert again.name == built[".whl"].name
    assert again.read_bytes() == built[".whl"].read_bytes()


def test_the_sources_hold_what_is_under_version_control(built: dict[str, Path]) -> None:
    """Whoever has the source distribution has every file of the project."""
    tracked = _tracked()

    assert {"Makefile", "tests/release/test_distributions.py"} <= tracked
    assert set() == tracked - names_in(built[".gz"])


def _tracked() -> set[str]:
    """Ask git; in sources without it, take every file that no tool made."""
    if (ROOT / ".git").exists():
        listed = subprocess.run(
            ["git", "ls-files", "-z"], cwd=ROOT, check=True, capture_output=True, text=True
        )
        return {name for name in listed.stdout.split("\0") if name and (ROOT / name).exists()}
    made = {line.strip("/") for line in (ROOT / ".gitignore").read_text().splitlines()}
    paths = [path.relative_to(ROOT) for path in ROOT.rglob("*") if path.is_file()]
    return {str(path) for path in paths if not made & set(path.parts)}


def test_the_sources_hold_nothing_else(built: dict[str, Path], tmp_path: Path) -> None:
    """A home or a spreadsheet that lies in the checkout is not packed."""
    tree = unpack(built[".gz"], tmp_path / "unpacked")
    (tree / "home").mkdir()
    for stray in ("home/keystore.json", "calls.csv", "hope.passphrase"):
        (tree / stray).write_text("secret")
    (again,) = build(tree, tmp_path / "dist", "sdist")
    names = names_in(built[".gz"])

    assert names_in(again) == names
    assert {"Makefile", "docs/tutorial.md", "proto/buf.yaml", "tests/conftest.py"} <= names
