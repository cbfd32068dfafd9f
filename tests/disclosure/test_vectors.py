# SPDX-License-Identifier: Apache-2.0
"""Published letters of disclosure: the bytes that are signed, and what is not accepted as such."""

import json
from pathlib import Path
from typing import Any

import pytest

from federation.disclosure import AnswerOutcome, DisclosureAnswer, DisclosureRequest, refuse
from federation.documents import digest
from federation.errors import MalformedError
from federation.letters import Letter, sign_letter
from tests.charter.support import identity
from tests.disclosure.support import answer, letter, request

VECTORS = json.loads(
    (Path(__file__).parent.parent / "vectors" / "disclosure.json").read_text(encoding="utf-8")
)
SPEC = Path(__file__).parent.parent.parent / "proto" / "spec" / "disclosure.md"
DENIED = refuse(request(), AnswerOutcome.DENIED, letter=letter(id=bytes([3] * 16))).answer


@pytest.mark.parametrize(
    ("name", "one", "sender"),
    [
        ("request", request(), "amparo"),
        ("answer", answer(), "hope"),
        ("denied", DENIED, "hope"),
    ],
)
def test_bytes_hash_and_signature(name: str, one: Letter, sender: str) -> None:
    """The same letter gives the same bytes, hash and signature, for ever."""
    vector = VECTORS[name]

    assert one.to_bytes() == vector["payload"].encode()
    assert digest(one.to_bytes()).hex() == vector["sha256"]
    assert sign_letter(identity(sender), one) == vector["envelope"].encode()


def test_what_is_approved_has_a_published_hash() -> None:
    """So another program can check that two people approved the same."""
    assert answer().seen().hex() == VECTORS["answer"]["seen"]


@pytest.mark.parametrize("vector", VECTORS["refused_payloads"], ids=lambda one: one["comment"])
def test_refused_payloads(vector: dict[str, Any]) -> None:
    """What another parser might accept is refused."""
    cls = {one.TYPE: one for one in (DisclosureRequest, DisclosureAnswer)}[vector["document"]]
    with pytest.raises(MalformedError):
        cls.from_bytes(vector["payload"].encode())


def test_the_spec_shows_these_bytes() -> None:
    """The example on the page is the vector, but for its line breaks."""
    page = SPEC.read_text(encoding="utf-8")
    shown = "".join(line.strip() for line in page.split("```")[1].splitlines())

    assert VECTORS["request"]["payload"].replace(" ", "") == shown.replace(" ", "")
    assert VECTORS["request"]["sha256"] in page
