# SPDX-License-Identifier: Apache-2.0
"""Charters and key statements with the signatures of named members."""

from typing import Any

from federation.charter import (
    Charter,
    KeyStatement,
    countersign,
    propose,
)
from federation.crypto import dsse
from federation.documents import sign
from tests.charter.support import DAY, NOW, identity

NAMES = ("amparo", "hope", "licht")
LATER = NOW + DAY


def signed(charter: Charter, *names: str) -> bytes:
    """Return a charter's envelope with the signatures of the named members."""
    first, *rest = names
    envelope = propose(charter, identity(first))
    for name in rest:
        envelope = countersign(envelope, identity(name))
    return envelope


def restated(outcome: Any, **changes: Any) -> bytes:
    """Return a key statement with other content, signed by all participants."""
    statement = KeyStatement.from_envelope(outcome.statement).replace(**changes)
    envelope = sign(statement, "amparo", identity("amparo").signing)
    for name in ("hope", "licht"):
        envelope = dsse.add_signature(envelope, name, identity(name).signing)
    return dsse.encode(envelope)
