# SPDX-License-Identifier: Apache-2.0
"""Published statements and accusations: what another implementation signs and believes."""

import json
from pathlib import Path
from typing import Any

import pytest

from federation import errors
from federation.charter import Custodian, LaneKey
from federation.indicators import IndicatorClass, Lane
from federation.tokens import Accusation, Answered
from federation.tokens.statement import request_digest

VECTORS = json.loads(
    (Path(__file__).parent.parent / "vectors" / "evaluation.json").read_text(encoding="utf-8")
)
ANSWERED = VECTORS["answered"]


def signing_key(member: str) -> bytes:
    """Return a member's key."""
    return bytes.fromhex(VECTORS["signing_keys"][member])


def lane_key() -> LaneKey:
    """Return the key as a charter would list it."""
    fields = VECTORS["key"]
    return LaneKey(
        lane=Lane(fields["lane"]),
        cls=IndicatorClass(fields["class"]),
        epoch=fields["epoch"],
        key_id=bytes.fromhex(fields["key_id"]),
        generation=fields["generation"],
        threshold=fields["threshold"],
        public_key=bytes.fromhex(fields["public_key"]),
        custodians=tuple(
            Custodian(
                index=one["index"],
                member=one["member"],
                public_share=bytes.fromhex(one["public_share"]),
            )
            for one in fields["custodians"]
        ),
        next_index=fields["next_index"],
    )


def test_statement() -> None:
    """The custodian signed the digest of this request and of this answer."""
    document = Answered.from_bytes(ANSWERED["document"]["payload"].encode())

    statement = document.open("amparo", signing_key("amparo"))

    assert document.statement == ANSWERED["statement"].encode()
    assert document.answer.hex() == ANSWERED["answer"]
    assert document.proof.hex() == ANSWERED["proof"]
    assert statement.request == request_digest(
        ANSWERED["requester"],
        bytes.fromhex(ANSWERED["request_id"]),
        lane_key().key_id,
        lane_key().generation,
        tuple(ANSWERED["quorum"]),
        bytes.fromhex(ANSWERED["elements"]),
    )


@pytest.mark.parametrize("vector", VECTORS["accusations"], ids=lambda one: one["comment"])
def test_accusations(vector: dict[str, Any]) -> None:
    """True ones convict for whoever holds the charter; the others are refused."""
    accusation = Accusation.from_bytes(vector["payload"].encode())
    accused = signing_key(accusation.custodian)
    if vector["result"] == "convicts":
        accusation.convict(lane_key(), accused)
        return
    with pytest.raises(getattr(errors, vector["error"])):
        accusation.convict(lane_key(), accused)
