# SPDX-License-Identifier: Apache-2.0
"""Generate ``federation/v1`` from ``proto/federation/v1/*.proto``.

    python proto/generate.py            writes the package
    python proto/generate.py --check    fails if what is committed differs

Generated code refuses a runtime older than its generator, so the generator is the
oldest toolchain that is supported: the floors of grpcio and protobuf in pyproject.toml
are these versions.
"""

import argparse
import filecmp
import os
import shutil
import sys
import tempfile
from importlib import metadata
from pathlib import Path

from grpc_tools import protoc

ROOT = Path(__file__).resolve().parent.parent
PROTO = ROOT / "proto"
PACKAGE = Path("federation/v1")
GENERATORS = {"grpcio-tools": "1.85.1", "mypy-protobuf": "5.1.0"}

_INIT = '''\
# SPDX-License-Identifier: Apache-2.0
"""Generated from proto/federation/v1 by proto/generate.py; not to be edited.

Only `federation.wire` and `federation.local` read it: everything else works with
`federation.messages` and the dataclasses of the library.
"""
'''


def check_generators() -> None:
    """Refuse to generate with other versions than the stated ones."""
    for name, wanted in GENERATORS.items():
        found = metadata.version(name)
        if found != wanted:
            sys.exit(f"proto: {name} is {found}, generation needs {wanted}")


def generate(out: Path) -> None:
    """Write the package below a folder.

    Args:
        out: Where ``federation/v1`` is made.
    """
    sources = sorted(path.relative_to(PROTO) for path in (PROTO / PACKAGE).glob("*.proto"))
    # The plug-in for stubs is a script beside this interpreter.
    scripts = str(Path(sys.executable).parent)
    os.environ["PATH"] = os.pathsep.join((scripts, os.environ.get("PATH", "")))
    well_known = str(Path(protoc.__file__).parent / "_proto")
    arguments = ["protoc", f"-I{PROTO}", f"-I{well_known}"]
    arguments += [f"--{kind}_out={out}" for kind in ("python", "grpc_python")]
    arguments += [f"--{kind}_out=quiet:{out}" for kind in ("mypy", "mypy_grpc")]
    if protoc.main([*arguments, *map(str, sources)]) != 0:
        sys.exit("proto: generation failed")
    for source in sources:
        if "\nservice " not in (PROTO / source).read_text(encoding="utf-8"):
            for path in (out / PACKAGE).glob(f"{source.stem}_pb2_grpc.py*"):
                path.unlink()
    (out / PACKAGE / "__init__.py").write_text(_INIT, encoding="utf-8")


def differences(left: Path, right: Path) -> list[str]:
    """Name the files that are missing on one side or differ.

    Args:
        left: One package folder.
        right: The other.

    Returns:
        File names, sorted.
    """
    names = {
        path.name for folder in (left, right) for path in folder.glob("*.py*") if path.is_file()
    }
    return sorted(
        name
        for name in names
        if not (left / name).is_file()
        or not (right / name).is_file()
        or not filecmp.cmp(left / name, right / name, shallow=False)
    )


def main() -> None:
    """Generate, or check what is committed."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="fail if the package differs")
    check = parser.parse_args().check
    check_generators()
    with tempfile.TemporaryDirectory() as scratch:
        generate(Path(scratch))
        fresh, committed = Path(scratch) / PACKAGE, ROOT / PACKAGE
        if check:
            if changed := differences(fresh, committed):
                sys.exit(f"proto: run 'make proto', these differ: {', '.join(changed)}")
            return
        shutil.rmtree(committed, ignore_errors=True)
        shutil.copytree(fresh, committed)


if __name__ == "__main__":
    main()
