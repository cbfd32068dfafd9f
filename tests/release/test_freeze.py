# SPDX-License-Identifier: Apache-2.0
"""What was released is not replaced by accident."""

import sys

import pytest

from proto.released import VERSIONS, image_of
from tests.release import freeze


@pytest.mark.parametrize("version", VERSIONS)
def test_a_release_is_frozen_once(version: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """Freezing it again is refused before anything is written."""
    monkeypatch.setattr(freeze, "__version__", version)
    monkeypatch.setattr(sys, "argv", ["freeze"])
    image = image_of(version)
    before = image.read_bytes(), image.stat().st_mtime_ns

    with pytest.raises(SystemExit, match="never replaced"):
        freeze.main()

    assert before == (image.read_bytes(), image.stat().st_mtime_ns)


def test_what_the_changelog_does_not_name_is_no_release(monkeypatch: pytest.MonkeyPatch) -> None:
    """A version on the way is not frozen."""
    monkeypatch.setattr(freeze, "__version__", "0.2.0.dev0")
    monkeypatch.setattr(sys, "argv", ["freeze", "--again"])

    with pytest.raises(SystemExit, match=r"no release 0\.2\.0\.dev0"):
        freeze.main()
