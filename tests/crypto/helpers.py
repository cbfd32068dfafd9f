# SPDX-License-Identifier: Apache-2.0
"""What several test modules of the crypto core share."""

import json
from pathlib import Path
from typing import Any

from federation.crypto import dkg, shares
from federation.crypto.scalars import Scalar
from federation.crypto.setting import Setting
from federation.crypto.shares import GroupKey, KeyShare

VECTORS = Path(__file__).parent.parent / "vectors"
KEY_ID = bytes(range(16))


def load(name: str) -> Any:
    """Read a vector file."""
    return json.loads((VECTORS / name).read_text())


def suite(mode: int) -> Any:
    """Return one mode's part of RFC 9497, appendix A.1."""
    return next(
        part for part in load("rfc9497_ristretto255.json")["suites"] if part["mode"] == mode
    )


def octets(text: str) -> bytes:
    """Join a comma-separated list of hex strings."""
    return bytes.fromhex(text.replace(",", ""))


def split_octets(text: str) -> list[bytes]:
    """Split a comma-separated list of hex strings."""
    return [bytes.fromhex(part) for part in text.split(",")]


def deal_key(
    threshold: int, indices: tuple[int, ...], secret: Scalar | None = None
) -> tuple[dict[int, KeyShare], GroupKey]:
    """Share a secret by a dealer, which the product never does."""
    polynomial = shares.random_polynomial(threshold, secret)
    commitments = shares.commit(polynomial)
    held = {
        index: KeyShare(index, shares.evaluate_polynomial(polynomial, index), KEY_ID, 1, threshold)
        for index in indices
    }
    public = {index: shares.evaluate_commitments(commitments, index) for index in indices}
    return held, GroupKey(KEY_ID, 1, threshold, commitments[0], public)


def setting(**changes: Any) -> Setting:
    """Return the frame of a 2-of-3 ceremony, with changes."""
    values: dict[str, Any] = {
        "ceremony_id": b"ceremony-0000001",
        "lane": "network",
        "key_class": "identifier",
        "epoch": 1,
        "threshold": 2,
        "participants": (1, 2, 3),
        "participants_hash": bytes(32),
    }
    return Setting(**(values | changes))


def run(
    frame: Setting, held: dict[int, KeyShare] | None = None
) -> tuple[dict[int, KeyShare], GroupKey]:
    """Run all rounds of a ceremony among honest participants."""
    own = {index: dkg.deal(frame, index, held[index] if held else None) for index in frame.dealers}
    shown = {index: dealing.public for index, dealing in own.items()}
    for dealing in shown.values():
        dkg.verify_dealing(frame, dealing, dkg.commitment_hash(frame, dealing))
    results = {
        index: dkg.assemble(
            frame,
            index,
            shown,
            {dealer: dkg.share_for(frame, dealing, index) for dealer, dealing in own.items()},
        )
        for index in frame.participants
    }
    key = dkg.group_key(frame, shown)
    assert all(result[1] == key for result in results.values())
    return {index: result[0] for index, result in results.items()}, key
