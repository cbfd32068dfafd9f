# SPDX-License-Identifier: Apache-2.0
"""Published charters, a recorded ceremony, and a joining: what another implementation reads."""

import json
from pathlib import Path
from typing import Any

import pytest

from federation import errors
from federation.charter import (
    Ceremony,
    CeremonyStatus,
    Charter,
    countersign,
    propose,
    verify_chain,
    verify_genesis,
    verify_successor,
    words_for,
)
from tests.charter.support import charter, charter_digest, identity

VECTORS = json.loads(
    (Path(__file__).parent.parent / "vectors" / "charter.json").read_text(encoding="utf-8")
)
FIRST = VECTORS["first"]["envelope"].encode()
SECOND = VECTORS["second"]["envelope"].encode()


def test_first_charter_bytes() -> None:
    """The same founders give the same bytes, hash and signatures, for ever."""
    envelope = propose(charter(), identity("amparo"))
    for name in ("hope", "licht"):
        envelope = countersign(envelope, identity(name))

    assert charter().to_bytes() == VECTORS["first"]["payload"].encode()
    assert charter_digest(charter()).hex() == VECTORS["first"]["sha256"]
    assert envelope == FIRST


def test_chain() -> None:
    """The second charter follows the first."""
    hashes = [digest.hex() for _, digest in verify_chain([FIRST, SECOND])]

    assert hashes == [VECTORS["first"]["sha256"], VECTORS["second"]["sha256"]]


def test_recorded_ceremony() -> None:
    """Whoever reads the messages of the ceremony comes to its statement and keys."""
    messages = [message.encode() for message in VECTORS["ceremony"]["messages"]]

    seen = Ceremony.load(identity("onlooker"), charter(), messages, None)

    assert seen.status is CeremonyStatus.COMPLETE
    assert seen.outcome is not None
    assert seen.outcome.statement == VECTORS["ceremony"]["statement"].encode()
    listed = [
        {
            "lane": key.lane.value,
            "class": key.cls.value,
            "epoch": key.epoch,
            "key_id": key.key_id.hex(),
            "public_key": key.public_key.hex(),
        }
        for key in seen.outcome.lane_keys
    ]
    assert listed == VECTORS["ceremony"]["keys"]
    assert seen.outcome.lane_keys == Charter.from_envelope(SECOND).keys


@pytest.mark.parametrize("vector", VECTORS["refused_first"], ids=lambda one: one["comment"])
def test_refused_first(vector: dict[str, Any]) -> None:
    """What is no beginning is refused as one."""
    with pytest.raises(getattr(errors, vector["error"])):
        verify_genesis(vector["envelope"].encode())


@pytest.mark.parametrize("vector", VECTORS["refused_second"], ids=lambda one: one["comment"])
def test_refused_second(vector: dict[str, Any]) -> None:
    """What may not follow the first charter is refused."""
    with pytest.raises(getattr(errors, vector["error"])):
        verify_successor(charter(), charter_digest(charter()), vector["envelope"].encode())


def test_words() -> None:
    """The two files give these words."""
    joining = VECTORS["joining"]

    words = words_for(joining["invitation"].encode(), joining["request"].encode())

    assert words == joining["words"]
