# SPDX-License-Identifier: Apache-2.0
"""Signed headers against the published vectors."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from federation.errors import AuthenticationError
from federation.wire.header import verify_reply, verify_request

VECTORS = json.loads(
    (Path(__file__).parent.parent / "vectors" / "transport.json").read_text(encoding="utf-8")
)
AT = datetime.fromisoformat(VECTORS["at"])


def key_of(member_id: str) -> bytes:
    """Look a key up."""
    return bytes.fromhex(VECTORS["keys"][member_id]["public"])


def check_request(vector: dict[str, Any]) -> None:
    """Verify as the recipient."""
    verify_request(
        bytes.fromhex(vector["signed"]),
        method=VECTORS["method"],
        recipient=VECTORS["recipient"],
        body=bytes.fromhex(VECTORS["request_body"]),
        key_of=key_of,
        at=AT,
    )


def check_reply(vector: dict[str, Any]) -> None:
    """Verify as the sender of the valid request."""
    verify_reply(
        bytes.fromhex(vector["signed"]),
        bytes.fromhex(VECTORS["requests"][0]["signed"]),
        bytes.fromhex(VECTORS["reply_body"]),
        key_of,
        AT,
    )


@pytest.mark.parametrize("vector", VECTORS["requests"], ids=lambda vector: vector["comment"])
def test_request_vectors(vector: dict[str, Any]) -> None:
    """Valid ones verify; each other is refused for the stated reason."""
    if vector["result"] == "valid":
        check_request(vector)
        return
    with pytest.raises(AuthenticationError) as caught:
        check_request(vector)

    assert vector["reason"] == str(caught.value)


@pytest.mark.parametrize("vector", VECTORS["replies"], ids=lambda vector: vector["comment"])
def test_reply_vectors(vector: dict[str, Any]) -> None:
    """Valid ones verify; each other is refused for the stated reason."""
    if vector["result"] == "valid":
        check_reply(vector)
        return
    with pytest.raises(AuthenticationError) as caught:
        check_reply(vector)

    assert vector["reason"] == str(caught.value)
