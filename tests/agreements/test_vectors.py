# SPDX-License-Identifier: Apache-2.0
"""Published terms: the bytes that are signed, and what is not accepted as such."""

import json
from pathlib import Path
from typing import Any

import pytest

from federation.agreements import (
    AgreementState,
    Detail,
    EuropolCode,
    QueryTerms,
    Status,
    Terms,
)
from federation.errors import MalformedError
from tests.agreements.support import KEYS, NOW, signed_terms, terms

VECTORS = json.loads(
    (Path(__file__).parent.parent / "vectors" / "agreement.json").read_text(encoding="utf-8")
)


def test_bytes_hash_and_signatures() -> None:
    """The same terms give the same bytes, hash and signatures, for ever."""
    state = AgreementState.load(VECTORS["envelope"].encode(), keys=KEYS)

    assert terms().to_bytes() == VECTORS["payload"].encode()
    assert signed_terms() == VECTORS["envelope"].encode()
    assert state.hash.hex() == VECTORS["hash"]
    assert state.status(NOW) is Status.IN_FORCE


def test_terms_of_a_later_release() -> None:
    """Fields that came with 0.2 are in the bytes where they say something, and only there."""
    later = VECTORS["later"]
    state = AgreementState.load(later["envelope"].encode(), keys=KEYS)
    one = terms(
        purpose_note="only travelling carnivals",
        details=(Detail.CONTACT, Detail.NOTE),
        disclosed_days=90,
        europol=(EuropolCode.H0, EuropolCode.H1),
        queries=QueryTerms(daily=5, window_hours=48),
        supersedes=bytes.fromhex(VECTORS["hash"]),
    )

    assert one.to_bytes() == later["payload"].encode()
    assert state.terms == one
    assert state.hash.hex() == later["hash"]
    assert state.replaces(AgreementState.load(VECTORS["envelope"].encode(), keys=KEYS)) == NOW


def test_what_was_signed_before_means_what_it_meant() -> None:
    """Terms of 0.1 name no detail, no code and no successor, and compare as before."""
    old = Terms.from_bytes(VECTORS["payload"].encode())

    assert (old.details, old.europol, old.supersedes, old.purpose_note) == ((), (), None, None)
    assert (old.queries, old.days_disclosed) == (QueryTerms(), old.retention_days)
    assert old.replace(details=()).to_bytes() == VECTORS["payload"].encode()


def test_offer_and_revocation() -> None:
    """The offer and the revocation belong to these terms."""
    state = AgreementState.load(
        VECTORS["envelope"].encode(),
        [VECTORS["offer"].encode()],
        [VECTORS["revocation"].encode()],
        keys=KEYS,
    )

    assert list(state.offers) == [("hope", 1)]
    assert list(state.revocations) == ["licht"]
    assert state.status(NOW) is Status.REVOKED


@pytest.mark.parametrize("vector", VECTORS["refused_payloads"], ids=lambda one: one["comment"])
def test_refused_payloads(vector: dict[str, Any]) -> None:
    """What another parser might accept is refused."""
    assert vector["payload"] != VECTORS["payload"]
    with pytest.raises(MalformedError):
        Terms.from_bytes(vector["payload"].encode())
