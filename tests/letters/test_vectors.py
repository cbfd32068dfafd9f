# SPDX-License-Identifier: Apache-2.0
"""Published letters: the bytes that are signed, and what is not accepted as such."""

import json
from pathlib import Path
from typing import Any

import pytest

from federation.crypto import dsse
from federation.documents import digest, sign
from federation.errors import MalformedError
from tests.charter.support import identity
from tests.golden.documents import DOCUMENTS
from tests.letters.vectors import LETTERS

VECTORS = json.loads(
    (Path(__file__).parent.parent / "vectors" / "letters.json").read_text(encoding="utf-8")
)
SPEC = Path(__file__).parent.parent.parent / "proto" / "spec" / "letters.md"


@pytest.mark.parametrize("name", LETTERS)
def test_bytes_hash_and_signature(name: str) -> None:
    """The same letter gives the same bytes, hash and signature, for ever."""
    one, signer = LETTERS[name]
    vector = VECTORS[name]

    assert one.to_bytes() == vector["payload"].encode()
    assert digest(one.to_bytes()).hex() == vector["sha256"]
    assert dsse.encode(sign(one, signer, identity(signer).signing)) == vector["envelope"].encode()


@pytest.mark.parametrize("vector", VECTORS["refused_payloads"], ids=lambda one: one["comment"])
def test_refused_payloads(vector: dict[str, Any]) -> None:
    """What another parser might accept is refused."""
    with pytest.raises(MalformedError):
        DOCUMENTS[vector["document"]].from_bytes(vector["payload"].encode())


def test_the_spec_shows_these_bytes() -> None:
    """The example on the page is the vector, but for its line breaks."""
    page = SPEC.read_text(encoding="utf-8")
    shown = "".join(line.strip() for line in page.split("```")[1].splitlines())

    assert VECTORS["retraction"]["payload"] == shown
    assert VECTORS["retraction"]["sha256"] in page
