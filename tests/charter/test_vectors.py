# SPDX-License-Identifier: Apache-2.0
"""Published charters, a recorded ceremony, and a joining: what another implementation reads."""

import hashlib
import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from federation import errors
from federation.charter import (
    Ceremony,
    CeremonyStatus,
    Charter,
    countersign,
    open_update,
    propose,
    verify_chain,
    verify_genesis,
    verify_successor,
    words_for,
)
from federation.charter.grants import BulkGrant, approval
from federation.charter.rounds import Abort
from tests.charter.support import charter, charter_digest, identity

VECTORS = json.loads(
    (Path(__file__).parent.parent / "vectors" / "charter.json").read_text(encoding="utf-8")
)
FIRST = VECTORS["first"]["envelope"].encode()
THIRD = VECTORS["third"]["envelope"].encode()
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


def test_recorded_resharing() -> None:
    """Whoever reads the messages of the resharing comes to the new generation of the same keys."""
    messages = [message.encode() for message in VECTORS["resharing"]["messages"]]
    second, third = Charter.from_envelope(SECOND), Charter.from_envelope(THIRD)

    seen = Ceremony.load(identity("onlooker"), second, messages, None)

    assert seen.outcome is not None
    assert seen.outcome.statement == VECTORS["resharing"]["statement"].encode()
    listed = [
        {
            "key_id": key.key_id.hex(),
            "generation": key.generation,
            "threshold": key.threshold,
            "public_key": key.public_key.hex(),
            "public_shares": [one.public_share.hex() for one in key.custodians],
        }
        for key in seen.outcome.lane_keys
    ]
    assert listed == VECTORS["resharing"]["keys"]
    assert seen.outcome.lane_keys == third.keys
    assert [key.public_key for key in third.keys] == [key.public_key for key in second.keys]


def test_third_follows() -> None:
    """The charter with the new generation follows the one with the first."""
    hashes = [digest.hex() for _, digest in verify_chain([FIRST, SECOND, THIRD])]

    assert hashes[-1] == VECTORS["third"]["sha256"]


@pytest.mark.parametrize("vector", VECTORS["refused_third"], ids=lambda one: one["comment"])
def test_refused_third(vector: dict[str, Any]) -> None:
    """What may not follow the second charter is refused."""
    second = Charter.from_envelope(SECOND)
    with pytest.raises(getattr(errors, vector["error"])):
        verify_successor(second, charter_digest(second), vector["envelope"].encode())


def test_grant() -> None:
    """The bulk grant is good under the second charter."""
    envelope = VECTORS["grant"]["envelope"].encode()
    payload = BulkGrant.from_envelope(envelope).to_bytes()

    assert hashlib.sha256(payload).hexdigest() == VECTORS["grant"]["sha256"]
    assert approval(envelope, Charter.from_envelope(SECOND)).missing == 0


def test_words() -> None:
    """The two files give these words."""
    joining = VECTORS["joining"]

    words = words_for(joining["invitation"].encode(), joining["request"].encode())

    assert words == joining["words"]


def test_recorded_failure() -> None:
    """Whoever reads the ceremony that was stopped sees by the evidence who dealt a bad share."""
    failed = VECTORS["failed"]

    seen = Ceremony.load(
        identity("onlooker"), charter(), [one.encode() for one in failed["messages"]], None
    )
    aborts = [one for one in failed["messages"] if Abort.TYPE in one]

    assert seen.status is CeremonyStatus.FAILED
    assert seen.failure is not None
    assert sorted(seen.failure.culprits) == failed["culprits"]
    assert [Abort.from_envelope(one.encode()).evidence for one in aborts] == [
        failed["evidence"].encode()
    ]


def test_update() -> None:
    """The file of a member's own gives its entry another endpoint and a second certificate."""
    update = VECTORS["update"]

    entry = open_update(
        update["envelope"].encode(),
        Charter.from_envelope(SECOND),
        at=datetime.fromisoformat(update["at"]),
    )

    assert entry.endpoint == update["endpoint"]
    assert [one.hex() for one in entry.certificates] == update["certificates"]
