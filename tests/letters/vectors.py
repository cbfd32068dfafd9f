# SPDX-License-Identifier: Apache-2.0
"""The letters that stand in the published vectors, and what must not pass for them."""

import json
from datetime import timedelta
from typing import Any, Final

from federation.documents import Document, digest
from federation.letters import Receipt, Retraction
from tests.charter.support import FEDERATION, NOW

FIELDS: Final = {
    "federation_id": FEDERATION,
    "sender": "amparo",
    "recipient": "hope",
    "issued": NOW,
    "expires": NOW + timedelta(days=365),
}
MATCHES: Final = tuple(bytes([n]) * 16 for n in (1, 2))
RETRACTION: Final = Retraction(**FIELDS, id=bytes([7]) * 16, agreement=bytes(32), matches=MATCHES)
RECEIPT: Final = Receipt(
    letter=RETRACTION.id,
    digest=digest(RETRACTION.to_bytes()),
    sender="amparo",
    recipient="hope",
    received=NOW + timedelta(hours=1),
)
LETTERS: Final[dict[str, tuple[Document, str]]] = {
    "retraction": (RETRACTION, "amparo"),
    "receipt": (RECEIPT, "hope"),
}
"""Document and signer, by name."""


def refused() -> list[dict[str, Any]]:
    """Return payloads that are refused, each with what would happen if not."""
    payload = json.loads(RETRACTION.to_bytes())
    ids = payload["matches"]
    altered = [
        ("no agreement", {"agreement": None}, "nobody can say under what a match ended"),
        ("no matches", {"matches": []}, "an empty letter shows that something else happened"),
        ("matches not ascending", {"matches": ids[::-1]}, "one content has two hashes"),
        ("a match twice", {"matches": [ids[0], ids[0]]}, "one content has two hashes"),
        ("an id too short", {"matches": ["01"]}, "an id is taken for another one"),
        ("a reason", {"reason": "withdrawn"}, "the partner learns what the person decided"),
        ("to itself", {"recipient": "amparo"}, "a member takes back the matches of others"),
    ]
    return [
        {
            "comment": comment,
            "document": Retraction.TYPE,
            "payload": _spelled(payload | change),
            "effect": effect,
        }
        for comment, change, effect in altered
    ]


def _spelled(payload: dict[str, Any]) -> str:
    kept = {name: value for name, value in payload.items() if value is not None}
    return json.dumps(kept, sort_keys=True, separators=(",", ":"))
