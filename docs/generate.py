# SPDX-License-Identifier: Apache-2.0
"""Write the pages below ``docs/reference`` from the code they describe.

The page of benchmarks is written from the runs that were kept.

python docs/generate.py            writes the pages
python docs/generate.py --check    fails if what is committed differs
"""

import argparse
import sys
from collections.abc import Callable
from pathlib import Path

from generator import benchmarks, commands, errors, library, roles, settings

PAGES: dict[str, Callable[[], str]] = {
    "commands.md": commands.page,
    "settings.md": settings.page,
    "roles.md": roles.page,
    "errors.md": errors.page,
    "library.md": library.page,
    "benchmarks.md": benchmarks.page,
}
HERE = Path(__file__).resolve().parent / "reference"


def main() -> None:
    """Write the pages, or compare them."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--check", action="store_true", help="write nothing; fail on a difference")
    parser.add_argument("--out", type=Path, default=HERE, help="folder of the pages")
    options = parser.parse_args()
    stale = []
    for name, make in PAGES.items():
        path, text = options.out / name, make()
        if path.exists() and path.read_text(encoding="utf-8") == text:
            continue
        stale.append(name)
        if not options.check:
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
    if options.check and stale:
        sys.exit(f"docs/reference is behind the code: {', '.join(stale)}; run: make docs")


if __name__ == "__main__":
    main()
