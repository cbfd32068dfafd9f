# SPDX-License-Identifier: Apache-2.0
"""A first charter, the outcome of a ceremony, and the charter that lists its keys."""

from typing import Any

import pytest

from federation.charter import (
    Charter,
    with_keys,
)
from tests.charter import support
from tests.charter.support import DAY, NOW, charter_digest

LATER = NOW + DAY


@pytest.fixture(scope="module")
def outcome() -> Any:
    """Return what a ceremony of all three gave, made once: no test changes it."""
    everybody = support.ceremonies(keys=support.ALL_KEYS)
    support.run(everybody)
    return everybody["hope"].outcome


@pytest.fixture
def base() -> Charter:
    """Return the first version: three founders."""
    return support.charter()


@pytest.fixture
def second(base: Charter, outcome: Any) -> Charter:
    """Return the second version: with keys."""
    return with_keys(base, charter_digest(base), outcome, at=LATER)
