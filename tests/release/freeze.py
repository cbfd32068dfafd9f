# SPDX-License-Identifier: Apache-2.0
"""Keep what later versions must go on to understand: once for each release, before its tag.

    make freeze

writes the contract (``proto/released``), encoded messages (``tests/golden``) and the homes of
a small federation (``tests/frozen``) as this version makes them.
"""

import argparse
import sys

from federation import __version__
from proto.released import HERE, VERSIONS, image_of, write

__all__ = ["main"]


def main() -> None:
    """Write everything, or refuse to replace what is there."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--again", action="store_true", help="replace it: only before the tag")
    again = parser.parse_args().again
    if __version__ not in VERSIONS:
        sys.exit(f"CHANGELOG.md has no release {__version__}")
    image = image_of(__version__)
    if image.exists() and not again:
        sys.exit(f"{image} is there: what was released is never replaced")
    write(HERE, image)


if __name__ == "__main__":
    main()
