# SPDX-License-Identifier: Apache-2.0
"""Refuse a change of the contract that users of a release would break on.

    python proto/released.py    compares the contract with that of every release

``released/vX.Y.Z.binpb`` is the contract of a release as an image of buf, which is a
``google.protobuf.FileDescriptorSet`` that marks its imports; ``make freeze`` writes it. Which
versions were released stands in CHANGELOG.md: a clone may lack the tags.
"""

import argparse
import re
import subprocess
import sys
from pathlib import Path

HERE = Path(__file__).resolve().parent
IMAGES = HERE / "released"

VERSIONS = tuple(
    re.findall(
        r"(?m)^## \[(\d+\.\d+\.\d+)\] - \d{4}-\d{2}-\d{2}$",
        (HERE.parent / "CHANGELOG.md").read_text(encoding="utf-8"),
    )
)
"""Every released version, the newest first."""


def image_of(version: str, images: Path = IMAGES) -> Path:
    """Return where the contract of a release is kept.

    Args:
        version: Its number.
        images: The folder of all images.
    """
    return images / f"v{version}.binpb"


def compare(contract: Path, images: Path) -> list[str]:
    """Compare a contract with that of every release.

    Args:
        contract: A folder with ``buf.yaml``.
        images: The folder of all images.

    Returns:
        What a user of a release would break on, and which image is missing; empty if all is well.
    """
    found = [] if VERSIONS else ["CHANGELOG.md names no release"]
    for version in VERSIONS:
        image = image_of(version, images)
        if not image.is_file():
            found.append(f"there is no image of release {version}: {image}")
            continue
        done = _buf("breaking", str(contract), "--exclude-imports", "--against", str(image))
        if done.returncode != 0:
            found.append(f"release {version}: {done.stdout}{done.stderr}".rstrip())
    return found


def write(contract: Path, image: Path) -> None:
    """Build the image of a contract, without comments.

    Args:
        contract: A folder with ``buf.yaml``.
        image: The file to write.
    """
    image.parent.mkdir(parents=True, exist_ok=True)
    done = _buf("build", str(contract), "--exclude-source-info", "--output", str(image))
    if done.returncode != 0:
        sys.exit(f"proto: {done.stderr}")


def _buf(*arguments: str) -> "subprocess.CompletedProcess[str]":
    buf = Path(sys.executable).with_name("buf")
    return subprocess.run([buf, *arguments], capture_output=True, text=True, check=False)


def main() -> None:
    """Compare."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--contract", type=Path, default=HERE, help="folder of the contract")
    parser.add_argument("--images", type=Path, default=IMAGES, help="folder of the images")
    options = parser.parse_args()
    if found := compare(options.contract, options.images):
        sys.exit("\n".join(found))


if __name__ == "__main__":
    main()
