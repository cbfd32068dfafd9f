# SPDX-License-Identifier: Apache-2.0
"""The published log: its bytes, roots, signatures, judgements and bundle, and what is refused."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any, Final

import pytest

from federation import errors
from federation.audit import (
    Checkpoint,
    FirstRecord,
    Log,
    MemoryLogStore,
    Note,
    Record,
    Shown,
    cosign,
    judge,
    open_checkpoint,
    sign_checkpoint,
    verify_cosignature,
)
from federation.audit.checkpoint import LIMIT
from federation.audit.verify import verify_bundle
from federation.crypto.commit import verify_commitment
from federation.crypto.merkle import leaf_hash, verify_range
from federation.errors import CryptoError, MalformedError
from tests.charter.support import charter, charter_digest, identity

VECTORS = json.loads(
    (Path(__file__).parent.parent / "vectors" / "audit.json").read_text(encoding="utf-8")
)
PAYLOADS: Final = [one["payload"].encode() for one in VECTORS["records"]]
BUNDLE: Final = VECTORS["bundle"]["payload"]
TRUSTED: Final = charter_digest(charter())


def hashes(listed: list[str]) -> tuple[bytes, ...]:
    """Read a published list of hashes."""
    return tuple(bytes.fromhex(one) for one in listed)


def comments(name: str) -> Any:
    """Parametrise with a published list, each named by its comment."""
    return pytest.mark.parametrize("vector", VECTORS[name], ids=lambda one: one["comment"])


@pytest.fixture(scope="module")
def log() -> Log:
    """The published log."""
    made = Log(MemoryLogStore())
    made.append([Record.from_bytes(payload) for payload in PAYLOADS])
    return made


def test_the_tree_of_the_published_records(log: Log) -> None:
    """Each record has one spelling, and each size its root."""
    assert [Record.from_bytes(payload).to_bytes() for payload in PAYLOADS] == PAYLOADS
    assert VECTORS["roots"] == [log.root(size).hex() for size in range(len(PAYLOADS) + 1)]


def test_neighbours_are_proved(log: Log) -> None:
    """The proof of a run of entries is the published one, and it holds."""
    given = VECTORS["range"]
    first, end, size = given["first"], given["end"], given["size"]
    proof = hashes(given["proof"])
    leaves = [leaf_hash(payload) for payload in PAYLOADS[first:end]]
    verify_range(leaves, first, size, log.root(size), proof)

    assert proof == tuple(log.proof(first, end, size))


def test_the_checkpoint_and_its_cosignatures() -> None:
    """The same keeper and witnesses write the same bytes, for ever."""
    note = Note.decode(VECTORS["checkpoint"].encode(), LIMIT)
    checkpoint = open_checkpoint(note, identity("hope").signing.verify_key)
    cosigned = Note.decode(VECTORS["cosigned"]["note"].encode(), LIMIT)
    times = {name: datetime.fromisoformat(at) for name, at in VECTORS["cosigned"]["times"].items()}
    lines = [cosign(checkpoint, identity(name), at) for name, at in times.items()]

    assert sign_checkpoint(checkpoint, identity("hope")) == note
    assert Note(note.text, (*note.signatures, *lines)) == cosigned
    for name, at in times.items():
        key = identity(name).signing.verify_key
        assert at == verify_cosignature(checkpoint, cosigned, name, key)


def test_a_reference_opens() -> None:
    """Salt and value are those that the record commits to."""
    given = VECTORS["reference"]
    record = Record.from_bytes(PAYLOADS[given["entry"]])
    reference = record.references[given["position"]]

    verify_commitment(
        reference.commitment, bytes.fromhex(given["salt"]), bytes.fromhex(given["value"])
    )


@comments("witnessing")
def test_what_a_witness_says(vector: dict[str, Any]) -> None:
    """From the same state, the same checkpoint and proof give the same word."""
    held = None if vector["held"] is None else Checkpoint.parse(vector["held"])
    first = None
    if "first_record" in vector:
        first = FirstRecord(vector["first_record"].encode(), hashes(vector["first_proof"]))
    shown = Shown(
        Checkpoint.parse(vector["shown"]), vector["old_size"], hashes(vector["proof"]), first
    )
    verdict = judge(held, shown)

    assert (vector["word"], vector.get("lost")) == (verdict.word, verdict.lost)


def test_the_bundle_proves_what_it_says() -> None:
    """All ten steps hold, under the trusted charter and with both witnesses."""
    checked = verify_bundle(BUNDLE.encode(), trusted=TRUSTED, witnesses=2)

    assert VECTORS["bundle"]["steps"] == [step.says for step in checked.steps]
    assert PAYLOADS == [one.record.to_bytes() for one in checked.entries]


@comments("refused_bundles")
def test_a_falsified_bundle_is_refused(vector: dict[str, Any]) -> None:
    """The sentence says which step failed, what is wrong, and where."""
    falsified = BUNDLE
    for before, after in vector["edits"]:
        assert before in falsified
        falsified = falsified.replace(before, after)
    with pytest.raises(getattr(errors, vector["error"])) as refused:
        verify_bundle(falsified.encode(), trusted=TRUSTED, witnesses=vector["witnesses"])

    assert vector["says"] == str(refused.value)


@comments("refused_notes")
def test_a_note_is_refused(vector: dict[str, Any]) -> None:
    """It is no checkpoint in its one spelling, or its keeper has not signed it."""
    key = identity("hope").signing.verify_key
    with pytest.raises((MalformedError, CryptoError)):
        open_checkpoint(Note.decode(vector["note"].encode(), LIMIT), key)


@comments("refused_records")
def test_a_record_is_refused(vector: dict[str, Any]) -> None:
    """There is no room for words, and no second spelling."""
    with pytest.raises(MalformedError):
        Record.from_bytes(vector["payload"].encode())
