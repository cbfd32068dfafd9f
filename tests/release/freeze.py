# SPDX-License-Identifier: Apache-2.0
"""Keep what later versions must go on to understand: once for each release, before its tag.

    make freeze

writes the contract (``proto/released``), encoded messages (``tests/golden``) and the homes of
a small federation (``tests/frozen``) as this version makes them.
"""

import argparse
import shutil
import sys

from federation import __version__
from proto.released import HERE, VERSIONS, image_of
from proto.released import write as write_image
from tests.frozen.make import write as write_homes
from tests.golden.make import write as write_golden

__all__ = ["main"]

TESTS = HERE.parent / "tests"


def main() -> None:
    """Write everything, or refuse to replace what is there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--again", action="store_true", help="replace it: only before the tag")
    again = parser.parse_args().again
    if __version__ not in VERSIONS:
        sys.exit(f"CHANGELOG.md has no release {__version__}")
    image = image_of(__version__)
    golden, homes = (TESTS / name / f"v{__version__}" for name in ("golden", "frozen"))
    for kept in (image, golden, homes):
        if kept.exists() and not again:
            sys.exit(f"{kept} is there: what was released is never replaced")
    write_image(HERE, image)
    for folder, write in ((golden, write_golden), (homes, write_homes)):
        shutil.rmtree(folder, ignore_errors=True)
        write(folder)


if __name__ == "__main__":
    main()
